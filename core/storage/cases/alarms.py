"""Cards about what somebody must see to: each reader gets one of them, however often it is met."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select, text

from core.ports.cases import Alarm
from core.shared.vocabulary import OrganisationId, PersonId, Role
from core.storage import tables
from core.storage.context.asking_person import role_holds
from core.workflow.alarms import Overdue, Unattended
from core.workflow.events import NewCard

_TURN = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")


def told_of(connection: Connection, key: str) -> frozenset[PersonId | None]:
    """Wait for whoever tells of the same, and find whom cards have told of it; None is a channel."""
    if connection.dialect.name == "postgresql":
        connection.execute(_TURN, {"key": key})
    cards = tables.cards.c
    return frozenset(connection.execute(select(cards.person_id).where(cards.about == key)).scalars())


def tell(connection: Connection, alarm: Alarm, cards: Sequence[NewCard]) -> None:
    """Owe cards about an alarm; those about a case that stands still are of its step."""
    of_case = {"case_id": alarm.case, "step": alarm.step} if isinstance(alarm, Unattended | Overdue) else {}
    if cards:
        connection.execute(insert(tables.cards), [_row(card, alarm) | of_case for card in cards])


def _row(card: NewCard, alarm: Alarm) -> dict[str, object]:
    return {
        "id": card.id,
        "person_id": card.person,
        "kind": card.kind,
        "part": card.part,
        "about": alarm.key,
        "must_show": 1,
        "does_show": 0,
        "priority": 1,
        "due_at": alarm.at,
        "attempts": 0,
    }


def holders(
    connection: Connection, roles: frozenset[Role], at: datetime, organisation: OrganisationId | None = None
) -> tuple[PersonId, ...]:
    """Find the active people who hold one of some roles, at an organisation or any, the longest first."""
    held, people = tables.role_assignments.c, tables.persons.c
    holds = [held.role.in_(roles), role_holds(at), people.active]
    if organisation is not None:
        holds.append(held.organisation_id == organisation)
    query = select(people.id).join(tables.role_assignments, held.person_id == people.id).where(*holds).order_by(held.id)
    return tuple(dict.fromkeys(map(PersonId, connection.execute(query).scalars())))
