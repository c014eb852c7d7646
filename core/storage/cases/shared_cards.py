"""Applications with one number stand on one card: what becomes of one is shown on that of the first."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, literal, or_, select, update
from sqlalchemy import case as case_of

from core.shared.vocabulary import Part, State
from core.storage import tables
from core.workflow.context import Situation
from core.workflow.events import CaseAdvanced, Change

# Whoever sends in one application after another has the card edited this often, and no oftener.
PAUSE = timedelta(seconds=30)


def show_together(connection: Connection, change: Change, now: Situation) -> None:
    """Show a change on the card of the first application with the number, of the old one too where that has changed.

    `now` is what it was decided on. What stands on no card of its own and is the first from now on is posted.
    """
    before, after = change.event.before.application.org_number, change.event.after.application.org_number
    # What is sent in has no number before it.
    numbers = {each for each in (before, after) if each}
    if change.owed.together and (now.applying.others or len(numbers) > 1):
        for number in sorted(numbers):
            _show(connection, number, change)


def _show(connection: Connection, number: str, change: Change) -> None:
    cards, cases, event = tables.cards.c, tables.cases.c, change.event
    waiting = select(cases.id).where(cases.applicant_number == number, cases.state == State.APPLICATION_SUBMITTED)
    first = waiting.order_by(cases.waiting_since, cases.id).limit(1).scalar_subquery()
    # One behind the first that stands somewhere all the same, as all did once, says from now on where to look.
    shows = or_(cards.case_id == first, cards.channel.is_not(None))
    theirs = (
        cards.case_id.in_(waiting),
        cards.kind.in_(change.owed.together),
        cards.given_up_at.is_(None),
        cards.case_id != event.after.id,
    )
    is_pressed = event.decision.part is Part.CUSTOMER_SERVICE
    priority = 0 if is_pressed else case_of((cards.does_show == 0, cards.priority), else_=2)
    due_at = literal(event.decision.at, tables.Instant) if is_pressed else _in_time(event)
    connection.execute(update(tables.cards).where(*theirs, shows).values(due_at=due_at, priority=priority))


def _in_time(event: CaseAdvanced) -> ColumnElement[datetime]:
    """At once where nothing stands yet; else after a pause, in which more may come, or when it is due already."""
    cards, at = tables.cards.c, event.decision.at
    is_free = or_(cards.due_at.is_(None), cards.leased_until > at)
    return case_of(
        (cards.does_show == 0, literal(at, tables.Instant)),
        (is_free, literal(at + PAUSE, tables.Instant)),
        else_=cards.due_at,
    )
