"""What those who keep an organisation read and write, on both databases, each wish in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from core.identity.accounts import Undoing
from core.ports.cases import NewId, Now
from core.ports.register import JudgeKeeper, JudgeName, JudgeRole, JudgeRules, RegisterAnnouncer
from core.register.administration import (
    Administered,
    Author,
    By,
    ChangeRole,
    Done,
    EndRole,
    GrantRoles,
    Member,
    RenamePerson,
    SetInvoices,
    SetRules,
    UnlinkAccounts,
)
from core.register.organisations import Organisation
from core.register.readiness import Readiness
from core.shared.errors import NoRole
from core.shared.vocabulary import OrganisationId, Part, PersonId, Surface, Undone
from core.storage.administration import administration_reads as reads
from core.storage.administration.crying import cry
from core.storage.administration.keeping import Keeping, at_fields
from core.storage.administration.readiness import read_readiness
from core.storage.administration.submissions import count_once
from core.storage.context.asking_person import person_asking
from core.storage.engine.database import Database
from core.storage.identity.accounts import undo_links
from core.storage.reads.finding import find_administered, find_organisations
from core.storage.reads.held_documents import held_document
from core.storage.reads.holdings import read_holdings
from core.storage.register.register import write_register
from core.storage.register.rows import begin_change
from core.views.holdings import DOCUMENT_READERS, HeldDocument, Holdings

Wish = GrantRoles | ChangeRole | EndRole | RenamePerson | SetInvoices | SetRules


@dataclass(frozen=True)
class SqlRegistrar:
    """Implements core.ports.register.Registrar on SQLite and PostgreSQL."""

    database: Database
    crier: RegisterAnnouncer
    new_id: NewId

    async def find(self, by: By, search: str, at: datetime, limit: int) -> Sequence[Organisation]:
        """See core.ports.register.Registrar."""

        def work(connection: Connection) -> list[Organisation]:
            person = person_asking(connection, by)
            if reads.serves(connection, person, at):
                return find_organisations(connection, search, limit)
            return find_administered(connection, person, search, at, limit)

        return await self.database.read(work)

    async def readiness(
        self, by: By, organisations: Sequence[OrganisationId], at: datetime
    ) -> dict[OrganisationId, Readiness]:
        """See core.ports.register.Registrar."""

        def work(connection: Connection) -> dict[OrganisationId, Readiness]:
            person = person_asking(connection, by)
            mine = reads.kept_by(connection, person, organisations, at)
            return read_readiness(connection, mine, at)

        return await self.database.read(work)

    async def organisation(self, by: By, organisation: OrganisationId, at: datetime) -> Administered:
        """See core.ports.register.Registrar."""
        return await self.database.read(partial(reads.administered, by=by, id_=organisation, at=at))

    async def holdings(self, by: By, organisation: OrganisationId, at: datetime) -> Holdings:
        """See core.ports.register.Registrar."""

        def work(connection: Connection) -> Holdings:
            roles = reads.roles_there(connection, by, organisation, at)
            found = read_holdings(connection, organisation)
            sees_orders = bool(roles - reads.AGREEMENTS_ALONE)
            reads_documents = bool(roles & DOCUMENT_READERS)
            return replace(found, services=found.services if sees_orders else (), reads_documents=reads_documents)

        return await self.database.read(work)

    async def document(self, by: By, hash_: str, at: datetime) -> HeldDocument:
        """See core.ports.register.Registrar."""

        def work(connection: Connection) -> HeldDocument:
            found = held_document(connection, hash_)
            if not reads.roles_there(connection, by, found.organisation, at) & DOCUMENT_READERS:
                raise NoRole(part=Part.CUSTOMER_ADMINISTRATOR, organisation=found.organisation)
            return found

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

    async def grant(self, wish: GrantRoles, now: Now, judge: JudgeRole) -> Done:
        """See core.ports.register.Registrar."""
        return await self._keep(wish, now, lambda keeping: keeping.grant(wish, judge))

    async def change(self, wish: ChangeRole, now: Now, judge: JudgeRole) -> Done:
        """See core.ports.register.Registrar."""
        return await self._keep(wish, now, lambda keeping: keeping.change(wish, judge))

    async def end(self, wish: EndRole, now: Now, judge: JudgeRole) -> Done:
        """See core.ports.register.Registrar."""
        return await self._keep(wish, now, lambda keeping: keeping.end(wish, judge))

    async def unlink(self, wish: UnlinkAccounts, now: Now, judge: JudgeKeeper) -> bool:
        """See core.ports.register.Registrar."""

        def work(connection: Connection) -> bool:
            at = begin_change(connection, now)
            keeper = reads.keeper_of(connection, wish.by, wish.organisation, at)
            judge(keeper)
            count_once(connection, keeper.person, wish.key, at)
            member = reads.member(connection, wish.organisation, wish.person, at)
            if not member.may_be_unlinked:
                return False
            undoing = Undoing(Undone.ADMINISTRATOR, Surface.SLACK, keeper.person, wish.organisation)
            return bool(undo_links(connection, member.person.id, undoing, now, crier=self.crier, new_id=self.new_id))

        return await self.database.write(work)

    async def rename(self, wish: RenamePerson, now: Now, judge: JudgeName) -> Done:
        """See core.ports.register.Registrar."""
        return await self._keep(wish, now, lambda keeping: keeping.rename(wish, judge))

    async def set_invoices(self, wish: SetInvoices, now: Now) -> Done:
        """See core.ports.register.Registrar."""
        return await self._keep(wish, now, lambda keeping: keeping.invoices(wish))

    async def set_rules(self, wish: SetRules, now: Now, judge: JudgeRules) -> Done:
        """See core.ports.register.Registrar."""
        return await self._keep(wish, now, lambda keeping: keeping.rules(wish, judge))

    async def _keep(self, wish: Wish, now: Now, work: Callable[[Keeping], Done]) -> Done:
        return await self.database.write(lambda connection: self._kept(connection, wish, now, work))

    def _kept(self, connection: Connection, wish: Wish, now: Now, work: Callable[[Keeping], Done]) -> Done:
        organisation = wish.organisation
        author = Author(person_asking(connection, wish.by), Surface.SLACK)
        writer = write_register(connection, now, self.new_id, author)
        at = writer.at
        keeper = reads.keeper_of(connection, wish.by, organisation, at)
        count_once(connection, keeper.person, wish.key, at)
        was_ready = read_readiness(connection, [organisation], at)[organisation].is_ready
        with at_fields():
            done = work(Keeping(connection, writer, keeper, at))
        if done.is_news:
            is_ready = read_readiness(connection, [organisation], at)[organisation].is_ready
            changes = _marked(done, made_ready=is_ready and not was_ready).changes
            cry(connection, changes, crier=self.crier, new_id=self.new_id, at=at)
        return done


def _marked(done: Done, *, made_ready: bool) -> Done:
    """The change after which an organisation can order says so."""
    *earlier, last = done.changes
    return replace(done, changes=(*earlier, replace(last, made_ready=made_ready)))
