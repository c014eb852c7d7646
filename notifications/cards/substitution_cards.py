"""Cards about substitutes: owed to the absent person and the substitute whenever a substitution changes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from core.api import CardId, NewId, Part, Role, Substitution
from core.storage.tables import cards, organisations, persons, substitutions
from notifications.cards.card import Card, owed
from notifications.rules.announcements import CardKind

AT_ONCE = 100


def owe(connection: Connection, at: datetime, new_id: NewId) -> int:
    """Owe cards to those whom changed substitutions concern, but not to whoever changed them; how many cards."""
    due = substitutions.c.owes_at.is_not(None)
    query = select(substitutions).where(due).order_by(substitutions.c.id).limit(AT_ONCE)
    found = connection.execute(query.with_for_update(skip_locked=True)).all()
    told = [
        _card(row, person, at, new_id)
        for row in found
        for person in (row.substitute_id, row.absent_id)
        if person != row.changed_by
    ]
    if told:
        connection.execute(insert(cards), told)
    if found:
        done = update(substitutions).where(substitutions.c.id.in_([row.id for row in found]))
        connection.execute(done.values(owes_at=None))
    return len(told)


def substituted(connection: Connection, batch: Sequence[Card]) -> dict[CardId, Mapping[str, str]]:
    """What each card of a substitution tells, as the substitution stands now."""
    numbers = {card.id: int(card.about or 0) for card in batch}
    if not numbers:
        return {}
    absent, substitute = persons.alias("absent"), persons.alias("substitute")
    query = (
        select(substitutions, absent.c.name.label("absent"), substitute.c.name.label("substitute"))
        .add_columns(organisations.c.name.label("organisation"))
        .join(absent, absent.c.id == substitutions.c.absent_id)
        .join(substitute, substitute.c.id == substitutions.c.substitute_id)
        .join(organisations, organisations.c.id == substitutions.c.organisation_id)
        .where(substitutions.c.id.in_(numbers.values()))
    )
    rows = {row.id: row for row in connection.execute(query)}
    return {card.id: _note(rows[numbers[card.id]], card) for card in batch}


def _note(row: Row[Any], card: Card) -> Mapping[str, str]:
    whole = Substitution(
        absent=row.absent_id,
        substitute=row.substitute_id,
        organisation=row.organisation_id,
        role=Role(row.role),
        since=row.valid_from,
        until=row.valid_to,
        created_by=row.created_by,
    )
    return {
        "mine": "yes" if card.person == row.absent_id else "",
        "absent": row.absent,
        "substitute": row.substitute,
        "role": row.role,
        "organisation": row.organisation,
        "from": whole.first_day.isoformat(),
        "to": whole.last_day.isoformat(),
        "until": row.valid_to.isoformat(),
    }


def _card(row: Row[Any], person: str, at: datetime, new_id: NewId) -> dict[str, object]:
    part = Part.AGENT_HANDLER if row.role == Role.AGENT_HANDLER else Part.CUSTOMER_ATTESTANT
    return owed(CardId(new_id("C")), CardKind.SUBSTITUTE, part, at, person_id=person, about=str(row.id))
