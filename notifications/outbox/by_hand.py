"""What whoever runs the product does with a message that has not reached its reader: sends it again, or lets it go."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, select, update

from core.api import CardId, Happened, Now, Surface
from core.storage.tables import cards, workspaces
from notifications.cards.card import LET_GO, card_from_row
from notifications.database import Transactions
from notifications.outbox.delivery_notes import note_delivery
from notifications.outbox.leases import ELSEWHERE


class ByHand(StrEnum):
    """What came of it."""

    DONE = "done"
    UNKNOWN = "unknown"  # there is no such card
    NOTHING = "nothing"  # nothing is owed, and nothing was lost
    AT_WORK = "at_work"  # a relay has it in its hands just now
    HELD = "held"  # where it goes nothing is taken until somebody mends that


@dataclass(frozen=True)
class CardsByHand:
    """Looks after single cards. History tells what was done."""

    database: Transactions
    now: Now

    async def retry(self, card: CardId) -> ByHand:
        """Owe a card at once that is owed later; one that was lost to its reader as found anew. Wake the relay."""
        at = self.now()
        return await self.database.write(lambda connection: _retry(connection, card, at))

    async def let_go(self, card: CardId) -> ByHand:
        """Send a card no more, and tell nobody else; one that stands somewhere shows the next change of its case."""
        at = self.now()
        return await self.database.write(lambda connection: _let_go(connection, card, at))


def _retry(connection: Connection, card: CardId, at: datetime) -> ByHand:
    row = _locked(connection, card)
    if row is None:
        return ByHand.UNKNOWN
    if (hindrance := _hindrance(row, at)) is not None:
        return hindrance
    # Whose account it was, and in which Slack, may be another by now: a reader is looked for as for a new card.
    is_lost = row.due_at is None and row.email is None
    if not is_lost and connection.scalar(_problem_of(row.workspace_id)) is not None:
        return ByHand.HELD
    anew = {"workspace_id": None, "address": None} if is_lost else {}
    owed = update(cards).where(cards.c.id == card).values(due_at=at, leased_until=None, attempts=0, **anew)
    connection.execute(owed)
    note_delivery(connection, card_from_row(row), Happened.RESENT, at, surface=Surface.FILE)
    return ByHand.DONE


def _let_go(connection: Connection, card: CardId, at: datetime) -> ByHand:
    row = _locked(connection, card)
    if row is None:
        return ByHand.UNKNOWN
    if (hindrance := _hindrance(row, at)) is not None:
        return hindrance
    nothing_owed = {"due_at": None, "owed_at": None, "leased_until": None, "last_error": LET_GO}
    # What stands somewhere shows the truth again with the next change of its case.
    given_up = {"given_up_at": row.given_up_at or at} if row.channel is None else {}
    connection.execute(update(cards).where(cards.c.id == card).values(**nothing_owed, **given_up))
    note_delivery(connection, card_from_row(row), Happened.LET_GO, at, surface=Surface.FILE)
    return ByHand.DONE


def _locked(connection: Connection, card: CardId) -> Row[Any] | None:
    return connection.execute(select(cards).where(cards.c.id == card).with_for_update()).one_or_none()


def _problem_of(workspace: str | None) -> Select[str | None]:
    return select(workspaces.c.problem).where(workspaces.c.id == workspace)


def _hindrance(row: Row[Any], at: datetime) -> ByHand | None:
    if row.due_at is None and not _is_lost(row):
        return ByHand.NOTHING
    return ByHand.AT_WORK if row.leased_until is not None and row.leased_until > at else None


def _is_lost(row: Row[Any]) -> bool:
    """Given up, and neither kept as it stands nor sent, or asked, in another way."""
    is_of_a_role = card_from_row(row).is_in_role_channel
    return row.given_up_at is not None and row.channel is None and row.last_error not in ELSEWHERE and not is_of_a_role
