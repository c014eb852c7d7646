"""One message of a day for whoever has much waiting, in the place of a reminder of each order."""

import logging
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import cache

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, insert, literal, select, update
from sqlalchemy.exc import SQLAlchemyError

from core.api import Action, CardId, NewId, Part, PersonId, day_of
from core.storage.tables import cards, history, persons
from core.storage.tables.columns import unindexed
from notifications.cards.card import owed
from notifications.rules.announcements import CardKind

# Of so many that wait each is reminded of by itself.
MOST_APART = 5
# So many people are looked at in one transaction: for each it is read what waits.
PEOPLE_AT_ONCE = 10
# Counts what waits for a person, no further than asked for.
CountWaiting = Callable[[Connection, PersonId, datetime, int], int]

log = logging.getLogger(__name__)


@cache
def awaits_others() -> ColumnElement[bool]:
    """Say in SQL that a card is a reminder of the clock's which nobody has let out yet, by itself or with others.

    What whoever ordered asks for is of that order alone, and goes out at once.
    """
    # Looked for by its case, one at a time: all of history is read by nobody.
    of_the_clock = (
        select(history.c.id)
        .where(history.c.case_id == cards.c.case_id)
        .where(history.c.action == Action.REMIND, history.c.at == cards.c.owed_at)
        .limit(1)
        .correlate(cards)
        .scalar_subquery()
    )
    # Written out: a value beside the statement not every SQLite holds against what an index is of (ix_cards_reminds).
    is_reminder = cards.c.kind == literal(CardKind.REMINDER.value, literal_execute=True)
    is_new = and_(is_reminder, cards.c.alone_on.is_(None), unindexed(cards.c.workspace_id).is_(None))
    return and_(is_new, of_the_clock.is_not(None))


def gather_reminders(connection: Connection, at: datetime, new_id: NewId, count_waiting: CountWaiting) -> None:
    """Let the reminders out of those for whom little waits, and owe others one message a day instead of theirs.

    Never both on one day: whoever was reminded of one order that day is reminded of the others too.
    """
    for person in _people(connection, at):
        _gather(connection, person, at, new_id, count_waiting)


def _people(connection: Connection, at: datetime) -> Sequence[PersonId]:
    """Those whose reminders wait to be let out; each is one relay's alone, or both would owe the message."""
    # The first by the index, or all that is due would be read for each few. Of two relays at once one lets nobody out.
    whose = select(cards.c.person_id).where(_reminds(at)).distinct().order_by(cards.c.person_id).limit(PEOPLE_AT_ONCE)
    query = select(persons.c.id).where(persons.c.id.in_(whose)).order_by(persons.c.id)
    return connection.execute(query.with_for_update(skip_locked=True, key_share=True)).scalars().all()


def _reminds(at: datetime) -> ColumnElement[bool]:
    return and_(cards.c.due_at <= at, awaits_others())


def _gather(connection: Connection, person: PersonId, at: datetime, new_id: NewId, count_waiting: CountWaiting) -> None:
    today = day_of(at)
    is_told = _has(connection, person, cards.c.kind == CardKind.DIGEST, cards.c.about == today.isoformat())
    is_reminded = _has(connection, person, cards.c.alone_on == today)
    is_apart = not is_told and (is_reminded or not _has_much(connection, person, at, count_waiting))
    # A press waits for what is locked from here on, so nothing is counted any more.
    found = connection.execute(_theirs(person, at)).all()
    these = cards.c.id.in_([row.id for row in found])
    if not found:
        return
    if is_apart:
        connection.execute(update(cards).where(these).values(alone_on=today))
        return
    connection.execute(delete(cards).where(these))
    if not is_told:
        connection.execute(insert(cards).values(_digest(person, Part(found[0].part), today, at, new_id)))


def _has_much(connection: Connection, person: PersonId, at: datetime, count_waiting: CountWaiting) -> bool:
    try:
        return count_waiting(connection, person, at, MOST_APART + 1) > MOST_APART
    except SQLAlchemyError:
        raise
    except Exception:
        # One case that cannot be read keeps nobody else's messages back; its reader is reminded of each by itself.
        log.exception("waiting_not_counted person=%s", person)
        return False


def _theirs(person: PersonId, at: datetime) -> Select[str, str]:
    # What a press has locked is looked at the next time.
    query = select(cards.c.id, cards.c.part).where(cards.c.person_id == person, _reminds(at))
    return query.order_by(cards.c.id).with_for_update(skip_locked=True)


def _has(connection: Connection, person: PersonId, *which: ColumnElement[bool]) -> bool:
    query = select(cards.c.id).where(cards.c.person_id == person, *which).limit(1)
    return connection.execute(query).first() is not None


def _digest(person: PersonId, part: Part, day: date, at: datetime, new_id: NewId) -> dict[str, object]:
    return owed(CardId(new_id("C")), CardKind.DIGEST, part, at, person_id=person, about=day.isoformat())
