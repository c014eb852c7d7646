"""The mail to sign in by, through a real server: what it says, where it leads, and what comes of one not taken."""

import asyncio
import re

import httpx
import pytest
from fastapi import FastAPI

from bot.config.settings import load_settings
from bot.main import join
from bot.web import Gate, Pages, Site
from bot.web.signing_in.visitors import Visitors
from bot.wiring.api_words import ApiWords
from bot.wiring.mailing import mail_watch
from bot.wiring.pages import publisher_of, sign_in_pages_of
from core.api import Language, SignInId, SignInLetter
from core.http import preferred, status_of
from core.storage.reads.queries import SqlQueries
from notifications.accounts.sign_in_mails import PAUSES, SignInMails
from notifications.mail import mail_switch
from tests.contract.office import open_office
from tests.support.machines.postoffice import post_office
from tests.support.world.seed import BO
from tests.web.conftest import BROWSER
from tests.web.reading import read
from tests.web.test_deciding import SETTINGS
from tests.web.test_signing_in import BO_AT, URL


@pytest.fixture
def post():
    with post_office() as made:
        yield made


@pytest.fixture
async def office(fresh_sqlite_url):
    made = await open_office(fresh_sqlite_url)
    yield made
    await made.database.close()


def joined(office, post, url):
    mail = {"smtp_url": f"smtp://127.0.0.1:{post.port}", "mail_from": "Kundportalen <portal@example.org>"}
    sent = mail | {"public_url": URL} if post.port else {}
    settings = load_settings(_env_file=None, database_url=url, **SETTINGS, **sent)
    watch = mail_watch(settings, office.clock, lambda _: None)
    return settings, join(settings, office.database, office.slack, None, watch)[0]


@pytest.fixture
async def product(office, post, fresh_sqlite_url):
    """Everything joined as it is when it runs, with a server for mail."""
    await office.database.write(lambda connection: mail_switch.turn_on(connection, Language.SV, office.clock()))
    return joined(office, post, fresh_sqlite_url)


def a_browser(product):
    settings, desk = product
    app, pages = FastAPI(openapi_url=None), Pages(preferred, status_of, ApiWords(desk.queries), publisher_of(settings))
    gate = Gate(desk.cards.database, "secret", desk.now)
    visitors = Visitors(desk.sessions, desk.now, gate.secret_key)
    routes = [route for part in sign_in_pages_of(desk, pages, gate, visitors) for route in part.routes()]
    Site(pages, routes).answer_in(app)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL, headers=BROWSER)


async def test_somebody_signs_in_by_the_mail_that_comes(product, post):
    async with a_browser(product) as browser:
        answer = await browser.post("/logga-in?next=%2Finloggningar", data={"email": BO_AT})
        await product[1].tasks.drain(30)
        (mail,) = post.to(BO_AT)
        code = re.search(r"\b(\d{4}) (\d{4})\b", mail.part("plain"))
        path = re.search(rf"{URL}(/i/\S+)", mail.part("plain"))[1]
        by_link = await browser.get(path)
        by_code = await browser.post(answer.headers["location"], data={"code": code[0]})
        listed = await browser.get(by_code.headers["location"])

    assert mail.message["Subject"] == "Logga in i Kundportalen"
    told = " ".join(mail.part("plain").split())
    assert "Hej Bo Ek," in told
    assert "Använd antingen länken eller koden. Det går bara en gång." in told
    assert "Länken och koden gäller i 15 minuter." in told
    assert path.endswith("?lang=sv&next=%2Finloggningar")
    assert "Logga in som Bo Ek" in by_link.text
    assert "Bo Ek (bo@example.org)" in read(listed.text).text


async def test_an_address_that_is_nobodys_gets_no_mail(product, post):
    async with a_browser(product) as browser:
        assert (await browser.post("/logga-in", data={"email": "nobody@example.org"})).status_code == 303
        await product[1].tasks.drain(30)

    assert post.taken == []


async def test_without_a_server_for_mail_the_page_says_that_nobody_signs_in_here(office, fresh_sqlite_url, post):
    post.port = 0
    async with a_browser(joined(office, post, fresh_sqlite_url)) as browser:
        opened = await browser.get("/logga-in")
        sent = await browser.post("/logga-in", data={"email": BO_AT})

    assert [opened.status_code, sent.status_code] == [503, 503]
    assert "Det går inte att logga in här" in opened.text
    assert 'name="email"' not in opened.text


async def letter(office):
    person = await SqlQueries(office.database).person_by_email(BO_AT)
    assert person.id == BO
    return SignInLetter(SignInId("I1"), person, "a-link", "48210973")


async def send(product, office):
    mails, waited = product[1].sign_in_mails, []

    async def sleep(seconds):
        waited.append(seconds)
        await asyncio.sleep(0)

    made = SignInMails(mails.mail, mails.database, mails.workspaces, mails.url, mails.domain, sleep)
    await made.send(await letter(office), "/i/a-link", Language.EN)
    return made, waited


async def test_a_server_that_asks_for_patience_gets_some(product, office, post):
    post.answer("DATA", "451 Later", 2)

    _, waited = await send(product, office)

    assert waited == list(PAUSES[:2])
    assert [each.message["Subject"] for each in post.taken] == ["Sign in to Kundportalen"]


async def test_what_is_never_taken_is_told_in_the_log_and_names_nobody(product, office, post, caplog):
    post.answer("DATA", "451 Later", len(PAUSES) + 1)

    _, waited = await send(product, office)

    assert waited == list(PAUSES)
    told = [each.getMessage() for each in caplog.records if "sign_in" in each.getMessage()]
    assert told == ["sign_in_not_sent sign_in=I1 error=smtp_451"]


async def test_a_server_that_takes_no_mail_at_all_is_known_to_whoever_asks_next(product, office, post):
    post.answer("MAIL", "550 Who are you?")

    mails, waited = await send(product, office)

    assert waited == []
    assert await mails.are_sent() is False
