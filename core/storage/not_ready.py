"""Cards about what an organisation lacks: to whom they go, and what has been told already."""

from collections.abc import Callable

from sqlalchemy import Connection, insert, select, text

from core import db
from core.events import NewCard
from core.not_ready import NotReady
from core.storage.asking_person import role_holds
from core.words import PersonId, Role

_TURN = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")


Announce = Callable[[tuple[PersonId, ...]], tuple[NewCard, ...]]


def tell(connection: Connection, lacking: NotReady, announce: Announce) -> None:
    """Write the cards that are announced to whoever has not got one about it."""
    if connection.dialect.name == "postgresql":
        # Two tries at once are told of once.
        connection.execute(_TURN, {"key": lacking.key})
    cards = db.cards.c
    about = select(cards.person_id).where(cards.about == lacking.key)
    told = set(connection.execute(about).scalars())
    new = [each for each in announce(_administrators(connection, lacking)) if each.person not in told]
    if new:
        connection.execute(insert(db.cards), [_row(each, lacking) for each in new])


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


def _row(card: NewCard, lacking: NotReady) -> dict[str, object]:
    return {
        "id": card.id,
        "person_id": card.person,
        "kind": card.kind,
        "part": card.part,
        "about": lacking.key,
        "must_show": 1,
        "does_show": 0,
        "priority": 1,
        "due_at": lacking.at,
        "attempts": 0,
    }
