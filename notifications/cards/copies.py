"""Second messages of a card: after a crash between posting and recording, Slack may show one we do not know of."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from core.api import CardId, NewId
from core.storage.tables import cards, cases
from notifications.cards.card import PRESSED
from notifications.slack.port import MessagePlace


def adopt(connection: Connection, card: CardId, place: MessagePlace, *, at: datetime, new_id: NewId) -> bool:
    """A message with a card's buttons stands at a place: know it from now on, and owe it the truth. Repeatable.

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
        connection.execute(update(cards).where(cards.c.id == card).values(**taken))
        return True
    connection.execute(insert(cards).values(_copy(connection, known, place, at, new_id)))
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
    }
