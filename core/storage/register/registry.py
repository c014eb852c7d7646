"""The register behind one door: each read, and what is written together, in a transaction of its own."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from core.ports.cases import NewId, Now
from core.ports.register_entries import (
    AgreementLine,
    AssignmentLine,
    OfferLine,
    OrganisationLine,
    RoleLine,
    ServiceLine,
)
from core.register.administration import register_author
from core.register.organisations import Organisation, Person
from core.register.role_channels import RoleChannel
from core.register.substitutions import Substitution
from core.shared.vocabulary import OfferId, OrganisationId, PersonId
from core.storage.administration.role_channels import read_channels
from core.storage.database.database import Database
from core.storage.reads.organisation_search import organisations_by_id
from core.storage.register import register_reads as reads
from core.storage.register.register import Writer, write_register

T = TypeVar("T")


class Register:
    """Reads and writes the register, on both databases: the protocols of `core.ports.register_entries`."""

    def __init__(self, database: Database, now: Now, new_id: NewId) -> None:
        self._database = database
        self._now = now
        self._new_id = new_id

    async def write(self, by: str, work: Callable[[Writer], T]) -> T:
        return await self._database.write(
            lambda connection: work(write_register(connection, self._now, self._new_id, register_author(by)))
        )

    async def organisations(self, search: str, after: OrganisationId | None, limit: int) -> Sequence[OrganisationLine]:
        return await self._database.read(partial(reads.organisations, search=search, after=after, limit=limit))

    async def organisation(self, id_: OrganisationId) -> OrganisationLine | None:
        return await self._database.read(partial(reads.organisation, id_=id_))

    async def organisations_with(self, ids: Sequence[OrganisationId]) -> Mapping[OrganisationId, Organisation]:
        return await self._database.read(partial(organisations_by_id, ids=ids))

    async def persons(
        self, organisation: OrganisationId | None, after: PersonId | None, limit: int
    ) -> Sequence[Person]:
        return await self._database.read(partial(reads.persons, organisation=organisation, after=after, limit=limit))

    async def person(self, id_: PersonId) -> Person | None:
        return await self._database.read(partial(reads.person, id_=id_))

    async def roles(
        self, person: PersonId | None, organisation: OrganisationId | None, after: int, limit: int
    ) -> Sequence[RoleLine]:
        page = partial(reads.roles, person=person, organisation=organisation, after=after, limit=limit)
        return await self._database.read(page)

    async def role(self, id_: int) -> RoleLine | None:
        return await self._database.read(partial(reads.role, id_=id_))

    async def substitutions(
        self, person: PersonId | None, organisation: OrganisationId | None, after: int, limit: int
    ) -> Sequence[Substitution]:
        page = partial(reads.substitutions, person=person, organisation=organisation, after=after, limit=limit)
        return await self._database.read(page)

    async def substitution(self, id_: int) -> Substitution | None:
        return await self._database.read(partial(reads.substitution, id_=id_))

    async def agreements(self, organisation: OrganisationId) -> Sequence[AgreementLine]:
        return await self._database.read(partial(reads.agreements, organisation=organisation))

    async def channels(self, organisation: OrganisationId) -> Sequence[RoleChannel]:
        return await self._database.read(partial(read_channels, organisation=organisation))

    async def agent_assignments(self, agent: OrganisationId) -> Sequence[AssignmentLine]:
        return await self._database.read(partial(reads.agent_assignments, agent=agent))

    async def services(self) -> Sequence[ServiceLine]:
        return await self._database.read(reads.services)

    async def offers(self, code: OfferId | None = None) -> Sequence[OfferLine]:
        return await self._database.read(partial(reads.offers, code=code))
