"""Somebody signs in in a browser, on a small screen and without scripts, and nothing on the way hinders anybody."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect

from bot.demo.run import bind
from core.api import Language
from tests.flow.slack import PATIENCE, until
from tests.page.conftest import PATIENCE_MS
from tests.page.site import now
from tests.page.test_site import SMALL, in_order
from tests.web.test_signing_in import BO_AT, Hall, open_hall


@dataclass
class Served:
    """Where the site answers, and the post that it sends."""

    url: str
    hall: Hall


@contextmanager
def serving(database_url: str) -> Iterator[Served]:
    halls, servers = [], []

    async def serve(listening) -> None:
        hall = await open_hall(database_url, now)
        server = uvicorn.Server(uvicorn.Config(hall.app, log_level="warning", access_log=False))
        halls.append(hall)
        servers.append(server)
        await server.serve([listening])
        await hall.database.close()

    with bind(0) as listening:
        thread = threading.Thread(target=lambda: asyncio.run(serve(listening)), daemon=True)
        thread.start()
        until(lambda: bool(servers) and servers[0].started, what="the site")
        yield Served(f"http://127.0.0.1:{listening.getsockname()[1]}", halls[0])
        servers[0].should_exit = True
        thread.join(PATIENCE)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(f"sqlite:///{tmp_path_factory.mktemp('signing') / 'site.db'}") as running:
        yield running


@contextmanager
def a_page(browser: Browser, **how) -> Iterator[Page]:
    context = browser.new_context(viewport=SMALL, locale="sv-SE", **how)
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


def ask(page: Page, site: Served, language: Language = Language.SV):
    """The mail that comes when somebody asks for one."""
    sent = len(site.hall.post.sent)
    page.goto(f"{site.url}/logga-in?lang={language}&next=%2Finloggningar%3Flang%3D{language}")
    page.locator("[name=email]").fill(BO_AT)
    page.locator("[name=email]").press("Enter")
    page.wait_for_url("**/logga-in/kod*")
    until(lambda: len(site.hall.post.sent) > sent, what="the mail")
    return site.hall.post.last


@pytest.mark.parametrize("language", Language)
def test_no_page_on_the_way_hinders_anybody(browser: Browser, site: Served, language: Language):
    with a_page(browser) as page:
        page.goto(f"{site.url}/logga-in?lang={language}")
        in_order(page)
        with page.expect_navigation():
            page.locator("button.main").click()
        in_order(page)
        expect(page.locator("#errors")).to_be_focused()
        letter, path, _ = ask(page, site, language)
        in_order(page)
        page.locator("[name=code]").fill("00000000")
        with page.expect_navigation():
            page.locator("button.main").click()
        in_order(page)
        page.goto(f"{site.url}{path.partition('?')[0]}?lang={language}")
        in_order(page)
        page.goto(f"{site.url}/i/nothing?lang={language}")
        in_order(page)
        page.goto(f"{site.url}/logga-in/kod?lang={language}&next=%2Finloggningar%3Flang%3D{language}")
        page.locator("[name=code]").fill(letter.code)
        page.locator("button.main").click()
        page.wait_for_url("**/inloggningar*")
        in_order(page)
        page.locator("button.main").click()
        page.wait_for_url("**/utloggad*")
        in_order(page)


def test_somebody_signs_in_by_the_code_and_out_again_with_the_keyboard_alone(browser: Browser, site: Served):
    with a_page(browser, java_script_enabled=False) as page:
        letter, _, _ = ask(page, site)
        page.locator("[name=code]").focus()
        page.keyboard.type(f"{letter.code[:4]} {letter.code[4:]}")
        page.keyboard.press("Enter")
        page.wait_for_url("**/inloggningar*")
        assert page.locator("h1").inner_text() == "Där du är inloggad"
        page.get_by_role("button", name="Logga ut överallt").press("Enter")
        page.wait_for_url("**/utloggad*")
        page.goto(f"{site.url}/inloggningar")

        assert page.locator("h1").inner_text() == "Logga in"


def test_the_link_signs_in_another_browser_by_its_button_alone(browser: Browser, site: Served):
    with a_page(browser, java_script_enabled=False) as asking, a_page(browser, java_script_enabled=False) as telephone:
        _, path, _ = ask(asking, site)
        telephone.goto(site.url + path)
        telephone.get_by_role("button", name="Logga in").click()
        telephone.wait_for_url("**/inloggningar*")

        assert telephone.get_by_text("Den här webbläsaren").is_visible()
        asking.goto(f"{site.url}/inloggningar")
        assert asking.locator("h1").inner_text() == "Logga in"
