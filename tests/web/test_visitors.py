"""Whoever is signed in is known at each visit, as the register says just then; a form counts from a page of ours."""

from dataclasses import dataclass

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse
from sqlalchemy import update
from starlette.routing import Route

from bot.web import Pages, Site
from bot.web.addresses import own_address
from bot.web.signing_in.visitors import Visitors
from core.api import SESSION_LASTS, SESSION_RESTS, Assurance
from core.http import preferred, status_of
from core.storage import tables
from core.storage.identity.sessions import SqlSessions
from tests.fakes.clock import FakeClock
from tests.support.world.seed import BO, CECILIA, NOW, REGION, seeded
from tests.support.world.signed_in import sign_in
from tests.web.conftest import BROWSER, PlainWords


@dataclass
class Hall:
    """A site with one page for whoever is signed in, which says who that is, and takes a form."""

    database: object
    clock: FakeClock
    pages: Pages
    visitors: Visitors
    browser: httpx.AsyncClient

    async def show(self, request):
        visitor = await self.visitors.signed_in(request)
        return PlainTextResponse(f"{visitor.person.name} {visitor.assurance} {self.pages.language(request)}")

    async def take(self, request):
        visitor, values = await self.visitors.sent(request)
        return PlainTextResponse(f"{visitor.person.name} {values['said']}")

    async def sign_in(self, person=BO, **how):
        return await sign_in(self.database, self.browser, person, self.clock(), **how)


@pytest.fixture
async def hall(fresh_sqlite_url):
    database, clock, app = await seeded(fresh_sqlite_url), FakeClock(NOW), FastAPI(openapi_url=None)
    transport, url = httpx.ASGITransport(app), "https://kundportal.test"
    async with httpx.AsyncClient(transport=transport, base_url=url, headers=BROWSER) as browser:
        pages = Pages(preferred, status_of, PlainWords())
        made = Hall(database, clock, pages, Visitors(SqlSessions(database), clock, "secret"), browser)
        routes = [Route("/mitt", made.show), Route("/mitt", made.take, methods=["POST"])]
        Site(pages, routes).answer_in(app)
        yield made
    await database.close()


async def change(hall, person, **values):
    changed = update(tables.persons).where(tables.persons.c.id == person).values(values)
    await hall.database.write(lambda connection: connection.execute(changed).close())


async def test_whoever_is_signed_in_is_known(hall):
    await hall.sign_in(CECILIA, assurance=Assurance.MAIL_CODE)

    assert (await hall.browser.get("/mitt")).text == "Cecilia Dahl mail_code en"


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_whoever_is_not_is_led_to_where_one_signs_in_and_back(hall, method):
    answer = await hall.browser.request(method, "/mitt?sida=2&lang=en")

    assert answer.status_code == 303
    assert answer.headers["location"] == "/logga-in?lang=en&next=%2Fmitt%3Fsida%3D2%26lang%3Den"


@pytest.mark.parametrize("held", ["", "somebody elses guess", "å"])
async def test_what_nobody_was_given_opens_nothing(hall, held):
    await hall.sign_in()

    answer = await httpx.AsyncClient(transport=hall.browser._transport).get(
        "https://kundportal.test/mitt", headers=[(b"cookie", f"__Host-session={held}".encode("latin-1"))]
    )

    assert answer.status_code == 303


async def test_whoever_has_left_is_signed_in_no_more_from_the_next_visit_on(hall):
    token = await hall.sign_in()
    assert (await hall.browser.get("/mitt")).status_code == 200

    await change(hall, BO, active=False)

    assert (await hall.browser.get("/mitt")).status_code == 303
    assert (await hall.browser.post("/mitt", data={"said": "ja", "form_token": token})).status_code == 303


async def test_what_the_register_says_of_a_person_is_read_at_each_visit(hall):
    await hall.sign_in()

    await change(hall, BO, name="Bo Ekberg")

    assert (await hall.browser.get("/mitt")).text.startswith("Bo Ekberg ")


@pytest.mark.parametrize("later", [SESSION_RESTS, SESSION_LASTS])
async def test_a_session_that_is_over_is_none(hall, later):
    await hall.sign_in()
    hall.clock.at += later

    assert (await hall.browser.get("/mitt")).status_code == 303


@pytest.mark.parametrize(
    ("chosen", "organisations", "address", "accepted", "spoken"),
    [
        ("en", "sv", "/mitt", "sv", "en"),
        ("en", "en", "/mitt?lang=sv", "en", "sv"),
        (None, "sv", "/mitt", "en", "en"),
        (None, "en", "/mitt", "de, *", "en"),
        (None, "en", "/mitt", "sv", "sv"),
        (None, None, "/mitt", "de", "sv"),
    ],
)
async def test_pages_speak_the_language_asked_for_else_the_persons_else_the_browsers_else_the_organisations(
    hall, chosen, organisations, address, accepted, spoken
):
    await hall.sign_in()
    await change(hall, BO, language=chosen)
    theirs = update(tables.organisations).where(tables.organisations.c.id == REGION).values(language=organisations)
    await hall.database.write(lambda connection: connection.execute(theirs).close())

    answer = await hall.browser.get(address, headers={"Accept-Language": accepted})

    assert answer.text.endswith(f" {spoken}")


# --- forms


async def send(hall, headers=None, **values):
    answer = await hall.browser.post("/mitt", data={"said": "ja"} | values, headers=headers or {})
    return answer.status_code


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Origin": "https://kundportal.test"}, 200),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "null"}, 400),
        ({"Sec-Fetch-Site": "same-site", "Origin": "https://kundportal.test"}, 400),
        ({"Origin": "http://[x]"}, 400),
        ({"Origin": "http://["}, 400),
        ({"Origin": "https://example.org"}, 400),
        ({"Origin": "https://kundportal.test.example.org"}, 400),
        ({"Origin": "https://kundportal.test:8443"}, 400),
    ],
)
async def test_a_form_that_another_site_sends_does_not_count(hall, headers, status):
    token = await hall.sign_in()

    assert await send(hall, headers, form_token=token) == status


async def test_a_form_without_the_token_of_this_very_session_does_not_count(hall):
    of_before = await hall.sign_in()
    token = await hall.sign_in()

    told = [await send(hall, form_token=each) for each in ("", "å", of_before, token)]

    assert told == [400, 400, 400, 200]


# --- where one is led to


@pytest.mark.parametrize("address", ["/", "/mitt", "/mitt?sida=2&lang=en", "/arenden/B-7KQ2M9X#rad"])
def test_a_path_of_this_site_is_one_to_be_led_to(address):
    assert own_address(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "", "mitt", "https://example.org/", "//example.org", "///example.org", "/\\example.org", "\\\\example.org",
        "/\t/example.org", "/\n/example.org", " /mitt", "/mitt ett", "javascript:alert(1)", "/å", "/" + "a" * 500,
    ],
)  # fmt: skip
def test_nobody_is_led_anywhere_else(address):
    assert own_address(address) == ""
