"""Starting and stopping: Slack may be away, the database may not, and a demo ends when asked."""

import asyncio
import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError
from starlette.middleware.base import RequestResponseEndpoint

from bot import main
from bot.config.settings import Settings
from bot.demo import run as demo
from bot.demo.run import Demo
from bot.main import NotMigrated, Product
from bot.sandbox.app import create_app
from bot.sandbox.server import Server
from bot.server.duties import Duty
from bot.tracing.spans import Traces
from core.api import EidMethod, TryAgain, Unsure
from notifications.accounts.directory import LOOK_ONCE_MORE_SECONDS
from notifications.slack.slack_gateway import TIMEOUT_SECONDS
from tests.flow.people import ANNA, BO, DAVID, FARID, GRACE, OSCAR, fill, open_form, place_order
from tests.flow.slack import PATIENCE, Slack, case_in, says, until
from tests.flow.stage import product, running, sandbox, unhurried
from tests.support.machines.product import PATIENCE as START
from tests.support.world import contact

ROOT = Path(__file__).parents[2]


def test_the_demo_says_where_it_is_takes_free_ports_and_ends_quietly() -> None:
    command = [sys.executable, "-m", "bot", "demo", "--port", "0", "--page-port", "0"]
    environment = os.environ | {"PYTHONUNBUFFERED": "1", "LANGUAGE": "en_US:en"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        address = next(found[0] for found in (re.search(r"http://[\d.]+:\d+", line) for line in lines) if found)

        people = httpx.get(f"{address}/sandbox/world", timeout=PATIENCE).json()["workspaces"][0]["users"]
        process.send_signal(signal.SIGINT)
        told = process.stdout.read()

    assert len(people) >= 12
    assert process.returncode == 0
    assert told.rstrip().endswith("Stopped.")
    assert "Traceback" not in told


def test_the_product_serves_while_slack_is_away_and_asks_again(place: Demo) -> None:
    with sandbox(place) as slack:
        slack.faults(faults=[{"kind": "server_error", "method": "auth.test"}])
        with product(place):
            until(lambda: [each["ok"] for each in slack.log()["calls"]].count(False) >= 2, what="a second try")
            assert slack.person(OSCAR).opens_home() == 403

            slack.faults(faults=[])
            until(lambda: slack.person(OSCAR).opens_home() == 200, what="the workspace")

            place_order(slack, "npo-producent")
            slack.person(BO).message("Attestera")


def test_a_yes_while_slack_is_silent_is_answered_in_time_and_counts_when_it_comes_again(place: Demo) -> None:
    assert place.sandbox().ack_timeout > LOOK_ONCE_MORE_SECONDS
    # For a busy machine Slack waits longer than that here, and still not for as long as we wait for Slack.
    with sandbox(place, ack_timeout=TIMEOUT_SECONDS - 2) as slack, product(place, in_time=True):
        david = slack.person(DAVID)
        until(lambda: david.command()["status"] == 200, what="the workspace")
        asked = david.message("Är det du?")
        slack.faults(faults=[{"kind": "timeout_before", "method": "users.info", "times": 1}])

        assert david.press(asked, "kp.link_yes")["ok"]

        assert david.message("Inget har registrerats")["ephemeral"]
        david.press(asked, "kp.link_yes")
        david.message("Välkommen, David Lind")


def test_what_was_acknowledged_before_a_stop_is_shown_after_the_start(place: Demo) -> None:
    port = place.product.getsockname()[1]
    with sandbox(place) as slack:
        with product(place):
            until(lambda: slack.person(BO).opens_home() == 200, what="the workspace")
            slack.faults(faults=[{"kind": "server_error", "method": "chat.postMessage"}])
            anna = slack.person(ANNA)
            form = open_form(anna, "npo-producent")
            assert anna.submit(form, **fill(form, "npo-producent"))["response_action"] == "update"
        slack.faults(faults=[])

        # The product closed its socket when it stopped, as a process does.
        with demo.bind(port) as again, product(replace(place, product=again)):
            slack.person(BO).message("Attestera")


def test_a_card_that_slack_takes_while_it_stops_still_shows_on_its_readers_home_tab(place: Demo) -> None:
    with (
        running(Server(slow(create_app(unhurried(place.sandbox()))), 0), place.page),
        httpx.Client(base_url=place.address, timeout=PATIENCE) as http,
    ):
        slack = Slack(http)
        farid, grace = slack.person(FARID), slack.person(GRACE)
        with product(place):
            until(lambda: grace.opens_home() == 200, what="the workspace")
            grace.home_now("Nothing is waiting")
            farid.command("new")
            farid.choose(farid.modal(), "kp.offers", "npo-producent")
            form = farid.modal("SEK")
            farid.submit(form, **fill(form, "npo-producent"))
            asked = grace.message("Attest")

        assert case_in(asked) in says(grace.state()["home"])


def slow(slack: FastAPI) -> FastAPI:
    """Slack shows a message at once and says so a second later."""

    @slack.middleware("http")
    async def late(request: Request, answer: RequestResponseEndpoint) -> Response:
        answered = await answer(request)
        await asyncio.sleep(request.url.path == "/api/chat.postMessage")
        return answered

    return slack


async def test_a_database_without_its_schema_is_not_served(place: Demo, tmp_path: Path) -> None:
    settings = place.settings(place.sandbox()).model_copy(update={"database_url": f"sqlite:///{tmp_path / 'new.db'}"})

    with pytest.raises(NotMigrated):
        async with main.running(settings):
            pass


def test_the_version_before_serves_a_schema_that_a_later_one_has_added_to(place: Demo) -> None:
    with closing(sqlite3.connect(make_url(place.database_url).database or "")) as database:
        database.execute("ALTER TABLE cases ADD COLUMN later VARCHAR")
        database.execute("ALTER TABLE cards ADD COLUMN later BOOLEAN NOT NULL DEFAULT false")
        database.execute("CREATE TABLE later (id INTEGER PRIMARY KEY)")
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()

    with sandbox(place) as slack, product(place):
        until(lambda: slack.person(BO).opens_home() == 200, what="the workspace")
        case = place_order(slack, "npo-producent")
        bo = slack.person(BO)
        asked = bo.message("Attestera", case)
        bo.press(asked, "kp.attest")
        bo.submit(bo.modal())
        bo.message("Attesterad av Bo Ek", case)


async def test_a_start_that_fails_leaves_nothing_at_work(place: Demo) -> None:
    with closing(sqlite3.connect(make_url(place.database_url).database or "")) as database:
        database.execute("ALTER TABLE workspaces RENAME TO elsewhere")
    before = asyncio.all_tasks()

    with pytest.raises(OperationalError):
        async with main.running(place.settings(place.sandbox())):
            pass

    assert asyncio.all_tasks() == before


@pytest.mark.parametrize("lost", [TryAgain, Unsure])
async def test_a_start_waits_for_a_database_that_is_on_its_way_up(
    place: Demo, monkeypatch: pytest.MonkeyPatch, lost: type[Exception]
) -> None:
    begun = losing(monkeypatch, lost(), times=2)
    app = main.build(place.settings(place.sandbox()))

    async with app.router.lifespan_context(app):
        assert begun == [1, 2, 3]


async def test_a_start_waits_for_half_a_minute_and_no_longer(place: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    assert 30 <= sum(main.START_PAUSES) <= 40
    begun = losing(monkeypatch, TryAgain(), times=100)
    app = main.build(place.settings(place.sandbox()))

    with pytest.raises(TryAgain):
        async with app.router.lifespan_context(app):
            pass

    assert len(begun) == len(main.START_PAUSES) + 1


def losing(monkeypatch: pytest.MonkeyPatch, lost: Exception, *, times: int) -> list[int]:
    """Let the database be lost so many times as the product begins, with no pauses between; how often it began."""
    begun: list[int] = []
    begin = main.running

    @asynccontextmanager
    async def stumbling(
        settings: Settings, eid: EidMethod | None, duties: frozenset[Duty], traces: Traces
    ) -> AsyncIterator[Product]:
        begun.append(len(begun) + 1)
        if len(begun) <= times:
            raise lost
        async with begin(settings, eid, duties, traces) as started:
            yield started

    monkeypatch.setattr(main, "running", stumbling)
    monkeypatch.setattr(main, "START_PAUSES", tuple(0.0 for _ in main.START_PAUSES))
    return begun


def test_a_database_that_cannot_be_opened_is_said_in_one_line(tmp_path: Path) -> None:
    # A folder is there, and no file.
    env = os.environ | {"DATABASE_URL": f"sqlite:///{tmp_path}", **SETTINGS}
    command = [sys.executable, "-m", "bot", "serve", "--port", "0"]

    ended = subprocess.run(command, env=env, capture_output=True, text=True, timeout=START, check=False)

    assert ended.returncode == 2
    assert ended.stderr.startswith(f"DATABASE_URL: {tmp_path} cannot be used: ")
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("options", [("--workers", "2"), ("--only", "relay")], ids=" ".join)
def test_sqlite_serves_no_second_process(tmp_path: Path, options: tuple[str, ...]) -> None:
    env = os.environ | {"DATABASE_URL": f"sqlite:///{tmp_path / 'new.db'}", **SETTINGS}
    command = [sys.executable, "-m", "bot", "serve", "--port", "0", *options]

    ended = subprocess.run(command, env=env, capture_output=True, text=True, timeout=START, check=False)

    assert ended.returncode == 2
    assert ended.stderr == "SQLite serves one process that does everything: for --workers and --only, use PostgreSQL.\n"


SETTINGS = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_SIGNING_SECRET": "a-signing-secret-of-the-tests",
    "SLACK_CHANNEL": "C0123456789",
    "PORTAL_URL": "https://portal.example.org",
    **contact.ENVIRONMENT,
    "SECRET_KEY": "of-the-tests-and-of-nobody-else-at-all",
    "ENVIRONMENT": "test",
}
