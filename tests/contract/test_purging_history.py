"""The oldest rows of history go by the purge alone, and what is left still proves itself."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.audit.seals import SealKey
from core.storage.audit import seal_reads, verifying
from core.storage.audit.findings import Finding, FindingKind
from core.storage.retention import purging_history
from core.storage.retention.purging_history import HistoryPurge
from tests.contract.ledger import SECRET, Ledger, open_ledger
from tests.contract.statements import scans
from tests.support.world.seed import NOW

OLD, BEFORE = NOW - timedelta(days=3000), NOW - timedelta(days=2900)
KEY = SealKey(SECRET)


@dataclass
class Archive:
    """A ledger, and a purge at it."""

    ledger: Ledger

    async def purge(self, key: SealKey = KEY) -> list[int]:
        """Batches until nothing is due; how many rows each took."""
        taken = []
        while count := await self.batch(key):
            taken.append(count)
        return taken

    async def batch(self, key: SealKey = KEY) -> int:
        at = self.ledger.clock()
        return await self.ledger.database.write(lambda c: HistoryPurge(key).take(c, BEFORE, at))

    async def due(self) -> int:
        return await self.ledger.database.read(lambda c: HistoryPurge(KEY).count(c, BEFORE))

    async def left(self) -> list[tuple]:
        return await self.ledger.rows("SELECT id FROM history ORDER BY id")


@pytest.fixture
async def archive(database_url: str):
    """Five old rows and three of today, sealed in between."""
    ledger = await open_ledger(database_url)
    await ledger.add(2, OLD)
    await ledger.seal()
    await ledger.add(3, OLD)
    await ledger.seal()
    await ledger.add(3)
    await ledger.seal()
    ledger.clock.at += timedelta(hours=1)
    yield Archive(ledger)
    await ledger.database.close()


async def test_what_is_due_goes_and_the_rest_holds(archive: Archive) -> None:
    due, taken = await archive.due(), await archive.purge()
    report = await archive.ledger.verify()

    assert (due, taken, await archive.due()) == (5, [5], 0)
    assert await archive.left() == [(6,), (7,), (8,)]
    assert (report.holds, report.sealed, report.purged, report.purged_before) == (True, 3, 5, BEFORE)
    assert await archive.ledger.rows("SELECT min(number), count(*) FROM seals") == [(6, 3)]
    assert await archive.ledger.rows("SELECT number FROM checkpoints") == [(8,)]


async def test_counting_changes_nothing(archive: Archive) -> None:
    archive.ledger.writes.clear()
    await archive.due()

    assert len(await archive.left()) == 8


async def test_the_chain_goes_on_after_a_purge_and_through_the_next(archive: Archive) -> None:
    await archive.purge()
    await archive.ledger.add(2)
    await archive.ledger.seal()
    again = await archive.purge()

    assert again == []
    assert (await archive.ledger.verify()).holds
    assert await archive.ledger.rows("SELECT max(number) FROM seals") == [(10,)]


async def test_it_goes_a_batch_at_a_time_and_each_leaves_a_history_that_holds(archive: Archive, monkeypatch) -> None:
    monkeypatch.setattr(seal_reads, "PAGE", 2)
    monkeypatch.setattr(purging_history, "PAGE", 2)
    due, taken = await archive.due(), []
    while count := await archive.batch():
        taken.append(count)
        assert (await archive.ledger.verify()).holds

    assert (due, taken) == (5, [2, 2, 1])
    assert await archive.ledger.rows("SELECT number FROM history_purges ORDER BY number") == [(2,), (4,), (5,)]


async def test_the_last_row_stays_however_old_it_is(archive: Archive) -> None:
    archive.ledger.clock.at += timedelta(days=9000)
    at = archive.ledger.clock()
    await archive.ledger.database.write(lambda c: HistoryPurge(KEY).take(c, at, at))

    assert await archive.left() == [(8,)]
    assert (await archive.ledger.verify()).holds
    await archive.ledger.add(1)
    assert await archive.ledger.seal() == 1


async def test_what_is_not_sealed_yet_stays(database_url: str) -> None:
    ledger = await open_ledger(database_url)
    await ledger.add(3, OLD)

    assert await Archive(ledger).purge() == []
    await ledger.database.close()


async def test_two_purges_at_once_take_every_row_once(archive: Archive) -> None:
    other = Archive(await archive.ledger.another())

    async def in_turn(one: Archive) -> int:
        # The runner of the steps lets them take turns.
        def work(connection):
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(1)"))
            return HistoryPurge(KEY).take(connection, BEFORE, NOW)

        return await one.ledger.database.write(work)

    assert sorted(await asyncio.gather(in_turn(archive), in_turn(other))) == [0, 5]
    assert (await archive.ledger.verify()).holds
    await other.ledger.database.close()


# --- the guards


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM history WHERE id = 1",
        "DELETE FROM history WHERE id = 8",
        "DELETE FROM seals WHERE number = 1",
        "DELETE FROM checkpoints WHERE number = 2",
    ],
)
async def test_without_a_protocol_nothing_goes(archive: Archive, change: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        await archive.ledger.database.write(lambda connection: connection.execute(text(change)).close())


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM history WHERE id = 6",
        "DELETE FROM seals WHERE number = 6",
        "DELETE FROM checkpoints WHERE number = 8",
        "DELETE FROM history_purges",
        "UPDATE history_purges SET at = 0",
    ],
)
async def test_after_a_purge_nothing_more_goes(archive: Archive, change: str) -> None:
    await archive.purge()

    with pytest.raises(DBAPIError, match="append-only"):
        await archive.ledger.database.write(lambda connection: connection.execute(text(change)).close())
    assert (await archive.ledger.verify()).holds


async def test_no_protocol_lets_go_of_what_is_younger_than_itself(archive: Archive) -> None:
    def forge(connection):
        connection.execute(text("INSERT INTO history_purges VALUES (8, 'x', 8, 1000000, 2000000, 'x')"))
        connection.execute(text("DELETE FROM history WHERE id = 1"))

    with pytest.raises(DBAPIError, match="append-only"):
        await archive.ledger.database.write(forge)


async def test_a_seal_stays_for_as_long_as_its_row(archive: Archive) -> None:
    def forge(connection):
        connection.execute(text("INSERT INTO history_purges VALUES (2, 'x', 2, 9000000000000000, 1, 'x')"))
        connection.execute(text("DELETE FROM seals WHERE number = 1"))

    with pytest.raises(DBAPIError, match="append-only"):
        await archive.ledger.database.write(forge)


@pytest.mark.parametrize("table", ["history_purges"])
async def test_the_protocol_cannot_be_truncated_or_replaced(fresh_postgres_url: str, table: str) -> None:
    ledger = await open_ledger(fresh_postgres_url)

    with pytest.raises(DBAPIError, match="append-only"):
        await ledger.database.write(lambda connection: connection.execute(text("TRUNCATE " + table)).close())
    await ledger.database.close()


# --- what is done behind the guards

FORGED = "INSERT INTO history_purges VALUES ({number}, '{chain}', {number}, 9000000000000000, 1, 'x')"
GONE = ("DELETE FROM history WHERE id <= 6", "DELETE FROM seals WHERE number <= 6")
DEEDS = {
    "a row is removed": (["DELETE FROM history WHERE id = 7"], {Finding(FindingKind.REMOVED, 7, 7)}),
    "the last row is removed": (["DELETE FROM history WHERE id = 8"], {Finding(FindingKind.REMOVED, 8, 8)}),
    "the first row left is removed with its seal": (
        ["DELETE FROM history WHERE id = 6", "DELETE FROM seals WHERE number = 6"],
        {Finding(FindingKind.REMOVED, 6, 6)},
    ),
    "one more goes under a protocol of somebody's making": (
        [FORGED.format(number=6, chain="x" * 64), *GONE],
        {Finding(FindingKind.PURGE_FORGED, None, 6), Finding(FindingKind.REMOVED, 6, 6)},
    ),
    "the protocol is changed to cover one more": (
        [
            "UPDATE history_purges SET number = 6, history_id = 6, chain = (SELECT chain FROM seals WHERE number = 6)",
            *GONE,
        ],
        {
            Finding(FindingKind.PURGE_FORGED, None, 6),
            *(Finding(FindingKind.SEAL_REMOVED, None, number) for number in range(1, 6)),
            Finding(FindingKind.REMOVED, 6, 6),
        },
    ),
    "a checkpoint is made a protocol": (
        [
            "INSERT INTO history_purges SELECT number, chain, highest_id, 9000000000000000, at, proof FROM checkpoints",
            "DELETE FROM history WHERE id < 8",
            "DELETE FROM seals WHERE number < 8",
        ],
        {
            Finding(FindingKind.PURGE_FORGED, None, 8),
            Finding(FindingKind.SEAL_REMOVED, None, 6),
            Finding(FindingKind.REMOVED, 7, 7),
        },
    ),
    "a row that was purged is put back": (
        ["INSERT INTO history SELECT 1, 'B9', at, action, from_state, to_state, step, revision, content_version, part,"
         " person_id, organisation_id, surface, assurance, evidence, kind, about_id FROM history WHERE id = 6"],
        {Finding(FindingKind.INSERTED, 1)},
    ),
    "a seal that was purged is put back": (
        ["INSERT INTO seals VALUES (1, 1, 0, 1, 'x', 'x', '')"],
        {Finding(FindingKind.SEAL_INSERTED, 1, 1)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("deed", DEEDS)
async def test_after_a_purge_what_is_done_behind_the_guards_is_named(archive: Archive, deed: str) -> None:
    statements, expected = DEEDS[deed]
    await archive.purge()
    await archive.ledger.tamper(*statements)

    assert set((await archive.ledger.verify()).findings) == expected


async def test_the_protocol_gone_the_rows_are_missed(archive: Archive) -> None:
    await archive.purge()
    await archive.ledger.tamper("DELETE FROM history_purges")

    assert len((await archive.ledger.verify()).findings) == 5


@pytest.mark.parametrize(
    "deed",
    [
        "UPDATE history SET person_id = 'P-x' WHERE id = 3",
        "DELETE FROM history WHERE id = 3",
        "DELETE FROM seals WHERE number = 3",
        "UPDATE seals SET after_id = 9 WHERE number = 3",
        "UPDATE seal_heads SET number = 9",
        FORGED.format(number=2, chain="x"),
    ],
)
async def test_a_purge_does_not_carry_off_the_trace_of_what_was_done(archive: Archive, deed: str, caplog) -> None:
    await archive.ledger.tamper(deed)
    before = await archive.left()
    found = (await archive.ledger.verify()).findings

    assert await archive.purge() == []
    assert "history_not_purged" in caplog.text
    assert (await archive.left(), (await archive.ledger.verify()).findings) == (before, found)


async def test_another_key_purges_nothing(archive: Archive) -> None:
    assert await archive.purge(SealKey("another")) == []
    assert len(await archive.left()) == 8


# --- beside verification


async def test_a_copy_outside_holds_over_a_purge_unless_it_is_older(archive: Archive) -> None:
    kept = await archive.ledger.rows("SELECT number, chain FROM checkpoints ORDER BY number")
    await archive.purge()
    found = [(await archive.ledger.verify(outside=each)).findings for each in kept]

    assert found == [[Finding(FindingKind.OUTSIDE_PURGED, None, 2)], [], []]


async def test_a_purge_while_history_is_verified_is_no_finding(archive: Archive, monkeypatch) -> None:
    monkeypatch.setattr(seal_reads, "PAGE", 2)
    read, purged = verifying.read_page, []

    def page(connection, after, last):
        if not purged:
            purged.append(HistoryPurge(KEY).take(connection, BEFORE, NOW))
        return read(connection, after, last)

    monkeypatch.setattr(verifying, "read_page", page)
    report = await archive.ledger.verify()

    assert purged == [2]
    assert (report.findings, report.purged) == ([], 2)


async def test_with_another_key_verification_says_so_after_a_purge_too(archive: Archive) -> None:
    await archive.purge()
    other = await archive.ledger.another(secret_key="another secret that opens nothing at all")

    assert (await other.verify()).findings == [Finding(FindingKind.KEY)]
    await other.database.close()


async def test_what_is_due_is_found_by_index(archive: Archive) -> None:
    at = archive.ledger.clock()

    assert await archive.ledger.database.write(lambda c: scans(c, lambda c: HistoryPurge(KEY).count(c, BEFORE))) == []
    assert (
        await archive.ledger.database.write(lambda c: scans(c, lambda c: HistoryPurge(KEY).take(c, BEFORE, at))) == []
    )
