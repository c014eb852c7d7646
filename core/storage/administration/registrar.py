"""What those who keep an organisation read, on both databases, and the transactions in which they change it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection

from core.identity.accounts import By
from core.ports.cases import NewId
from core.ports.register import AdministrationTransaction
from core.register.administration import Administered, Member
from core.register.organisations import Organisation
from core.register.readiness import Readiness
from core.shared.errors import NoRole
from core.shared.vocabulary import OrganisationId, Part, PersonId
from core.storage.administration import administration_reads as reads
from core.storage.administration.readiness import read_readiness
from core.storage.administration.transactions import SqlAdministration
from core.storage.context.asking_person import AGREEMENTS_ALONE, person_asking, roles_there
from core.storage.database.database import Database
from core.storage.database.sessions import finish
from core.storage.reads.held_documents import held_document
from core.storage.reads.holdings import read_holdings
from core.storage.reads.organisation_search import find_administered, find_organisations
from core.views.holdings import DOCUMENT_READERS, HeldDocument, Holdings

T = TypeVar("T")


@dataclass(frozen=True)
class SqlRegistrar:
    """Implements core.ports.register.Registrar on SQLite and PostgreSQL."""

    database: Database
    new_id: NewId

    async def find(self, by: By, search: str, at: datetime, limit: int) -> Sequence[Organisation]:
        """See core.ports.register.Registrar."""

        def work(connection: Connection) -> list[Organisation]:
            who = person_asking(connection, by)
            if reads.serves(connection, who, at):
                return find_organisations(connection, search, limit)
            return find_administered(connection, who, search, at, limit)

        return await self.database.read(work)

    async def readiness(
        self, by: By, organisations: Sequence[OrganisationId], at: datetime
    ) -> dict[OrganisationId, Readiness]:
        """See core.ports.register.Registrar."""

        def work(connection: Connection) -> dict[OrganisationId, Readiness]:
            mine = reads.kept_by(connection, person_asking(connection, by), organisations, at)
            return read_readiness(connection, mine, at)

        return await self.database.read(work)

    async def organisation(self, by: By, organisation: OrganisationId, at: datetime) -> Administered:
        """See core.ports.register.Registrar."""
        return await self.database.read(partial(reads.administered, by=by, id_=organisation, at=at))

    async def holdings(self, by: By, organisation: OrganisationId, at: datetime) -> Holdings:
        """See core.ports.register.Registrar."""

        def work(connection: Connection) -> Holdings:
            roles = roles_there(connection, person_asking(connection, by), organisation, at)
            holdings = read_holdings(connection, organisation, at)
            sees_orders = bool(roles - AGREEMENTS_ALONE)
            reads_documents = bool(roles & DOCUMENT_READERS)
            return replace(holdings, services=holdings.services if sees_orders else (), reads_documents=reads_documents)

        return await self.database.read(work)

    async def document(self, by: By, hash_: str, at: datetime) -> HeldDocument:
        """See core.ports.register.Registrar."""

        def work(connection: Connection) -> HeldDocument:
            document = held_document(connection, hash_)
            roles = roles_there(connection, person_asking(connection, by), document.organisation, at)
            if not roles & DOCUMENT_READERS:
                raise NoRole(part=Part.CUSTOMER_ADMINISTRATOR, organisation=document.organisation)
            return document

        return await self.database.read(work)

    async def people(
        self, by: By, organisation: OrganisationId, at: datetime, after: PersonId | None, limit: int
    ) -> Sequence[Member]:
        """See core.ports.register.Registrar."""

        def work(connection: Connection) -> list[Member]:
            reads.keeper_of(connection, by, organisation, at)
            return reads.people(connection, organisation, at, after, limit)

        return await self.database.read(work)

    async def member(self, by: By, organisation: OrganisationId, person: PersonId, at: datetime) -> Member:
        """See core.ports.register.Registrar."""

        def work(connection: Connection) -> Member:
            reads.keeper_of(connection, by, organisation, at)
            return reads.member(connection, organisation, person, at)

        return await self.database.read(work)

    async def transact(self, use_case: Callable[[AdministrationTransaction], Awaitable[T]]) -> T:
        """See core.ports.register.Registrar."""

        def work(connection: Connection) -> T:
            return finish(use_case(SqlAdministration(connection, self.new_id)))

        return await self.database.write(work)
