"""Cards about what somebody must see to: each reader gets one of them, however often it is met."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select, text

from core.shared.vocabulary import ROLES_OF, CaseId, Part, PersonId, Role
from core.storage import tables
from core.storage.context.asking_person import role_holds
from core.workflow.alarms import MissingPrice, NotReady, Unattended
from core.workflow.events import NewCard

_TURN = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")

Announce = Callable[[tuple[PersonId, ...]], tuple[NewCard, ...]]


def tell_once(
    connection: Connection, key: str, announced: Sequence[NewCard], at: datetime, **of_a_case: CaseId | int
) -> None:
    """Write those cards whose readers have none about the key; `of_a_case` is the `case_id` and `step` they are of."""
    take_turn(connection, key)
    cards = tables.cards.c
    told = set(connection.execute(select(cards.person_id).where(cards.about == key)).scalars())
    new = [each for each in announced if each.person not in told]
    if new:
        connection.execute(insert(tables.cards), [card_row(each, key, at) | of_a_case for each in new])


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


def tell_leads(connection: Connection, missing: MissingPrice, announce: Announce) -> bool:
    """Write the cards that are announced to customer service's leads, unless there are some; True when it did."""
    take_turn(connection, missing.key)
    cards = tables.cards.c
    if connection.execute(select(cards.id).where(cards.about == missing.key).limit(1)).first() is not None:
        return False
    rows = [card_row(each, missing.key, missing.at) for each in announce(leads(connection, missing.at))]
    connection.execute(insert(tables.cards), rows)
    return True


def tell_administrators(connection: Connection, lacking: NotReady, announce: Announce) -> None:
    """Write the cards that are announced to whoever has not got one about it."""
    tell_once(connection, lacking.key, announce(_administrators(connection, lacking)), lacking.at)


def _administrators(connection: Connection, lacking: NotReady) -> tuple[PersonId, ...]:
    roles, people = tables.role_assignments.c, tables.persons.c
    holds = (
        roles.organisation_id == lacking.organisation,
        roles.role == Role.ADMINISTRATOR,
        role_holds(lacking.at),
        people.active,
    )
    query = (
        select(people.id).join(tables.role_assignments, roles.person_id == people.id).where(*holds).order_by(roles.id)
    )
    return tuple(dict.fromkeys(map(PersonId, connection.execute(query).scalars())))


def serving(
    connection: Connection, at: datetime, roles: frozenset[Role] = ROLES_OF[Part.CUSTOMER_SERVICE]
) -> tuple[PersonId, ...]:
    """The active people who hold one of the roles, customer service's own if none are given."""
    held, people = tables.role_assignments.c, tables.persons.c
    holds = (held.role.in_(roles), role_holds(at), people.active)
    query = select(people.id).join(tables.role_assignments, held.person_id == people.id).where(*holds).order_by(held.id)
    return tuple(dict.fromkeys(map(PersonId, connection.execute(query).scalars())))


def leads(connection: Connection, at: datetime) -> tuple[PersonId, ...]:
    """The active people who lead customer service."""
    return serving(connection, at, frozenset({Role.CUSTOMER_SERVICE_LEAD}))


def alert(connection: Connection, unattended: Unattended, announce: Announce) -> None:
    """Write the cards that are announced to each lead who has not got one about it."""
    announced = announce(leads(connection, unattended.at))
    tell_once(connection, unattended.key, announced, unattended.at, case_id=unattended.case, step=unattended.step)
