"""What whoever runs the product does with a message that has not reached its reader: sends it again, or lets it go."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, func, literal, select, update

from core.api import CardId, Happened, Now, Surface
from core.storage.tables import Instant, cards, workspaces
from notifications.cards.card import card_from_row
from notifications.database import Transactions
from notifications.outbox.delivery_notes import note_delivery

# Why a card was given up that whoever runs the product has let go.
LET_GO = "let_go"


class ByHand(StrEnum):
    """What came of it."""

    DONE = "done"
    UNKNOWN = "unknown"  # there is no such card
    SHOWN = "shown"  # nothing is owed, and nothing was lost
    AT_WORK = "at_work"  # a relay has it in its hands just now
    HELD = "held"  # where it goes nothing is taken until somebody mends that


@dataclass(frozen=True)
class CardsByHand:
    """Looks after single cards. History tells what was done."""

    database: Transactions
    now: Now

    async def retry(self, card: CardId) -> ByHand:
        """Owe a card at once that is owed later, or was lost, as if it had never been tried. Wake the relay."""
        at = self.now()
        return await self.database.write(lambda connection: _retry(connection, card, at))

    async def let_go(self, card: CardId) -> ByHand:
        """Send a card no more, until its case has more to tell; nobody else is told that it did not arrive."""
        at = self.now()
        return await self.database.write(lambda connection: _let_go(connection, card, at))


def _retry(connection: Connection, card: CardId, at: datetime) -> ByHand:
    row = _locked(connection, card)
    if row is None:
        return ByHand.UNKNOWN
    if (hindrance := _hindrance(row, at)) is not None:
        return hindrance
    if connection.scalar(select(workspaces.c.problem).where(workspaces.c.id == row.workspace_id)) is not None:
        return ByHand.HELD
    connection.execute(update(cards).where(cards.c.id == card).values(due_at=at, leased_until=None, attempts=0))
    note_delivery(connection, card_from_row(row), Happened.RESENT, at, surface=Surface.FILE)
    return ByHand.DONE


def _let_go(connection: Connection, card: CardId, at: datetime) -> ByHand:
    row = _locked(connection, card)
    if row is None:
        return ByHand.UNKNOWN
    if (hindrance := _hindrance(row, at)) is not None:
        return hindrance
    nothing_owed = {"due_at": None, "owed_at": None, "leased_until": None, "last_error": LET_GO}
    given_up = func.coalesce(cards.c.given_up_at, literal(at, Instant))
    connection.execute(update(cards).where(cards.c.id == card).values(**nothing_owed, given_up_at=given_up))
    note_delivery(connection, card_from_row(row), Happened.LET_GO, at, surface=Surface.FILE)
    return ByHand.DONE


def _locked(connection: Connection, card: CardId) -> Row[Any] | None:
    return connection.execute(select(cards).where(cards.c.id == card).with_for_update()).one_or_none()


def _hindrance(row: Row[Any], at: datetime) -> ByHand | None:
    if row.due_at is None and row.given_up_at is None:
        return ByHand.SHOWN
    return ByHand.AT_WORK if row.leased_until is not None and row.leased_until > at else None
