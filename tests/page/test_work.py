"""Whoever has no Slack works in a browser on a phone, signed in by a real mail, and nothing hinders anybody there."""

import asyncio
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect

from bot.config.settings import load_settings
from bot.demo.run import bind
from bot.main import now, product_of
from bot.server.serving import WebApplication
from bot.wiring.joined import join
from bot.wiring.mailing import mail_watch
from core.api import Language
from core.http.health import HealthChecks
from core.ports.health import HealthLog
from core.storage.database.database_checks import database_checks
from notifications.mail import mail_switch
from tests.fakes.slack import FakeSlack
from tests.flow.slack import until
from tests.page.conftest import PATIENCE_MS
from tests.page.test_site import PHONE, in_order
from tests.support.machines.postoffice import PostOffice, post_office
from tests.support.world.seed import nobody_is_away, seeded
from tests.web.test_deciding import SETTINGS


@dataclass
class Served:
    """Where the product answers, and the post that it sends."""

    url: str
    post: PostOffice


@contextmanager
def serving(database_url: str) -> Iterator[Served]:
    """The product as it runs, with a real server for mail, until the end of the block."""
    servers: list[uvicorn.Server] = []

    async def serve(listening, post: PostOffice) -> None:
        database, app = await seeded(database_url), WebApplication(openapi_url=None, redirect_slashes=False)
        await database.write(nobody_is_away)
        await database.write(lambda connection: mail_switch.turn_on(connection, Language.SV, now()))
        mail = {"smtp_url": f"smtp://127.0.0.1:{post.port}", "mail_from": "Kundportalen <portal@example.org>"}
        url = {"public_url": "https://portal.example.org"}
        settings = load_settings(_env_file=None, database_url=database_url, **SETTINGS, **mail, **url)
        joined, homes = join(settings, database, FakeSlack(now), None, mail_watch(settings, now, lambda _: None))
        health = HealthChecks(database_checks(database), HealthLog(now))
        product_of(settings, database, joined, homes, health).answer_in(app)
        servers.append(uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False)))
        await servers[0].serve([listening])
        await joined.tasks.drain(5)
        await database.close()

    with post_office() as post, bind(0) as listening:
        thread = threading.Thread(target=lambda: asyncio.run(serve(listening, post)), daemon=True)
        thread.start()
        until(lambda: bool(servers) and servers[0].started, what="the product")
        yield Served(f"http://127.0.0.1:{listening.getsockname()[1]}", post)
        servers[0].should_exit = True
        thread.join(timeout=30)


@dataclass
class Office:
    """Everybody's browser, by the name before the @ of the address that they sign in by."""

    browser: Browser
    site: Served
    screen: dict[str, int]
    pages: dict[str, Page] = field(default_factory=dict)

    def page(self, who: str) -> Page:
        """Somebody's browser, signed in by the code of a mail."""
        if who not in self.pages:
            context = self.browser.new_context(viewport=self.screen, locale="sv-SE")
            context.set_default_timeout(PATIENCE_MS)
            self.pages[who] = context.new_page()
            self._sign_in(self.pages[who], f"{who}@example.org")
        return self.pages[who]

    def _sign_in(self, page: Page, email: str) -> None:
        page.goto(f"{self.site.url}/logga-in")
        page.locator("[name=email]").fill(email)
        page.locator("[name=email]").press("Enter")
        page.wait_for_url("**/logga-in/kod*")
        (mail,) = until(lambda: self.site.post.to(email), what=f"the mail to {email}")
        code = re.search(r"\b\d{4} \d{4}\b", mail.part("plain"))
        assert code is not None
        page.locator("[name=code]").fill(code[0])
        page.locator("button.main").click()
        page.wait_for_url("**/arbete*")
        in_order(page)


@pytest.fixture
def office(browser: Browser, fresh_sqlite_url: str) -> Iterator[Office]:
    with serving(fresh_sqlite_url) as site:
        made = Office(browser, site, dict(PHONE))
        yield made
        for page in made.pages.values():
            page.context.close()


def whole(text: str) -> re.Pattern[str]:
    """All that stands on an element; those who hear it are told more."""
    return re.compile(rf"^\s*{re.escape(text)}\s*$")


def follow(page: Page, link: str) -> None:
    """Follow a link to a page that hinders nobody."""
    with page.expect_navigation():
        page.locator("main a").filter(has_text=whole(link)).first.click()
    in_order(page)


def send(page: Page) -> None:
    """Send the form that is open: it is taken, and the page that comes says what was done."""
    with page.expect_navigation():
        page.locator("button.main[value=send]").click()
    in_order(page)
    expect(page.get_by_role("status")).to_be_visible()


def named(page: Page, name: str):
    """The field of a question; some say in their names what they are about."""
    return page.locator(f"[id][name='{name}'], [id][name^='{name}.']").first


def test_an_administrator_adds_somebody_on_a_phone(office: Office):
    page = office.page("ada")
    follow(page, "Personer och roller")
    follow(page, "Lägg till person")
    named(page, "email").fill("nina@example.org")
    named(page, "name").fill("Nina Ny")
    page.locator("[id][name='roles:orderer']").check()
    send(page)

    expect(page.get_by_text("Nina Ny").first).to_be_visible()
