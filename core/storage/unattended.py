"""Who works at customer service, and the cards to its lead about a case that nobody there may touch."""

from datetime import datetime

from sqlalchemy import Connection, select

from core import db
from core.storage.asking_person import role_holds
from core.storage.telling import Announce, tell_once
from core.unattended import Unattended
from core.words import ROLES_OF, Part, PersonId, Role


def serving(
    connection: Connection, at: datetime, roles: frozenset[Role] = ROLES_OF[Part.CUSTOMER_SERVICE]
) -> tuple[PersonId, ...]:
    """The active people who hold one of the roles, customer service's own if none are given."""
    held, people = db.role_assignments.c, db.persons.c
    holds = (held.role.in_(roles), role_holds(at), people.active)
    query = select(people.id).join(db.role_assignments, held.person_id == people.id).where(*holds).order_by(held.id)
    return tuple(dict.fromkeys(map(PersonId, connection.execute(query).scalars())))


def leads(connection: Connection, at: datetime) -> tuple[PersonId, ...]:
    """The active people who lead customer service."""
    return serving(connection, at, frozenset({Role.CUSTOMER_SERVICE_LEAD}))


def alert(connection: Connection, unattended: Unattended, announce: Announce) -> None:
    """Write the cards that are announced to each lead who has not got one about it."""
    announced = announce(leads(connection, unattended.at))
    tell_once(connection, unattended.key, announced, unattended.at, case_id=unattended.case, step=unattended.step)
