"""Cards: what the database says that Slack must show, and where each message stands."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, insert, select, update

from core.api import CardId, NewId, Now, Part, Role
from core.storage.tables import cards, substitutions
from notifications.cards import copies
from notifications.cards.card import Card, card_from_row, owed
from notifications.database import Transactions
from notifications.outbox import delivery_results, leases
from notifications.outbox.leases import Owing
from notifications.rules.announcements import CardKind
from notifications.slack.port import MessagePlace

T = TypeVar("T")
SUBSTITUTIONS_AT_ONCE = 100


class CardStore:
    """The rows of the cards. The relay works on them; listeners adopt copies and ask for repaints, then wake it."""

    def __init__(self, database: Transactions, *, now: Now, new_id: NewId) -> None:
        self._database = database
        self._now = now
        self._new_id = new_id

    async def adopt(self, card: CardId, channel: str, ts: str) -> bool:
        """A press came from a message at this place: when it is not where the card is known to stand, own up to it.

        A card without a place takes this one; else the message becomes a copy, which is repainted with the truth from
        now on. Repeatable. True when something is owed to it, so wake the relay.
        """
        place, at = MessagePlace(channel, ts), self._now()
        return await self._write(lambda connection: copies.adopt(connection, card, place, at=at, new_id=self._new_id))

    async def repaint(self, card: CardId) -> None:
        """Owe a card again before all others: somebody pressed it and it did not show the truth. Wake the relay."""
        at = self._now()
        await self._write(lambda connection: copies.repaint(connection, card, at))

    async def find(self, card: CardId) -> Card | None:
        """A card by its id, None when there is none."""
        rows = select(cards).where(cards.c.id == card)
        row = await self._database.read(lambda connection: connection.execute(rows).one_or_none())
        return None if row is None else card_from_row(row)

    async def owe_substitutes(self) -> int:
        """Owe cards to those whom changed substitutions concern; how many. Wake the relay."""
        at = self._now()
        return await self._write(lambda connection: _owe_substitutes(connection, at, self._new_id))

    async def owing(self, at: datetime) -> Sequence[Owing]:
        """Where something is owed and when, new cards placed with their readers first."""
        found = await self._database.read(leases.owing)
        if not any(each.workspace is None and each.at <= at for each in found):
            return found
        await self._write(lambda connection: leases.place(connection, at))
        return await self._database.read(leases.owing)

    async def claim(self, workspace: str) -> Sequence[Card]:
        """Lease some due cards of a workspace that its rate limits allow now; empty when there are none."""
        at = self._now()
        return await self._write(lambda connection: leases.claim(connection, workspace, at))

    async def claim_homeless(self) -> Sequence[Card]:
        """Lease a few due cards whose reader has no confirmed account."""
        at = self._now()
        return await self._write(lambda connection: leases.claim_homeless(connection, at))

    async def record(self, card: Card, place: MessagePlace, *, shown: int) -> None:
        """A card was posted or edited, and shows a revision."""
        at = self._now()
        await self._write(
            lambda connection: delivery_results.record(connection, card, place, shown=shown, at=at, new_id=self._new_id)
        )
        if card.last_error is not None and not card.is_copy:
            # It may have been told of as lost.
            await self._write(lambda connection: delivery_results.repaint_notice(connection, card, at))

    async def hold(self, card: Card, until: datetime) -> None:
        """Slack asks for silence: all relays keep it."""
        at = self._now()
        await self._write(lambda connection: delivery_results.hold(connection, card, until, at))

    async def put_off(self, card: Card, until: datetime, why: str) -> None:
        """Look at a card again later; no failure."""
        await self._write(lambda connection: delivery_results.put_off(connection, card, until, why))

    async def fail(self, card: Card, error: str, *, chance: float) -> bool:
        """Try again after a pause; False when it has gone on for too long and the card is given up."""
        at = self._now()
        goes_on = await self._write(
            lambda connection: delivery_results.fail(connection, card, error, at=at, chance=chance, new_id=self._new_id)
        )
        if not goes_on:
            await self._tell_again(card)
        return goes_on

    async def unsettle(self, card: Card, error: str, *, chance: float, moves: bool) -> None:
        """Its channel takes nothing: try again after a pause, where the channel is then."""
        at = self._now()
        await self._write(
            lambda connection: delivery_results.unsettle(connection, card, error, at=at, chance=chance, moves=moves)
        )

    async def release(self, card: Card) -> None:
        """Let go of a card as it was."""
        await self._write(lambda connection: delivery_results.release(connection, card))

    async def drop(self, card: Card) -> None:
        """Let go of a notice for good: it has become needless before anybody saw it."""
        await self._write(lambda connection: delivery_results.drop(connection, card))

    async def forget(self, card: Card, error: str) -> None:
        """The message is gone: the card is posted anew."""
        at = self._now()
        await self._write(lambda connection: delivery_results.forget(connection, card, error, at))

    async def give_up(self, card: Card, error: str) -> bool:
        """Nothing helps: the card is marked, and customer service's channel is told whom it was for.

        False where it goes by mail instead, and where that was told before.
        """
        at = self._now()
        is_over = await self._write(
            lambda connection: delivery_results.give_up(connection, card, error, at=at, new_id=self._new_id)
        )
        if is_over:
            await self._tell_again(card)
        return is_over

    async def redirect(self, card: Card, error: str) -> bool:
        """Let a card go by mail instead; False where it cannot."""
        at = self._now()
        return await self._write(lambda connection: delivery_results.redirect(connection, card, error, at))

    async def settle(self, card: Card) -> None:
        """A card stays as it was, sent or not."""
        await self._write(lambda connection: delivery_results.settle(connection, card, shown=card.must_show))

    async def leave(self, card: Card, error: str) -> None:
        """Let a message of an order closed long ago be as it is: it cannot be edited any more."""
        await self._write(lambda connection: delivery_results.leave(connection, card, error))

    async def _tell_again(self, card: Card) -> None:
        at = self._now()
        await self._write(lambda connection: delivery_results.tell_again(connection, card, at=at, new_id=self._new_id))

    async def _write(self, work: Callable[[Connection], T]) -> T:
        return await self._database.write(work)


def _owe_substitutes(connection: Connection, at: datetime, new_id: NewId) -> int:
    """Owe cards to those whom changed substitutions concern, but not to whoever changed them; how many cards."""
    due = substitutions.c.owes_at.is_not(None)
    query = select(substitutions).where(due).order_by(substitutions.c.id).limit(SUBSTITUTIONS_AT_ONCE)
    changed = connection.execute(query.with_for_update(skip_locked=True)).all()
    owing = [
        _substitute_card(row, person, at, new_id)
        for row in changed
        for person in (row.substitute_id, row.absent_id)
        if person != row.changed_by
    ]
    if owing:
        connection.execute(insert(cards), owing)
    if changed:
        done = update(substitutions).where(substitutions.c.id.in_([row.id for row in changed]))
        connection.execute(done.values(owes_at=None))
    return len(owing)


def _substitute_card(row: Row[Any], person: str, at: datetime, new_id: NewId) -> dict[str, object]:
    part = Part.AGENT_HANDLER if row.role == Role.AGENT_HANDLER else Part.CUSTOMER_ATTESTANT
    return owed(CardId(new_id("C")), CardKind.SUBSTITUTE, part, at, person_id=person, about=str(row.id))
