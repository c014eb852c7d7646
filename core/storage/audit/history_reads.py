"""History as it is written, for those who look into it: one case, or everything page by page."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, select

from core.audit.seals import Checkpoint
from core.shared.vocabulary import CaseId
from core.storage import tables
from core.storage.database.database import Database

PAGE = 1_000


class HistoryLine(NamedTuple):
    """A row of history in the order of its columns, then the number of its seal; none while it is not sealed."""

    id: int
    case_id: str | None
    at: datetime
    action: str
    from_state: str | None
    to_state: str | None
    step: int | None
    revision: int | None
    content_version: int | None
    part: str | None
    person_id: str | None
    organisation_id: str | None
    surface: str
    assurance: str | None
    evidence: str
    kind: str
    about_id: str | None
    seal: int | None


async def read_case(database: Database, case: CaseId) -> Sequence[HistoryLine]:
    """Read all rows of a case, in order."""
    query = select(tables.history).where(tables.history.c.case_id == case).order_by(tables.history.c.id)
    return await database.read(lambda connection: _lines(connection, query))


async def read_all(database: Database) -> AsyncIterator[Sequence[HistoryLine]]:
    """Read everything in the order of ids, a page at a time, so that memory does not grow."""
    after = -(2**63)
    while lines := await database.read(_page_after(after)):
        yield lines
        after = lines[-1].id


async def newest_checkpoint(database: Database) -> Checkpoint | None:
    """Read how the chain stood when the last batch was sealed; None before the first."""
    points = tables.checkpoints.c
    query = select(points.number, points.chain, points.highest_id, points.at).order_by(points.number.desc()).limit(1)
    row = await database.read(lambda connection: connection.execute(query).one_or_none())
    return None if row is None else Checkpoint(*row)


def _page_after(after: int) -> Callable[[Connection], list[HistoryLine]]:
    query = select(tables.history).where(tables.history.c.id > after).order_by(tables.history.c.id).limit(PAGE)
    return lambda connection: _lines(connection, query)


def _lines(connection: Connection, query: Select[Any]) -> list[HistoryLine]:
    rows = connection.execute(query).all()
    seals = _seals(connection, [row.id for row in rows])
    return [HistoryLine(*row, seal=seals.get(row.id)) for row in rows]


def _seals(connection: Connection, ids: Sequence[int]) -> Mapping[int, int]:
    seals = tables.seals.c
    rows = connection.execute(select(seals.history_id, seals.number).where(seals.history_id.in_(ids)))
    return {history_id: number for history_id, number in rows}
