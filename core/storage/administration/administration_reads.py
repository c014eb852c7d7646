"""What somebody who keeps an organisation reads of it: its people, roles, rules and invoices."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, not_, or_, select, tuple_

from core.identity.accounts import Asking, Identity
from core.ports.register import Assignment
from core.register.administration import (
    Administered,
    By,
    Capacity,
    ChangeContext,
    HeldRole,
    InvoiceData,
    Keeper,
    Member,
    WaitingGuest,
)
from core.register.administration_rules import ALONE, DECIDING_ROLES, ORDER_OR_DECIDE, may_keep
from core.shared.errors import NoSuchAssignment
from core.shared.vocabulary import DECIDING, ROLES_OF, LinkState, OrganisationId, OrganisationKind, Part, PersonId, Role
from core.storage import tables
from core.storage.administration.readiness import read_readiness
from core.storage.administration.role_channels import own_slack, read_channels
from core.storage.cases.alarms import holders
from core.storage.context.asking_person import SERVING, person_asking, role_holds, role_used, roles_there
from core.storage.context.coding import localised, organisation_from_row, rules_from_row
from core.storage.reads.queries import person_from_row
from core.storage.register.rows import find
from core.storage.tables.links import organisation_of_account

ROLES, PEOPLE, LENT = tables.role_assignments, tables.persons, tables.substitutions
DECIDERS = frozenset(role for part in DECIDING for role in ROLES_OF[part])
# So many of each are told of a change.
TOLD = 20


def keeper_of(connection: Connection, by: By, organisation: OrganisationId, at: datetime) -> Keeper:
    """Return who asks and in which capacity. Raise NotLinked, PersonInactive; NoRole for those who keep nothing
    there.
    """
    who = person_asking(connection, by)
    row = find(connection, tables.organisations, {"id": organisation})
    kinds = frozenset[OrganisationKind]() if row is None else frozenset(map(OrganisationKind, row["kinds"]))
    roles = roles_there(connection, who, organisation, at)
    keeper = Keeper(who.person, organisation, kinds, _capacity(roles) if kinds else None)
    may_keep(keeper)
    return keeper


def serves(connection: Connection, who: Asking, at: datetime) -> bool:
    """Say whether somebody is at Inera's customer service, which keeps every organisation."""
    query = select(ROLES.c.id).where(role_used(who, at), ROLES.c.role.in_(SERVING)).limit(1)
    return connection.execute(query).first() is not None


def kept_by(
    connection: Connection, who: Asking, organisations: Sequence[OrganisationId], at: datetime
) -> list[OrganisationId]:
    """Return those of some organisations that a person keeps."""
    if serves(connection, who, at):
        return list(organisations)
    query = select(ROLES.c.organisation_id).where(
        role_used(who, at), ROLES.c.role == Role.ADMINISTRATOR, ROLES.c.organisation_id.in_(organisations)
    )
    mine = set(connection.execute(query).scalars())
    return [organisation for organisation in organisations if organisation in mine]


def administered(connection: Connection, by: By, id_: OrganisationId, at: datetime) -> Administered:
    """Read an organisation as those who keep it see it."""
    keeper = keeper_of(connection, by, id_, at)
    row = connection.execute(select(tables.organisations).where(tables.organisations.c.id == id_)).one()
    declared = rules_from_row(row)
    named = {person for tier in declared.tiers for person in tier.sequence}
    emails = connection.execute(select(PEOPLE.c.id, PEOPLE.c.email).where(PEOPLE.c.id.in_(named))) if named else ()
    services = connection.execute(select(tables.services.c.id, tables.services.c.name).order_by(tables.services.c.id))
    return Administered(
        organisation=organisation_from_row(row),
        capacity=keeper.capacity or Capacity.ADMINISTRATOR,
        readiness=read_readiness(connection, [id_], at)[id_],
        rules=declared,
        invoices=invoices(connection, row),
        services={code: localised(name) for code, name in services},
        sequence={PersonId(person): email for person, email in emails},
        channels=read_channels(connection, id_),
        slack=own_slack(connection, id_),
    )


def invoices(connection: Connection, row: Any) -> InvoiceData:  # Any: a row has its columns as attributes
    """Return the invoice data of the organisation in a row."""
    table = tables.invoice_references
    mine = select(table.c.service_id, table.c.reference).where(table.c.organisation_id == row.id)
    references = {code: reference for code, reference in connection.execute(mine.order_by(table.c.service_id))}
    return InvoiceData(row.invoice_address or "", row.invoice_ref or "", references)


def people(
    connection: Connection, organisation: OrganisationId, at: datetime, after: PersonId | None, limit: int
) -> list[Member]:
    """Read the active people with roles that are not over, by name."""
    mine = select(ROLES.c.person_id).where(ROLES.c.organisation_id == organisation, _not_over(at))
    query = select(PEOPLE).where(PEOPLE.c.id.in_(mine), PEOPLE.c.active).order_by(PEOPLE.c.name, PEOPLE.c.id)
    last = None if after is None else find(connection, PEOPLE, {"id": after})
    if last is not None:
        query = query.where(tuple_(PEOPLE.c.name, PEOPLE.c.id) > tuple_(last["name"], last["id"]))
    persons = [person_from_row(row) for row in connection.execute(query.limit(limit))]
    ids = [person.id for person in persons]
    held, guests = _held_by(connection, organisation, ids, at), _guests(connection, organisation, ids, at)
    return [Member(person, held.get(person.id, ()), guests=guests.get(person.id, ())) for person in persons]


def member(connection: Connection, organisation: OrganisationId, person: PersonId, at: datetime) -> Member:
    """Read one of an organisation's people. Raise NoSuchAssignment."""
    held = _held_by(connection, organisation, [person], at).get(person)
    linked = exists().where(tables.identities.c.person_id == PEOPLE.c.id, is_linked())
    # What another organisation has given since bars nobody here; numbers are given in turn, whatever days are said.
    first = min((role.id for role in held or ()), default=0)
    others = and_(ROLES.c.person_id == PEOPLE.c.id, ROLES.c.organisation_id != organisation, ROLES.c.id < first)
    elsewhere = exists().where(others, _not_over(at))
    may_be_unlinked = and_(linked, not_(elsewhere)).label("may_be_unlinked")
    row = connection.execute(select(PEOPLE, may_be_unlinked).where(PEOPLE.c.id == person)).one_or_none()
    if row is None or held is None:
        raise NoSuchAssignment
    guests = _guests(connection, organisation, [person], at).get(person, ())
    return Member(person_from_row(row), held, bool(row.may_be_unlinked), guests)


def has_role_elsewhere(connection: Connection, organisation: OrganisationId, person: PersonId) -> bool:
    """Say whether somebody has, has had or is to have a role in another organisation; one called off never held."""
    is_held = or_(ROLES.c.valid_to.is_(None), ROLES.c.valid_to > ROLES.c.valid_from)
    others = (ROLES.c.person_id == person, ROLES.c.organisation_id != organisation, is_held)
    return bool(connection.scalar(select(exists().where(*others))))


def is_linked() -> ColumnElement[bool]:
    """Return the condition for a Slack account that stands for its person; others are those of e-identification."""
    accounts = tables.identities.c
    return and_(accounts.issuer.like("slack:%"), accounts.state == LinkState.CONFIRMED)


def waits_for_yes(organisation: OrganisationId) -> ColumnElement[bool]:
    """Return the condition for a guest's account that an organisation's administrators may say yes to: in its own
    Slack, as it is now, or Inera's.
    """
    accounts = tables.identities.c
    is_known = accounts.issuer.in_(select(tables.workspaces.c.id).correlate(None))
    is_theirs = or_(accounts.organisation_id.is_(None), accounts.organisation_id == organisation)
    return and_(accounts.state == LinkState.ASKED, is_theirs, is_known)


def assignment(connection: Connection, id_: int) -> Assignment | None:
    """Read a role by its number; None where there is none."""
    row = connection.execute(select(ROLES).where(ROLES.c.id == id_)).one_or_none()
    if row is None:
        return None
    return Assignment(PersonId(row.person_id), OrganisationId(row.organisation_id), held_from_row(row))


def roles_like(
    connection: Connection, organisation: OrganisationId, person: PersonId, at: datetime
) -> dict[int, HeldRole]:
    """Return a person's roles in an organisation that are not over, by number."""
    return {role.id: role for role in _held_by(connection, organisation, [person], at).get(person, ())}


def administered_until(
    connection: Connection, organisation: OrganisationId, but: PersonId, at: datetime
) -> datetime | None:
    """Return until when others than one person administer an organisation, without a gap from now; None: nobody
    does.
    """
    query = select(ROLES.c.valid_from, ROLES.c.valid_to).where(
        ROLES.c.organisation_id == organisation,
        ROLES.c.role == Role.ADMINISTRATOR,
        ROLES.c.person_id != but,
        _not_over(at),
        PEOPLE.c.id == ROLES.c.person_id,
        PEOPLE.c.active,
    )
    covered = at
    for since, until in connection.execute(query.order_by(ROLES.c.valid_from)):
        if since > covered:
            break
        if until is None:
            return datetime.max.replace(tzinfo=at.tzinfo)
        covered = max(covered, until)
    return covered if covered > at else None


def substituted_roles(
    connection: Connection, organisation: OrganisationId, absent: PersonId, substitute: PersonId, at: datetime
) -> frozenset[Role]:
    """Return the roles in which somebody stands in for another in an organisation, now or later."""
    query = select(LENT.c.role).where(*_lent(organisation, substitute, at), LENT.c.absent_id == absent)
    return frozenset(map(Role, connection.execute(query).scalars()))


def decides(connection: Connection, organisation: OrganisationId, person: PersonId, at: datetime) -> bool:
    """Say whether somebody orders, approves or attests in an organisation, also in another's place, now or later."""
    own = exists().where(
        ROLES.c.organisation_id == organisation,
        ROLES.c.person_id == person,
        ROLES.c.role.in_(ORDER_OR_DECIDE | DECIDING_ROLES),
        _not_over(at),
    )
    return bool(connection.execute(select(or_(own, exists().where(*_lent(organisation, person, at))))).scalar())


def _lent(organisation: OrganisationId, substitute: PersonId, at: datetime) -> tuple[ColumnElement[bool], ...]:
    mine = (LENT.c.organisation_id == organisation, LENT.c.substitute_id == substitute)
    return (*mine, LENT.c.valid_to > at, LENT.c.valid_to > LENT.c.valid_from)


def people_who_order_or_attest(connection: Connection, organisation: OrganisationId, at: datetime) -> int:
    """Count the active people who order, approve or attest in an organisation, at most two."""
    return len(_active(connection, organisation, ORDER_OR_DECIDE, at, ALONE + 1))


def change_context(connection: Connection, organisation: OrganisationId, at: datetime) -> ChangeContext:
    """Read who may have to hear of a change in an organisation, at most twenty of a kind."""
    kinds = ({Role.ADMINISTRATOR}, {Role.ORDERER}, DECIDERS)
    administrators, orderers, deciders = (
        _active(connection, organisation, frozenset(roles), at, TOLD) for roles in kinds
    )
    return ChangeContext(administrators, orderers, deciders, holders(connection, ROLES_OF[Part.CUSTOMER_SERVICE], at))


def held_from_row(row: Row[Any]) -> HeldRole:
    """Return the role in a row of every column of `role_assignments`."""
    return HeldRole(row.id, Role(row.role), row.valid_from, row.valid_to, row.attest_limit_ore, row.service_id)


def _active(
    connection: Connection, organisation: OrganisationId, roles: frozenset[Role], at: datetime, limit: int
) -> list[PersonId]:
    query = (
        select(PEOPLE.c.id)
        .join(ROLES, ROLES.c.person_id == PEOPLE.c.id)
        .where(ROLES.c.organisation_id == organisation, ROLES.c.role.in_(roles), role_holds(at), PEOPLE.c.active)
        .group_by(PEOPLE.c.id, PEOPLE.c.name)
        .order_by(PEOPLE.c.name, PEOPLE.c.id)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def _held_by(
    connection: Connection, organisation: OrganisationId, people: Sequence[PersonId], at: datetime
) -> dict[PersonId, tuple[HeldRole, ...]]:
    query = (
        select(ROLES)
        .where(ROLES.c.organisation_id == organisation, ROLES.c.person_id.in_(people), _not_over(at))
        .order_by(ROLES.c.person_id, ROLES.c.valid_from, ROLES.c.id)
    )
    rows: Iterable[Row[Any]] = connection.execute(query).all() if people else ()
    return {person: tuple(map(held_from_row, mine)) for person, mine in groupby(rows, lambda row: row.person_id)}


def _guests(
    connection: Connection, organisation: OrganisationId, people: Sequence[PersonId], at: datetime
) -> dict[PersonId, tuple[WaitingGuest, ...]]:
    accounts, slacks = tables.identities, tables.workspaces.c
    query = (
        select(accounts.c.person_id, accounts.c.issuer, accounts.c.subject, slacks.name)
        .join(tables.workspaces, slacks.id == accounts.c.issuer)
        .where(
            accounts.c.person_id.in_(people), waits_for_yes(organisation), organisation_of_account(at) == organisation
        )
        .order_by(accounts.c.person_id, *accounts.primary_key)
    )
    rows = connection.execute(query).all()
    return {
        person: tuple(WaitingGuest(Identity(row.issuer, row.subject), row.name) for row in waiting)
        for person, waiting in groupby(rows, lambda row: row.person_id)
    }


def _not_over(at: datetime) -> ColumnElement[bool]:
    until = ROLES.c.valid_to
    return or_(until.is_(None), and_(until > at, until > ROLES.c.valid_from))


def _capacity(roles: frozenset[Role]) -> Capacity | None:
    if Role.ADMINISTRATOR in roles:
        return Capacity.ADMINISTRATOR
    return Capacity.CUSTOMER_SERVICE if roles & SERVING else None
