"""The process says that it lives, and of each of its parts how it is: what is wrong, since when, and nothing secret."""

import asyncio
import os
import shutil
import signal
import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import make_url, text

from core import http
from core.api import HEALTHY, FaultCode, HealthLog, HealthPart, PartFinding, PartState, failing
from core.http.health import MEANINGS
from core.storage import migrations
from core.storage.database import postgresql
from core.storage.database.database import Database, open_database
from core.storage.database.database_checks import WriterCheck, database_checks
from core.storage.database.timeouts import UNHURRIED
from tests.contract.meters import metered
from tests.fakes.clock import FakeClock
from tests.support.machines.postgres import Postgres
from tests.support.world.seed import NOW

ROOT = Path(__file__).parents[2]
OPERATING = (ROOT / "docs" / "operating.md").read_text("utf-8")
NONE: dict[HealthPart, float] = {}
OTHERS = (HealthPart.SLACK, HealthPart.MAIL, HealthPart.RELAY)


class Says:
    """A part that says of itself what it is told to."""

    def __init__(self, finding: PartFinding) -> None:
        self.finding = finding

    async def look(self) -> PartFinding:
        return self.finding


class Silent:
    """A part that never answers, however often it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.is_asked = asyncio.Event()

    async def look(self) -> PartFinding:
        self.asked += 1
        self.is_asked.set()
        await asyncio.Event().wait()
        raise AssertionError("nobody sets it")


class Crashes:
    """A part that cannot even be looked at; what it says of that holds a secret."""

    async def look(self) -> PartFinding:
        raise KeyError("xoxb-secret")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
async def empty(database_url: str) -> AsyncIterator[Database]:
    opened = open_database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def database(empty: Database) -> Database:
    await migrations.upgrade_database(empty)
    return empty


# So that only what is silent is given up, however slow the machine is.
PATIENT = dict.fromkeys(HealthPart, 60.0)


def checks_of(database: Database, clock=lambda: NOW, others=None, limits=NONE, **otherwise) -> http.HealthChecks:
    checks = database_checks(database) | (others or {})
    return http.HealthChecks(checks, HealthLog(clock), limits=PATIENT | limits, **{"fresh": 0.0, **otherwise})


def client_of(database: Database, *args, client="127.0.0.1", **otherwise) -> httpx.AsyncClient:
    app = FastAPI()
    app.include_router(http.health(checks_of(database, *args, **otherwise)))
    transport = httpx.ASGITransport(app, client=(client, 50000))
    return httpx.AsyncClient(transport=transport, base_url="http://kundportal.test")


async def asked(client: httpx.AsyncClient) -> tuple[int, str, dict]:
    answer = await client.get("/readyz")
    return answer.status_code, answer.json()["status"], answer.json()["parts"]


def codes(parts: dict) -> dict:
    """What is not well."""
    return {part: found.get("code", found["state"]) for part, found in parts.items() if found["state"] != "ok"}


async def test_a_database_at_the_newest_schema_makes_it_ready(database: Database):
    status, said, parts = await asked(client_of(database))

    assert (status, said) == (200, "ready")
    assert parts == {name: {"state": "ok"} for name in ("database", "migrations", "writer")}


async def test_it_lives_while_the_database_is_away(empty: Database):
    assert (await client_of(empty).get("/healthz")).json() == {"status": "ok"}


@pytest.mark.parametrize(("revision", "code"), [(None, "migrations_missing"), ("0005", "migrations_older")])
async def test_a_database_that_was_not_migrated_is_told_from_one_that_is_behind(empty: Database, revision, code):
    if revision is not None:
        await migrations.upgrade_database(empty, revision)

    status, said, parts = await asked(client_of(empty))

    assert (status, said, codes(parts)) == (503, "unavailable", {"migrations": code})
    assert parts["migrations"]["about"] == {"database": revision or "", "program": migrations.newest()}


async def test_an_older_program_says_that_the_database_is_ahead_of_it(database: Database):
    await _ahead(database, oldest_program="9999")

    status, _, parts = await asked(client_of(database))

    assert (status, codes(parts)) == (503, {"migrations": "migrations_newer"})
    assert parts["migrations"]["message"] == MEANINGS[FaultCode.MIGRATIONS_NEWER]


async def test_a_program_that_may_run_on_a_newer_schema_is_ready(database: Database):
    await _ahead(database, oldest_program=migrations.newest())

    assert (await asked(client_of(database)))[:2] == (200, "ready")


async def _ahead(database: Database, **oldest: str | None) -> None:
    await database.write(lambda c: c.execute(text("UPDATE alembic_version SET version_num = '9999'")).close())
    support = text("UPDATE schema_support SET oldest_program = :oldest_program")
    await database.write(lambda c: c.execute(support, oldest).close())


async def test_a_database_that_does_not_answer_hides_what_it_would_be_asked():
    database = open_database("postgresql://nobody:secret@127.0.0.1:1/nothing")
    answer = await client_of(database).get("/readyz")
    await database.close()

    assert answer.status_code == 503
    assert codes(answer.json()["parts"]) == {
        "database": "database_unreachable", "migrations": "unknown", "writer": "unknown",
    }  # fmt: skip
    assert "secret" not in answer.text


async def test_a_dropped_database_is_said_and_one_that_comes_back_too(postgres: Postgres, clock, caplog):
    caplog.set_level("INFO", "core.ports.health")
    url = postgres.create("test_health_dropped")
    database = open_database(url)
    await migrations.upgrade_database(database)
    client = client_of(database, clock)
    before = await asked(client)
    await asyncio.to_thread(postgres.drop, "test_health_dropped")

    _, said, parts = await asked(client)
    clock.forward(minutes=1)
    _, _, later = await asked(client)
    await asyncio.to_thread(postgres.create, "test_health_dropped")
    await asyncio.to_thread(migrations.upgrade, url)
    after = await asked(client)
    await database.close()
    await asyncio.to_thread(postgres.drop, "test_health_dropped")

    assert (before[1], said, after[1]) == ("ready", "unavailable", "ready")
    assert parts["database"]["code"] == "database_unreachable"
    assert parts["database"]["since"] == later["database"]["since"] == "2026-11-25T09:00:00Z"
    assert [record.getMessage().split()[0] for record in caplog.records if record.name == "core.ports.health"] == [
        "part_failing", "part_recovered",
    ]  # fmt: skip


async def test_a_database_that_is_silent_is_not_waited_for(fresh_postgres_url: str):
    database = open_database(fresh_postgres_url, pool_size=1)
    await migrations.upgrade_database(database)
    server = await database.inspect(lambda connection: connection.scalar(text("SELECT pg_backend_pid()")))
    os.kill(server, signal.SIGSTOP)
    try:
        status, _, parts = await asked(client_of(database, limits={HealthPart.DATABASE: 0.2}))
    finally:
        os.kill(server, signal.SIGCONT)
    await database.close()

    assert (status, parts["database"]["code"]) == (503, "database_unreachable")
    assert parts["database"]["about"] == {"error": "silence"}


class MovingFile:
    """A database's file, which somebody takes away and puts back."""

    def __init__(self, path: Path) -> None:
        self.path, self.elsewhere = path, path.with_name("elsewhere.db")

    def take_away(self) -> None:
        self.path.rename(self.elsewhere)

    def put_a_copy(self) -> None:
        shutil.copy(self.elsewhere, self.path)

    def put_back(self) -> None:
        self.elsewhere.rename(self.path)

    def is_there(self) -> bool:
        return self.path.exists()


@pytest.fixture
def file(fresh_sqlite_url: str) -> MovingFile:
    return MovingFile(Path(make_url(fresh_sqlite_url).database or ""))


async def test_a_file_that_was_taken_away_is_said_and_not_made_anew(fresh_sqlite_url: str, file: MovingFile):
    database = open_database(fresh_sqlite_url)
    await migrations.upgrade_database(database)
    client = client_of(database)
    ready = await asked(client)
    file.take_away()

    status, said, parts = await asked(client)
    was_made = file.is_there()
    file.put_a_copy()
    replaced = await asked(client)
    file.put_back()
    back = await asked(client)
    await database.close()

    assert (ready[0], status, said, was_made) == (200, 503, "unavailable", False)
    assert codes(parts)["database"] == "database_missing"
    assert (replaced[0], codes(replaced[2])["database"]) == (503, "database_replaced")
    assert back[0] == 200


async def test_a_file_that_was_gone_before_anybody_read_is_not_made_by_asking(fresh_sqlite_url: str, file: MovingFile):
    database = open_database(fresh_sqlite_url)
    file.take_away()

    _, _, parts = await asked(client_of(database))
    await database.close()

    assert codes(parts)["database"] == "database_missing"
    assert not file.is_there()


async def test_a_writer_that_has_ended_is_said_while_reads_still_answer(fresh_sqlite_url: str):
    database = open_database(fresh_sqlite_url)
    await migrations.upgrade_database(database)
    client = client_of(database)
    before = await asked(client)

    async with asyncio.timeout(60):
        await asyncio.gather(database.write(_ends_its_thread), return_exceptions=True)
        status, _, parts = await asked(client)
        await database.close()

    assert (before[0], status, codes(parts)) == (200, 503, {"writer": "writer_ended"})


def _ends_its_thread(_):
    raise SystemExit


async def test_a_writer_that_another_process_keeps_waiting_is_said(fresh_sqlite_url: str):
    path = make_url(fresh_sqlite_url).database or ""
    database = open_database(fresh_sqlite_url)
    await migrations.upgrade_database(database)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    status, _, parts = await asked(client_of(database, limits={HealthPart.WRITER: 0.2}))
    other.execute("ROLLBACK")
    other.close()
    after = await asked(client_of(database))
    await database.close()

    assert (status, codes(parts)) == (503, {"writer": "writer_silent"})
    assert after[0] == 200


async def test_a_standby_is_read_from_and_takes_no_presses(fresh_postgres_url: str, postgres: Postgres):
    name = make_url(fresh_postgres_url).database
    migrations.upgrade(fresh_postgres_url)
    await asyncio.to_thread(postgres.run, f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    database = open_database(fresh_postgres_url)

    status, _, parts = await asked(client_of(database))
    await database.close()

    assert (status, codes(parts)) == (503, {"writer": "writer_read_only"})


async def test_asking_writes_nothing_to_the_disk(fresh_sqlite_url: str):
    path = Path(make_url(fresh_sqlite_url).database or "")
    async with metered(fresh_sqlite_url) as (meter, url):
        database = open_database(url)
        await migrations.upgrade_database(database)
        client = client_of(database)
        await asked(client)
        before = [os.stat(f"{path}{end}").st_mtime_ns for end in ("", "-wal")]
        meter.clear()

        await asked(client)

        after = [os.stat(f"{path}{end}").st_mtime_ns for end in ("", "-wal")]
        words = meter.words()
        await database.close()
    assert after == before
    assert not {"INSERT", "UPDATE", "DELETE"} & set(words)
    assert len(words) <= 8


async def test_those_who_ask_at_once_are_one_question(database: Database, clock):
    counted = Says(HEALTHY)
    looks = []

    class Counts:
        async def look(self) -> PartFinding:
            looks.append(1)
            return await counted.look()

    client = client_of(database, others={HealthPart.SLACK: Counts()}, fresh=60.0)
    await asyncio.gather(*(asked(client) for _ in range(5)))

    assert looks == [1]


async def test_those_who_ask_while_a_part_is_silent_wait_for_one_question_though_one_of_them_leaves(database: Database):
    silent = Silent()
    checks = checks_of(database, others={HealthPart.SLACK: silent}, limits={HealthPart.SLACK: 0.5})
    askers = [asyncio.create_task(checks.findings()) for _ in range(5)]
    await silent.is_asked.wait()
    askers[0].cancel()
    left, *answers = await asyncio.gather(*askers, return_exceptions=True)

    assert isinstance(left, asyncio.CancelledError)
    assert [answer[HealthPart.SLACK].code for answer in answers] == [FaultCode.CHECK_FAILED] * 4
    assert silent.asked == 1


async def test_an_answer_that_took_its_time_is_fresh_from_when_it_was_given(database: Database):
    seconds = [0]
    asked = []

    class Slow:
        async def look(self) -> PartFinding:
            asked.append(seconds[0])
            seconds[0] += 4
            return HEALTHY

    checks = checks_of(database, others={HealthPart.SLACK: Slow()}, fresh=2.0, elapsed=lambda: seconds[0])
    await checks.findings()
    seconds[0] += 1
    await checks.findings()
    seconds[0] += 1
    await checks.findings()

    assert asked == [0, 6]


async def test_a_process_whose_connections_are_all_at_work_is_ready(fresh_postgres_url: str, monkeypatch):
    # Whoever waits for a turn does so until it is looked at.
    monkeypatch.setattr(postgresql, "TURN_SECONDS", 600)
    database = open_database(fresh_postgres_url, pool_size=2, limits=UNHURRIED)
    await migrations.upgrade_database(database)
    sleeping = text("SELECT pg_sleep(600)")
    held = [asyncio.create_task(database.read(lambda connection: connection.execute(sleeping))) for _ in range(2)]
    await asyncio.sleep(0)
    waiting = asyncio.create_task(database.read(lambda _: None))

    status, said, parts = await asked(client_of(database))
    was_busy = not waiting.done()
    for task in (*held, waiting):
        task.cancel()
    await asyncio.gather(*held, waiting, return_exceptions=True)
    await database.close()

    assert (status, said, codes(parts), was_busy) == (200, "ready", {}, True)


async def test_a_connection_that_had_ended_is_no_fault_of_the_writer():
    tried = []

    class BrokenOnce:
        async def try_writer(self) -> None:
            tried.append(1)
            if len(tried) == 1:
                raise ConnectionResetError

    found = await WriterCheck(BrokenOnce()).look()

    assert (found, tried) == (HEALTHY, [1, 1])


FORWARDED = {"X-Forwarded-For": "127.0.0.1"}, {"Forwarded": "for=127.0.0.1"}, {"X-Real-IP": "127.0.0.1"}
ELSEWHERE = [
    ("203.0.113.5", {}),
    ("::ffff:203.0.113.5", {}),
    ("a-socket", {}),
    *(("127.0.0.1", each) for each in FORWARDED),
]


@pytest.mark.parametrize(("client", "headers"), ELSEWHERE)
async def test_whoever_asks_from_elsewhere_hears_what_is_wrong_and_nothing_of_whom(database: Database, client, headers):
    wrong = Says(failing(FaultCode.SLACK_TOKEN_REFUSED, {"slack:T0INERA": "token_revoked"}))
    asking = client_of(database, others={HealthPart.SLACK: wrong}, client=client)

    answer = (await asking.get("/readyz", headers=headers)).json()

    assert answer["status"] == "degraded"
    assert answer["parts"]["slack"] == {"state": "failing", "code": "slack_token_refused"}


@pytest.mark.parametrize("client", ["127.0.0.1", "::1"])
async def test_whoever_asks_on_the_machine_hears_the_whole(database: Database, client):
    wrong = Says(failing(FaultCode.SLACK_TOKEN_REFUSED, {"slack:T0INERA": "token_revoked"}))
    asking = client_of(database, others={HealthPart.SLACK: wrong}, client=client)

    _, _, parts = await asked(asking)

    assert parts["slack"]["about"] == {"slack:T0INERA": "token_revoked"}


@pytest.mark.parametrize("part", OTHERS)
async def test_presses_are_sent_here_whatever_else_is_wrong(database: Database, part):
    wrong = Says(failing(FaultCode.CARDS_LATE, {"error": "x"}, NOW - timedelta(minutes=7)))

    status, said, parts = await asked(client_of(database, others={part: wrong}))

    assert (status, said) == (200, "degraded")
    assert parts[part] == {
        "state": "failing",
        "code": "cards_late",
        "message": MEANINGS[FaultCode.CARDS_LATE],
        "about": {"error": "x"},
        "since": "2026-11-25T08:53:00Z",
    }


@pytest.mark.parametrize(("check", "why"), [(Silent(), "silence"), (Crashes(), "KeyError")])
async def test_a_part_that_cannot_be_looked_at_holds_up_nothing_and_tells_no_secret(database: Database, check, why):
    limits = {HealthPart.RELAY: 0.2} if why == "silence" else NONE
    answer = await client_of(database, others={HealthPart.RELAY: check}, limits=limits).get("/readyz")

    found = answer.json()["parts"]["relay"]
    assert (answer.status_code, found["code"], found["about"]) == (200, "check_failed", {"error": why})
    assert "xoxb" not in answer.text


def test_each_change_is_logged_once_and_learning_nothing_is_none(clock, caplog):
    caplog.set_level("INFO")
    health_log = HealthLog(clock)
    refused = failing(FaultCode.SLACK_TOKEN_REFUSED, {"slack:T1": "token_revoked"})
    both = failing(FaultCode.SLACK_TOKEN_REFUSED, {"slack:T1": "token_revoked", "slack:T2": "invalid_auth"})

    for finding in (HEALTHY, refused, refused, PartFinding(PartState.UNKNOWN), refused, both, HEALTHY, HEALTHY):
        health_log.note(HealthPart.SLACK, finding)

    assert [record.getMessage() for record in caplog.records] == [
        "part_failing part=slack code=slack_token_refused about=slack:T1:token_revoked",
        "part_failing part=slack code=slack_token_refused about=slack:T1:token_revoked,slack:T2:invalid_auth",
        "part_recovered part=slack code=slack_token_refused",
    ]


def test_a_part_that_fails_of_something_else_does_so_since_then(clock):
    health_log = HealthLog(clock)
    first = health_log.note(HealthPart.MAIL, failing(FaultCode.MAIL_UNREACHABLE)).since
    clock.forward(minutes=1)
    same = health_log.note(HealthPart.MAIL, failing(FaultCode.MAIL_UNREACHABLE)).since
    other = health_log.note(HealthPart.MAIL, failing(FaultCode.MAIL_REFUSED)).since

    assert (first, same, other) == (NOW, NOW, NOW + timedelta(minutes=1))


@pytest.mark.parametrize("code", FaultCode)
def test_every_fault_has_a_sentence_and_a_line_in_the_operators_table(code: FaultCode):
    (line,) = [line for line in OPERATING.splitlines() if line.startswith(f"| `{code}` |")]

    means, do = line.strip("| ").split(" | ")[1:]
    assert MEANINGS[code].endswith(".")
    assert len(means) > 20
    assert len(do) > 10


def test_the_operators_table_knows_no_fault_that_is_none():
    begun = OPERATING.split("### What `/readyz` says", 1)[1].split("\n##", 1)[0]
    named = {line.split("`")[1] for line in begun.splitlines() if line.startswith("| `")}

    assert named == set(FaultCode)
