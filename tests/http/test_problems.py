"""Every error is a problem document in the reader's language, and tells nothing that it should not."""

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi import FastAPI
from pydantic import ValidationError
from sqlalchemy import DDL
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from core.api import new_id
from core.http.problems import Problems
from core.http.turned_away import FAILURES
from core.register.entries import Entry
from tests.http.conftest import OPERATOR, Api, PlainWords, responses_of
from tests.http.test_orders import DIRECT, place
from tests.support.machines.hanging_up import hang_up
from tests.support.world.seed import ANNA, NOW, REGION

KEY = {"Idempotency-Key": "1"}
JSON = {"Content-Type": "application/json"}
FORM = "application/x-www-form-urlencoded"


async def no_key(api: Api):
    return await api.client().get("/orders")


async def strangers_key(api: Api):
    return await api.client("kp_K2222222222_" + "x" * 43).get("/orders")


async def no_kind_of_key(api: Api):
    return await api.client("secret").get("/orders")


async def expired_key(api: Api):
    token = await api.keys.create(new_id, NOW, "", None, lasts=timedelta(days=1))
    api.clock.forward(days=1)
    return await api.client(token).get("/orders")


async def refused_too_often(api: Api):
    answers = [await no_key(api) for _ in range(FAILURES.burst + 1)]
    return answers[-1]


async def other_scheme(api: Api):
    return await api.client().get("/orders", headers={"Authorization": "Basic a3A6a3A="})


async def operator_only(api: Api):
    return await api[ANNA].get("/register/organisations")


async def person_only(api: Api):
    return await api[OPERATOR].get("/offers")


async def no_such_route(api: Api):
    return await api[ANNA].get("/nothing")


async def no_such_entry(api: Api):
    return await api[OPERATOR].get("/register/organisations/O-nobody")


async def wrong_method(api: Api):
    return await api[ANNA].put("/orders", json={})


async def too_large(api: Api):
    return await api[ANNA].post("/orders", content=b" " * 1_000_001, headers=KEY | JSON)


async def too_large_in_pieces(api: Api):
    async def pieces():
        for _ in range(1_001):
            yield b" " * 1_000

    return await api[ANNA].post("/orders", content=pieces(), headers=KEY | JSON)


async def no_idempotency_key(api: Api):
    return await api[ANNA].post("/orders", json=DIRECT)


async def not_json(api: Api):
    return await api[ANNA].post("/orders", content=b"{", headers=KEY | JSON)


async def no_json_at_all(api: Api):
    return await api[ANNA].post("/orders", content=b"offer=siths", headers=KEY | {"Content-Type": FORM})


async def nothing_said_of_the_body(api: Api):
    return await api[ANNA].post("/orders", content=json.dumps(DIRECT).encode(), headers=KEY)


async def another_kind_of_answer(api: Api):
    return await api[ANNA].post("/orders", json=DIRECT, headers=KEY | {"Accept": "application/xml, text/*"})


async def wrong_page(api: Api):
    return await api[ANNA].get("/orders", params={"cursor": "B-2222222"})


async def twice_a_parameter(api: Api):
    return await api[ANNA].get("/orders?limit=2&state=draft&limit=3")


async def entry_breaks_a_rule(api: Api):
    body = {"org_number": "222222-2222", "name": "Utan kategori", "kinds": ["customer"]}
    return await api[OPERATOR].post("/register/organisations", json=body)


async def lost_race(api: Api):
    # The database passes every change over, as if somebody had always been faster.
    order = (await place(api)).json()["id"]
    faster = "CREATE TRIGGER faster BEFORE UPDATE ON cases BEGIN SELECT RAISE(IGNORE); END"
    await api.database.write(lambda c: c.execute(DDL(faster)))
    return await api[ANNA].post(f"/orders/{order}/withdraw")


async def fault_of_ours(api: Api):
    async def broken(*_):
        raise RuntimeError("the cause")

    class Broken:
        list_orders = records = roles_of = broken

    mounted = next(route.app for route in api.app.routes if getattr(route, "path", "") == "/api/v1")
    mounted.state.ports = replace(mounted.state.ports, queries=Broken(), lists=Broken())
    api[OPERATOR]._transport.raise_app_exceptions = False
    return await api[OPERATOR].get("/orders")


MET_HERE = [
    (no_key, 401, "unauthorized"),
    (strangers_key, 401, "unauthorized"),
    (no_kind_of_key, 401, "unauthorized"),
    (other_scheme, 401, "unauthorized"),
    (expired_key, 401, "key_expired"),
    (refused_too_often, 429, "too_many_refused"),
    (operator_only, 403, "operator_only"),
    (person_only, 403, "person_only"),
    (no_such_route, 404, "no_such_route"),
    (no_such_entry, 404, "no_such_entry"),
    (wrong_method, 405, "method_not_allowed"),
    (another_kind_of_answer, 406, "not_acceptable"),
    (too_large, 413, "too_large"),
    (too_large_in_pieces, 413, "too_large"),
    (no_json_at_all, 415, "unsupported_media_type"),
    (nothing_said_of_the_body, 415, "unsupported_media_type"),
    (no_idempotency_key, 422, "invalid_request"),
    (not_json, 422, "invalid_request"),
    (wrong_page, 422, "invalid_request"),
    (twice_a_parameter, 422, "invalid_request"),
    (entry_breaks_a_rule, 422, "invalid_entry"),
    (fault_of_ours, 500, "failed"),
    (lost_race, 503, "temporary"),
]


@pytest.mark.parametrize(("meet", "status", "code"), MET_HERE, ids=[each[0].__name__ for each in MET_HERE])
async def test_an_error_is_a_problem_document(api: Api, meet, status, code):
    answer = await meet(api)
    problem = answer.json()

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert (problem["status"], problem["code"], problem["type"]) == (status, code, f"/problems/{code}")
    assert problem["title"]
    assert problem["detail"] == f"sv: {code}"


async def test_a_body_that_is_exactly_as_large_as_is_allowed_is_read(api: Api):
    body = json.dumps(DIRECT).encode().ljust(1_000_000)

    answer = await api[ANNA].post("/orders", content=body, headers=KEY | JSON)

    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("wish", "language"),
    [
        (None, "sv"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("de,en;q=0.5,sv;q=0.4", "en"),
        ("sv;q=0.2, en;q=0.8", "en"),
        ("en;q=0", "sv"),
        ("de, fr", "sv"),
        ("*", "sv"),
        (";;q=,=", "sv"),
        ("en;q=nonsense", "sv"),
    ],
)
async def test_the_sentence_is_in_the_language_that_the_reader_prefers(api: Api, wish, language):
    headers = {} if wish is None else {"Accept-Language": wish}
    answer = await api.client().get("/orders", headers=headers)

    assert answer.json()["detail"] == f"{language}: unauthorized"
    assert answer.headers["content-language"] == language


async def test_a_refusal_for_want_of_a_key_says_how_to_bring_one(api: Api):
    assert (await no_key(api)).headers["www-authenticate"] == "Bearer"


async def test_a_wrong_method_says_which_are_right(api: Api):
    assert (await wrong_method(api)).headers["allow"] == "GET, HEAD, POST"


async def test_an_answer_of_a_kind_that_nobody_takes_is_refused_before_anything_is_done(api: Api):
    await another_kind_of_answer(api)

    assert (await api[ANNA].get("/orders")).json()["items"] == []


@pytest.mark.parametrize(
    ("accepted", "status"),
    [
        ("", 200),
        ("*/*", 200),
        ("application/json", 200),
        ("APPLICATION/JSON; charset=utf-8", 200),
        ("text/html, application/xhtml+xml, */*;q=0.8", 200),
        ("application/*;q=0.1", 200),
        ("application/json;q=0, */*", 406),
        ("application/xml", 406),
        ("text/*", 406),
        ("*/*;q=0", 406),
        ("json", 406),
    ],
)
async def test_what_the_reader_takes_decides_whether_it_is_answered(api: Api, accepted, status):
    assert (await api[ANNA].get("/orders", headers={"Accept": accepted})).status_code == status


@pytest.mark.parametrize("address", ["html", "pdf"])
async def test_a_document_is_given_to_those_alone_who_take_its_kind(api: Api, address):
    document = f"/organisations/{REGION}/agreements/kundavtal/document.{address}"
    kind = {"html": "text/html", "pdf": "application/pdf"}[address]

    answers = [await api[OPERATOR].get(document, headers={"Accept": each}) for each in (kind, "application/json")]

    # The region's agreement has no document here.
    assert [each.json()["code"] for each in answers] == ["no_document", "not_acceptable"]


@pytest.mark.parametrize(
    "kind", ["application/json", "application/json; charset=utf-8", "application/merge-patch+json"]
)
async def test_a_body_that_says_it_is_json_is_read(api: Api, kind):
    answer = await api[ANNA].post("/orders", content=json.dumps(DIRECT).encode(), headers=KEY | {"Content-Type": kind})

    assert answer.status_code == 201


async def test_a_body_of_another_kind_is_told_what_it_may_be(api: Api):
    assert (await no_json_at_all(api)).headers["accept"] == "application/json"


async def test_an_empty_body_is_no_body_of_another_kind(api: Api):
    order = (await place(api)).json()["id"]
    headers = {"Content-Type": FORM}

    nothing = await api[ANNA].post("/orders", headers=KEY | headers)
    withdrawn = await api[ANNA].post(f"/orders/{order}/withdraw", content=b"a=b", headers=headers)

    assert (nothing.status_code, withdrawn.status_code) == (422, 200)


async def test_whoever_has_no_key_hears_of_that_before_the_kinds(api: Api):
    headers = KEY | {"Accept": "text/csv", "Content-Type": FORM}

    assert (await api.client().post("/orders", content=b"a=b", headers=headers)).status_code == 401


WRONG_PARTS = {
    ("Idempotency-Key", "required"),
    ("/offer", "invalid"),
    ("/units/0/name", "required"),
    ("/units/0/hsa_id", "invalid"),
    ("/units/1/name", "required"),
    ("/units/1/nmae", "unknown_field"),
    ("/more", "unknown_field"),
    ("/a~1b~0c", "unknown_field"),
}


async def test_every_wrong_part_is_named_where_it_stands(api: Api):
    body = DIRECT | {"offer": 3, "units": [{"name": "", "hsa_id": "SE1"}, {"nmae": "A"}], "more": 1, "a/b~c": 1}
    problem = (await api[ANNA].post("/orders", json=body)).json()

    assert {_where(error) for error in problem["errors"]} == WRONG_PARTS


def _where(error):
    return error.get("pointer", error.get("header")), error["code"]


async def test_what_is_wrong_is_said_of_each_field_in_the_readers_language(api: Api):
    api[OPERATOR].headers["Accept-Language"] = api[ANNA].headers["Accept-Language"] = "en"
    broken = await entry_breaks_a_rule(api)
    mistyped = await api[ANNA].post("/orders", json=DIRECT | {"units": [{"name": ""}]}, headers=KEY)
    refused = await api[ANNA].post("/orders", json=DIRECT | {"invoice_ref": "811218-9876"}, headers=KEY)

    told = [each["detail"] for answer in (broken, mistyped, refused) for each in answer.json()["errors"]]

    assert told == ["en: category category_required", "en: name required", "en: invoice_ref personal_number"]


async def test_a_wrong_parameter_is_named(api: Api):
    problem = (await api[ANNA].get("/orders", params={"limit": 0, "colour": "red"})).json()

    assert {(each["parameter"], each["code"]) for each in problem["errors"]} == {
        ("limit", "invalid"),
        ("colour", "unknown_field"),
    }


async def test_a_parameter_given_twice_is_named_and_so_is_the_other(api: Api):
    problem = (await api[OPERATOR].get("/register/offers?a=1&b=1&a=2&b=&b=3&c=1")).json()

    assert problem["errors"] == [
        {"parameter": "a", "code": "repeated", "detail": "sv: a repeated"},
        {"parameter": "b", "code": "repeated", "detail": "sv: b repeated"},
    ]


async def test_whoever_has_no_key_hears_of_that_before_the_parameters(api: Api):
    assert (await api.client().get("/orders?limit=2&limit=3")).status_code == 401


@pytest.mark.parametrize(
    "text",
    [
        *("a\u0000b", "\ud800", "a\u0007", "a\u200bb", "a\u202eb", "\u2066a", "\ufeffa"),
        *("\u3164", "a\u00adb", "a\u2060", "a\u034f", "\u061ca", "a\U000e0041"),
    ],
)
async def test_text_that_no_database_takes_or_nobody_sees_is_refused(api: Api, text):
    body = json.dumps(DIRECT | {"invoice_ref": text})
    answer = await api[ANNA].post("/orders", content=body.encode(), headers=KEY | JSON)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


async def test_what_joins_an_emoji_is_taken_out_of_what_somebody_typed_on_a_telephone(api: Api):
    body = DIRECT | {"invoice_ref": "REF\ufe0f", "comment": "Tack ❤\ufe0f 👩\u200d⚕\ufe0f"}
    answer = await api[ANNA].post("/orders", json=body, headers=KEY)
    nothing = await api[ANNA].post("/orders", json=DIRECT | {"invoice_ref": "\ufe0f"}, headers=KEY)

    assert answer.status_code == 201
    assert (answer.json()["invoice_ref"], answer.json()["comment"]) == ("REF", "Tack ❤ 👩⚕")
    assert nothing.status_code == 422


async def test_no_text_with_a_zero_in_it_reaches_a_database(api_on_both: Api):
    document = (await api_on_both[ANNA].get("/openapi.json")).json()
    for address, ways in document["paths"].items():
        for method, way in ways.items():
            for name, stands in ((each["name"], each["in"]) for each in way.get("parameters", ())):
                path = re.sub(r"\{\w+\}", "a%00b", address.removeprefix("/api/v1"))
                query = {name: "a\0b"} if stands == "query" else {}
                for client in (api_on_both[ANNA], api_on_both[OPERATOR]):
                    answer = await client.request(method, path, params=query, json={})
                    assert 400 <= answer.status_code < 500, (method, path, query)
    for offer in ("a\0b", "\0"):
        answer = await api_on_both[ANNA].post("/orders", json=DIRECT | {"offer": offer}, headers=KEY)
        assert (answer.status_code, _where(answer.json()["errors"][0])) == (422, ("/offer", "invalid"))


def _entries(kind: type[Entry] = Entry):
    for each in kind.__subclasses__():
        yield each
        yield from _entries(each)


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        (kind, field.alias or name, value)
        for kind in _entries()
        for name, field in kind.model_fields.items()
        for value in ("a\0b", ["a\0b"])
    ],
)
def test_no_field_of_what_is_sent_in_takes_a_zero(kind: type[Entry], name: str, value):
    with pytest.raises(ValidationError) as refused:
        kind.model_validate({name: value})

    assert name in {error["loc"][0] for error in refused.value.errors()}


async def test_a_client_that_hangs_up_leaves_no_traceback(api: Api, caplog):
    key = {"authorization": api[ANNA].headers["authorization"], "idempotency-key": "1"}

    await hang_up(api.app, "/api/v1/orders", **key | {"content-type": "application/json"})

    assert [each.exc_info for each in caplog.records] == []


@pytest.mark.parametrize("number", ["1e400", "-1e400", "NaN", "99999999999999999999"])
async def test_a_number_beyond_all_amounts_is_refused_where_it_stands(api: Api, number):
    body = f'{{"role": "attestant", "person": "P-bo", "organisation": "O-region", "attest_limit_ore": {number}}}'
    answer = await api[OPERATOR].post("/register/roles", content=body, headers=JSON)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert [_where(error) for error in answer.json()["errors"]] == [("/attest_limit_ore", "invalid")]


async def test_a_fault_of_ours_does_not_tell_its_cause(api: Api):
    assert "the cause" not in (await fault_of_ours(api)).text


@pytest.mark.parametrize("address", ["/api/v1/orders/%0A", "/nowhere", "/api/v2"])
async def test_an_address_that_nobody_has_is_a_problem_document(api: Api, address):
    answer = await api[ANNA].get(f"http://kundportal.test{address}")

    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json()["code"] == "no_such_route"


async def test_every_route_says_that_the_person_of_a_key_may_have_left(api: Api):
    document = (await api[OPERATOR].get("/openapi.json")).json()

    keyed = [each for at in document["paths"].values() for each in at.values() if "security" in each]
    refusals = [responses_of(each, document).get("403", {}) for each in keyed]

    assert all("`inactive`" in each.get("description", "") for each in refusals)


def test_a_websocket_that_nobody_serves_is_closed():
    app = FastAPI()
    Problems(PlainWords(), [], lambda _, refusal: refusal).answer_elsewhere(app)

    with TestClient(app) as client, pytest.raises(WebSocketDisconnect), client.websocket_connect("/nowhere"):
        pass


async def test_whatever_the_document_refers_to_is_in_it(api: Api):
    document = (await api[OPERATOR].get("/openapi.json")).json()

    referred = set(re.findall(r'"\$ref": "([^"]+)"', json.dumps(document)))

    assert "#/components/schemas/Problem" in referred
    assert referred <= {f"#/components/{kind}/{name}" for kind, held in document["components"].items() for name in held}
