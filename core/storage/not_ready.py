"""Cards about what an organisation lacks: to whom they go, and what has been told already."""

from sqlalchemy import Connection, select

from core import db
from core.not_ready import NotReady
from core.storage.asking_person import role_holds
from core.storage.telling import Announce, tell_once
from core.words import PersonId, Role


def tell(connection: Connection, lacking: NotReady, announce: Announce) -> None:
    """Write the cards that are announced to whoever has not got one about it."""
    tell_once(connection, lacking.key, announce(_administrators(connection, lacking)), lacking.at)


def _administrators(connection: Connection, lacking: NotReady) -> tuple[PersonId, ...]:
    roles, people = db.role_assignments.c, db.persons.c
    holds = (
        roles.organisation_id == lacking.organisation,
        roles.role == Role.ADMINISTRATOR,
        role_holds(lacking.at),
        people.active,
    )
    query = select(people.id).join(db.role_assignments, roles.person_id == people.id).where(*holds).order_by(roles.id)
    return tuple(dict.fromkeys(map(PersonId, connection.execute(query).scalars())))
