"""What an administrator needs to install the app, and what the product keeps of it."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TypeVar

from playwright.sync_api import Browser, Page, expect

from bot.cli.account_cli import make_link
from bot.config.settings import DEMO_SECRET_KEY
from bot.demo.run import Demo
from core.storage.database.database import Database, open_database
from notifications.mail.link_addresses import link_to_install
from notifications.slack.token_seal import TokenSeal
from notifications.slack.workspaces import Workspace, Workspaces
from tests.flow.office import Office
from tests.flow.stage import aside
from tests.page.conftest import PATIENCE_MS

T = TypeVar("T")


def install_link(place: Demo, number: str, administrator: str) -> str:
    """The link that `kundportal install-link` prints for an administrator."""
    made = in_database(place, lambda database: make_link(database, number, administrator))
    assert made is not None
    return link_to_install(place.site, made.token)


@contextmanager
def at_a_desk(browser: Browser) -> Iterator[Page]:
    """An administrator's own browser, in Swedish."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="sv-SE")
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


def leave_for_slack(page: Page, link: str, organisation: str) -> None:
    """Open the link, and press the button that leads to Slack."""
    page.goto(link)
    expect(page.locator("main")).to_contain_text(f"Här installerar du Kundportalen i Slack för {organisation}.")
    page.get_by_role("button", name="Fortsätt till Slack").click()


def see_that_it_worked(page: Page, workspace: str) -> None:
    """Read what stands there when Slack has led back."""
    expect(page.get_by_role("status")).to_have_text("Kundportalen finns nu i er Slack")
    expect(page.locator("main")).to_contain_text(f"Appen är installerad i {workspace}.")


def workspaces(place: Demo) -> Sequence[Workspace]:
    """Where the app is, with the tokens that only the demo's key opens."""

    async def read(database: Database) -> Sequence[Workspace]:
        return await Workspaces(database, TokenSeal(DEMO_SECRET_KEY), lambda: datetime.now(UTC)).all()

    return in_database(place, read)


def in_database(place: Demo, deed: Callable[[Database], Awaitable[T]]) -> T:
    """What something comes to that is done beside the product."""

    async def done() -> T:
        database = open_database(place.database_url)
        try:
            return await deed(database)
        finally:
            await database.close()

    return aside(done())


def give_role(place: Demo, organisation: str, holder: dict[str, object]) -> None:
    """Let somebody have another role in an organisation."""
    office = Office(place.database_url, lambda: None)
    with ThreadPoolExecutor(1) as thread:
        thread.submit(office.organisation, organisation, people=[holder]).result()
