"""What every transaction on an organisation's register has: turns, its keeper, and forms that count once."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from core.identity.accounts import By
from core.ports.register import Assignment, KnownPerson, Noted, RoleContext
from core.register.administration import HeldRole, Keeper, KeeperTurn, Member
from core.register.entries import InvoiceEntry, PersonEntry, RoleChange, RoleEntry
from core.register.organisations import Rules
from core.register.role_channels import RoleChannel
from core.shared.errors import AlreadySent
from core.shared.vocabulary import Happened, Language, LineKind, OrganisationId, PersonId
from core.storage import tables
from core.storage.administration import administration_reads as reads
from core.storage.administration.owed_cards import SqlRegisterNews
from core.storage.administration.readiness import read_readiness
from core.storage.administration.role_channels import own_slack, write_channel
from core.storage.audit.audit_records import record_keeping, record_rename
from core.storage.context.asking_person import person_asking
from core.storage.context.coding import rules
from core.storage.identity.accounts import SqlAccountTransaction
from core.storage.register.organisation_rules import declare, write_language, write_rules
from core.storage.register.register import Writer
from core.storage.register.roles import Roles
from core.storage.register.rows import find, known, lock_register

REFERENCES = tables.invoice_references


class SqlRegisterTransaction(SqlRegisterNews):
    """Implements core.ports.register.RegisterTransaction on a connection whose transaction has begun."""

    async def take_turn(self) -> None:
        """See RegisterTransaction."""
        lock_register(self.connection)

    async def find_person(self, by: By) -> PersonId:
        """See RegisterTransaction."""
        return person_asking(self.connection, by).person

    async def load_keeper(self, by: By, organisation: OrganisationId, at: datetime) -> Keeper:
        """See RegisterTransaction."""
        return reads.keeper_of(self.connection, by, organisation, at)

    async def count_once(self, person: PersonId, key: str, at: datetime) -> None:
        """See RegisterTransaction. What is refused after this is not kept, and its form may be sent again."""
        if not key:
            return
        lock_register(self.connection)
        name, sent = f"{person}/{key}", tables.submissions
        if self.connection.execute(select(sent.c.key).where(sent.c.key == name)).first() is not None:
            raise AlreadySent
        self.connection.execute(insert(sent), {"key": name, "person_id": person, "at": at})


class SqlAdministration(SqlAccountTransaction, SqlRegisterTransaction):
    """Implements core.ports.register.AdministrationTransaction."""

    async def is_ready(self, turn: KeeperTurn) -> bool:
        """See AdministrationTransaction."""
        organisation = turn.organisation
        return read_readiness(self.connection, [organisation], turn.at)[organisation].is_ready

    async def load_member(self, turn: KeeperTurn, person: PersonId) -> Member:
        """See AdministrationTransaction."""
        return reads.member(self.connection, turn.organisation, person, turn.at)

    async def has_role_elsewhere(self, turn: KeeperTurn, person: PersonId) -> bool:
        """See AdministrationTransaction."""
        return reads.has_role_elsewhere(self.connection, turn.organisation, person)

    async def find_by_email(self, email: str) -> KnownPerson | None:
        """See AdministrationTransaction."""
        row = find(self.connection, tables.persons, {"email": email})
        return None if row is None else KnownPerson(PersonId(row["id"]), row["name"], bool(row["active"]))

    async def find_assignment(self, number: int) -> Assignment | None:
        """See AdministrationTransaction."""
        return reads.assignment(self.connection, number)

    async def load_roles(self, turn: KeeperTurn, person: PersonId) -> Mapping[int, HeldRole]:
        """See AdministrationTransaction."""
        return reads.roles_like(self.connection, turn.organisation, person, turn.at)

    async def load_role_context(self, turn: KeeperTurn, person: PersonId) -> RoleContext:
        """See AdministrationTransaction."""
        where = turn.organisation
        return RoleContext(
            reads.administered_until(self.connection, where, person, turn.at),
            reads.substituted_roles(self.connection, where, person, turn.keeper.person, turn.at),
        )

    async def load_rules(self, turn: KeeperTurn) -> Rules:
        """See AdministrationTransaction."""
        row = known(self.connection, tables.organisations, turn.organisation, "organisation")
        return rules(
            row["self_attest_allowed"], row["eid_from_ore"], row["tiers"], row["reminder_days"], row["reminder_hour"]
        )

    async def decides(self, turn: KeeperTurn) -> bool:
        """See AdministrationTransaction."""
        return reads.decides(self.connection, turn.organisation, turn.keeper.person, turn.at)

    async def count_people(self, turn: KeeperTurn) -> int:
        """See AdministrationTransaction."""
        return reads.people_who_order_or_attest(self.connection, turn.organisation, turn.at)

    async def save_person(self, turn: KeeperTurn, wanted: PersonEntry) -> PersonId:
        """See AdministrationTransaction."""
        return Writer(self.connection, turn.at, self.new_id, turn.author).person(wanted)[0]

    async def rename(self, turn: KeeperTurn, person: PersonId, name: str) -> int:
        """See AdministrationTransaction."""
        mine = tables.persons.c.id == person
        self.connection.execute(update(tables.persons).where(mine).values(name=name))
        where = turn.organisation
        return record_rename(self.connection, LineKind.PERSON, turn.at, turn.author, about=person, organisation=where)

    async def put_role(self, turn: KeeperTurn, person: PersonId, wanted: RoleEntry) -> Sequence[Noted]:
        """See AdministrationTransaction."""
        roles = self._roles(turn)
        roles.put(person, turn.organisation, wanted)
        return [Noted(*noted) for noted in roles.noted]

    async def change_role(self, turn: KeeperTurn, number: int, wanted: RoleChange) -> Sequence[Noted]:
        """See AdministrationTransaction."""
        roles = self._roles(turn)
        roles.change(number, wanted)
        return [Noted(*noted) for noted in roles.noted]

    async def end_role(self, turn: KeeperTurn, number: int, end: datetime | None) -> Sequence[Noted]:
        """See AdministrationTransaction."""
        roles = self._roles(turn)
        roles.end(number, end)
        return [Noted(*noted) for noted in roles.noted]

    def _roles(self, turn: KeeperTurn) -> Roles:
        return Roles(self.connection, turn.at, turn.author)

    async def save_rules(self, turn: KeeperTurn, wanted: Rules) -> int | None:
        """See AdministrationTransaction."""
        return write_rules(self.connection, turn.organisation, wanted, turn.at, turn.author)

    async def end_self_attest(self, turn: KeeperTurn) -> int | None:
        """See AdministrationTransaction."""
        was, strict = {"self_attest_allowed": True}, {"self_attest_allowed": False}
        return declare(self.connection, turn.organisation, was, strict, at=turn.at, author=turn.author)

    async def save_invoices(self, turn: KeeperTurn, wanted: InvoiceEntry, service: str | None) -> int | None:
        """See AdministrationTransaction."""
        return _write_invoices(self.connection, turn, wanted, service)

    async def save_language(self, turn: KeeperTurn, language: Language) -> int | None:
        """See AdministrationTransaction."""
        return write_language(self.connection, turn.organisation, language, turn.at, turn.author)

    async def has_own_slack(self, turn: KeeperTurn) -> bool:
        """See AdministrationTransaction."""
        return own_slack(self.connection, turn.organisation) is not None

    async def save_channel(self, turn: KeeperTurn, wanted: RoleChannel) -> int | None:
        """See AdministrationTransaction."""
        return write_channel(self.connection, turn.organisation, wanted, turn.at, turn.author)


def _write_invoices(connection: Connection, turn: KeeperTurn, wanted: InvoiceEntry, service: str | None) -> int | None:
    """Write invoice data, and the reference of one service; the line that tells of it, None where it stood like that.

    An address may be somebody's home: history says that it is another, and not what it is.
    """
    row = known(connection, tables.organisations, turn.organisation, "organisation")
    values = {"invoice_address": wanted.address or None, "invoice_ref": wanted.reference or None}
    changed = {name: value for name, value in values.items() if row[name] != value}
    if changed:
        mine = tables.organisations.c.id == turn.organisation
        connection.execute(update(tables.organisations).where(mine).values(changed))
    services = _write_reference(connection, turn.organisation, service, wanted.service_reference) if service else []
    if not changed and not services:
        return None
    facts = {"changed": sorted(changed), "services": services}
    return record_keeping(connection, turn.organisation, Happened.INVOICED, facts, turn.at, turn.author)


def _write_reference(connection: Connection, organisation: OrganisationId, service: str, reference: str) -> list[str]:
    known(connection, tables.services, service, "service")
    key = {"organisation_id": organisation, "service_id": service}
    stored = find(connection, REFERENCES, key)
    if (stored["reference"] if stored else "") == reference:
        return []
    mine = (REFERENCES.c.organisation_id == organisation, REFERENCES.c.service_id == service)
    connection.execute(delete(REFERENCES).where(*mine))
    if reference:
        connection.execute(insert(REFERENCES).values(**key, reference=reference))
    return [service]
