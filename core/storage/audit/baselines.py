"""Baselines: rows of history that hold how the register stood where what is kept of it begins."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from core.audit.records import AuditRecord
from core.audit.register_replay import EntryKey, ReplayedEntry
from core.shared.vocabulary import Happened, LineKind, Surface
from core.storage import tables
from core.storage.audit.register_records import KINDS, recorded_entries, to_baseline

# So many entries stand in a row.
ENTRIES = 200
PAGE = 500
ROWS = tables.history.c
_BASELINES = ROWS.kind == LineKind.BASELINE


def carry(connection: Connection, taken: Sequence[int], at: datetime) -> None:
    """Write what rows that a purge takes tell of the register into rows of a baseline at the end of history.

    They say how it stood where what is left begins; what is told later of the same entries goes on from there.
    """
    rows = _told(connection, taken)
    before = _folded(row for row in rows if row.action == Happened.CARRIED)
    since = _folded(row for row in rows if row.action != Happened.CARRIED)
    if alone := before.keys() - since.keys():
        # Of a baseline that goes itself, what no later one holds.
        alone -= {entry.key for row in _carried(connection, taken) for entry in readable(row)}
    entries = [*(before[key] for key in sorted(alone)), *since.values()]
    lines = [_line(entries[n : n + ENTRIES], at).values() for n in range(0, len(entries), ENTRIES)]
    if lines:
        connection.execute(insert(tables.history), lines)


def readable(row: Row[Any]) -> Sequence[ReplayedEntry]:
    """Return the entries of a row; none where it cannot be read, which a replay names."""
    try:
        return recorded_entries(row)
    except (ValueError, KeyError, TypeError, AttributeError):
        return []


def read_baselines(connection: Connection, action: Happened, after: int) -> Sequence[Row[Any]]:
    """Read the next page of baselines' rows of one kind after an id."""
    mine = (_BASELINES, ROWS.action == action, ROWS.id > after)
    return connection.execute(select(tables.history).where(*mine).order_by(ROWS.id).limit(PAGE)).all()


def _told(connection: Connection, ids: Sequence[int]) -> Sequence[Row[Any]]:
    kinds = ROWS.kind.in_((*KINDS, LineKind.CONNECTION, LineKind.BASELINE))
    return connection.execute(select(tables.history).where(ROWS.id.in_(ids), kinds).order_by(ROWS.id)).all()


def _folded(rows: Iterable[Row[Any]]) -> dict[EntryKey, ReplayedEntry]:
    return {entry.key: entry for row in rows for entry in readable(row)}


def _carried(connection: Connection, but: Sequence[int]) -> Iterator[Row[Any]]:
    gone, after = set(but), -(2**63)
    while page := read_baselines(connection, Happened.CARRIED, after):
        yield from (row for row in page if row.id not in gone)
        after = page[-1].id


def _line(entries: Iterable[ReplayedEntry], at: datetime) -> AuditRecord:
    facts = {"entries": [to_baseline(entry) for entry in entries]}
    return AuditRecord(LineKind.BASELINE, Happened.CARRIED, at, Surface.CLOCK, facts=facts)
