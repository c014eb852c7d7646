"""Reads what a week was like for everybody who took part in it: a few statements, whatever stands in history."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, and_, func, select

from core.shared.vocabulary import CaseId, Flow, LineKind, OrganisationId, Side, State
from core.shared.working_days import beginning_of
from core.storage import tables
from core.storage.database.database import Database
from core.views.weekly import WAITED_IN, EndedStep, KnownWeek, WeekView, week_view

# What is known for each reader; None is Inera, whom everything concerns.
Known = defaultdict[OrganisationId | None, KnownWeek]

# What is done at once may be numbered in another order than it was done in, by as much as this.
OUT_OF_TURN = timedelta(hours=1)
_HISTORY, _CASES = tables.history, tables.cases
_OF_CASE = (_CASES.c.customer_id, _CASES.c.agent_id, _CASES.c.offer_id)


@dataclass(frozen=True)
class SqlWeeks:
    """Implements core.views.weekly.Weeks on SQLite and PostgreSQL."""

    database: Database

    async def week(self, first_day: date, at: datetime) -> Mapping[OrganisationId | None, WeekView]:
        """See core.views.weekly.Weeks."""
        return await self.database.read(partial(read_week, first_day=first_day, at=at))


def read_week(connection: Connection, first_day: date, at: datetime) -> Mapping[OrganisationId | None, WeekView]:
    """See core.views.weekly.Weeks."""
    since, until = beginning_of(first_day), beginning_of(first_day + timedelta(days=7))
    began_at = connection.scalar(select(_HISTORY.c.at).order_by(_HISTORY.c.id).limit(1))
    if began_at is None or began_at >= until:
        return {}
    known = Known(KnownWeek)
    _read_placed(connection, since, until, known)
    _read_ended(connection, since, until, known)
    _read_waiting(connection, known)
    return {reader: week_view(week, first_day, at) for reader, week in known.items()}


def _concerned(known: Known, row: Any, *, with_agent: bool = True) -> Iterator[KnownWeek]:
    """Yield what is known for Inera, and of an order for the organisations on its two sides, each once."""
    readers = {None: Side.INERA}
    if row.offer_id is not None and with_agent and row.agent_id is not None:
        readers[row.agent_id] = Side.AGENT
    if row.offer_id is not None:
        readers[row.customer_id] = Side.CUSTOMER
    for reader, side in readers.items():
        known[reader].sides.add(side)
        yield known[reader]


def _read_placed(connection: Connection, since: datetime, until: datetime, known: Known) -> None:
    placed = select(*_OF_CASE).where(_CASES.c.created_at >= since, _CASES.c.created_at < until)
    for row in connection.execute(placed):
        for week in _concerned(known, row):
            week.placed += 1


def _read_ended(connection: Connection, since: datetime, until: datetime, known: Known) -> None:
    """Read the steps that ended, each with when it began; an agent hears of none that it had no part in."""
    ended, began, before = (_HISTORY.alias(name) for name in ("ended", "began", "before"))
    is_before = and_(before.c.case_id == ended.c.case_id, before.c.revision < ended.c.revision)
    beginning = select(func.max(before.c.revision)).where(is_before, before.c.from_state != before.c.to_state)
    query = (
        select(_CASES.c.flow, _CASES.c.content_version, *_OF_CASE)
        .add_columns(ended.c.from_state, ended.c.to_state, ended.c.at)
        .add_columns(began.c.at.label("began_at"), began.c.content_version.label("began_with"))
        .join(ended, ended.c.case_id == _CASES.c.id)
        .join(began, and_(began.c.case_id == ended.c.case_id, began.c.revision == beginning.scalar_subquery()))
        .where(ended.c.id >= _first_id(connection, since - OUT_OF_TURN))
        .where(ended.c.at >= since, ended.c.at < until, ended.c.kind == LineKind.CHANGE)
        .where(ended.c.from_state != ended.c.to_state)
    )
    for row in connection.execute(query):
        step = EndedStep(Flow(row.flow), State(row.from_state), State(row.to_state), row.began_at, row.at)
        # With what was changed in an order another agent may have come.
        for week in _concerned(known, row, with_agent=row.began_with == row.content_version):
            week.ended.append(step)


def _first_id(connection: Connection, since: datetime) -> int:
    """Return an id before which every row of history is older than an instant: no index finds a row by its time."""
    low, high = connection.execute(select(func.min(_HISTORY.c.id), func.max(_HISTORY.c.id))).one()
    while low < high:
        middle = (low + high) // 2
        next_at = select(_HISTORY.c.at).where(_HISTORY.c.id > middle).order_by(_HISTORY.c.id).limit(1)
        low, high = (middle + 1, high) if connection.execute(next_at).scalar_one() < since else (low, middle)
    return low


def _read_waiting(connection: Connection, known: Known) -> None:
    """Read what waits, the longest first."""
    query = (
        select(_CASES.c.id, _CASES.c.state, _CASES.c.waiting_since, *_OF_CASE)
        .where(_CASES.c.state.in_(WAITED_IN), _CASES.c.closed_at.is_(None))
        .order_by(_CASES.c.waiting_since, _CASES.c.id)
    )
    for row in connection.execute(query):
        for week in _concerned(known, row):
            week.waiting.append((CaseId(row.id), State(row.state), row.waiting_since))
