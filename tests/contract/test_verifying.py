"""With the guards taken down, whatever is done to history is found and named."""

import pytest

from core.storage.audit import seal_reads, sealing
from core.storage.audit.findings import Finding, FindingKind
from tests.contract.ledger import REFUSAL, ROLE, Ledger, line, open_ledger, statements_of
from tests.support.machines.large import at_night

SAYS = (
    "case_id, at, action, from_state, to_state, step, revision, content_version, part, person_id, organisation_id,"
    " surface, assurance, evidence"
)
TAIL = (
    "DELETE FROM history WHERE id > 4",
    "DELETE FROM seals WHERE number > 4",
    "DELETE FROM checkpoints WHERE number > 4",
)
COPY = "INSERT INTO history (id, {says}) SELECT {to}, {changed} FROM history WHERE id = {of}"


def copied(of: int, to: int, case_id: str = "'B9999999'") -> str:
    return COPY.format(says=SAYS, of=of, to=to, changed=SAYS.replace("case_id", case_id))


def renumbered(sets: str, key: str, of: int, to: int) -> str:
    return f"UPDATE {sets} = {to} WHERE {key} = {of}"


@pytest.fixture
async def empty(database_url: str):
    made = await open_ledger(database_url)
    yield made
    await made.database.close()


@pytest.fixture
async def ledger(empty: Ledger) -> Ledger:
    """Six rows of three kinds, sealed two at a time, long ago; the first before there were other kinds."""
    await empty.add(2, like={"about_id": None})
    await empty.seal_as_at_first()
    for kind in (REFUSAL, ROLE):
        await empty.add(2, like=kind)
        await empty.seal()
    empty.clock.at += sealing.LATE
    return empty


async def test_what_nobody_touched_holds(ledger: Ledger) -> None:
    report = await ledger.verify()

    assert (report.holds, report.sealed, report.unsealed) == (True, 6, 0)


async def test_an_empty_history_holds(empty: Ledger) -> None:
    assert (await empty.verify()).holds


async def test_rows_that_are_not_sealed_yet_are_counted_and_accused_of_nothing(ledger: Ledger) -> None:
    await ledger.add(4)

    report = await ledger.verify()

    assert (report.holds, report.sealed, report.unsealed) == (True, 6, 4)


DEEDS = {
    "a row is changed": (["UPDATE history SET person_id = 'P-x' WHERE id = 3"], [Finding(FindingKind.CHANGED, 3, 3)]),
    "a word is made nothing": (
        ["UPDATE history SET person_id = NULL WHERE id = 3"],
        [Finding(FindingKind.CHANGED, 3, 3)],
    ),
    "a row from before is given a kind": (
        ["UPDATE history SET kind = 'refusal' WHERE id = 2"],
        [Finding(FindingKind.CHANGED, 2, 2)],
    ),
    "a row from before is made to be about somebody": (
        ["UPDATE history SET about_id = 'P-x' WHERE id = 2"],
        [Finding(FindingKind.CHANGED, 2, 2)],
    ),
    "a row is given another kind": (
        ["UPDATE history SET kind = 'identity' WHERE id = 5"],
        [Finding(FindingKind.CHANGED, 5, 5)],
    ),
    "a row is made to be about another": (
        ["UPDATE history SET about_id = 'P-x' WHERE id = 5"],
        [Finding(FindingKind.CHANGED, 5, 5)],
    ),
    "a row is removed": (["DELETE FROM history WHERE id = 3"], [Finding(FindingKind.REMOVED, 3, 3)]),
    "the last row is removed": (["DELETE FROM history WHERE id = 6"], [Finding(FindingKind.REMOVED, 6, 6)]),
    "a row is removed with its seal": (
        ["DELETE FROM history WHERE id = 3", "DELETE FROM seals WHERE history_id = 3"],
        [Finding(FindingKind.REMOVED, 3, 3)],
    ),
    "the last row is removed with its seal": (
        ["DELETE FROM history WHERE id = 6", "DELETE FROM seals WHERE history_id = 6"],
        [Finding(FindingKind.REMOVED, 6, 6)],
    ),
    "the last row is removed with its seal and checkpoint": (
        ["DELETE FROM history WHERE id = 6", "DELETE FROM seals WHERE number = 6", "DELETE FROM checkpoints"],
        [Finding(FindingKind.REMOVED, 6, 6)],
    ),
    "the last batch is removed with its seals and checkpoint": (
        [*TAIL],
        [Finding(FindingKind.SEAL_REMOVED, None, 5), Finding(FindingKind.REMOVED, 6, 6)],
    ),
    "the last batch is removed and an older checkpoint made the end": (
        [
            *TAIL,
            "UPDATE seal_heads SET number = 4, history_id = 4, highest_id = 4, settled_id = 4,"
            " chain = (SELECT chain FROM checkpoints WHERE number = 4),"
            " proof = (SELECT proof FROM checkpoints WHERE number = 4)",
        ],
        [Finding(FindingKind.HEAD_CHANGED)],
    ),
    "the end is removed": (["DELETE FROM seal_heads"], [Finding(FindingKind.HEAD_CHANGED)]),
    "a row is put in": ([copied(of=2, to=0)], [Finding(FindingKind.INSERTED, 0)]),
    "a row is put in with a seal of somebody's making": (
        [copied(of=2, to=0), "INSERT INTO seals VALUES (0, 0, 0, 1, 'x', 'x', '')"],
        [Finding(FindingKind.SEAL_INSERTED, 0, 0)],
    ),
    "a row is put in last with a seal of somebody's making": (
        [copied(of=2, to=7), "INSERT INTO seals VALUES (7, 7, 6, 1, 'x', 'x', '')"],
        [Finding(FindingKind.SEAL_INSERTED, 7, 7)],
    ),
    "another row is put in the place of one": (
        ["DELETE FROM history WHERE id = 3", copied(of=2, to=3)],
        [Finding(FindingKind.CHANGED, 3, 3)],
    ),
    "two rows are swapped": (
        [renumbered("history SET id", "id", of, to) for of, to in ((2, 99), (5, 2), (99, 5))],
        [Finding(FindingKind.MOVED, 2, 2, 5), Finding(FindingKind.MOVED, 5, 5, 2)],
    ),
    "a row is moved to the end": (
        ["UPDATE history SET id = 99 WHERE id = 2"],
        [Finding(FindingKind.MOVED, 2, 2, 99)],
    ),
    "a row is moved over another": (
        ["DELETE FROM history WHERE id = 5", "UPDATE history SET id = 5 WHERE id = 2"],
        [Finding(FindingKind.MOVED, 2, 2, 5), Finding(FindingKind.CHANGED, 5, 5)],
    ),
    "a seal is removed": (
        ["DELETE FROM seals WHERE number = 3"],
        [Finding(FindingKind.SEAL_REMOVED, 3, 3)],
    ),
    "a row and its seal's digest are changed": (
        [
            "UPDATE history SET person_id = 'P-x' WHERE id = 3",
            "UPDATE seals SET digest = (SELECT digest FROM seals WHERE number = 1) WHERE number = 3",
        ],
        [Finding(FindingKind.SEAL_CHANGED, 3, 3), Finding(FindingKind.CHANGED, 3, 3)],
    ),
    "two seals are swapped": (
        [renumbered("seals SET number", "number", of, to) for of, to in ((2, 99), (3, 2), (99, 3))],
        [Finding(FindingKind.SEAL_CHANGED, row, seal) for row, seal in ((3, 2), (2, 3), (4, 4))],
    ),
    "a seal is of a form that there is not": (
        ["UPDATE seals SET form = 9 WHERE number = 3"],
        [Finding(FindingKind.SEAL_CHANGED, 3, 3)],
    ),
    "a checkpoint is changed": (
        ["UPDATE checkpoints SET at = 0 WHERE number = 4"],
        [Finding(FindingKind.CHECKPOINT_CHANGED, None, 4)],
    ),
}


@pytest.mark.parametrize("deed", DEEDS)
async def test_what_is_done_behind_the_guards_is_named(ledger: Ledger, deed: str) -> None:
    statements, expected = DEEDS[deed]
    await ledger.tamper(*statements)

    report = await ledger.verify()

    assert set(report.findings) == set(expected)
    assert len(report.findings) == len(expected)


async def test_a_changed_checkpoint_is_named_once_however_many_pages_are_read(ledger: Ledger, monkeypatch) -> None:
    monkeypatch.setattr(seal_reads, "PAGE", 2)
    statements, expected = DEEDS["a checkpoint is changed"]
    await ledger.tamper(*statements)

    assert (await ledger.verify()).findings == expected


async def test_a_row_put_in_where_an_id_was_never_used_is_named(ledger: Ledger) -> None:
    await ledger.add_with_ids(8)
    await ledger.seal()
    ledger.clock.at += sealing.LATE
    await ledger.add_with_ids(7)

    assert (await ledger.verify()).findings == [Finding(FindingKind.INSERTED, 7)]


async def test_with_everything_gone_the_copy_outside_and_the_log_tell(ledger: Ledger, caplog) -> None:
    point = await ledger.checkpoint()
    await ledger.tamper("DELETE FROM seals", "DELETE FROM checkpoints", "DELETE FROM seal_heads")
    await ledger.tamper("UPDATE history SET person_id = 'P-x' WHERE id = 3")
    caplog.clear()
    await ledger.seal()
    assert "history_chain_begun" in caplog.text

    alone, beside = await ledger.verify(), await ledger.verify(outside=point)

    assert alone.holds
    assert beside.findings == [Finding(FindingKind.OUTSIDE, None, 6)]


async def test_a_copy_outside_holds_for_as_long_as_the_chain_grows(ledger: Ledger) -> None:
    point = await ledger.checkpoint()
    await ledger.add(3)
    await ledger.seal()

    assert (await ledger.verify(outside=point)).holds


async def test_a_copy_outside_of_a_longer_chain_tells_of_a_backup_put_back(ledger: Ledger) -> None:
    assert (await ledger.verify(outside=(7, "x" * 64))).findings == [Finding(FindingKind.OUTSIDE, None, 7)]


async def test_another_key_is_told_as_such_and_not_as_a_thousand_changes(ledger: Ledger) -> None:
    other = await ledger.another(secret_key="another secret that opens nothing at all")

    assert (await other.verify()).findings == [Finding(FindingKind.KEY)]
    await other.database.close()


async def test_of_a_history_that_is_wrong_all_through_so_much_is_named(empty: Ledger) -> None:
    await empty.add(1_500)
    await empty.seal()
    await empty.tamper("UPDATE history SET person_id = 'P-x'")

    report = await empty.verify()

    assert (len(report.findings), report.unnamed) == (1_000, 500)


async def test_verifying_takes_as_many_statements_and_rows_as_there_are_rows(empty: Ledger) -> None:
    asked, told = statements_of(empty.database), []
    counts, few = [], at_night(10_000, 1_000)
    for more in (few, 9 * few):
        await empty.add(more)
        while await empty.seal():
            pass
        asked.clear()
        assert (await empty.verify(progress=lambda *each: told.append(each))).sealed == empty.made
        counts.append(len(asked))

    assert counts[1] < 10.5 * counts[0]
    assert all(0 < done <= size for done, size in told)
    assert told[-1] == (20 * few, 20 * few)


def test_no_two_rows_of_these_tests_are_alike() -> None:
    assert line(1) != line(2)
