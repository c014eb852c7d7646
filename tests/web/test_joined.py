"""The composition root joins the site, the API and the listeners to what they stand on."""

import asyncio
import re
import shutil
from dataclasses import replace
from html import unescape
from pathlib import Path

import httpx
import pytest
from fastapi import Request
from sqlalchemy import select

from bot import main
from bot.acts.refusals import ButtonIsGone
from bot.config.settings import load_settings
from bot.forms.orders.order_modal import OrderModal
from bot.main import join, now, product_of
from bot.server.serving import WebApplication
from bot.slack.press import Pressed
from bot.slack.replies import ReplySpot
from bot.views.home.home import HomeFacts, build
from bot.views.organisations.absences import SubstituteModal
from bot.wiring.listening import listeners
from core.api import Action, HealthLog, Language, State, new_id
from core.http import HealthChecks
from core.storage.database.database_checks import database_checks
from core.storage.identity.api_keys import Keys
from core.storage.reads.documents import SqlDocuments
from notifications.documents import Agreements, Library
from notifications.mail.link_addresses import ACCOUNT, PATHS
from notifications.outbox import relay
from notifications.render.button_values import MENU
from notifications.texts import say
from tests.fakes.slack import FakeSlack
from tests.http.test_words import REFUSALS
from tests.support.drawn.drawings import nodes
from tests.support.drawn.register_views import administrations
from tests.support.drawn.sent import as_sent
from tests.support.drawn.views import home_facts
from tests.support.world.seed import AGENT, SARA, seeded
from tests.web.conftest import Portal, a_browser
from tests.web.filling import applied
from tests.web.reading import read
from tests.web.test_deciding import SETTINGS

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def database(fresh_sqlite_url):
    database = await seeded(fresh_sqlite_url)
    yield database
    await database.close()


@pytest.fixture
def settings(fresh_sqlite_url, tmp_path):
    """An operator's, who has a newer agreement than ours in a folder of its own."""
    folder = shutil.copytree(Library().folder, tmp_path / "agreements")
    ours = (folder / "kundavtal-1.sv.md").read_text("utf-8")
    (folder / "kundavtal-2.sv.md").write_text(f"{ours}\n\nDet här har driften lagt till.\n", "utf-8")
    return load_settings(_env_file=None, database_url=fresh_sqlite_url, agreements_folder=str(folder), **SETTINGS)


@pytest.fixture
def joined(settings, database):
    return join(settings, database, FakeSlack(now))


@pytest.fixture
async def portal(settings, database, joined):
    desk, homes = joined
    app = WebApplication(openapi_url=None, redirect_slashes=False)
    app.add_route("/fails", fails)
    product_of(settings, database, desk, homes, HealthChecks(database_checks(database), HealthLog(now))).answer_in(app)
    agreements = Agreements(Library(settings.agreements_folder), SqlDocuments(database))
    async with a_browser(app) as browser:
        yield Portal(database, now, desk.orders, desk.links, agreements, app, browser, desk.files, [])
    await desk.tasks.drain(60)


async def test_what_is_applied_for_and_signed_on_the_site_is_read_by_a_key(portal):
    case = await portal.approve((await applied(portal)).id)
    address = await portal.sign_link(case)
    page = read((await portal.browser.get(address)).text)
    await portal.browser.post(address, data=page.fields | {"confirmed": "1", "do": "send"})
    api = await by_key(portal, None)

    listed = (await api.get("/applications")).json()["items"]
    document = await api.get(f"/organisations/{case.customer}/agreements/kundavtal/document.html")
    nothing = await api.get("/organisations/O-none/agreements")

    assert "Det här har driften lagt till." in page.text
    assert (await portal.case(case.id)).state is State.AGREEMENT_ACTIVE
    assert [(each["id"], each["state"]) for each in listed] == [(case.id, "agreement_active")]
    assert case.application.document.hash in document.text
    assert nothing.json()["detail"] == say(Language.SV, "err.no_such_entry")


async def test_a_key_is_told_by_name_which_role_is_missing_and_where(portal):
    api = await by_key(portal, (SARA, AGENT))

    for address in ("/orders", f"/organisations/{AGENT}/agreements"):
        told = (await api.get(address)).json()["detail"]
        assert told.startswith("Du har inte rollen beställare för Journalbolaget AB.")


async def test_while_slack_is_answered_the_relay_waits(settings, database, joined, monkeypatch):
    monkeypatch.setattr(relay, "LETS_BY_SECONDS", 60.0)
    desk, homes = joined
    checks = HealthChecks(database_checks(database), HealthLog(now))
    asked, let_go = asyncio.Event(), asyncio.Event()

    async def admit(payload):
        asked.set()
        await let_go.wait()

    intake = replace(product_of(settings, database, desk, homes, checks).intake, admit=admit)
    shortcut = {"type": "shortcut", "user": {"id": "U1"}, "callback_id": "kp_new_order", "trigger_id": "1"}
    answering = asyncio.create_task(intake.take(shortcut))
    await asked.wait()
    relaying = asyncio.create_task(desk.relay.run())
    for _ in range(20):
        await database.read(lambda connection: connection.scalar(select(1)))
    before = desk.relay.pulse.looked_at
    let_go.set()
    async with asyncio.timeout(60):
        while desk.relay.pulse.looked_at is None:
            await database.read(lambda connection: connection.scalar(select(1)))

    relaying.cancel()
    await asyncio.gather(answering, relaying, return_exceptions=True)
    assert before is None


async def fails(request: Request):
    raise RuntimeError("a fault of ours")


ANSWERS = [
    ("GET", "/", 200),
    ("GET", "/nowhere", 404),
    ("POST", "/healthz", 405),
    ("GET", "/healthz", 200),
    ("GET", "/readyz", 200),
    ("GET", "/fails", 500),
    ("POST", "/slack/events", 401),
    ("GET", "/slack/events", 405),
    ("GET", "/api/v1/orders", 401),
    ("GET", "/api/v1/nowhere", 404),
    ("GET", "/api/v1/openapi.json", 200),
    ("GET", "/api/v1/docs", 200),
]


@pytest.mark.parametrize("accepted", ["text/html", "application/json"])
@pytest.mark.parametrize(("method", "address", "status"), ANSWERS)
async def test_whatever_is_answered_is_not_kept_not_guessed_at_and_comes_back_encrypted(
    portal, method, address, status, accepted
):
    transport = httpx.ASGITransport(portal.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, headers={"Accept": accepted}) as client:
        encrypted = await client.request(method, f"https://kundportal.test{address}")
        plain = await client.request(method, f"http://kundportal.test{address}")

    # A busy machine may answer that the product is not ready, which is an answer too.
    expected = {status, 503} if address == "/readyz" else {status}
    assert {encrypted.status_code, plain.status_code} <= expected
    for name, value in (("x-content-type-options", "nosniff"), ("cache-control", "no-store")):
        assert encrypted.headers.get_list(name) == plain.headers.get_list(name) == [value]
    assert "frame-ancestors 'none'" in encrypted.headers["content-security-policy"]
    assert encrypted.headers.get_list("strict-transport-security") == ["max-age=31536000"]
    # A browser would pay no heed, and no proxy shall pass it on over a connection that is not.
    assert "strict-transport-security" not in plain.headers


@pytest.mark.parametrize("address", ["/portal.css", "/api/v1/docs/swagger-ui.css"])
async def test_what_is_the_same_for_everybody_may_be_kept_for_an_hour(portal, address):
    answer = await portal.browser.get(f"https://kundportal.test{address}")

    assert answer.headers["cache-control"] == "public, max-age=3600"
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_operators_are_told_of_every_address_that_has_a_secret_in_it():
    page = (ROOT / "docs" / "operating.md").read_text("utf-8")
    warning = next(each for each in page.split("\n\n") if "let no proxy log those paths" in each)

    for path in (*PATHS.values(), ACCOUNT):
        assert f"\n| `{path}/…` |" in page
        assert f"`{path}/`" in warning


def test_what_is_served_is_such_an_application(settings):
    assert isinstance(main.build(settings), WebApplication)


async def by_key(portal, owner):
    """The API, asked with a key of somebody's."""
    key = await Keys(portal.database).create(new_id, now(), "test", owner)
    transport, headers = httpx.ASGITransport(portal.app), {"Authorization": f"Bearer {key}"}
    return httpx.AsyncClient(transport=transport, base_url="http://kundportal.test/api/v1", headers=headers)


@pytest.mark.parametrize("menu", [OrderModal.ORGANISATIONS, OrderModal.OFFERS, SubstituteModal.PLACES])
async def test_a_menu_that_is_pressed_outside_its_form_is_answered_as_one_that_is_gone(joined, menu):
    press = Pressed(None, menu, "", "", None, None, None, ReplySpot(None), view=None)

    with pytest.raises(ButtonIsGone):
        await listeners(*joined).presses.own[menu](press)


def test_whatever_can_be_pressed_on_a_home_tab_has_somebody_who_listens(joined):
    homes = [facts for _, facts in home_facts()]
    homes += [HomeFacts("test", "Anna Ek", administration=each) for _, each in administrations()]
    own = listeners(*joined).presses.own

    offered = {
        each["action_id"]
        for facts in homes
        for each in nodes(as_sent(build(facts, Language.SV)))
        if "action_id" in each
    }

    of_the_table = {f"kp.{action}" for action in Action} | {MENU}
    assert {"kp.list", "kp.list.ordered", "kp.language"} <= offered
    assert offered - of_the_table <= own.keys(), offered


def with_addresses(page):
    """What a page says, with the contact as it stands where there are no links."""
    return unescape(re.sub(r'<a href="mailto:([^"]*)">([^<]*)</a>', r"\2 (\1)", page))


@pytest.mark.parametrize("language", Language)
async def test_whatever_names_a_problem_leads_to_what_it_means(portal, language):
    heard = {"Accept-Language": language}
    for code in REFUSALS:
        page = await portal.browser.get(f"/problems/{code}", headers=heard)
        told = await portal.browser.get(f"/problems/{code}", headers=heard | {"Accept": "*/*"})

        assert (page.status_code, told.status_code) == (200, 200), code
        assert told.headers["content-language"] == page.headers["content-language"] == language
        assert (told.json()["type"], told.json()["code"]) == (f"/problems/{code}", code)
        assert told.json()["detail"] in with_addresses(page.text)
        assert say(language, "err.refused") not in page.text


async def test_the_address_in_a_refusal_leads_to_its_page(portal):
    refused = (await portal.browser.get("/api/v1/orders", headers={"Accept-Language": "en"})).json()
    page = await portal.browser.get(refused["type"], headers={"Accept-Language": "en"})

    assert refused["code"] == "unauthorized"
    assert "<h1>What the error unauthorized means</h1>" in page.text
    assert "The key is missing or not valid." in page.text
    assert "401 Unauthorized" in page.text
    assert (await portal.browser.get("/api/v1/docs")).status_code == 200


async def test_what_a_problem_means_names_nobody_at_inera_where_any_role_is_meant(portal):
    told = await portal.browser.get("/problems/no_role", headers={"Accept": "*/*", "Accept-Language": "en"})

    assert told.json()["status"] == 403
    assert "customer service" not in told.json()["detail"]


async def test_a_problem_that_nobody_gives_has_no_page(portal):
    assert (await portal.browser.get("/problems/nonsense")).status_code == 404


async def test_pages_and_signs_of_life_are_answered_to_head_as_to_get(portal):
    for address in (
        "/",
        "/ansok",
        "/portal.css",
        "/problems/closed",
        "/nowhere",
        "/healthz",
        "/readyz",
        "/api/v1/docs",
    ):
        get, head = await portal.browser.get(address), await portal.browser.head(address)

        assert head.status_code == get.status_code, address
        assert head.headers["content-type"] == get.headers["content-type"], address
