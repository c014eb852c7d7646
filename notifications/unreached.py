"""What some people were to hear of, once none of them can be reached: customer service's channel hears it instead."""

from datetime import datetime

from sqlalchemy import Connection, and_, func, insert, select

from core.api import CardId, NewId, Part
from core.db import cards
from notifications.card import Card, owed


def tell_instead(connection: Connection, card: Card, *, at: datetime, new_id: NewId) -> None:
    """Let customer service's channel have what was said in a card that was given up, unless another has got it.

    To be called after the card was given up in the same transaction: of two lost at once, the second sees the first.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(card.about, 0))))
    mine = and_(cards.c.case_id.is_(None), cards.c.kind == card.kind, cards.c.about == card.about)
    if connection.scalar(select(cards.c.id).where(mine, cards.c.given_up_at.is_(None)).limit(1)) is None:
        row = owed(CardId(new_id("C")), card.kind, Part.CUSTOMER_SERVICE, at, about=card.about)
        connection.execute(insert(cards).values(row))
