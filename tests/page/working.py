"""The product as it runs, with mail and no Slack, and everybody's browser at the pages of their work."""

import asyncio
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import uvicorn
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import Connection, delete

from bot.config.settings import load_settings
from bot.demo.run import bind
from bot.main import now, product_of
from bot.server.serving import WebApplication
from bot.wiring.joined import join
from bot.wiring.mailing import mail_watch
from core.api import Language
from core.http.health import HealthChecks
from core.ports.health import HealthLog
from core.storage import tables
from core.storage.database.database_checks import database_checks
from notifications.mail import mail_switch
from notifications.slack.workspaces import connect_workspace
from tests.contract.office import TEAM_ID
from tests.fakes.slack import FakeSlack, Team
from tests.flow.slack import PATIENCE, until
from tests.page.conftest import PATIENCE_MS
from tests.page.test_site import PHONE, in_order
from tests.support.machines.postoffice import PostOffice, post_office
from tests.support.world.seed import nobody_is_away, seeded
from tests.web.test_deciding import SETTINGS

CASE = re.compile(r"[AB]-[0-9A-Z]{7}")
# What mails lead to.
PUBLIC = "https://portal.example.org"
# How the subject of a mail begins by which one signs in.
SIGN_IN = "Logga in i Kundportalen"


@dataclass
class Served:
    """Where the product answers, and the post that it sends."""

    url: str
    post: PostOffice


def nobody_has_slack(connection: Connection) -> None:
    """The app is in a Slack where nobody has an account: whatever goes to anybody goes by mail."""
    connection.execute(delete(tables.identities))


@contextmanager
def serving(database_url: str) -> Iterator[Served]:
    """The product as it runs, with a real server for mail, until the end of the block."""
    servers: list[uvicorn.Server] = []

    async def serve(listening, post: PostOffice) -> None:
        database, app = await seeded(database_url), WebApplication(openapi_url=None, redirect_slashes=False)
        await database.write(nobody_is_away)
        await database.write(nobody_has_slack)
        await database.write(lambda connection: mail_switch.turn_on(connection, Language.SV, now()))
        mail = {"smtp_url": f"smtp://127.0.0.1:{post.port}", "mail_from": "Kundportalen <portal@example.org>"}
        url = {"public_url": PUBLIC}
        settings = load_settings(_env_file=None, database_url=database_url, **SETTINGS, **mail, **url)
        slack = FakeSlack(now, [Team(TEAM_ID, str(SETTINGS["slack_bot_token"]))])
        joined, homes = join(settings, database, slack, None, mail_watch(settings, now, lambda _: None))
        await connect_workspace(
            slack, joined.workspaces, token=slack.teams[0].token, channel=None, language=Language.SV
        )
        health = HealthChecks(database_checks(database), HealthLog(now))
        product_of(settings, database, joined, homes, health).answer_in(app)
        servers.append(uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False)))
        relay = asyncio.create_task(joined.relay.run())
        await servers[0].serve([listening])
        relay.cancel()
        await asyncio.wait({relay})
        await joined.tasks.drain(60)
        await database.close()

    with post_office() as post, bind(0) as listening:
        thread = threading.Thread(target=lambda: asyncio.run(serve(listening, post)), daemon=True)
        thread.start()
        until(lambda: bool(servers) and servers[0].started, what="the product")
        yield Served(f"http://127.0.0.1:{listening.getsockname()[1]}", post)
        servers[0].should_exit = True
        thread.join(PATIENCE)


@dataclass
class Office:
    """Everybody's browser, by the address that they sign in by, or the name before the @ of one at example.org."""

    browser: Browser
    site: Served
    screen: dict[str, int]
    pages: dict[str, Page] = field(default_factory=dict)

    def page(self, who: str) -> Page:
        """Somebody's browser, signed in by the code of a mail."""
        if who not in self.pages:
            self._sign_in(self.visitor(who), who if "@" in who else f"{who}@example.org")
        return self.pages[who]

    def visitor(self, who: str) -> Page:
        """A browser in which nobody is signed in yet."""
        # Everybody sits somewhere else: forms from one address are held to a pace.
        somewhere = {"X-Forwarded-For": f"10.{len(self.pages)}.0.1"}
        context = self.browser.new_context(viewport=self.screen, locale="sv-SE", extra_http_headers=somewhere)
        context.set_default_timeout(PATIENCE_MS)
        self.pages[who] = context.new_page()
        return self.pages[who]

    def at_home(self, who: str, asked: str = "") -> Page:
        """Somebody's browser, where her work begins."""
        page = self.page(who)
        page.goto(f"{self.site.url}/arbete{asked}")
        in_order(page)
        return page

    def at_case(self, who: str, case: str) -> Page:
        """Somebody's browser, where a case is open."""
        page = self.page(who)
        page.goto(f"{self.site.url}/arbete/arende/{case}")
        in_order(page)
        return page

    def mailed(self, email: str, subject: str, after: int = 0) -> str:
        """The newest mail to somebody with a subject that begins so, as text, its links to this server.

        `after` is how many had come before the one that is waited for.
        """

        def found() -> list[str]:
            return self.mails(email, subject)[after:]

        def instead() -> list[str]:
            return [str(each.message["subject"]) for each in self.site.post.to(email)]

        return until(found, what=f"the mail to {email}", instead=instead)[-1]

    def mails(self, email: str, subject: str) -> list[str]:
        """All mails to somebody with a subject that begins so, as text, their links to this server."""
        mails = [each for each in self.site.post.to(email) if str(each.message["subject"]).startswith(subject)]
        return [each.part("plain").replace(PUBLIC, self.site.url) for each in mails]

    def _sign_in(self, page: Page, email: str) -> None:
        page.goto(f"{self.site.url}/logga-in")
        self.sign_in(page, email)

    def sign_in(self, page: Page, email: str) -> None:
        """Sign in where one does, by the code of a mail."""
        before = len(self.mails(email, SIGN_IN))
        page.locator("[name=email]").fill(email)
        page.locator("[name=email]").press("Enter")
        page.wait_for_url("**/logga-in/kod*")
        code = re.search(r"\b\d{4} \d{4}\b", self.mailed(email, SIGN_IN, before))
        assert code is not None
        page.locator("[name=code]").fill(code[0])
        page.locator("button.main").click()
        page.wait_for_url("**/arbete*")
        in_order(page)


@contextmanager
def office_of(browser: Browser, database_url: str) -> Iterator[Office]:
    """The product without Slack, and browsers as large as a phone."""
    with serving(database_url) as site:
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


def press(page: Page, button: str) -> None:
    """Press a button, and come to a page that hinders nobody."""
    with page.expect_navigation():
        page.locator("main button").filter(has_text=whole(button)).first.click()
    in_order(page)


def send(page: Page) -> None:
    """Send the form that is open: it is taken, and the page that comes says what was done."""
    with page.expect_navigation():
        page.locator("button.main[value=send]").click()
    in_order(page)
    expect(page.get_by_role("status")).to_be_visible()


def named(page: Page, name: str) -> Locator:
    """The field of a question; some say in their names what they are about."""
    return page.locator(f"[id][name='{name}'], [id][name^='{name}.']").first


def order(office: Office, offer: str, by: str = "anna", **typed: str) -> str:
    """What somebody orders, from where her work begins to the end of the form."""
    page = office.at_home(by)
    follow(page, "Ny beställning")
    named(page, "offer").select_option(offer)
    with page.expect_navigation():
        page.locator("button[name=_do][value^='act kp.offers']").click()
    in_order(page)
    if "agent" in typed:
        named(page, "agent").select_option(typed.pop("agent"))
    for name, said in {"units": "Norr", "invoice_ref": "REF-1", **typed}.items():
        page.locator(f"[id][name='{name}']").fill(said)
    page.locator("[id][name=terms_accepted]").check()
    send(page)
    found = CASE.search(page.locator("main").inner_text())
    assert found is not None
    return found[0]


def decide(page: Page, action: str, **typed: str) -> None:
    """Open the form of an action, fill it in and send it."""
    follow(page, action)
    for name, said in typed.items():
        asked = page.locator(f"[id][name='{name}']")
        asked.check() if asked.get_attribute("type") == "checkbox" else asked.fill(said)
    send(page)


def is_over(page: Page, confirmed_by: str) -> None:
    """The case is over, and its history says who confirmed that it works."""
    expect(page.get_by_text("Ansluten", exact=True).first).to_be_visible()
    expect(page.get_by_text(f"{confirmed_by} bekräftade anslutningen").first).to_be_visible()
