"""A browser for the tests of the page, and a sandbox with a tiny app behind it."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from bot.sandbox.app import create_app
from bot.sandbox.server import serve
from tests.flow.slack import PATIENCE
from tests.flow.stage import unhurried
from tests.page.product import ANNA, BERTIL, CECILIA, TEAM, TOKEN, Json, Product, config

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# What a busy machine may take to show something; none of these tests is about how long that is.
PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)

PEOPLE: list[Json] = [
    {"id": ANNA, "name": "anna.berg", "real_name": "Anna Berg", "title": "Beställare, Region Exempel"},
    {"id": BERTIL, "name": "bertil.ek", "real_name": "Bertil Ek", "title": "Attestant, Region Exempel"},
    {"id": CECILIA, "name": "cecilia.dahl", "real_name": "Cecilia Dahl", "title": "Support", "locale": "en-GB"},
]


def chromium_path() -> str:
    """Where the browser is. Without one the test is skipped; with CI=true it fails."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found:
        return found
    reason = f"no browser on PATH ({', '.join(NAMES)})"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for a file of tests; each page has a profile of its own.

    Its driver keeps an event loop running in this thread, in which no test of another file could run one.
    """
    path = chromium_path()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=list(FLAGS), timeout=2 * PATIENCE_MS)
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page; whatever goes wrong in its scripts fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="sv-SE")
    context.set_default_timeout(PATIENCE_MS)
    opened, mistakes = context.new_page(), list[str]()
    opened.on("pageerror", lambda error: mistakes.append(str(error)))
    yield opened
    context.close()
    assert not mistakes


@dataclass
class Sandbox:
    """A running sandbox, and the app behind it."""

    base: str
    product: Product

    def post(self, channel: str, **message: Any) -> str:
        """Let the app post a message; gives its ts."""
        return self.call("chat.postMessage", channel=channel, **message)["ts"]

    def call(self, method: str, **arguments: Any) -> Json:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        answer = httpx.post(f"{self.base}/api/{method}", json=arguments, headers=headers, timeout=PATIENCE).json()
        assert answer["ok"], answer
        return answer

    def open(self, page: Page, *users: str, focus: str = "") -> None:
        page.goto(f"{self.base}/?team={TEAM}&users={','.join(users)}" + (f"&focus={focus}" if focus else ""))


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    product = Product()
    with serve(product.app) as app:
        slack = unhurried(config(f"{app}/slack/events", PEOPLE, limits=False))
        with serve(create_app(slack)) as base:
            product.base = base
            yield Sandbox(base, product)


def pane(page: Page, user: str) -> Locator:
    return page.locator(f"[data-user={user}]")
