"""The reduction of cards: those of orders closed long ago become one line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, exists, func, or_, select, update

from core.api import CardId, Stage
from core.storage.tables import cards, cases, history
from notifications.cards.card import REDUCE

BATCH = 50
# Slack takes about fifty edits a minute in a workspace. These leave room for those that people wait for.
SPREAD = timedelta(seconds=2)


@dataclass(frozen=True)
class CardReduction:
    """The first stage of what a closed case loses; whatever happened to it since it was closed counts as closing."""

    def count(self, connection: Connection, before: datetime) -> int:
        """How many cases have cards to be reduced."""
        return connection.execute(select(func.count()).select_from(cases).where(_due(before))).scalar_one()

    def take(self, connection: Connection, before: datetime, at: datetime) -> int:
        """Owe the cards of a batch of cases their one line, after everything else; how many cases that was."""
        due = select(cases.c.id).where(_due(before)).order_by(cases.c.closed_at).limit(BATCH).with_for_update()
        found = connection.execute(due).scalars().all()
        if found:
            _drop_unseen(connection, found, at)
            _owe(connection, found, at)
            reduced = update(cases).where(cases.c.id.in_(found)).values(purged=Stage.CARDS_REDUCED)
            connection.execute(reduced)
        return len(found)


def _due(before: datetime) -> ColumnElement[bool]:
    stirred = exists().where(history.c.case_id == cases.c.id, history.c.at >= before)
    return and_(cases.c.purged == Stage.NOTHING, cases.c.closed_at < before, ~stirred)


def _drop_unseen(connection: Connection, found: Sequence[str], at: datetime) -> None:
    """What was never posted need not be any more. What is being posted now is reduced when it stands."""
    unseen = and_(cards.c.channel.is_(None), or_(cards.c.leased_until.is_(None), cards.c.leased_until < at))
    connection.execute(delete(cards).where(cards.c.case_id.in_(found), unseen))


def _owe(connection: Connection, found: Sequence[str], at: datetime) -> None:
    mine = cards.c.case_id.in_(found)
    # Whoever works on one now would record it as done: without the lease it is looked at again.
    reduced = {"is_reduced": True, "priority": REDUCE, "attempts": 0, "leased_until": None, "due_at": None}
    connection.execute(update(cards).where(mine).values(reduced))
    within_reach = select(cards.c.id).where(mine, cards.c.given_up_at.is_(None)).order_by(cards.c.case_id, cards.c.id)
    slots = _slots(connection, connection.execute(within_reach).scalars().all(), at)
    if slots:
        connection.execute(update(cards).where(cards.c.id == bindparam("card")).values(due_at=bindparam("slot")), slots)


def _slots(connection: Connection, ids: Sequence[CardId], at: datetime) -> list[dict[str, object]]:
    """A time for each, one after the other and after those that are owed already."""
    last = connection.execute(
        select(func.max(cards.c.due_at)).where(cards.c.due_at.is_not(None), cards.c.priority == REDUCE)
    ).scalar()
    first = max(at, last or at)
    return [{"card": id_, "slot": first + number * SPREAD} for number, id_ in enumerate(ids, 1)]
