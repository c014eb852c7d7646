"""What people do about absence, on both databases."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TypeVar

from sqlalchemy import ColumnElement, Connection, and_, or_, select, true

from core.identity.accounts import By
from core.ports.register import Colleague, SavedSubstitution, SubstitutionTransaction
from core.register.administration import Author
from core.register.substitutions import (
    Asker,
    Substitution,
    SubstitutionContext,
)
from core.shared.vocabulary import OrganisationId, PersonId, Role
from core.storage import tables
from core.storage.administration.transactions import SqlRegisterTransaction
from core.storage.context.asking_person import carried, person_asking, role_holds, role_used
from core.storage.database.database import Database
from core.storage.database.sessions import finish
from core.storage.reads.queries import matches
from core.storage.register.substitutions import (
    TABLE,
    move_end,
    put_substitution,
    read_context,
    read_substitutions,
    stored_like,
    substitution_with_id,
)

T = TypeVar("T")


@dataclass(frozen=True)
class SqlSubstitutes:
    """Implements core.ports.register.Substitutes on both databases."""

    database: Database

    async def transact(self, use_case: Callable[[SubstitutionTransaction], Awaitable[T]]) -> T:
        """See Substitutes."""
        return await self.database.write(lambda connection: finish(use_case(SqlSubstitution(connection))))

    async def of_person(self, by: By, at: datetime) -> Sequence[Substitution]:
        """See Substitutes."""
        return await self.database.read(partial(_of_person, by=by, at=at))

    async def administered_by(self, by: By, at: datetime) -> Sequence[Substitution]:
        """See Substitutes."""
        return await self.database.read(partial(_administered_by, by=by, at=at))

    async def colleagues(
        self,
        by: By,
        organisation: OrganisationId,
        roles: frozenset[Role],
        search: str,
        at: datetime,
        limit: int,
    ) -> Sequence[Colleague]:
        """See Substitutes."""
        work = partial(_colleagues, by=by, organisation=organisation, roles=roles, at=at)
        colleagues = await self.database.read(work)
        return [colleague for colleague in colleagues if matches(search, colleague.name)][:limit]


class SqlSubstitution(SqlRegisterTransaction):
    """Implements core.ports.register.SubstitutionTransaction."""

    async def load_asker(self, by: By, organisation: OrganisationId, at: datetime) -> Asker:
        """See SubstitutionTransaction."""
        return _asker(self.connection, by, organisation, at)

    async def load_around(self, wanted: Substitution) -> SubstitutionContext:
        """See SubstitutionTransaction."""
        return read_context(self.connection, wanted)

    async def find(self, number: int) -> Substitution | None:
        """See SubstitutionTransaction."""
        return substitution_with_id(self.connection, number)

    async def find_like(self, wanted: Substitution) -> Substitution | None:
        """See SubstitutionTransaction."""
        return stored_like(self.connection, wanted)

    async def save(self, wanted: Substitution, at: datetime, author: Author) -> SavedSubstitution:
        """See SubstitutionTransaction."""
        written = put_substitution(self.connection, wanted, at, author)
        return SavedSubstitution(written.kept, written.line)

    async def move_end(self, stored: Substitution, until: datetime, at: datetime, author: Author) -> SavedSubstitution:
        """See SubstitutionTransaction."""
        written = move_end(self.connection, stored, until, at, author)
        return SavedSubstitution(written.kept, written.line)


def _of_person(connection: Connection, by: By, at: datetime) -> list[Substitution]:
    who = person_asking(connection, by)
    mine = or_(TABLE.c.absent_id == who.person, TABLE.c.substitute_id == who.person)
    where = true() if who.within is None else TABLE.c.organisation_id == who.within
    return read_substitutions(connection, and_(mine, where, _not_over(at)))


def _administered_by(connection: Connection, by: By, at: datetime) -> list[Substitution]:
    held = tables.role_assignments.c
    who = person_asking(connection, by)
    mine = select(held.organisation_id).where(held.role == Role.ADMINISTRATOR, role_used(who, at))
    return read_substitutions(connection, and_(TABLE.c.organisation_id.in_(mine), _not_over(at)))


def _colleagues(
    connection: Connection, by: By, organisation: OrganisationId, roles: frozenset[Role], at: datetime
) -> list[Colleague]:
    here, who = _people_in(connection, organisation, at), person_asking(connection, by)
    if not who.may_use(organisation) or who.person not in {colleague.person for colleague in here}:
        return []
    return [colleague for colleague in here if colleague.roles & roles]


def _people_in(connection: Connection, organisation: OrganisationId, at: datetime) -> list[Colleague]:
    held, people = tables.role_assignments, tables.persons
    query = (
        select(people.c.id, people.c.name, held.c.role)
        .join(held, held.c.person_id == people.c.id)
        .where(held.c.organisation_id == organisation, people.c.active, role_holds(at))
        .order_by(people.c.name, people.c.id)
    )
    colleagues: dict[PersonId, Colleague] = {}
    for id_, name, role in connection.execute(query):
        before = colleagues.get(id_, Colleague(id_, name, frozenset()))
        colleagues[id_] = replace(before, roles=before.roles | {Role(role)})
    return list(colleagues.values())


def _asker(connection: Connection, by: By, organisation: OrganisationId, at: datetime) -> Asker:
    who = person_asking(connection, by)
    held = tables.role_assignments.c
    query = select(held.role, role_holds(at).label("holds"))
    rows = connection.execute(query.where(carried(who), held.organisation_id == organisation)).all()
    is_administrator = any(row.holds and row.role == Role.ADMINISTRATOR for row in rows)
    return Asker(who.person, is_administrator, is_stranger=not rows)


def _not_over(at: datetime) -> ColumnElement[bool]:
    return and_(TABLE.c.valid_to > at, TABLE.c.valid_to > TABLE.c.valid_from)
