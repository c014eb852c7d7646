"""Whoever builds on the API reads it in a browser, which asks nobody else for anything and complains of nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Page, expect

from bot.sandbox.server import serve
from bot.server.background import Tasks
from tests.flow.slack import PATIENCE
from tests.http.conftest import make_app


@pytest.fixture
def api() -> Iterator[str]:
    """Where the API answers. The description needs no database."""
    app, *_ = make_app(None, lambda: datetime.now(UTC), [], [], Tasks().start)
    with serve(app) as base:
        yield f"{base}/api/v1"


def test_every_operation_is_shown_and_nothing_leaves_the_server(page: Page, api: str):
    paths = httpx.get(f"{api}/openapi.json", timeout=PATIENCE).json()["paths"]
    told, asked = list[str](), set[str]()
    page.on("console", lambda message: told.append(f"{message.type}: {message.text}"))
    page.on("request", lambda request: asked.add(request.url))
    page.goto(f"{api}/docs")

    expect(page.locator(".opblock")).to_have_count(sum(map(len, paths.values())))
    place = page.locator("#operations-Orders-place_orders_post")
    place.locator("button").first.click()
    expect(place.get_by_text("Idempotency-Key").first).to_be_visible()
    expect(place.get_by_text("invoice_ref").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert {urlsplit(each).netloc for each in asked if not each.startswith("data:")} == {urlsplit(api).netloc}
    assert told == []
