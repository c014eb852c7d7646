"""`kundportal drill` lets everything fail under load, ends well where all promises hold, and finds what is planted."""

import asyncio
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Executable, text, update
from typer.testing import CliRunner

from bot.acts.press import Wish
from bot.cli.commands import app
from bot.drill.crowd import CrowdMember, SentForm
from bot.drill.databases import NAME, DatabaseKind, MadeDatabase
from bot.drill.invariants import Invariant
from bot.drill.plan import IN_DATABASE, DrillPlan, Trouble
from bot.drill.run import DrillReport, fail_under_load, judge, standing
from bot.drill.stack import Fall
from bot.sandbox.box import Box
from bot.sandbox.world.world import Conversation, PostedMessage
from core.api import Action, CardId, CaseId, Seen
from core.storage import tables
from core.storage.database.database import open_database
from notifications.render.button_values import Pointer
from tests.contract.ledger import GUARDS
from tests.support.machines.large import LARGE
from tests.support.machines.patroni import three_machines
from tests.support.machines.postgres import Postgres
from tests.support.machines.product import PATIENCE

SHORT = ("--seconds", "6", "--presses", "10", "--troubles", "16", "--seed", "11")
# Of SQLite nobody can take the server away, and of one server no other takes the place.
ON_SQLITE = {*Trouble} - IN_DATABASE
ON_ONE_SERVER = {*Trouble} - {Trouble.FAILOVER}


def drill(folder: Path, *words: str, seconds: float = 6 * PATIENCE) -> subprocess.CompletedProcess[str]:
    """A drill in a process of its own, in a folder with a database of somebody's."""
    command = [sys.executable, "-m", "bot", "drill", *words]
    # What stands in the surroundings of a server must lead a drill nowhere.
    around = os.environ | {"DATABASE_URL": f"sqlite:///{folder}/of-the-server.db", "PYTHONPATH": os.getcwd()}
    return subprocess.run(command, cwd=folder, env=around, capture_output=True, text=True, check=False, timeout=seconds)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_promise_holds_while_everything_fails_on_sqlite(tmp_path):
    done = drill(tmp_path, *SHORT, "--report", "drill.json")

    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads((tmp_path / "drill.json").read_text("utf-8"))
    assert told["holds"]
    assert [each["invariant"] for each in told["judgements"]] == [*Invariant]
    assert {each["trouble"] for each in told["troubles"]} == ON_SQLITE
    assert sum(told["kills"].values()) > 0
    assert told["acknowledged"] + told["orders"] > 0
    assert [file.name for file in tmp_path.iterdir()] == ["drill.json"]


# A push cannot wait for it, and nothing is skipped there.
if LARGE:

    @pytest.mark.slow
    @pytest.mark.timeout(3_600)
    def test_every_promise_holds_while_two_hundred_things_fail_at_twenty_presses_a_second(tmp_path):
        long = ("--seconds", "600", "--presses", "20", "--troubles", "200")

        done = drill(tmp_path, "--database", "postgresql", *long, "--report", "drill.json", seconds=3_000)

        assert done.returncode == 0, done.stdout + done.stderr
        told = json.loads((tmp_path / "drill.json").read_text("utf-8"))
        assert {each["trouble"] for each in told["troubles"]} == ON_ONE_SERVER
        assert len(told["troubles"]) == 200

    @pytest.mark.slow
    @pytest.mark.timeout(3_600)
    def test_every_promise_holds_while_the_machine_of_the_primary_is_lost_again_and_again(tmp_path):
        with three_machines() as machines:
            loses = shlex.join([sys.executable, "-m", "tests.support.machines.patroni", str(machines.folder)])
            words = ("--server", machines.server, "--failover", loses, "--seconds", "240", "--troubles", "54")

            done = drill(tmp_path, *words, "--presses", "10", "--report", "drill.json", seconds=3_000)

        assert done.returncode == 0, done.stdout + done.stderr
        told = json.loads((tmp_path / "drill.json").read_text("utf-8"))
        assert [each["trouble"] for each in told["troubles"]].count(Trouble.FAILOVER) >= 3
        assert told["acknowledged"] + told["orders"] > 0


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_promise_holds_on_a_database_made_on_a_server_and_nothing_is_left_of_it(tmp_path, postgres):
    loses = shlex.join([sys.executable, "-c", "open('lost', 'a').write('once')"])

    done = drill(tmp_path, *SHORT, "--troubles", "17", "--server", address(postgres), "--failover", loses)

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("pass ") == len(Invariant)
    assert asyncio.run(databases(postgres.url())) == []
    assert (tmp_path / "lost").read_text("utf-8") == "once"


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_failover_that_does_not_come_about_ends_the_drill_and_is_named(tmp_path, postgres):
    short = ("--seconds", "1", "--troubles", "17")

    done = drill(tmp_path, *short, "--server", address(postgres), "--failover", "false")

    assert done.returncode == 2
    assert "What --failover names ended with an error: false" in done.stderr
    assert asyncio.run(databases(postgres.url())) == []


def address(server: Postgres) -> str:
    """The address of a server without a database, as an operator names it."""
    return server.url().replace("/postgres?", "/?")


async def databases(url: str) -> list[str]:
    """The databases of drills on a server."""
    database = open_database(url)
    named = text("SELECT datname FROM pg_database WHERE datname LIKE :name")
    try:
        return await database.read(lambda connection: [*connection.execute(named, {"name": f"{NAME}%"}).scalars()])
    finally:
        await database.close()


@pytest.mark.parametrize("address", ["postgresql://kundportal@127.0.0.1/kundportal", "sqlite:///kundportal.db"])
def test_no_database_but_its_own_is_touched(address):
    done = CliRunner().invoke(app, ["drill", "--server", address])

    assert done.exit_code == 2
    assert "a drill makes its own" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--failover", "true"), "--failover is for a server that --server names."),
        (("--server", "postgresql://localhost", "--failover", "it's"), "a quotation mark in it is not closed"),
        (("--server", "postgresql://localhost", "--failover", "no-such-command now"), "not there: no-such-command"),
    ],
)
def test_a_failover_of_nothing_is_refused_before_anything_begins(words, said):
    done = CliRunner().invoke(app, ["drill", *words])

    assert done.exit_code == 2
    assert said in done.stderr


@pytest.mark.slow
async def test_what_is_planted_after_a_drill_is_found_and_named(tmp_path):
    plan = DrillPlan(seed=5, seconds=1, presses=5, troubles=0)
    report = DrillReport(plan, DatabaseKind.SQLITE, datetime.now(UTC))
    made = MadeDatabase(f"sqlite:///{tmp_path}/drill.db")
    async with standing(made, tmp_path, plan.seconds) as stage:
        await fail_under_load(stage, plan, report, lambda _: None)
        await judge(stage, report)
        assert report.holds, report.judgements

        order = CaseId(next(iter(stage.told.orders.values())))
        never = Wish(Pointer("demo", CardId(""), order, Seen(99, 1)), Action.ATTEST, None)
        stage.told.forms.append(SentForm(CrowdMember("T0REGIONDEM", "U0BOEK00001"), never, is_acknowledged=True))
        lines = update(tables.history).where(tables.history.c.case_id == order)
        await change(made.url, *map(text, GUARDS["sqlite"]), lines.values(to_state="planted"))
        where, message = next(cards_in(stage.box))
        stage.box.board.change(where, message, text="Planted.")
        [process] = stage.processes
        process.falls.append(Fall(1, "Error: planted"))
        await process.begin()
        await judge(stage, report)

    wrong = {each.invariant: " ".join(each.wrong) for each in report.judgements}
    assert f"lost press=attest case={order} step=99" in wrong[Invariant.KEPT]
    assert f"state case={order}" in wrong[Invariant.ONCE]
    assert "stale card=" in wrong[Invariant.TRUE]
    assert "changed row=" in wrong[Invariant.REPLAYS]
    assert wrong[Invariant.RETURNS] == "ended=all-0 code=1 said=Error: planted"


async def change(url: str, *statements: Executable) -> None:
    """Change a database, as somebody would who has it in hand."""
    database = open_database(url)
    try:
        for each in statements:
            await database.write(lambda connection, statement=each: connection.execute(statement))
    finally:
        await database.close()


def cards_in(box: Box) -> Iterator[tuple[Conversation, PostedMessage]]:
    """Every message with blocks, and where it stands."""
    conversations = box.world.conversations.values()
    return ((each, message) for each in conversations for message in each.messages.values() if message.blocks)
