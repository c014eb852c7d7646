"""Weeks as they are stored, and as the cards that tell of them read them."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from core.api import CardId, Side, State, StepTimes, StillWaiting, WeekView
from core.storage.tables import organisations, weekly_reports
from notifications.cards.card import Card

# What is told of a week is told in the next.
TOLD_FOR = timedelta(days=7)


def read_weeks(connection: Connection, telling: Sequence[Card]) -> Mapping[CardId, tuple[str, WeekView]]:
    """Read what each card tells of a week, and of which organisation: empty for everything."""
    if not telling:
        return {}
    query = (
        select(weekly_reports.c.id, weekly_reports.c.content, organisations.c.name)
        .outerjoin(organisations, organisations.c.id == weekly_reports.c.organisation_id)
        .where(weekly_reports.c.id.in_({card.about for card in telling}))
    )
    rows = {row.id: (row.name or "", week_from_json(row.content)) for row in connection.execute(query)}
    return {card.id: rows[card.about] for card in telling if card.about in rows}


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
