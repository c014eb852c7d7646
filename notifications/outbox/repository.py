"""Cards as the doors know them: found by id, owned up to where a press came from, owed anew, owed to substitutes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, exists, func, insert, or_, select, update

from core.api import FLOWS, Action, CardId, NewId, Now, Part, Role, day_of, end_of, is_working_day
from core.storage.tables import cards, cases, history, substitutions
from notifications.cards.card import PRESSED, REPAINT, Card, card_from_row, owed
from notifications.database import Transactions
from notifications.mail.port import MAIL
from notifications.rules.announcements import CardKind
from notifications.slack.port import MessagePlace

SUBSTITUTIONS_AT_ONCE = 100
# Where somebody waits for an answer and may remind of it.
REMINDED_OF = sorted({row.source for row in FLOWS if row.does is Action.REMIND_NOW})


@dataclass(frozen=True)
class CardStore:
    """The rows of the cards, for those who wake the relay when something is owed."""

    database: Transactions
    now: Now
    new_id: NewId

    async def adopt(self, card: CardId, channel: str, ts: str) -> bool:
        """Own up to a message that a press came from, where the card is not known to stand there.

        A card without a place takes this one; else the message becomes a copy, which is repainted with the truth from
        now on. Repeatable. True when something is owed to it, so wake the relay.
        """
        place, at = MessagePlace(channel, ts), self.now()
        return await self.database.write(lambda connection: adopt(connection, card, place, at=at, new_id=self.new_id))

    async def repaint(self, card: CardId) -> None:
        """Owe a card again before all others: somebody pressed it and it did not show the truth. Wake the relay."""
        at = self.now()
        await self.database.write(lambda connection: repaint(connection, card, at))

    async def find(self, card: CardId) -> Card | None:
        """Return a card by its id, None when there is none."""
        rows = select(cards).where(cards.c.id == card)
        row = await self.database.read(lambda connection: connection.execute(rows).one_or_none())
        return None if row is None else card_from_row(row)

    async def one_of_each_kind(self, workspace: str) -> Sequence[Card]:
        """Return a card of each kind that stands in a workspace, whole: what an operator lets that Slack look at."""
        return await self.database.read(lambda connection: _one_of_each_kind(connection, workspace))

    async def owe_substitutes(self) -> int:
        """Owe cards to those whom changed substitutions concern; how many. Wake the relay."""
        at = self.now()
        return await self.database.write(lambda connection: _owe_substitutes(connection, at, self.new_id))

    async def offer_reminders(self) -> int:
        """Repaint the cards by which whoever ordered may remind from today on; how many. Wake the relay."""
        at = self.now()
        return await self.database.write(lambda connection: _offer_reminders(connection, at))


def _one_of_each_kind(connection: Connection, workspace: str) -> Sequence[Card]:
    stands = and_(cards.c.ts.is_not(None), cards.c.workspace_id == workspace, ~cards.c.is_reduced)
    ids = select(func.max(cards.c.id)).where(stands).group_by(cards.c.kind)
    rows = connection.execute(select(cards).where(cards.c.id.in_(ids)).order_by(cards.c.kind))
    return [card_from_row(row) for row in rows]


def adopt(connection: Connection, card: CardId, place: MessagePlace, *, at: datetime, new_id: NewId) -> bool:
    """Know from now on a message with a card's buttons that stands at a place, and owe it the truth. Repeatable.

    False when the place is the card's own, or there is no such card.
    """
    if (copy := _at(connection, place)) is not None:
        if copy != card:
            repaint(connection, copy, at)
        return copy != card
    # Locked, so that of two presses of one unknown message only the first makes a copy of it.
    known = connection.execute(select(cards).where(cards.c.id == card).with_for_update()).first()
    if known is None or _at(connection, place) is not None:
        return False
    if known.workspace_id is None and known.channel is None:
        # Its reader is looked for: what stands somewhere is at an account that is the reader's no longer.
        return False
    if known.channel is None:
        taken = {"channel": place.channel, "ts": place.ts, "leased_until": None, "priority": PRESSED, "due_at": at}
        connection.execute(update(cards).where(cards.c.id == card).values(doubted_at=None, **taken))
        return True
    connection.execute(insert(cards).values(_copy(connection, known, place, at, new_id)))
    if known.doubted_at is not None:
        # The message that it spoke of is found.
        connection.execute(update(cards).where(cards.c.id == card).values(doubted_at=None, due_at=at))
    return True


def repaint(connection: Connection, card: CardId, at: datetime) -> None:
    """Owe a card again, before others: somebody pressed it and it did not show the truth."""
    connection.execute(update(cards).where(cards.c.id == card).values(priority=PRESSED, due_at=at))


def _at(connection: Connection, place: MessagePlace) -> CardId | None:
    return connection.scalar(select(cards.c.id).where(cards.c.channel == place.channel, cards.c.ts == place.ts))


def _copy(connection: Connection, known: Any, place: MessagePlace, at: datetime, new_id: NewId) -> dict[str, Any]:
    revision = connection.scalar(select(cases.c.revision).where(cases.c.id == known.case_id))
    return {
        "id": CardId(new_id("C")),
        "case_id": known.case_id,
        "person_id": known.person_id,
        "kind": known.kind,
        "part": known.part,
        "step": known.step,
        "workspace_id": known.workspace_id,
        "address": known.address,
        "channel": place.channel,
        "ts": place.ts,
        "must_show": revision or known.must_show,
        "does_show": 0,
        "priority": PRESSED,
        "due_at": at,
        "attempts": 0,
        "about": known.about or known.id,
        "is_reduced": known.is_reduced,
        "line_id": known.line_id,
        "asked_only": known.asked_only,
    }


def _offer_reminders(connection: Connection, at: datetime) -> int:
    """Owe the status cards of orders of which somebody heard on the last working day: they may hear again today."""
    today = day_of(at)
    if not is_working_day(today):
        return 0
    last = today - timedelta(days=1)
    while not is_working_day(last):
        last -= timedelta(days=1)
    since = end_of(last - timedelta(days=1))
    reminds = history.c.action.in_((Action.REMIND, Action.REMIND_NOW))
    heard = exists().where(history.c.case_id == cases.c.id, reminds, history.c.at >= since)
    orders = select(cases.c.id).where(cases.c.state.in_(REMINDED_OF), or_(cases.c.waiting_since >= since, heard))
    stands = and_(cards.c.channel.is_not(None), cards.c.due_at.is_(None), cards.c.given_up_at.is_(None))
    in_slack = and_(cards.c.kind == CardKind.STATUS, cards.c.workspace_id != MAIL, stands)
    owed_anew = update(cards).where(in_slack, cards.c.case_id.in_(orders)).values(due_at=at, priority=REPAINT)
    return connection.execute(owed_anew).rowcount


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
