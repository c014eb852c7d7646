"""The product and the sandbox over loopback: real signatures, real Bolt, a database of its own for each test."""

import io
import logging
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bot.demo.run import Demo
from bot.server.fact_lines import FactLines
from tests.flow.book import Book
from tests.flow.definitions import strays
from tests.flow.office import Office
from tests.flow.slack import PATIENCE, Slack
from tests.flow.stage import at_a_place, playing, prepare
from tests.flow.wire import Wire


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the demo's people and offers."""
    return prepare(tmp_path_factory.mktemp("demo") / "prepared.db")


@pytest.fixture
def place(prepared: Path, tmp_path: Path) -> Iterator[Demo]:
    """Where this test's product and sandbox run."""
    with at_a_place(prepared, tmp_path) as place:
        yield place


@pytest.fixture
def slack(place: Demo, caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest) -> Iterator[Slack]:
    """The sandbox as its page uses it, with the product behind it; only what a test is about may go wrong."""
    with playing(place) as slack:
        yield slack
        assert strays(slack.log()["calls"]) == []
    may = {name for mark in request.node.iter_markers("may_go_wrong") for name in mark.args}
    heard = [record for when in ("setup", "call", "teardown") for record in caplog.get_records(when)]
    mistakes = [record for record in heard if record.levelno >= logging.ERROR or record.exc_info]
    unforeseen = [record for record in mistakes if record.getMessage().partition(" ")[0] not in may]
    assert not unforeseen, [(record.name, record.getMessage(), record.exc_info) for record in unforeseen]


@pytest.fixture
def wire(place: Demo, slack: Slack) -> Iterator[Wire]:
    """A way to send the product whatever one likes."""
    config = place.sandbox()
    with httpx.Client(timeout=PATIENCE, verify=False) as http:
        yield Wire(config.request_url, config.signing_secret, http)


@pytest.fixture
def office(place: Demo, slack: Slack) -> Office:
    """A way to change what stands around the orders."""
    return Office(place.database_url, slack.tick)


@pytest.fixture
def book(place: Demo) -> Book:
    """What the database says, whatever Slack shows."""
    return Book(place.database_url)


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[io.StringIO]:
    """The log as `serve` writes it."""
    caplog.set_level("INFO")
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(FactLines("%(message)s"))
    # What asks the sandbox here is no part of the product.
    handler.addFilter(lambda record: record.name != "httpx")
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)
