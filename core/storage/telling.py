"""Cards about what somebody must see to: each reader gets one of them, however often it is met."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select, text

from core import db
from core.events import NewCard
from core.words import CaseId, PersonId

_TURN = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")

Announce = Callable[[tuple[PersonId, ...]], tuple[NewCard, ...]]


def tell_once(
    connection: Connection, key: str, announced: Sequence[NewCard], at: datetime, **of_a_case: CaseId | int
) -> None:
    """Write those cards whose readers have none about the key; `of_a_case` is the `case_id` and `step` they are of."""
    take_turn(connection, key)
    cards = db.cards.c
    told = set(connection.execute(select(cards.person_id).where(cards.about == key)).scalars())
    new = [each for each in announced if each.person not in told]
    if new:
        connection.execute(insert(db.cards), [card_row(each, key, at) | of_a_case for each in new])


def take_turn(connection: Connection, key: str) -> None:
    """Wait for whoever tells of the same: two at once are told of once."""
    if connection.dialect.name == "postgresql":
        connection.execute(_TURN, {"key": key})


def card_row(card: NewCard, key: str, at: datetime) -> dict[str, object]:
    """The columns of a card about what the key names."""
    return {
        "id": card.id,
        "person_id": card.person,
        "kind": card.kind,
        "part": card.part,
        "about": key,
        "must_show": 1,
        "does_show": 0,
        "priority": 1,
        "due_at": at,
        "attempts": 0,
    }
