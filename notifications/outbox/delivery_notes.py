"""What history tells of deliveries."""

from datetime import datetime

from sqlalchemy import Connection, insert

from core.api import AuditRecord, Happened, LineKind, Surface
from core.storage.tables import history
from notifications.cards.card import Card


def note_delivery(
    connection: Connection, card: Card, action: Happened, at: datetime, *, surface: Surface = Surface.CLOCK, **more: str
) -> None:
    """Let history tell of what was sent to be kept, and of a message that did not reach its reader or stands no longer.

    `error` is why.
    """
    facts = {"card": card.id, "card_kind": card.kind, "workspace": card.workspace, **more}
    line = AuditRecord(
        LineKind.DELIVERY,
        action,
        at,
        surface,
        about=card.person,
        case=card.case,
        part=card.part,
        facts=facts,
    )
    connection.execute(insert(history).values(line.values()))
