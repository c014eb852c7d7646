"""A person whom a mail tells of a Slack account says that it is not hers, also after it was confirmed."""

import json
import re
from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from bot.config.settings import load_settings
from bot.main import join
from bot.web import Pages, Site
from bot.wiring.api_words import ApiWords
from bot.wiring.pages import account_pages_of
from core.api import AccountLinks, Asking, Language, NotLinked, Surface, Undoing, Undone, new_id
from core.http import preferred, status_of
from core.storage import tables
from core.storage.identity.accounts import SqlAccounts
from core.storage.identity.personal_links import SqlPersonalLinks
from notifications.mail import mail_switch
from notifications.rules.register_announcements import RegisterAnnouncements
from tests.contract.office import identity, open_office
from tests.contract.test_mail import mailing
from tests.support.drawn.reached import on_page
from tests.support.machines.postoffice import post_office
from tests.support.world import seed
from tests.support.world.seed import ADA, ANNA, BO, CECILIA
from tests.web.test_deciding import SETTINGS, link_to

ADDRESS = re.compile(r"/k/[\w.-]+")


@pytest.fixture
def post():
    with post_office() as made:
        yield made


@pytest.fixture
async def office(database_url, post):
    """Bo has just confirmed that an account is his."""
    made = mailing(await open_office(database_url), post)
    await made.database.write(lambda connection: mail_switch.turn_on(connection, Language.SV, made.clock()))
    await made.unlink(BO)
    workspace = (await made.workspaces.all())[0]
    bo = await made.directory.find_by_slack_user(workspace, seed.slack_user(BO))
    await made.directory.offer_link(bo, workspace, seed.slack_user(BO))
    await confirm(made)
    yield made
    await made.database.close()


async def confirm(office):
    await office.directory.answer_link(identity(BO), yes=True, at=office.clock())
    await office.relay.drain()


@pytest.fixture
async def browser(office, database_url):
    settings = load_settings(_env_file=None, database_url=database_url, **SETTINGS)
    desk, _ = join(settings, office.database, office.slack)
    links = SqlPersonalLinks(office.database, "secret")
    accounts = replace(desk.accounts, now=office.clock)
    desk = replace(desk, accounts=accounts, cards=office.store, links=links, workspaces=office.workspaces)
    web, app = Pages(preferred, status_of, ApiWords(desk.queries)), FastAPI(openapi_url=None)
    Site(web, account_pages_of(desk, web).routes()).answer_in(app)
    transport, headers = httpx.ASGITransport(app), {"Accept": "text/html"}
    hooks, url = {"response": [on_page]}, "http://kundportal.test"
    async with httpx.AsyncClient(transport=transport, base_url=url, headers=headers, event_hooks=hooks) as client:
        yield client


def told(post):
    """The mail about Bo's account, and the path of the link in it."""
    (mail,) = (each for each in post.to("bo@example.org") if "nu kopplat till dig" in each.message["Subject"])
    found = ADDRESS.search(mail.part("plain"))
    assert found is not None
    return mail, found[0]


async def lines(office):
    query = select(tables.history).where(tables.history.c.kind == "identity", tables.history.c.action == "unlinked")
    return await office.database.read(lambda connection: connection.execute(query).all())


async def test_a_mail_tells_of_the_account_and_how_to_undo_it(post, office) -> None:
    mail, _ = told(post)

    assert "Är det inte ditt, ta bort kopplingen" in mail.part("plain")
    assert "inte går att nå i Slack" not in mail.part("plain")


async def test_opening_the_page_undoes_nothing(post, office, browser) -> None:
    _, path = told(post)

    page = await browser.get(path)

    assert page.status_code == 200
    assert "mellan dig och Slack-kontot i Inera?" in page.text
    assert await lines(office) == []


async def test_a_person_undoes_the_link_and_she_and_the_administrators_are_told(post, office, browser) -> None:
    _, path = told(post)
    case = await office.place(by=Asking(ANNA))

    page = await browser.post(path)
    await office.relay.drain()

    assert (page.status_code, "Kopplingen är borttagen" in page.text) == (200, True)
    with pytest.raises(NotLinked):
        await office.attest(case, BO)
    (line,) = await lines(office)
    assert (line.person_id, line.about_id, line.surface, line.at) == (BO, BO, "mail", office.clock())
    assert json.loads(line.evidence)["why"] == "not_me"
    subjects = [mail.message["Subject"] for mail in post.to("bo@example.org")]
    assert "Ditt Slack-konto är inte längre kopplat" in subjects
    (heard,) = office.slack.in_channel(seed.slack_user(ADA))
    assert heard.text == "Slack-kontot är inte längre kopplat till Bo Ek"


async def test_the_form_sent_twice_undoes_once_and_says_what_is_so(post, office, browser) -> None:
    _, path = told(post)

    await browser.post(path)
    again = await browser.post(path)
    later = await browser.get(path)

    assert (again.status_code, len(await lines(office))) == (200, 1)
    assert "Kontot är inte kopplat till dig" in later.text
    assert "Ta bort kopplingen" not in later.text


async def test_a_button_that_the_page_does_not_have_undoes_nothing(post, office, browser) -> None:
    _, path = told(post)

    answer = await browser.post(path, data={"do": "show"})

    assert (answer.status_code, len(await lines(office))) == (400, 0)


async def allowing(office):
    query = select(tables.history).where(tables.history.c.kind == "identity", tables.history.c.action == "allowed")
    return await office.database.read(lambda connection: connection.execute(query).all())


async def test_the_account_is_let_in_again_on_the_same_page(post, office, browser) -> None:
    _, path = told(post)
    asked = await browser.post(path)

    allowed = await browser.post(path, data={"do": "allow"})
    again = await browser.post(path, data={"do": "allow"})

    assert "Tillåt att det kopplas igen" in asked.text
    assert "Kontot får kopplas igen" in allowed.text
    assert "Tillåt att det kopplas igen" not in allowed.text
    assert again.status_code == 200
    (line,) = await allowing(office)
    assert (line.person_id, line.about_id, line.surface) == (BO, BO, "mail")
    assert (await office.directory.answer_link(identity(BO), yes=True, at=office.clock())).state == "confirmed"


async def test_the_mail_that_tells_of_the_end_leads_there_too(post, office, browser) -> None:
    await unlinked(office)
    (mail,) = (each for each in post.to("bo@example.org") if "inte längre kopplat" in each.message["Subject"])
    path = ADDRESS.search(mail.part("plain"))[0]

    page = await browser.get(path)
    await browser.post(path, data={"do": "allow"})

    assert "Tillåt att kontot kopplas igen" in mail.part("plain")
    assert "Är det ditt konto?" in page.text
    assert len(await allowing(office)) == 1


async def test_the_mail_about_an_account_that_changed_in_slack_leads_nowhere(post, office) -> None:
    await unlinked(office, Undone.CHANGED)
    (mail,) = (each for each in post.to("bo@example.org") if "inte längre kopplat" in each.message["Subject"])

    assert ADDRESS.search(mail.part("plain")) is None
    assert "Öppna fliken Hem" in mail.part("plain")


async def test_the_mail_that_tells_of_the_end_says_why_it_came(post, office) -> None:
    await unlinked(office)

    (mail,) = (each for each in post.to("bo@example.org") if "inte längre kopplat" in each.message["Subject"])
    said = " ".join(mail.part("plain").split())
    assert "ett konto i Slack inte längre är kopplat" in said
    assert "inte går att nå i Slack" not in said


async def test_an_administrators_mail_about_it_lets_nobody_in(post, office, browser) -> None:
    await unlinked(office)

    (card,) = await office.cards(kind="unlinked", person_id=ADA)
    page = await browser.post(
        f"/k/{SqlPersonalLinks(office.database, 'secret').seal_card(card.id)}", data={"do": "allow"}
    )

    assert page.status_code == 404
    assert await allowing(office) == []


async def unlinked(office, why=Undone.OPERATOR):
    accounts = AccountLinks(SqlAccounts(office.database, new_id), RegisterAnnouncements(), office.clock, new_id)
    await accounts.undo(BO, Undoing(why, Surface.FILE))
    await office.relay.drain()


async def test_an_account_that_is_somebody_elses_by_now_stays_theirs(post, office, browser) -> None:
    _, path = told(post)
    mine = tables.identities.c.subject == seed.slack_user(BO)
    await office.change(tables.identities, mine, person_id=CECILIA)

    page = await browser.post(path)

    assert await lines(office) == []
    assert "Cecilia" not in page.text


@pytest.mark.parametrize(
    "change", [lambda path: path[:-1], lambda path: path + "x", lambda _: "/k/C1.", lambda _: "/k/å"]
)
async def test_an_address_that_we_did_not_make_opens_nothing(post, office, browser, change) -> None:
    _, path = told(post)

    assert (await browser.post(change(path))).status_code == 404
    assert await lines(office) == []


async def test_what_opens_another_page_does_not_open_this_one(post, office, browser) -> None:
    await office.unlink(CECILIA)
    office.slack.teams[0] = replace(office.slack.teams[0], accounts=())
    await office.place(by=Asking(ANNA))
    token = (await link_to(office, post, CECILIA)).removeprefix("/d/")
    card = await office.card(person_id=CECILIA, kind="customer_attest")

    assert (await browser.get(f"/k/{card.id}.{token}")).status_code == 404


async def test_without_mail_nobody_is_written_to(database_url) -> None:
    office = await open_office(database_url)
    await office.change(tables.identities, tables.identities.c.person_id == BO, state="offered")

    await confirm(office)

    assert await office.cards(kind="linked") == []
    await office.database.close()


async def test_a_confirmed_account_that_confirms_again_is_told_once(post, office) -> None:
    await confirm(office)

    assert len(await office.cards(kind="linked")) == 1
