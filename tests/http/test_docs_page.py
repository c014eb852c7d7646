"""The API is described in a browser, to anybody, with nothing from any other host."""

import re

import pytest

from core.http.docs_page import FILES
from tests.http.conftest import Api

ADDRESS = re.compile(r"""(?:src|href|url)\s*[=:]\s*["']([^"']+)["']""")


@pytest.fixture
def reader(api: Api):
    """Somebody without a key."""
    return api.client()


async def test_the_page_and_its_files_are_for_anybody(reader):
    page = await reader.get("/docs")
    files = [await reader.get(f"/docs/{name}") for name in FILES]

    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert {each.status_code for each in files} == {200}
    assert all(each.content for each in files)


async def test_the_page_names_own_addresses_alone_and_each_answers(reader):
    page = (await reader.get("/docs")).text
    named = ADDRESS.findall(page)
    answers = [await reader.get(f"/{each}") for each in named]

    assert set(named) == {"openapi.json", *(f"docs/{name}" for name in FILES)}
    assert {each.status_code for each in answers} == {200}
    assert "//" not in re.sub(r"<!--.*?-->", "", page)


async def test_nothing_from_elsewhere_may_run_and_the_page_stands_in_no_frame(reader):
    headers = (await reader.get("/docs")).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    script = re.fullmatch(r"'self' 'sha256-[A-Za-z0-9+/]{43}='", policy.pop("script-src"))

    assert script
    assert policy == {
        "default-src": "'none'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "form-action": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("address", ["/docs/redoc.standalone.js", "/docs/../orders.py", "/docs/", "/redoc"])
async def test_nothing_else_is_served_beside_it(reader, address):
    answer = await reader.get(address)

    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_route")


@pytest.mark.parametrize("address", ["/docs", *(f"/docs/{name}" for name in FILES)])
async def test_it_is_read_and_not_written_to(reader, address):
    answer = await reader.post(address)

    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, HEAD"


async def test_the_description_does_not_describe_itself(reader):
    paths = (await reader.get("/openapi.json")).json()["paths"]

    assert [each for each in paths if "docs" in each] == []
