"""Committed rows of history are sealed in order, once, by one sealer at a time, and never in the way of a press."""

import asyncio
import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import TextClause, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from core.audit.seals import FORMS, NEWEST_FORM
from core.storage import tables
from core.storage.audit import sealing
from core.storage.audit.findings import FindingKind
from tests.contract.ledger import SECRET, Ledger, line, open_ledger
from tests.contract.statements import scans


@pytest.fixture
async def ledger(database_url: str):
    made = await open_ledger(database_url)
    yield made
    await made.database.close()


async def test_every_row_gets_the_next_number_in_the_order_of_rows(ledger: Ledger) -> None:
    await ledger.add(3)
    sealed = [await ledger.seal()]
    await ledger.add(2)
    sealed.append(await ledger.seal())

    assert sealed == [3, 2]
    assert await ledger.rows("SELECT number, history_id, after_id FROM seals ORDER BY number") == [
        (1, 1, 0), (2, 2, 1), (3, 3, 2), (4, 4, 3), (5, 5, 4),
    ]  # fmt: skip


async def test_a_tick_with_nothing_new_writes_nothing(ledger: Ledger) -> None:
    await ledger.add(3)
    await ledger.seal()
    ledger.writes.clear()

    assert (await ledger.seal(), ledger.writes) == (0, [])


async def test_a_tick_seals_so_much_and_leaves_the_rest_to_the_next(ledger: Ledger, monkeypatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 4)
    monkeypatch.setattr(sealing, "BATCHES_A_TICK", 2)
    await ledger.add(11)

    assert [await ledger.seal() for _ in range(3)] == [8, 3, 0]


@pytest.mark.parametrize("statement", [sealing.UNSEALED, sealing.SETTLED])
async def test_what_is_sealed_already_is_not_read_again(ledger: Ledger, statement: TextClause) -> None:
    await ledger.add(1_000)
    await ledger.seal()
    values = {"floor": 990, "batch": sealing.BATCH} if statement is sealing.UNSEALED else {"floor": 990}

    assert await ledger.database.write(lambda c: scans(c, lambda c: c.execute(statement, values).close())) == []


async def test_two_sealers_at_once_seal_every_row_once(ledger: Ledger) -> None:
    other = await ledger.another()
    await ledger.add(50)

    sealed = await asyncio.gather(*(each.seal() for each in (ledger, other) * 10))

    assert sum(sealed) == 50
    assert await ledger.rows("SELECT count(*), max(number) FROM seals") == [(50, 50)]
    assert (await ledger.verify()).findings == []
    await other.database.close()


async def test_a_row_that_is_committed_after_a_later_one_is_sealed_too(ledger: Ledger) -> None:
    await ledger.add_with_ids(1, 3)
    first = await ledger.seal()
    await ledger.add_with_ids(2)
    await ledger.add_with_ids(4)

    assert (first, await ledger.seal()) == (2, 2)
    assert await ledger.rows("SELECT number, history_id FROM seals ORDER BY number") == [(1, 1), (2, 3), (3, 2), (4, 4)]
    assert await ledger.rows("SELECT settled_id FROM seal_heads") == [(4,)]
    assert (await ledger.verify()).findings == []


async def test_an_id_that_nobody_used_is_waited_for_only_so_long(ledger: Ledger) -> None:
    await ledger.add_with_ids(1, 3)
    await ledger.seal()
    ledger.clock.at += sealing.LATE
    await ledger.add_with_ids(4)
    await ledger.seal()

    assert await ledger.rows("SELECT settled_id FROM seal_heads") == [(4,)]


async def test_a_press_that_is_not_committed_yet_holds_up_nobody(fresh_postgres_url: str) -> None:
    ledger = await open_ledger(fresh_postgres_url)
    elsewhere = create_async_engine(fresh_postgres_url)
    began, done = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        async with elsewhere.begin() as connection:
            await connection.execute(tables.history.insert().values(line(1)))
            began.set()
            await done.wait()

    pressing = asyncio.create_task(slow())
    await began.wait()
    await ledger.add(2)
    before = await ledger.seal()
    done.set()
    await pressing

    assert (before, await ledger.seal()) == (2, 1)
    assert (await ledger.verify()).findings == []
    await elsewhere.dispose()
    await ledger.database.close()


async def test_nothing_is_sealed_on_to_an_end_that_is_not_as_it_was_left(ledger: Ledger, caplog) -> None:
    await ledger.add(3)
    await ledger.seal()
    await ledger.tamper("DELETE FROM seals WHERE number = 3")
    await ledger.add(1)

    assert await ledger.seal() == 0
    assert "history_chain_broken" in caplog.text


async def test_another_key_seals_nothing(ledger: Ledger) -> None:
    await ledger.add(3)
    await ledger.seal()
    await ledger.add(1)

    other = await ledger.another(secret_key="another")
    assert await other.seal() == 0
    await other.database.close()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE seals SET chain = 'x'",
        "DELETE FROM seals",
        "INSERT INTO seals VALUES (1, 9, 0, 1, 'x', 'x', '')",
        "INSERT INTO seals VALUES (9, 1, 0, 1, 'x', 'x', '')",
        "UPDATE checkpoints SET chain = 'x'",
        "DELETE FROM checkpoints",
        "INSERT INTO checkpoints VALUES (3, 'x', 3, 0, 'x')",
    ],
)
async def test_a_seal_and_a_checkpoint_stay_as_written(ledger: Ledger, change: str) -> None:
    await ledger.add(3)
    await ledger.seal()

    with pytest.raises(DBAPIError):
        await ledger.database.write(lambda connection: connection.execute(text(change)).close())

    assert (await ledger.verify()).findings == []


@pytest.mark.parametrize(
    "row",
    [
        "seals VALUES (1, 9, 0, 1, 'x', 'x', '')",
        "seals VALUES (9, 1, 0, 1, 'x', 'x', '')",
        "checkpoints VALUES (3, 'x', 3, 0, 'x')",
    ],
)
async def test_replace_cannot_pass_their_guard_on_anybodys_connection(fresh_sqlite_url: str, row: str) -> None:
    ledger = await open_ledger(fresh_sqlite_url)
    await ledger.add(3)
    await ledger.seal()
    await ledger.database.close()
    somebodys = sqlite3.connect(fresh_sqlite_url.removeprefix("sqlite:///"))

    with closing(somebodys), pytest.raises(sqlite3.IntegrityError, match="append-only"):
        somebodys.execute("REPLACE INTO " + row)


@pytest.mark.parametrize("table", ["seals", "checkpoints"])
async def test_seals_cannot_be_truncated(fresh_postgres_url: str, table: str) -> None:
    ledger = await open_ledger(fresh_postgres_url)

    with pytest.raises(DBAPIError, match="append-only"):
        await ledger.database.write(lambda connection: connection.execute(text("TRUNCATE " + table)).close())
    await ledger.database.close()


def test_the_newest_form_of_seal_covers_every_column_of_history() -> None:
    assert {"id", *FORMS[NEWEST_FORM]} == set(tables.history.c.keys())


# --- another key


NEW, NEWER = "a new secret that nobody else has seen before", "and one that is newer still, for another year"


async def test_history_holds_across_keys_that_came_after_another(ledger):
    await ledger.add(3)
    await ledger.seal()
    second = await ledger.another(secret_key=NEW, earlier=(SECRET,))
    await ledger.add(3)
    await second.seal()
    third = await ledger.another(secret_key=NEWER, earlier=(SECRET, NEW))
    await ledger.add(3)
    await third.seal()

    report = await third.verify()

    assert (report.findings, report.sealed, report.unsealed) == ([], 9, 0)
    assert len({key for (key,) in await ledger.rows("SELECT key FROM seals")}) == 3
    await second.database.close()
    await third.database.close()


async def test_a_seal_from_before_keys_had_names_holds_under_a_new_key(ledger):
    await ledger.add(3)
    await ledger.seal()
    await ledger.tamper("UPDATE seals SET key = ''")
    second = await ledger.another(secret_key=NEW, earlier=(SECRET,))

    assert (await second.verify()).findings == []
    await second.database.close()


async def test_a_key_that_is_not_listed_seals_nothing_more_and_cannot_be_checked(ledger):
    await ledger.add(3)
    await ledger.seal()
    second = await ledger.another(secret_key=NEW)
    await ledger.add(1)

    assert await second.seal() == 0
    assert [each.kind for each in (await second.verify()).findings] == [FindingKind.KEY]
    await second.database.close()


async def test_a_change_is_found_under_whichever_key_the_row_was_sealed(ledger):
    await ledger.add(3)
    await ledger.seal()
    second = await ledger.another(secret_key=NEW, earlier=(SECRET,))
    await ledger.add(3)
    await second.seal()
    ids = [id_ for (id_,) in await ledger.rows("SELECT id FROM history ORDER BY id")]
    for id_ in (ids[0], ids[-1]):
        await ledger.tamper(f"UPDATE history SET person_id = 'P-x' WHERE id = {id_}")  # noqa: S608 - a number

    found = {(each.kind, each.row) for each in (await second.verify()).findings}

    assert found == {(FindingKind.CHANGED, ids[0]), (FindingKind.CHANGED, ids[-1])}
    await second.database.close()


async def test_an_earlier_key_makes_no_seal_after_a_newer_ones(ledger):
    second = await ledger.another(secret_key=NEW, earlier=(SECRET,))
    await ledger.add(3)
    await second.seal()
    # Whoever has got hold of the key that was changed, and of the database, seals a row of its own making.
    thief = await ledger.another(secret_key=SECRET, earlier=(NEW,))
    await ledger.add(1)
    await thief.seal()

    await ledger.add(1)
    await second.seal()

    assert [(each.kind, each.seal) for each in (await second.verify()).findings] == [(FindingKind.SEAL_CHANGED, 4)]
    await second.database.close()
    await thief.database.close()
