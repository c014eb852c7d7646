"""The OpenAPI document says what every operation may answer, whom to ask and under which licence; HEAD is as GET."""

import json
import re
from pathlib import Path

import pytest
from fastapi.responses import JSONResponse

from bot.server.serving import EVERYWHERE
from core import http
from core.http.description import HEADERS, RELEASED
from tests.http.conftest import OPERATOR, Api, responses_of
from tests.http.test_orders import VIA_AGENT, place
from tests.http.test_problems import MET_HERE
from tests.support.world.seed import ANNA

ROOT = Path(__file__).parents[2]
# What HTTP itself has, and no interface describes.
OF_HTTP = {"content-length", "content-type"}


async def document(api: Api):
    return (await api.client().get("/openapi.json")).json()


def operations(document):
    return {(method, path): each for path, at in document["paths"].items() for method, each in at.items()}


async def test_it_says_whom_to_ask_and_under_which_licence(api: Api):
    info = (await document(api))["info"]

    assert info["contact"]["name"]
    assert info["contact"]["url"].startswith("https://")
    assert info["license"]["identifier"] == "MIT"
    assert f'license = "{info["license"]["identifier"]}"' in (ROOT / "pyproject.toml").read_text("utf-8")


async def test_every_operation_says_which_refusals_any_call_may_meet(api: Api):
    for name, operation in operations(await document(api)).items():
        reads_a_body = "requestBody" in operation
        always = {"405", "406", "500"} | ({"413", "415"} if reads_a_body else set())

        assert always <= set(operation["responses"]), name
        assert ("413" in operation["responses"]) is reads_a_body, name


async def test_every_refusal_is_a_problem_document_with_its_headers(api: Api):
    own = {"401": "WWW-Authenticate", "405": "Allow", "415": "Accept", "429": "Retry-After"}
    described = await document(api)
    for name, operation in operations(described).items():
        for status, response in responses_of(operation, described).items():
            if status >= "400":
                assert list(response["content"]) == ["application/problem+json"], (name, status)
                assert {"Content-Language", "Vary", own.get(status, "Vary")} <= set(response["headers"]), (name, status)


async def test_a_refusal_that_several_operations_give_stands_in_the_document_once(api: Api):
    described = await document(api)
    texts = [
        json.dumps(each) for operation in operations(described).values() for each in operation["responses"].values()
    ]

    assert not any("application/problem+json" in each for each in texts)
    assert len({json.dumps(each) for each in described["components"]["responses"].values()}) == len(
        described["components"]["responses"]
    )


async def test_whatever_headers_an_answer_has_are_described(api: Api):
    described = (await document(api))["components"]["headers"]
    answers = [await place(api, VIA_AGENT, key="other"), await api[ANNA].get("/orders")]
    # After a fault of ours nothing else is answered.
    answers += [await meet(api) for meet, status, _ in sorted(MET_HERE, key=lambda each: each[1] == 500)]

    told = {name for answer in answers for name in answer.headers} - OF_HTTP

    assert described.keys() == HEADERS.keys()
    assert told <= {name.lower() for name in described}
    assert {name.lower() for name in EVERYWHERE} <= told


async def test_an_order_that_was_placed_says_where_it_stands_as_described(api: Api):
    described = operations(await document(api))
    placed = await place(api)

    assert all("Location" in described["post", path]["responses"]["201"]["headers"] for path in PLACES)
    assert (await api[ANNA].get(f"http://kundportal.test{placed.headers['location']}")).json()["id"] == placed.json()[
        "id"
    ]


PLACES = ("/orders", "/applications")


async def test_head_is_answered_wherever_get_is_with_its_headers_and_no_body(api: Api):
    order = (await place(api)).json()["id"]
    examples = {"order": order, "offer": "siths"}
    paths = [path for method, path in operations(await document(api)) if method == "get"]
    for path in [*paths, "/openapi.json", "/docs", "/docs/favicon.png"]:
        address = re.sub(r"\{(\w+)\}", lambda each: examples.get(each[1], "x"), path)
        for client in (api[ANNA], api[OPERATOR], api.client()):
            get, head = await client.get(address), await client.head(address)

            assert (head.status_code, head.content) == (get.status_code, b""), address
            assert dict(head.headers) == dict(get.headers), address


async def test_head_changes_nothing_and_is_refused_where_nothing_is_read(api: Api):
    order = (await place(api)).json()["id"]

    answer = await api[ANNA].head(f"/orders/{order}/withdraw")

    assert (answer.status_code, answer.headers["allow"], answer.content) == (405, "POST", b"")
    assert (await api[ANNA].get(f"/orders/{order}")).json()["is_open"]


async def test_the_api_says_which_it_is_as_the_national_profile_asks_for(api: Api):
    answer = await api.client().get("/api-info")
    info = answer.json()

    assert info == {
        "apiName": "Kundportal",
        "apiVersion": (await document(api))["info"]["version"],
        "apiReleased": RELEASED.isoformat(),
        "apiDocumentation": "http://kundportal.test/api/v1/docs",
        "apiStatus": "active",
    }
    assert re.fullmatch(r"1\.\d+\.\d+", info["apiVersion"])
    assert (await api.client().get(info["apiDocumentation"])).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_what_the_api_is_can_only_be_read(api: Api, method):
    answer = await api.client().request(method, "/api-info")

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


async def test_no_pattern_leaves_to_an_engine_what_a_space_is(api: Api):
    """ECMA's spaces are not Python's: what the document lets pass would be refused."""
    patterns = set(re.findall(r'"pattern": "((?:[^"\\]|\\.)*)"', json.dumps(await document(api))))

    unsaid = {each for each in patterns if re.search(r"\\\\[SwW]", each) or ("\\\\s" in each and "\\\\x1f" not in each)}

    assert patterns
    assert unsaid == set()


async def test_the_document_is_made_and_written_once(api: Api, monkeypatch: pytest.MonkeyPatch):
    done: list[str] = []
    complete, render = http.complete, JSONResponse.render
    monkeypatch.setattr(http, "complete", lambda document: done.append("made") or complete(document))
    monkeypatch.setattr(JSONResponse, "render", lambda self, content: done.append("written") or render(self, content))

    first, second = [await api.client().get("/openapi.json") for _ in range(2)]

    assert done == ["made", "written"]
    assert first.content == second.content
    assert first.headers["content-type"] == "application/json"
