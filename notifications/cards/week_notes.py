"""Weeks as they are stored, and as the cards that tell of them read them."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, or_, select

from core.api import CardId, Role, Side, State, StepTimes, StillWaiting, WeekView
from core.storage.tables import cards, organisations, persons, role_assignments, weekly_reports
from notifications.cards.card import Card

# What is told of a week is told in the next.
TOLD_FOR = timedelta(days=7)


def reads_weeks(at: datetime) -> ColumnElement[bool]:
    """Return the condition for a role whose holder reads of the weeks of its organisation at a time."""
    held = role_assignments.c
    is_held = and_(held.valid_from <= at, or_(held.valid_to.is_(None), held.valid_to > at))
    is_here = exists().where(persons.c.id == held.person_id, persons.c.active)
    return and_(held.role == Role.ADMINISTRATOR, is_held, is_here)


def read_weeks(connection: Connection, telling: Sequence[Card], at: datetime) -> Mapping[CardId, tuple[str, WeekView]]:
    """Read what each card tells of a week, and of which organisation: empty for everything.

    Nothing for those whose reader does not administer the organisation any more.
    """
    if not telling:
        return {}
    query = (
        select(cards.c.id, weekly_reports.c.content, organisations.c.name)
        .join(weekly_reports, weekly_reports.c.id == cards.c.about)
        .outerjoin(organisations, organisations.c.id == weekly_reports.c.organisation_id)
        .where(cards.c.id.in_([card.id for card in telling]))
        .where(or_(weekly_reports.c.organisation_id.is_(None), _is_read_by_an_administrator(at)))
    )
    return {row.id: (row.name or "", week_from_json(row.content)) for row in connection.execute(query)}


def _is_read_by_an_administrator(at: datetime) -> ColumnElement[bool]:
    held = role_assignments.c
    is_readers = held.person_id == cards.c.person_id, held.organisation_id == weekly_reports.c.organisation_id
    return exists().where(*is_readers, reads_weeks(at))


def week_to_json(week: WeekView) -> str:
    """Return a week as it is stored."""
    steps = [
        [each.state, each.count, *(time.total_seconds() for time in (each.median, each.slowest))] for each in week.steps
    ]
    oldest = [[each.case, each.state, each.since.isoformat()] for each in week.oldest]
    counts = {"placed": week.placed, "finished": week.finished, "refused": week.refused, "waiting": week.waiting}
    days = {"first_day": week.first_day.isoformat(), "made_at": week.made_at.isoformat()}
    return json.dumps({"side": week.side, **days, **counts, "steps": steps, "oldest": oldest})


def week_from_json(stored: str) -> WeekView:
    """Return the week that was stored."""
    kept: Mapping[str, Any] = json.loads(stored)
    side = Side(kept["side"])
    return WeekView(
        side=side,
        first_day=date.fromisoformat(kept["first_day"]),
        made_at=datetime.fromisoformat(kept["made_at"]),
        placed=kept["placed"],
        finished=kept["finished"],
        refused=kept["refused"],
        waiting=kept["waiting"],
        steps=tuple(
            StepTimes(side, State(state), count, timedelta(seconds=median), timedelta(seconds=slowest))
            for state, count, median, slowest in kept["steps"]
        ),
        oldest=tuple(
            StillWaiting(side, case, State(state), datetime.fromisoformat(since))
            for case, state, since in kept["oldest"]
        ),
    )
