"""Somebody signs in by a mail: by its link or its code, once, in time; and sees, and ends, where she is signed in."""

import asyncio
import re
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from secrets import token_urlsafe
from urllib.parse import urlencode, urlsplit

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse
from sqlalchemy import select, update
from starlette.routing import Route

from bot.server.background import Tasks
from bot.web import Gate, Pages, Site
from bot.web.addresses import LONGEST_ADDRESS
from bot.web.gate import FORMS
from bot.web.signing_in.session_pages import SessionPages
from bot.web.signing_in.sign_in_pages import SignInPages
from bot.web.signing_in.steps import TO_ONE, SignInSteps, browser_name
from bot.web.signing_in.visitors import Visitors
from bot.wiring.api_words import ApiWords
from core.api import SESSION_LASTS, SIGN_IN_LASTS, Language, SigningIn, SignInSecrets, code_key, new_id
from core.http import preferred, status_of
from core.storage import tables
from core.storage.database.database import Database
from core.storage.identity.sessions import SqlSessions
from core.storage.identity.sign_ins import SqlSignIns
from core.storage.reads.queries import SqlQueries
from tests.fakes.clock import FakeClock
from tests.support.drawn.reached import on_page
from tests.support.world.seed import BO, NOW, REGION, seeded
from tests.web.conftest import BROWSER
from tests.web.reading import read

BO_AT, NOBODY_AT = "bo@example.org", "nobody@example.org"
URL = "https://kundportal.test"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Mobile Safari/604.1"


@dataclass
class FakePost:
    """Keeps the mails that would be sent."""

    sent: list = field(default_factory=list)
    goes_out: bool = True

    async def are_sent(self):
        return self.goes_out

    async def send(self, letter, path, language):
        self.sent.append((letter, path, language))

    @property
    def last(self):
        return self.sent[-1]


@dataclass
class Hall:
    """The site on a database, with the post that it sends, and as many browsers as a test opens."""

    database: Database
    clock: FakeClock
    post: FakePost
    tasks: Tasks
    app: FastAPI
    browsers: list[httpx.AsyncClient] = field(default_factory=list)

    def browser(self, agent=FIREFOX, host="192.0.2.1"):
        transport = httpx.ASGITransport(self.app, client=(host, 1234))
        headers, hooks = BROWSER | {"User-Agent": agent}, {"response": [on_page]}
        self.browsers.append(httpx.AsyncClient(transport=transport, base_url=URL, headers=headers, event_hooks=hooks))
        return self.browsers[-1]

    async def ask(self, browser, email=BO_AT, then="", **more):
        answer = await browser.post("/logga-in" + then, data={"email": email, "do": "send"} | more)
        # The mail goes out beside the answer.
        await self.tasks.drain(60)
        return answer

    async def asked(self, browser, email=BO_AT, then=""):
        """The code and the path of the mail that came."""
        assert (await self.ask(browser, email, then)).status_code == 303
        letter, path, _ = self.post.last
        return letter.code, path

    async def signed_in(self, agent=FIREFOX):
        browser = self.browser(agent)
        _, path = await self.asked(browser)
        assert (await browser.post(path)).status_code == 303
        return browser

    async def rows(self, table):
        return await self.database.read(lambda connection: connection.execute(select(table)).all())


async def is_in(browser):
    """Whether a page for those who are signed in opens."""
    return (await browser.get("/mitt")).status_code == 200


async def open_hall(url, clock):
    """The site on a database of its own."""
    database, post, tasks = await seeded(url), FakePost(), Tasks()
    codes, app = count(48_210_973), FastAPI(openapi_url=None)
    secrets = SignInSecrets(lambda: token_urlsafe(32), lambda: str(next(codes)), code_key("secret"))
    pages, visitors = (
        Pages(preferred, status_of, ApiWords(SqlQueries(database))),
        Visitors(SqlSessions(database), clock, "secret"),
    )
    signing = SigningIn(SqlSignIns(database), secrets, clock, new_id)
    steps = SignInSteps(signing, post, Gate(database, "secret", clock), tasks)

    async def mine(request):
        return PlainTextResponse((await visitors.signed_in(request)).person.name)

    parts = (SignInPages(pages, steps, visitors), SessionPages(pages, visitors))
    Site(pages, [Route("/mitt", mine), *(route for part in parts for route in part.routes())]).answer_in(app)
    return Hall(database, clock, post, tasks, app)


@pytest.fixture
async def hall(fresh_sqlite_url):
    made = await open_hall(fresh_sqlite_url, FakeClock(NOW))
    yield made
    for browser in made.browsers:
        await browser.aclose()
    await made.database.close()


# --- by the link


async def test_the_link_shows_a_button_and_the_button_signs_in(hall):
    browser = hall.browser()
    _, path = await hall.asked(browser)

    page = read((await browser.get(path)).text)
    assert not await is_in(browser)
    pressed = await browser.post(path)

    assert page.heading == "Logga in som Bo Ek"
    assert "bo@example.org" in page.text
    assert (pressed.status_code, urlsplit(pressed.headers["location"]).path) == (303, "/arbete")
    assert await is_in(browser)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_whatever_opens_every_link_of_a_mail_spends_none(hall, method):
    browser, scanner = hall.browser(), hall.browser("a scanner")
    _, path = await hall.asked(browser)

    for _ in range(10):
        assert (await scanner.request(method, path)).status_code == 200

    assert not await is_in(scanner)
    assert (await browser.post(path)).status_code == 303
    assert await is_in(browser)


async def test_a_link_is_pressed_once_and_then_says_where_to_ask_for_another(hall):
    browser, another = hall.browser(), hall.browser()
    code, path = await hall.asked(browser)
    await browser.post(path)

    told = [await another.get(path), await another.post(path), await browser.post("/logga-in/kod", data={"code": code})]

    assert [each.status_code for each in told[:2]] == [410, 410]
    assert read(told[0].text).links["Be om ett nytt mejl"] == "/logga-in?lang=sv"
    assert not await is_in(another)


async def test_a_link_is_pressed_in_another_browser_than_the_one_that_asked_where_it_is(hall):
    browser, telephone = hall.browser(), hall.browser(SAFARI)
    _, path = await hall.asked(browser)

    await telephone.post(path)

    assert (await is_in(telephone), await is_in(browser)) == (True, False)


@pytest.mark.parametrize(("later", "status"), [(SIGN_IN_LASTS - timedelta(seconds=1), 303), (SIGN_IN_LASTS, 410)])
async def test_a_link_and_a_code_last_for_fifteen_minutes(hall, later, status):
    browser, another = hall.browser(), hall.browser()
    _, path = await hall.asked(browser)
    code, _ = await hall.asked(another)
    hall.clock.at += later

    assert (await browser.post(path)).status_code == status
    assert (await another.post("/logga-in/kod", data={"code": code})).status_code == status


async def test_what_nobody_mailed_opens_nothing(hall):
    browser = hall.browser()

    answers = [await browser.get("/i/" + "a" * 43), await browser.post("/i/" + "a" * 43)]

    assert [each.status_code for each in answers] == [410, 410]
    assert "set-cookie" not in answers[1].headers


# --- by the code


@pytest.mark.parametrize("typed", ["{code}", " {half} {rest} ", "{half}-{rest}"])
async def test_the_code_signs_in_the_browser_that_asked_however_it_is_typed(hall, typed):
    browser = hall.browser()
    code, _ = await hall.asked(browser)

    answer = await browser.post(
        "/logga-in/kod", data={"code": typed.format(code=code, half=code[:4], rest=code[4:]), "do": "send"}
    )

    assert answer.status_code == 303
    assert await is_in(browser)


async def test_the_code_signs_in_no_other_browser(hall):
    browser, another, third = hall.browser(), hall.browser(), hall.browser()
    code, _ = await hall.asked(browser)
    await hall.asked(another)

    wrong = await another.post("/logga-in/kod", data={"code": code})
    never_asked = await third.post("/logga-in/kod", data={"code": code})

    assert wrong.status_code == 422
    assert "Koden stämmer inte" in wrong.text
    assert never_asked.status_code == 410
    assert [await is_in(each) for each in (browser, another, third)] == [False, False, False]


async def test_the_sixth_code_is_not_looked_at(hall):
    browser = hall.browser()
    code, _ = await hall.asked(browser)

    told = [await browser.post("/logga-in/kod", data={"code": "00000000"}) for _ in range(5)]
    sixth = await browser.post("/logga-in/kod", data={"code": code})

    assert [each.status_code for each in told] == [422, 422, 422, 422, 410]
    assert "Du kan pröva 4 gånger till." in told[0].text
    assert "Du kan pröva en gång till." in told[3].text
    assert sixth.status_code == 410
    assert not await is_in(browser)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "Skriv koden från mejlet."),
        ("1234567", "åtta siffror"),
        ("1234567å", "åtta siffror"),
        ("١٢٣٤٥٦٧٨", "åtta siffror"),
    ],
)
async def test_what_is_no_code_costs_no_try_and_says_so(hall, typed, told):
    browser = hall.browser()
    await hall.asked(browser)

    answer = await browser.post("/logga-in/kod", data={"code": typed})

    assert (answer.status_code, told in answer.text) == (422, True)
    assert [row.tries for row in await hall.rows(tables.sign_ins)] == [0]


async def test_without_having_asked_there_is_no_place_for_a_code(hall):
    answer = await hall.browser().get("/logga-in/kod?next=/mitt")

    assert (answer.status_code, answer.headers["location"]) == (303, "/logga-in?next=%2Fmitt")


# --- asking


async def test_an_address_that_is_nobodys_is_answered_as_any_other(hall):
    browsers = {email: hall.browser() for email in (BO_AT, NOBODY_AT)}

    answers = {email: await hall.ask(browser, email) for email, browser in browsers.items()}
    pages = {
        email: (await browser.get("/logga-in/kod")).text.replace(email, "…") for email, browser in browsers.items()
    }
    wrong = {
        email: (await browser.post("/logga-in/kod", data={"code": "00000000"})).text.replace(email, "…")
        for email, browser in browsers.items()
    }

    assert len(hall.post.sent) == 1
    assert len({(each.status_code, each.headers["location"]) for each in answers.values()}) == 1
    assert len(set(pages.values())) == len(set(wrong.values())) == 1


async def test_the_answer_does_not_wait_for_the_mail(hall):
    browser, may_go = hall.browser(), asyncio.Event()

    async def send(letter, path, language):
        await may_go.wait()

    hall.post.send = send

    answer = await browser.post("/logga-in", data={"email": BO_AT})

    assert answer.status_code == 303
    may_go.set()
    await hall.tasks.drain(60)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "Skriv din e-postadress."),
        ("bo", "Skriv hela e-postadressen."),
        ("bo@example", "Skriv hela e-postadressen."),
        ("bo ek@example.org", "Skriv hela e-postadressen."),
        ("b" * 250 + "@example.org", "E-postadressen är för lång."),
    ],
)
async def test_what_is_no_address_is_said_and_stays_in_the_field(hall, typed, told):
    answer = await hall.ask(hall.browser(), typed)

    page = read(answer.text)
    assert (answer.status_code, told in page.text) == (422, True)
    assert page.fields["email"] == typed
    assert page.invalid == ["email"]
    assert await hall.rows(tables.sign_ins) == []


async def test_the_language_is_changed_without_losing_what_was_typed_or_where_one_was_going(hall):
    page = read((await hall.browser().get("/logga-in?next=/mitt")).text)
    answer = await hall.ask(hall.browser(), "bo@exam", then="?lang=en&next=%2Fmitt", do="show")

    assert page.heading == "Logga in"
    assert 'formaction="?lang=sv&amp;next=%2Fmitt"' in answer.text
    assert read(answer.text).fields["email"] == "bo@exam"
    assert read(answer.text).heading == "Sign in"


@pytest.mark.parametrize(
    ("chosen", "asked_in", "organisations", "spoken", "page"),
    [
        (None, "?lang=en", "sv", "en", "en"),
        (None, "?lang=sv", "en", "sv", "sv"),
        ("sv", "?lang=en", "en", "sv", "en"),
        (None, "", "en", "en", "en"),
        (None, "", None, "sv", "sv"),
    ],
)
async def test_the_mail_speaks_the_persons_language_else_that_of_the_page_else_the_organisations(
    hall, chosen, asked_in, organisations, spoken, page
):
    for table, which, language in ((tables.persons, BO, chosen), (tables.organisations, REGION, organisations)):
        change = update(table).where(table.c.id == which).values(language=language)
        await hall.database.write(lambda connection, change=change: connection.execute(change).close())

    await hall.ask(hall.browser(), then=asked_in)

    letter, path, language = hall.post.last
    assert (letter.to.id, language) == (BO, Language(spoken))
    # The page that the link leads to stays in the language that was asked for.
    assert path == f"/i/{letter.link}?lang={page}"


@pytest.mark.parametrize(
    ("then", "leads_to"),
    [
        ("/mitt", "/mitt"),
        ("/mitt%3Fsida%3D2", "/mitt?sida=2"),
        ("https://example.org/", "/arbete"),
        ("//example.org", "/arbete"),
        ("/%5Cexample.org", "/arbete"),
        ("", "/arbete"),
    ],
)
async def test_one_is_led_on_to_where_one_was_going_on_this_site_alone(hall, then, leads_to):
    by_link, by_code = hall.browser(), hall.browser()
    _, path = await hall.asked(by_link, then=f"?next={then}")
    code, _ = await hall.asked(by_code, then=f"?next={then}")
    waiting = (await hall.ask(by_code, then=f"?next={then}")).headers["location"]
    code = hall.post.last[0].code

    told = [await by_link.post(path), await by_code.post(waiting, data={"code": code})]
    again = await by_code.get(f"/logga-in?next={then}")

    assert [re.sub(r"[?&]lang=sv$", "", each.headers["location"]) for each in (*told, again)] == [leads_to] * 3


@pytest.mark.parametrize("then", ["/mitt?sida=2", "/mitt?lang=sv&sida=2"])
async def test_a_language_chosen_where_one_signs_in_is_that_of_the_page_one_is_led_on_to(hall, then):
    by_link, by_code = hall.browser(), hall.browser()
    asked = f"?{urlencode({'lang': 'en', 'next': then})}"
    _, path = await hall.asked(by_link, then=asked)
    waiting = (await hall.ask(by_code, then=asked)).headers["location"]
    code = hall.post.last[0].code

    told = [await by_link.post(path), await by_code.post(waiting, data={"code": code})]
    again = await by_code.get(f"/logga-in{asked}")

    assert [each.headers["location"] for each in (*told, again)] == ["/mitt?sida=2&lang=en"] * 3


@pytest.mark.parametrize(
    ("asked", "leads_to"),
    [
        # Nobody asked for another language.
        ({"next": "/mitt?lang=en&tom="}, "/mitt?lang=en&tom="),
        # What else an address says stays as it is written.
        ({"next": "/mitt?b=%E4&flagga&c=a'b", "lang": "en"}, "/mitt?b=%E4&flagga&c=a'b&lang=en"),
        ({"next": "/mitt?languages=sv", "lang": "en"}, "/mitt?languages=sv&lang=en"),
        ({"next": "/mitt", "lang": "en"}, "/mitt?lang=en"),
        # No room for a language: one is led to where one was going in any case.
        ({"next": "/mitt?" + "a" * (LONGEST_ADDRESS - 6), "lang": "en"}, "/mitt?" + "a" * (LONGEST_ADDRESS - 6)),
        ({"next": "/mitt?lang=sv#rad", "lang": "en"}, "/mitt?lang=en#rad"),
    ],
)
async def test_an_address_that_one_is_led_on_to_stays_as_it_is_but_for_the_language(hall, asked, leads_to):
    browser = await hall.signed_in()

    assert (await browser.get("/logga-in", params=asked)).headers["location"] == leads_to


async def test_whoever_signs_out_and_is_signed_in_no_more_is_signed_out(hall):
    browser = await hall.signed_in()
    page = await browser.get("/inloggningar")
    browser.cookies.clear()

    answer = await browser.post("/logga-ut", data={"form_token": token(page)})

    assert answer.headers["location"] == "/utloggad"


# --- at a pace


async def test_to_one_address_some_mails_go_and_then_one_at_a_time_whoever_asks(hall):
    asked = [await hall.ask(hall.browser(host=f"192.0.2.{number}"), NOBODY_AT) for number in range(TO_ONE.burst + 1)]
    told = [each.status_code for each in asked]
    hall.clock.at += TO_ONE.interval
    later = [(await hall.ask(hall.browser(host=f"198.51.100.{n}"), NOBODY_AT.upper())).status_code for n in range(2)]

    assert told == [303] * TO_ONE.burst + [429]
    assert asked[-1].headers["retry-after"] == "180"
    assert later == [303, 429]
    # Nobody else waits for that.
    assert (await hall.ask(hall.browser(host="192.0.2.1"))).status_code == 303


async def test_from_one_network_some_forms_go_and_then_one_at_a_time(hall):
    browser = hall.browser()
    for number in range(FORMS.burst):
        assert (await hall.ask(browser, f"somebody{number}@example.org")).status_code == 303

    answers = [
        await hall.ask(browser, "another@example.org"),
        await browser.post("/logga-in/kod", data={"code": "00000000"}),
        await browser.post("/i/" + "a" * 43),
    ]

    assert [each.status_code for each in answers] == [429, 429, 429]
    assert answers[0].headers["retry-after"] == "30"
    assert (await hall.ask(hall.browser(host="198.51.100.1"))).status_code == 303


async def test_where_no_mail_goes_out_nothing_is_promised(hall):
    hall.post.goes_out = False
    browser = hall.browser()

    opened, sent = await browser.get("/logga-in"), await hall.ask(browser)

    assert [opened.status_code, sent.status_code] == [503, 503]
    assert "Just nu går det inte att skicka mejl." in sent.text
    assert read(sent.text).fields["email"] == BO_AT
    assert (hall.post.sent, await hall.rows(tables.sign_ins)) == ([], [])


# --- the session


async def test_the_cookie_is_this_hosts_alone_and_no_scripts(hall):
    browser = hall.browser()
    asked = await hall.ask(browser)
    signed_in = await browser.post(hall.post.last[1])

    (waiting,) = asked.headers.get_list("set-cookie")
    session, gone = signed_in.headers.get_list("set-cookie")
    for cookie in (waiting, session):
        assert {"Path=/", "Secure", "HttpOnly"} <= set(cookie.split("; "))
        assert "domain" not in cookie.lower()
    assert re.match(r"__Host-session=[\w-]{43}; ", session)
    assert {"SameSite=lax", "Max-Age=28800"} <= set(session.split("; "))
    assert {"SameSite=strict", "Max-Age=900"} <= set(waiting.split("; "))
    assert gone.startswith('__Host-sign-in=""; ')


async def test_a_browser_never_keeps_what_somebody_else_gave_it(hall):
    browser = hall.browser()
    browser.cookies.set("__Host-session", "what-somebody-planted", domain="kundportal.test", path="/")
    _, path = await hall.asked(browser)

    await browser.post(path)

    (held,) = [cookie.value for cookie in browser.cookies.jar if cookie.name == "__Host-session"]
    assert held != "what-somebody-planted"
    assert await is_in(browser)


async def test_whoever_signs_in_anew_leaves_no_session_behind(hall):
    browser = await hall.signed_in()
    before = browser.cookies["__Host-session"]
    _, path = await hall.asked(browser)

    await browser.post(path)

    assert browser.cookies["__Host-session"] != before
    assert len(await hall.rows(tables.sessions)) == 1


async def test_a_session_lasts_a_working_day(hall):
    browser = await hall.signed_in()
    for _ in range(7):
        hall.clock.at += timedelta(hours=1)
        assert await is_in(browser)

    hall.clock.at = NOW + SESSION_LASTS

    assert not await is_in(browser)


def token(page):
    return re.search(r'name="form_token" value="(\w+)"', page.text)[1]


def ids(page):
    return re.findall(r'name="session" value="(\w+)"', page.text)


async def test_a_person_sees_where_she_is_signed_in_and_ends_one_there(hall):
    browser, telephone = await hall.signed_in(), await hall.signed_in(SAFARI)
    hall.clock.at += timedelta(minutes=5)
    page = await browser.get("/inloggningar")

    ended = await browser.post("/inloggningar", data={"do": "end", "session": ids(page)[1], "form_token": token(page)})

    text = read(page.text).text
    assert "Bo Ek (bo@example.org)" in text
    assert text.index("Firefox, Windows Den här webbläsaren") < text.index("Safari, iPhone")
    assert re.search(r'aria-label="Logga ut Safari, iPhone, inloggad [^"]*\d"', page.text)
    assert ended.headers["location"] == "/inloggningar"
    assert (await is_in(browser), await is_in(telephone)) == (True, False)


async def test_a_person_signs_out_everywhere_at_once(hall):
    browser, telephone = await hall.signed_in(), await hall.signed_in(SAFARI)
    page = await browser.get("/inloggningar")

    ended = await browser.post("/inloggningar", data={"do": "all", "form_token": token(page)})

    assert ended.headers["location"] == "/utloggad"
    assert "__Host-session" not in browser.cookies
    assert (await is_in(browser), await is_in(telephone)) == (False, False)


async def test_a_button_that_a_page_does_not_have_signs_nobody_in_or_out(hall):
    browser = await hall.signed_in()
    page = await browser.get("/inloggningar")

    told = [
        await browser.post("/inloggningar", data={"do": "jump", "form_token": token(page)}),
        await browser.post("/logga-in", data={"do": "jump", "email": BO_AT}),
        await browser.post("/logga-in/kod", data={"do": "jump", "code": "00000000"}),
    ]

    assert [each.status_code for each in told] == [400, 400, 400]
    assert await is_in(browser)


@pytest.mark.parametrize("address", ["/logga-ut", "/inloggningar"])
async def test_whoever_signs_out_here_is_signed_in_elsewhere_still(hall, address):
    browser, telephone = await hall.signed_in(), await hall.signed_in(SAFARI)
    held, page = browser.cookies["__Host-session"], await browser.get("/inloggningar")
    own = next(row.id for row in await hall.rows(tables.sessions) if row.browser == "Firefox, Windows")

    answer = await browser.post(address, data={"do": "end", "session": own, "form_token": token(page)})

    assert answer.headers["location"] == "/utloggad"
    assert "Du är utloggad" in (await browser.get("/utloggad")).text
    # What the browser held opens nothing any more, whoever has kept it.
    browser.cookies.set("__Host-session", held, domain="kundportal.test", path="/")
    assert (await is_in(browser), await is_in(telephone)) == (False, True)


async def test_nobody_is_signed_out_by_a_page_that_is_opened_or_by_another_site(hall):
    browser = await hall.signed_in()
    page = await browser.get("/inloggningar")
    foreign = {"Sec-Fetch-Site": "cross-site"}
    # A browser sends no cookie of ours with what another site sends.
    elsewhere = hall.browser()

    told = [
        await browser.get("/logga-ut"),
        await browser.post("/logga-ut"),
        await browser.post("/logga-ut", data={"form_token": token(page)}, headers=foreign),
        await browser.post("/inloggningar", data={"do": "all"}),
        await elsewhere.post("/logga-ut", headers=foreign),
    ]

    assert [each.status_code for each in told] == [405, 400, 400, 400, 400]
    assert all("set-cookie" not in each.headers for each in told)
    assert await is_in(browser)


@pytest.mark.parametrize("address", ["/logga-in", "/logga-in/kod", "/i/{link}"])
async def test_nobody_is_signed_in_by_a_form_of_another_site(hall, address):
    browser = hall.browser()
    code, path = await hall.asked(browser)
    sent = len(hall.post.sent)

    answer = await browser.post(
        path if "link" in address else address,
        data={"email": BO_AT, "code": code},
        headers={"Sec-Fetch-Site": "cross-site"},
    )

    assert (answer.status_code, len(hall.post.sent)) == (400, sent)
    assert not await is_in(browser)


async def test_no_page_on_the_way_is_kept_or_told_to_others(hall):
    browser = hall.browser()
    _, path = await hall.asked(browser)

    for address in ("/logga-in", "/logga-in/kod", path, "/inloggningar"):
        headers = (await browser.get(address)).headers
        assert (headers["cache-control"], headers["referrer-policy"]) == ("no-store", "no-referrer")


async def test_no_secret_stands_in_the_log(hall, caplog):
    caplog.set_level("DEBUG")
    browser = hall.browser()
    code, path = await hall.asked(browser)
    letter = hall.post.last[0]
    await browser.post("/logga-in/kod", data={"code": "00000000"})
    await browser.post(path)

    told = "\n".join(each.getMessage() for each in caplog.records if not each.name.startswith("httpx"))
    held = [browser.cookies["__Host-session"], letter.link, code]
    assert [secret for secret in held if secret in told] == []


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox, Windows"),
        (SAFARI, "Safari, iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) AppleWebKit/605 Version/19.0 Safari/605", "Safari, macOS"),
        ("<script>alert(1)</script>", ""),
        ("", ""),
    ],
)
def test_a_browser_is_known_by_its_name_and_nothing_else_that_it_tells(agent, name):
    assert browser_name(agent) == name
