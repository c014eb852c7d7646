"""What people do about absence, on both databases."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from sqlalchemy import ColumnElement, Connection, and_, exists, or_, select

from core.identity.accounts import Identity
from core.ports.cases import NewId, Now
from core.ports.register import Colleague, RegisterAnnouncer
from core.ports.register_entries import Outcome
from core.register.administration import Author, RegisterChanged
from core.register.substitutions import (
    Asker,
    Substitution,
    SubstitutionChanged,
    SubstitutionContext,
    days,
    widens_own_authority,
)
from core.shared.errors import NoSubstitution
from core.shared.vocabulary import Happened, LineKind, OrganisationId, PersonId, Role, Surface
from core.storage import tables
from core.storage.administration.administration_reads import keeper_of
from core.storage.administration.crying import cry
from core.storage.administration.submissions import count_once
from core.storage.context.asking_person import person_asking, role_holds
from core.storage.engine.database import Database
from core.storage.reads.queries import matches
from core.storage.register.rows import begin_change
from core.storage.register.substitutions import (
    TABLE,
    move_end,
    put_substitution,
    read_around,
    read_substitutions,
    stored_like,
    substitution_with_id,
)
from core.workflow.commands import EndSubstitution, SetSubstitute

May = Callable[[Asker, Substitution, SubstitutionContext, datetime], None]
MayEnd = Callable[[Asker, Substitution], None]


class SqlSubstitutes:
    """Implements core.ports.cases.Substitutes on both databases."""

    def __init__(self, database: Database, crier: RegisterAnnouncer, new_id: NewId) -> None:
        self._database, self._crier, self._new_id = database, crier, new_id

    async def set(self, wish: SetSubstitute, now: Now, decide: May) -> SubstitutionChanged:
        """See core.ports.cases.Substitutes."""
        return await self._database.write(partial(self._set, wish=wish, now=now, decide=decide))

    async def end(self, wish: EndSubstitution, now: Now, decide: MayEnd) -> SubstitutionChanged:
        """See core.ports.cases.Substitutes."""
        return await self._database.write(partial(_end, wish=wish, now=now, decide=decide))

    async def of_person(self, by: Identity | PersonId, at: datetime) -> Sequence[Substitution]:
        """See core.ports.cases.Substitutes."""
        return await self._database.read(partial(_of_person, by=by, at=at))

    async def administered_by(self, by: Identity | PersonId, at: datetime) -> Sequence[Substitution]:
        """See core.ports.cases.Substitutes."""
        return await self._database.read(partial(_administered_by, by=by, at=at))

    async def colleagues(
        self,
        by: Identity | PersonId,
        organisation: OrganisationId,
        roles: frozenset[Role],
        search: str,
        at: datetime,
        limit: int,
    ) -> Sequence[Colleague]:
        """See core.ports.cases.Substitutes."""
        work = partial(_colleagues, by=by, organisation=organisation, roles=roles, at=at)
        found = await self._database.read(work)
        return [each for each in found if matches(search, each.name)][:limit]

    def _set(self, connection: Connection, wish: SetSubstitute, now: Now, decide: May) -> SubstitutionChanged:
        at = begin_change(connection, now)
        asker = _asker(connection, wish.by, wish.organisation, at)
        since, until = days(wish.first, wish.last)
        absent = wish.absent or asker.person
        wished = Substitution(absent, wish.substitute, wish.organisation, wish.role, since, until, asker.person)
        decide(asker, wished, read_around(connection, wished), at)
        count_once(connection, asker.person, wish.key, at)
        before = stored_like(connection, wished)
        written = put_substitution(connection, wished, at, Author(asker.person, Surface.SLACK))
        if written.line is not None and widens_own_authority(asker, before, wished):
            happened = Happened.SET if before is None else Happened.CHANGED
            keeper = keeper_of(connection, asker.person, wished.organisation, at)
            own = RegisterChanged(
                written.line, LineKind.SUBSTITUTION, happened, keeper, absent, wished.role, widens=True
            )
            cry(connection, (own,), crier=self._crier, new_id=self._new_id, at=at)
        return SubstitutionChanged(written.kept, asker.person, written.outcome is not Outcome.SAME)


def _end(connection: Connection, wish: EndSubstitution, now: Now, decide: MayEnd) -> SubstitutionChanged:
    at = begin_change(connection, now)
    stored = substitution_with_id(connection, wish.substitution)
    person = person_asking(connection, wish.by)
    if stored is None:
        raise NoSubstitution
    decide(_asker(connection, person, stored.organisation, at), stored)
    written = move_end(connection, stored, stored.ended(at).until, at, Author(person, Surface.SLACK))
    return SubstitutionChanged(written.kept, person, written.outcome is not Outcome.SAME)


def _of_person(connection: Connection, by: Identity | PersonId, at: datetime) -> list[Substitution]:
    person = person_asking(connection, by)
    return read_substitutions(
        connection, and_(or_(TABLE.c.absent_id == person, TABLE.c.substitute_id == person), _not_over(at))
    )


def _administered_by(connection: Connection, by: Identity | PersonId, at: datetime) -> list[Substitution]:
    held = tables.role_assignments.c
    mine = select(held.organisation_id).where(
        held.person_id == person_asking(connection, by), held.role == Role.ADMINISTRATOR, role_holds(at)
    )
    return read_substitutions(connection, and_(TABLE.c.organisation_id.in_(mine), _not_over(at)))


def _colleagues(
    connection: Connection, by: Identity | PersonId, organisation: OrganisationId, roles: frozenset[Role], at: datetime
) -> list[Colleague]:
    here = _people_in(connection, organisation, at)
    if person_asking(connection, by) not in {each.person for each in here}:
        return []
    return [each for each in here if each.roles & roles]


def _people_in(connection: Connection, organisation: OrganisationId, at: datetime) -> list[Colleague]:
    held, people = tables.role_assignments, tables.persons
    query = (
        select(people.c.id, people.c.name, held.c.role)
        .join(held, held.c.person_id == people.c.id)
        .where(held.c.organisation_id == organisation, people.c.active, role_holds(at))
        .order_by(people.c.name, people.c.id)
    )
    found: dict[PersonId, Colleague] = {}
    for id_, name, role in connection.execute(query):
        before = found.get(id_, Colleague(id_, name, frozenset()))
        found[id_] = replace(before, roles=before.roles | {Role(role)})
    return list(found.values())


def _asker(connection: Connection, by: Identity | PersonId, organisation: OrganisationId, at: datetime) -> Asker:
    person = person_asking(connection, by)
    held = tables.role_assignments.c
    found = exists().where(
        held.person_id == person, held.organisation_id == organisation, held.role == Role.ADMINISTRATOR, role_holds(at)
    )
    return Asker(person, bool(connection.execute(select(found)).scalar()))


def _not_over(at: datetime) -> ColumnElement[bool]:
    return and_(TABLE.c.valid_to > at, TABLE.c.valid_to > TABLE.c.valid_from)
