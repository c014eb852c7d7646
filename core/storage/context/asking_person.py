"""Who asks, and the roles that hold at an instant."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, select

from core.identity.accounts import Identity
from core.shared.errors import NotLinked, PersonInactive
from core.shared.vocabulary import PersonId
from core.storage import tables
from core.storage.database.conditions import holds
from core.storage.tables.links import stands


def person_asking(connection: Connection, by: Identity | PersonId) -> PersonId:
    """The active person behind a confirmed account, or with an id. Raises NotLinked, PersonInactive."""
    people, accounts = tables.persons.c, tables.identities.c
    query = select(people.id, people.active).where(people.id == by)
    if isinstance(by, Identity):
        mine = and_(accounts.issuer == by.issuer, accounts.subject == by.subject, stands())
        query = select(people.id, people.active).where(people.id == accounts.person_id, mine)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotLinked
    if not row.active:
        raise PersonInactive
    return PersonId(row.id)


def role_holds(at: datetime) -> ColumnElement[bool]:
    """True for role assignments that hold at an instant."""
    held = tables.role_assignments.c
    return holds(held.valid_from, held.valid_to, at)
