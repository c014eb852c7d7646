"""Reads what a week was like for everybody who took part in it: counts, what is named, and its steps page by page."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, func, select

from core.shared.vocabulary import CaseId, Flow, LineKind, OrganisationId, Side, State
from core.shared.working_days import beginning_of
from core.storage import tables
from core.storage.database.database import Database
from core.views.weekly import NAMED, WAITED_IN, EndedStep, KnownWeek, WeekView, week_view

# What is known for each reader; None is Inera, whom everything concerns.
Known = defaultdict[OrganisationId | None, KnownWeek]
Rows = Sequence[Any]

# So many steps are read at once: whoever presses meanwhile waits for no more.
PAGE = 500
# What is done at once may be numbered in another order than it was done in, by as much as this.
OUT_OF_TURN = timedelta(hours=1)
_HISTORY, _CASES = tables.history, tables.cases
_OF_CASE = (_CASES.c.customer_id, _CASES.c.agent_id, _CASES.c.offer_id.is_not(None).label("is_order"))


class Span(NamedTuple):
    """The instants between which a week lies, and the ids of history between which everything of it stands."""

    since: datetime
    until: datetime
    first: int
    end: int


@dataclass(frozen=True)
class SqlWeeks:
    """Implements core.views.weekly.Weeks on SQLite and PostgreSQL; `page` steps are read at once.

    What is reckoned from them is reckoned in a thread: the event loop belongs to those who press.
    """

    database: Database
    page: int = PAGE

    async def week(self, first_day: date, at: datetime) -> Mapping[OrganisationId | None, WeekView]:
        """See core.views.weekly.Weeks."""
        database = self.database.unhurried()
        since, until = beginning_of(first_day), beginning_of(first_day + timedelta(days=7))
        span = await database.read(partial(find_span, since=since, until=until))
        if span is None:
            return {}
        known = Known(KnownWeek)
        _count_placed(known, await database.read(partial(read_placed, span=span)))
        _count_waiting(known, await database.read(read_waiting))
        after = span.first - 1
        while steps := await database.read(partial(read_ended, span=span, after=after, limit=self.page)):
            await asyncio.to_thread(_add_ended, known, steps)
            after = steps[-1].id
        return await asyncio.to_thread(_views, known, first_day, at)


def find_span(connection: Connection, since: datetime, until: datetime) -> Span | None:
    """Return where a week stands in history; None where there was none before its end."""
    oldest = select(func.min(_HISTORY.c.id)).scalar_subquery()
    began_at = connection.scalar(select(_HISTORY.c.at).where(_HISTORY.c.id == oldest))
    if began_at is None or began_at >= until:
        return None
    first, end = _first_id(connection, since - OUT_OF_TURN), _first_id(connection, until + OUT_OF_TURN)
    return Span(since, until, first, end)


def read_placed(connection: Connection, span: Span) -> Rows:
    """Count what was placed, by who is at its two sides."""
    placed = (
        select(*_OF_CASE, func.count().label("total"))
        .where(_CASES.c.created_at >= span.since, _CASES.c.created_at < span.until)
        .group_by(*_OF_CASE)
    )
    return connection.execute(placed).all()


def read_waiting(connection: Connection) -> Rows:
    """Read what has waited longest, the longest first, and how much waits, by who is at its two sides."""
    alike: dict[str, Any] = {"partition_by": _OF_CASE}
    waiting = (
        select(_CASES.c.id, _CASES.c.state, _CASES.c.waiting_since, *_OF_CASE)
        .add_columns(func.count().over(**alike).label("total"))
        .add_columns(func.row_number().over(**alike, order_by=(_CASES.c.waiting_since, _CASES.c.id)).label("place"))
        .where(_CASES.c.state.in_(WAITED_IN), _CASES.c.closed_at.is_(None))
        .subquery()
    )
    oldest = select(waiting).where(waiting.c.place <= NAMED).order_by(waiting.c.waiting_since, waiting.c.id)
    return connection.execute(oldest).all()


def read_ended(connection: Connection, span: Span, after: int, limit: int) -> Rows:
    """Read some steps that ended, in the order of their ids, each with when it began."""
    ended, began, before = (_HISTORY.alias(name) for name in ("ended", "began", "before"))
    is_before = and_(before.c.case_id == ended.c.case_id, before.c.revision < ended.c.revision)
    beginning = select(func.max(before.c.revision)).where(is_before, before.c.from_state != before.c.to_state)
    query = (
        select(ended.c.id, _CASES.c.flow, _CASES.c.content_version, *_OF_CASE)
        .add_columns(ended.c.from_state, ended.c.to_state, ended.c.at)
        .add_columns(began.c.at.label("began_at"), began.c.content_version.label("began_with"))
        .join(ended, ended.c.case_id == _CASES.c.id)
        .join(began, and_(began.c.case_id == ended.c.case_id, began.c.revision == beginning.scalar_subquery()))
        .where(ended.c.id > after, ended.c.id < span.end)
        .where(ended.c.at >= span.since, ended.c.at < span.until, ended.c.kind == LineKind.CHANGE)
        .where(ended.c.from_state != ended.c.to_state)
        .order_by(ended.c.id)
        .limit(limit)
    )
    return connection.execute(query).all()


def _first_id(connection: Connection, since: datetime) -> int:
    """Return an id before which every row of history is older than an instant: no index finds a row by its time."""
    # Each by itself: both at once SQLite would look for in every row.
    low = connection.execute(select(func.min(_HISTORY.c.id))).scalar_one()
    high = connection.execute(select(func.max(_HISTORY.c.id))).scalar_one() + 1
    while low < high:
        middle = (low + high) // 2
        next_at = select(_HISTORY.c.at).where(_HISTORY.c.id >= middle).order_by(_HISTORY.c.id).limit(1)
        low, high = (middle + 1, high) if connection.execute(next_at).scalar_one() < since else (low, middle)
    return low


def _concerned(known: Known, row: Any, *, with_agent: bool = True) -> Iterator[KnownWeek]:
    """Yield what is known for Inera, and of an order for the organisations on its two sides, each once."""
    readers = {None: Side.INERA}
    if row.is_order and with_agent and row.agent_id is not None:
        readers[row.agent_id] = Side.AGENT
    if row.is_order:
        readers[row.customer_id] = Side.CUSTOMER
    for reader, side in readers.items():
        known[reader].sides.add(side)
        yield known[reader]


def _count_placed(known: Known, rows: Rows) -> None:
    for row in rows:
        for week in _concerned(known, row):
            week.placed += row.total


def _count_waiting(known: Known, rows: Rows) -> None:
    for row in rows:
        for week in _concerned(known, row):
            week.waiting += row.total if row.place == 1 else 0
            week.oldest.append((CaseId(row.id), State(row.state), row.waiting_since))


def _add_ended(known: Known, rows: Rows) -> None:
    for row in rows:
        step = EndedStep(Flow(row.flow), State(row.from_state), State(row.to_state), row.began_at, row.at)
        # With what was changed in an order another agent may have come; an agent hears of none it had no part in.
        for week in _concerned(known, row, with_agent=row.began_with == row.content_version):
            week.add(step)


def _views(known: Known, first_day: date, at: datetime) -> Mapping[OrganisationId | None, WeekView]:
    return {reader: week_view(week, first_day, at) for reader, week in known.items()}
