"""What a verification of history reads: pages of a bounded size, each by an index."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select, text

from core.audit.seals import NEWEST_FORM, Beginning, Checkpoint, Head, Seal, SealKey
from core.storage import tables
from core.storage.audit.findings import NAMED, Finding, FindingKind
from core.storage.audit.sealing import COLUMNS, Stored, floor_of, read_head
from core.storage.tables import to_micros

PAGE = 1_000

_ROWS = text(f"SELECT {COLUMNS} FROM history WHERE id IN :ids").bindparams(bindparam("ids", expanding=True))  # noqa: S608 - names of ours
_IDS = text("SELECT id FROM history WHERE id > :after ORDER BY id LIMIT :page")
_SEALED = text("SELECT history_id FROM seals WHERE history_id BETWEEN :first AND :last")
# In one statement, since the sealer moves both at once.
_BEYOND = text("SELECT number, history_id FROM seals WHERE number > (SELECT number FROM seal_heads) LIMIT :page")


@dataclass(frozen=True)
class Start:
    """Where the chain begins, and the numbers in the purge's protocol that no purge of ours wrote."""

    beginning: Beginning
    forged: Sequence[int]


@dataclass(frozen=True)
class End:
    """Where the chain should end: the last seal's number and row, and how far down rows may still turn up."""

    number: int
    history_id: int
    floor: int
    rows: int
    finding: Finding | None


@dataclass(frozen=True)
class SealPage:
    """Seals in a row, with what they are about."""

    seals: Sequence[Seal]
    rows: Mapping[int, Stored]
    checkpoints: Sequence[tuple[Checkpoint, str]]


def read_start(connection: Connection, key: SealKey) -> Start:
    """Read the last line of the purge's protocol that is ours, after which everything left must follow."""
    forged: list[int] = []
    lines = select(tables.history_purges).order_by(tables.history_purges.c.number.desc()).limit(PAGE)
    for row in connection.execute(lines):
        beginning = Beginning(row.number, row.chain, row.history_id, row.decided_before, row.at)
        if key.proves_beginning(row.proof, beginning, to_micros(row.decided_before), to_micros(row.at)):
            return Start(beginning, forged)
        forged.append(row.number)
    return Start(Beginning(), forged)


def read_end(connection: Connection, key: SealKey, at: datetime) -> End:
    """Read where the chain ends by its head; where that is not ours, by checkpoints and seals, with what is wrong."""
    stored_head, rows = (
        read_head(connection),
        connection.execute(select(func.count()).select_from(tables.history)).scalar_one(),
    )
    if stored_head is not None and key.proves_head(stored_head[1], stored_head[0], last_key(connection)):
        head = stored_head[0]
        return End(head.number, head.history_id, floor_of(connection, head, at), rows, None)
    last = _last_checkpoint(connection)
    if stored_head is None and last is None and not _exists(connection):
        return End(0, 0, 0, rows, None)
    number, row = last or (0, 0)
    end = max(number, connection.execute(select(func.max(tables.seals.c.number))).scalar() or 0)
    finding = Finding(FindingKind.HEAD_CHANGED if _knows(connection, key) else FindingKind.KEY)
    return End(end, row, floor_of(connection, Head(), at), rows, finding)


def last_key(connection: Connection) -> str:
    """Read the name of the key that made the last seal; empty where there is none."""
    seals = tables.seals.c
    last = select(func.max(seals.number)).scalar_subquery()
    return connection.execute(select(seals.key).where(seals.number == last)).scalar() or ""


def seal_of_beginning(beginning: Beginning) -> Seal:
    """Return the beginning as the seal that the first one left is tied to."""
    return Seal(beginning.number, beginning.history_id, 0, NEWEST_FORM, "", beginning.chain)


def _exists(connection: Connection) -> bool:
    return connection.execute(select(tables.seals.c.number).limit(1)).first() is not None


def _last_checkpoint(connection: Connection) -> tuple[int, int] | None:
    points = tables.checkpoints.c
    last = connection.execute(select(points.number, points.highest_id).order_by(points.number.desc()).limit(1)).first()
    return None if last is None else (last.number, last.highest_id)


def _knows(connection: Connection, key: SealKey) -> bool:
    """Say whether the key made the first seal or any of the last checkpoints."""
    first = connection.execute(select(tables.seals).order_by(tables.seals.c.number).limit(1)).first()
    start = read_start(connection, key).beginning
    if first is not None and key.links(_seal_of(first), seal_of_beginning(start)):
        return True
    points = connection.execute(select(tables.checkpoints).order_by(tables.checkpoints.c.number.desc()).limit(PAGE))
    checkpoints = ((_checkpoint_of(row), row.proof) for row in points)
    return any(key.proves_checkpoint(proof, checkpoint, to_micros(checkpoint.at)) for checkpoint, proof in checkpoints)


def read_page(connection: Connection, after: int, last: int) -> SealPage:
    """Read the next seals after a number, up to a last one, with the rows they are of and the checkpoints among
    them.
    """
    seals, points = tables.seals.c, tables.checkpoints.c
    query = select(tables.seals).where(seals.number > after, seals.number <= last).order_by(seals.number).limit(PAGE)
    page = [_seal_of(row) for row in connection.execute(query)]
    upto = page[-1].number if page else last
    checkpoints = connection.execute(select(tables.checkpoints).where(points.number > after, points.number <= upto))
    return SealPage(
        page,
        read_rows(connection, [seal.history_id for seal in page]),
        [(_checkpoint_of(row), row.proof) for row in checkpoints],
    )


def read_rows(connection: Connection, ids: Iterable[int]) -> dict[int, Stored]:
    """Read rows of history by id; those that are gone are left out."""
    return {row["id"]: row for row in connection.execute(_ROWS, {"ids": list(ids)}).mappings()}


def read_ids(connection: Connection, after: int) -> Sequence[int]:
    """Read the ids of the next rows of history after one, in order."""
    return connection.execute(_IDS, {"after": after, "page": PAGE}).scalars().all()


def read_sealed(connection: Connection, first: int, last: int) -> set[int]:
    """Read the ids from one to another, both included, that have a seal."""
    return set(connection.execute(_SEALED, {"first": first, "last": last}).scalars())


def read_beyond(connection: Connection) -> list[tuple[int, int]]:
    """Read number and row of seals after the end that the head tells of, as many as are named."""
    return [(number, row) for number, row in connection.execute(_BEYOND, {"page": NAMED})]


def _seal_of(row: Row[Any]) -> Seal:
    return Seal(row.number, row.history_id, row.after_id, row.form, row.digest, row.chain, row.key)


def _checkpoint_of(row: Row[Any]) -> Checkpoint:
    return Checkpoint(row.number, row.chain, row.highest_id, row.at)
