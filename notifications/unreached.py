"""What administrators were to be told of, once none of them can be reached: customer service hears of it instead."""

from datetime import datetime

from sqlalchemy import Connection, and_, func, insert, select

from core.api import NewId, Part
from core.db import cards
from notifications.announcements import CardKind
from notifications.card import REQUEST, Card


def tell_instead(connection: Connection, card: Card, *, at: datetime, new_id: NewId) -> None:
    """Let customer service's channel have what was said in a card that was given up, unless another has got it.

    To be called after the card was given up in the same transaction: of two lost at once, the second sees the first.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(card.about, 0))))
    mine = and_(cards.c.case_id.is_(None), cards.c.kind == CardKind.NOT_READY, cards.c.about == card.about)
    if connection.scalar(select(cards.c.id).where(mine, cards.c.given_up_at.is_(None)).limit(1)) is None:
        connection.execute(insert(cards).values(_row(card, at, new_id)))


def _row(card: Card, at: datetime, new_id: NewId) -> dict[str, object]:
    return {
        "id": new_id("C"),
        "kind": card.kind,
        "part": Part.CUSTOMER_SERVICE,
        "about": card.about,
        "must_show": 1,
        "does_show": 0,
        "priority": REQUEST,
        "due_at": at,
        "attempts": 0,
    }
