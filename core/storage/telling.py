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
    if connection.dialect.name == "postgresql":
        # Two tries at once are told of once.
        connection.execute(_TURN, {"key": key})
    cards = db.cards.c
    told = set(connection.execute(select(cards.person_id).where(cards.about == key)).scalars())
    new = [each for each in announced if each.person not in told]
    if new:
        connection.execute(insert(db.cards), [_row(each, key, at) | of_a_case for each in new])


def _row(card: NewCard, key: str, at: datetime) -> dict[str, object]:
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
