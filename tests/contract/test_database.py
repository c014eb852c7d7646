"""What the rest of the product may expect of a database, whatever happens to its connections."""

import asyncio
import gc
import os
import signal
import subprocess
import sys
import threading
import warnings
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text

from core.api import RETENTION, Personal, TryAgain
from core.storage.database import postgresql
from core.storage.database.database import open_database
from core.storage.database.postgresql import CLOSE_SECONDS
from core.storage.database.sessions import Constant
from core.storage.database.sqlite import BATCH, WriterEnded
from core.storage.database.timeouts import UNHURRIED, TimeLimits
from core.storage.register.rows import lock_register
from core.storage.retention.purging import Purge, PurgeStep
from tests.contract.commits import writing
from tests.support.machines.copies import PATIENT
from tests.support.machines.postgres import Postgres

ROOT = Path(__file__).parents[2]
HERE = Constant("SELECT pg_backend_pid()")
BREAK = Constant("SELECT pg_terminate_backend(pg_backend_pid())")
SLEEP = Constant("SELECT CAST(pg_sleep(60) AS text)")
WAITING = text("""SELECT count(*) FROM pg_locks WHERE NOT granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())""")
SLEEPERS = text("""SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%'
    AND datname = current_database() AND pid <> pg_backend_pid()""")
OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'test_%'"


async def here(session):
    """Which connection one is given."""
    return (await session.fetch(HERE, {}))[0][0]


async def breaking(session):
    await session.fetch(BREAK, {})


async def sleeping(session):
    await session.fetch(SLEEP, {})


async def test_a_press_is_given_no_connection_that_has_ended_meanwhile(fresh_postgres_url, postgres: Postgres):
    database = open_database(fresh_postgres_url, pool_size=1)
    before = await database.press(here)
    await asyncio.to_thread(postgres.run, OTHERS)

    after = await database.press(here)
    await database.close()

    assert after != before


async def test_a_press_leaves_the_connection_behind_that_it_broke(fresh_postgres_url):
    database = open_database(fresh_postgres_url, pool_size=1)
    before = await database.press(here)

    failed = await asyncio.gather(database.press(breaking), return_exceptions=True)
    after = await database.press(here)
    await database.close()

    assert isinstance(failed[0], Exception)
    assert after != before


async def test_a_press_that_is_given_up_leaves_its_connection_behind(fresh_postgres_url):
    database = open_database(fresh_postgres_url, pool_size=1)
    before = await database.press(here)

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(database.press(sleeping), 0.1)
    after = await database.press(here)
    await database.close()

    assert after != before


async def test_presses_one_after_the_other_are_given_the_same_connection(fresh_postgres_url):
    database = open_database(fresh_postgres_url, pool_size=4)
    await asyncio.gather(*(database.press(here) for _ in range(4)))

    found = {await database.press(here) for _ in range(4)}
    await database.close()

    assert len(found) == 1


async def test_whoever_waits_for_a_connection_gets_one_before_those_who_come_later(fresh_postgres_url):
    database = open_database(fresh_postgres_url, pool_size=1, limits=PATIENT)
    served = []

    async def again_and_again(name):
        for _ in range(20):
            await database.press(here)
            served.append(name)

    await asyncio.gather(again_and_again("first"), again_and_again("second"))
    await database.close()

    assert served[:10].count("first") == served[:10].count("second")


async def test_forms_that_wait_take_no_turns_of_presses_nor_all_of_those_who_read(fresh_postgres_url, monkeypatch):
    # What stands still here does so until it is let go, however long the rest takes.
    monkeypatch.setattr(postgresql, "TURN_SECONDS", PATIENT.lock_seconds)
    database, beside = (open_database(fresh_postgres_url, pool_size=size, limits=PATIENT) for size in (4, 8))

    async with writing(beside, lock_register):
        forms = [asyncio.create_task(database.write(lock_register)) for _ in range(6)]
        await until_waiting(beside, 2)
        read = await database.read(lambda connection: connection.scalar(text("SELECT 'read'")))
        # As all turns that are left, if those who only read ever waited for anybody.
        readers = [asyncio.create_task(database.read(lock_register)) for _ in range(2)]
        await until_waiting(beside, 4)
        pressed = await asyncio.gather(*(database.press(here) for _ in range(8)))
        waited = not any(task.done() for task in (*forms, *readers))
    await asyncio.gather(*forms, *readers)
    await asyncio.gather(database.close(), beside.close())

    assert (len(pressed), read, waited) == (8, "read", True)


async def until_waiting(database, count):
    """Let time pass until so many connections wait for a lock, of which the server tells nobody."""
    while await database.read(lambda connection: connection.scalar(WAITING)) < count:  # noqa: ASYNC110 - as above
        await asyncio.sleep(0)


async def test_a_turn_that_does_not_come_is_refused_and_so_is_a_statement_without_end(fresh_postgres_url, caplog):
    database = open_database(fresh_postgres_url, pool_size=1, limits=TimeLimits(0.05, 0.5))
    before = await database.press(here)

    slow, late = await asyncio.gather(database.press(sleeping), database.press(here), return_exceptions=True)
    with pytest.raises(TryAgain):
        await database.read(lambda connection: connection.execute(text("SELECT pg_sleep(60)")))
    after = await database.press(here)
    await database.close()

    assert (type(slow), type(late)) == (TryAgain, TryAgain)
    assert after == before
    assert [record.getMessage() for record in caplog.records if record.name.startswith("core.storage")] == [
        "waited_too_long for=turn", "waited_too_long for=statement", "waited_too_long for=statement",
    ]  # fmt: skip


async def test_what_takes_its_time_is_not_cut_off(fresh_postgres_url):
    database = open_database(fresh_postgres_url, limits=TimeLimits(30, 40))
    limits = text("SELECT current_setting('lock_timeout') || ' ' || current_setting('statement_timeout')")

    def look(connection):
        return connection.scalar(limits)

    usual = await database.read(look), await database.write(look)
    seen = []

    class Counts:
        def count(self, connection, _):
            seen.append(look(connection))
            return 0

        def take(self, connection, *_):
            seen.append(look(connection))
            return 0

    policies = {each.what: each for each in RETENTION}
    await Purge(database, [PurgeStep("names", Personal.NAMES, Counts())], policies).run(datetime.now(UTC))
    by_operator = open_database(fresh_postgres_url, limits=UNHURRIED)
    seen.append(await by_operator.write(look))
    await asyncio.gather(database.close(), by_operator.close())

    assert usual == ("30s 40s", "30s 40s")
    assert set(seen) == {"0 0"}
    assert len(seen) == 3


@pytest.mark.parametrize("others", [1, 9])
async def test_presses_go_before_all_else_that_waits_to_be_written_and_nothing_waits_for_ever(fresh_sqlite_url, others):
    database, done = open_database(fresh_sqlite_url), []
    begun, go_on = threading.Event(), threading.Event()

    def writing(name):
        def work(_):
            done.append(name)

        return work

    async def pressing(name, session):
        done.append(name)
        await session.fetch(Constant("SELECT 1"), {})

    def holding(_):
        begun.set()
        go_on.wait()

    first = asyncio.create_task(database.write(holding))
    await asyncio.to_thread(begun.wait)
    waiting = [asyncio.create_task(database.write(writing(f"other {n}"))) for n in range(others)]
    waiting += [asyncio.create_task(database.press(partial(pressing, f"press {n}"))) for n in range(2 * BATCH)]
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(first, *waiting)
    await database.close()

    presses, rest = [f"press {n}" for n in range(2 * BATCH)], [f"other {n}" for n in range(others)]
    assert done == [*presses[:BATCH], rest[0], *presses[BATCH:], *rest[1:]]


async def test_closing_does_not_wait_for_a_server_that_answers_nothing(fresh_postgres_url):
    database = open_database(fresh_postgres_url, pool_size=1)
    read = await database.read(lambda connection: connection.scalar(text("SELECT pg_backend_pid()")))
    servers = {await database.press(here), read}
    for server in servers:
        os.kill(server, signal.SIGSTOP)

    try:
        async with asyncio.timeout(30 * CLOSE_SECONDS):
            await database.close()
    finally:
        for server in servers:
            os.kill(server, signal.SIGCONT)
    assert len(servers) == 2


async def is_asleep(beside):
    return await beside.read(lambda connection: connection.scalar(SLEEPERS))


async def until_asleep(beside, under_way):
    """Let time pass until a statement has begun to sleep, and perhaps ended."""
    while not under_way.done() and not await is_asleep(beside):  # noqa: ASYNC110 - as above
        await asyncio.sleep(0)


def resting(connection, seconds):
    connection.execute(text("SELECT pg_sleep(:seconds)"), {"seconds": seconds})


async def resting_press(session, seconds):
    await session.fetch(Constant(f"SELECT CAST(pg_sleep({seconds}) AS text)"), {})


@pytest.mark.parametrize(("seconds", "patience"), [(0.1, 60), (60, CLOSE_SECONDS)], ids=["0.1", "60"])
@pytest.mark.parametrize(
    "use",
    [
        pytest.param(lambda database, seconds: database.read(partial(resting, seconds=seconds)), id="read"),
        pytest.param(lambda database, seconds: database.write(partial(resting, seconds=seconds)), id="write"),
        pytest.param(lambda database, seconds: database.press(partial(resting_press, seconds=seconds)), id="press"),
    ],
)
async def test_what_is_under_way_when_a_database_closes_ends_or_is_cut_off(
    fresh_postgres_url, use, seconds, patience, monkeypatch
):
    monkeypatch.setattr(postgresql, "CLOSE_SECONDS", patience)
    database = open_database(fresh_postgres_url, pool_size=1, limits=UNHURRIED)
    beside = open_database(fresh_postgres_url)
    under_way = asyncio.create_task(use(database, seconds))
    await until_asleep(beside, under_way)

    await database.close()
    (ended,) = await asyncio.gather(under_way, return_exceptions=True)
    await beside.close()

    assert (ended is None) is (seconds < patience)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        gc.collect()


async def test_a_ring_is_heard_in_every_process_and_again_once_a_lost_connection_is_made_anew(
    fresh_postgres_url, postgres: Postgres, monkeypatch
):
    monkeypatch.setattr(postgresql, "DEAF_SECONDS", 0.01)
    hearing, ringing = open_database(fresh_postgres_url), open_database(fresh_postgres_url)
    rings: asyncio.Queue[None] = asyncio.Queue()
    listener = asyncio.create_task(hearing.hear(lambda: rings.put_nowait(None)))
    # Whoever begins to listen looks at once.
    await rings.get()

    await ringing.ring()
    await rings.get()
    await asyncio.to_thread(postgres.run, OTHERS)
    await rings.get()
    await ringing.ring()
    await rings.get()
    listener.cancel()
    await asyncio.wait({listener})
    await asyncio.gather(hearing.close(), ringing.close())

    assert rings.empty()
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        gc.collect()


OUT_OF_MEMORY = """
import asyncio, ctypes, sqlite3, sys
import _sqlite3
from sqlalchemy import text
from core.storage import migrations
from core.storage.database.database import open_database
from core.storage.database.sqlite import WriterEnded

async def main(url):
    database = open_database(url)
    await migrations.upgrade_database(database)
    limit = ctypes.CDLL(_sqlite3.__file__).sqlite3_hard_heap_limit64
    limit.restype, limit.argtypes = ctypes.c_int64, [ctypes.c_int64]
    large = text("CREATE TABLE large AS SELECT zeroblob(50000000) AS hole")
    limit(1_000_000)
    starved = await asyncio.gather(
        *(database.write(lambda connection: connection.execute(large)) for _ in range(3)), return_exceptions=True
    )
    limit(0)
    await database.try_writer()
    print(*[type(error).__name__ for error in starved])
    await database.close()

asyncio.run(main(sys.argv[1]))
"""


def test_a_writer_outlives_a_moment_without_memory(fresh_sqlite_url: str):
    command = [sys.executable, "-c", OUT_OF_MEMORY, fresh_sqlite_url]

    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=True).stdout

    assert told.split() == ["MemoryError"] * 3


async def test_what_waits_for_a_writer_that_ends_is_refused_and_so_is_what_comes_later(fresh_sqlite_url, caplog):
    database = open_database(fresh_sqlite_url)

    async with asyncio.timeout(60):
        waiting = (database.write(work) for work in (_ends_its_thread, _nothing, _nothing))
        ended = await asyncio.gather(*waiting, return_exceptions=True)
        late = await asyncio.gather(database.write(_nothing), database.try_writer(), return_exceptions=True)
        reading = await database.read(lambda connection: connection.scalar(text("SELECT 1")))
        await database.close()

    assert {type(error) for error in (*ended, *late)} == {WriterEnded}
    assert [record.levelname for record in caplog.records if record.getMessage() == "writer_ended"] == ["CRITICAL"]
    assert reading == 1


class OutOfMemory:
    """The queue of a writer, which has no memory left to do one of these with."""

    def __init__(self, waiting, *without):
        self.waiting, self.without = waiting, without

    def __getattr__(self, name):
        def fails():
            raise MemoryError

        return fails if name in self.without else getattr(self.waiting, name)


async def test_a_press_that_a_writer_has_taken_and_then_ends_over_is_refused(fresh_sqlite_url):
    database = open_database(fresh_sqlite_url)
    database._waiting = OutOfMemory(database._waiting, "empty")

    async with asyncio.timeout(60):
        with pytest.raises(WriterEnded):
            await database.write(_nothing)
    await database.close()


async def test_what_was_committed_is_told_so_though_the_writer_ends_before_anybody_hears(fresh_sqlite_url):
    database = open_database(fresh_sqlite_url)
    begun, go_on = threading.Event(), threading.Event()

    def saving(_):
        begun.set()
        go_on.wait()
        return "saved"

    saved = asyncio.create_task(database.write(saving))
    await asyncio.to_thread(begun.wait)
    # While the writer is at work: before its first look at the queue it would end over that.
    database._waiting = OutOfMemory(database._waiting, "get")
    go_on.set()
    database._writer.join()

    assert await saved == "saved"
    await database.close()


def _ends_its_thread(_):
    raise SystemExit


def _nothing(_):
    return None


CLOSES_AT_ONCE = """
import asyncio, sys, threading
from sqlalchemy import text
from core.storage.database.database import open_database

async def main():
    database, may_go = open_database(sys.argv[1]), threading.Event()
    slow = asyncio.create_task(database.write(lambda _: may_go.wait()))
    waits = asyncio.create_task(database.write(lambda connection: connection.scalar(text("SELECT 'written'"))))
    await asyncio.sleep(0)
    closing = asyncio.create_task(database.close())
    await asyncio.sleep(0)
    may_go.set()
    print(*await asyncio.gather(slow, waits, closing))

asyncio.run(main())
"""


def test_what_waits_to_be_written_is_written_before_the_database_closes(fresh_sqlite_url):
    # In a process of its own, since a database that never closes would keep this one.
    command = [sys.executable, "-c", CLOSES_AT_ONCE, fresh_sqlite_url]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=True).stdout

    assert told == "True written None\n"


FORGETS_TO_CLOSE = """
import asyncio, sys
from sqlalchemy import text
from core.storage.database.database import open_database
database = open_database(sys.argv[1])
asyncio.run(database.write(lambda connection: connection.execute(text("CREATE TABLE kept (id INTEGER)")).close()))
"""


def test_a_process_that_forgets_to_close_its_database_ends_all_the_same(fresh_sqlite_url):
    ended = subprocess.run(
        [sys.executable, "-c", FORGETS_TO_CLOSE, fresh_sqlite_url], cwd=ROOT, timeout=240, check=False
    )

    assert ended.returncode == 0
