"""Cards about a price that is missing: to whom they go, and whether it has been told already."""

from sqlalchemy import Connection, insert, select

from core import db
from core.missing_price import MissingPrice
from core.storage.telling import Announce, card_row, take_turn
from core.storage.unattended import leads


def tell(connection: Connection, missing: MissingPrice, announce: Announce) -> bool:
    """Write the cards that are announced to customer service's leads, unless there are some; True when it did."""
    take_turn(connection, missing.key)
    cards = db.cards.c
    if connection.execute(select(cards.id).where(cards.about == missing.key).limit(1)).first() is not None:
        return False
    rows = [card_row(each, missing.key, missing.at) for each in announce(leads(connection, missing.at))]
    connection.execute(insert(db.cards), rows)
    return True
