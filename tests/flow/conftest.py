"""The product and the sandbox over loopback: real signatures, real Bolt, a database of its own for each test."""

import asyncio
import logging
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn

from bot.demo import run as demo
from bot.demo.run import Demo
from bot.main import build
from bot.sandbox.app import create_app
from bot.sandbox.server import Server
from tests.flow.book import Book
from tests.flow.definitions import strays
from tests.flow.people import OSCAR
from tests.flow.slack import Slack, until
from tests.flow.wire import Wire

TEAM = "T0KUNDDEMO1"


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the demo's people and offers, to be copied."""
    path = tmp_path_factory.mktemp("demo") / "prepared.db"
    with demo.bind(0) as product, demo.bind(0) as page:
        asyncio.run(demo.prepare(Demo(f"sqlite:///{path}", product, page)))
    return path


@pytest.fixture
def place(prepared: Path, tmp_path: Path) -> Iterator[Demo]:
    """Where this test's product and sandbox run."""
    path = shutil.copy(prepared, tmp_path / "demo.db")
    with demo.bind(0) as product, demo.bind(0) as page:
        yield Demo(f"sqlite:///{path}", product, page)


@pytest.fixture
def slack(place: Demo, caplog: pytest.LogCaptureFixture) -> Iterator[Slack]:
    """The sandbox as its page uses it, with the product behind it; nothing may go wrong unheard."""
    config = place.sandbox()
    with (
        running(Server(create_app(config), 0), place.page),
        running(product_server(place), place.product),
        httpx.Client(base_url=place.address, timeout=15) as http,
    ):
        slack = Slack(http, TEAM)
        # The workspace is known once the product has asked Slack whose token it holds.
        until(lambda: slack.person(OSCAR).opens_home() == 200, what="the workspace")
        yield slack
        assert strays(slack.log()["calls"]) == []
    mistakes = [record for record in caplog.records if record.levelno >= logging.ERROR or record.exc_info]
    assert not mistakes, [(record.name, record.getMessage(), record.exc_info) for record in mistakes]


@pytest.fixture
def wire(place: Demo, slack: Slack) -> Iterator[Wire]:
    """A way to send the product whatever one likes."""
    config = place.sandbox()
    with httpx.Client(timeout=15) as http:
        yield Wire(config.request_url, config.signing_secret, http)


@pytest.fixture
def book(place: Demo) -> Book:
    """What the database says, whatever Slack shows."""
    return Book(place.database_url)


def product_server(place: Demo, **changed: object) -> uvicorn.Server:
    """The product's server, with settings changed."""
    settings = place.settings(place.sandbox()).model_copy(update=changed)
    return uvicorn.Server(uvicorn.Config(build(settings), log_level="warning", access_log=False, lifespan="on"))


@contextmanager
def running(server: uvicorn.Server, listening) -> Iterator[None]:
    """A server in a thread of its own, on a socket that is bound."""
    thread = threading.Thread(target=asyncio.run, args=(server.serve([listening]),), daemon=True)
    thread.start()
    try:
        until(lambda: server.started, what="a server")
        yield
    finally:
        server.should_exit = True
        thread.join(timeout=30)
