"""The register as an operator reads it, page by page."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, exists, or_, select, tuple_

from core.ports.register_entries import (
    AgreementLine,
    AssignmentLine,
    OfferLine,
    OrganisationLine,
    RoleLine,
    ServiceLine,
)
from core.register.organisations import Organisation, Person
from core.register.substitutions import Substitution
from core.shared.vocabulary import AgreementType, OfferId, OrganisationId, PersonId, Role
from core.storage import tables
from core.storage.context.coding import organisation_from_row, routines, rules_from_row
from core.storage.context.offers import terms_from_rows
from core.storage.reads.organisation_search import matching
from core.storage.reads.queries import person_from_row
from core.storage.register.substitutions import substitution_from_row, substitution_with_id


def organisations(
    connection: Connection, search: str, after: OrganisationId | None, limit: int
) -> list[OrganisationLine]:
    """Return organisations by name; `search` is the beginnings of words in a name, or a number."""
    table = tables.organisations
    query = _after(connection, table, after)
    return [_organisation_line(row) for row in connection.execute(query.where(*matching(search)).limit(limit))]


def organisation(connection: Connection, id_: OrganisationId) -> OrganisationLine | None:
    """Return an organisation by id."""
    row = connection.execute(select(tables.organisations).where(tables.organisations.c.id == id_)).one_or_none()
    return None if row is None else _organisation_line(row)


def organisation_by_number(connection: Connection, number: str) -> Organisation | None:
    """Return an organisation by its ten digits."""
    row = connection.execute(
        select(tables.organisations).where(tables.organisations.c.org_number == number)
    ).one_or_none()
    return None if row is None else organisation_from_row(row)


def persons(
    connection: Connection, organisation: OrganisationId | None, after: PersonId | None, limit: int
) -> list[Person]:
    """Return people by name; of one organisation those who hold, or have held, a role there."""
    query = _after(connection, tables.persons, after)
    if organisation is not None:
        roles = tables.role_assignments.c
        query = query.where(
            tables.persons.c.id.in_(select(roles.person_id).where(roles.organisation_id == organisation))
        )
    return [person_from_row(row) for row in connection.execute(query.limit(limit))]


def person(connection: Connection, id_: PersonId) -> Person | None:
    """Return a person by id, also one who has left."""
    row = connection.execute(select(tables.persons).where(tables.persons.c.id == id_)).one_or_none()
    return None if row is None else person_from_row(row)


def roles(
    connection: Connection, person: PersonId | None, organisation: OrganisationId | None, after: int, limit: int
) -> list[RoleLine]:
    """Read role assignments, ended ones too, the oldest first."""
    table = tables.role_assignments
    mine = () if person is None else (table.c.person_id == person,)
    return [_role_line(row) for row in _numbered(connection, table, mine, organisation, after, limit)]


def role(connection: Connection, id_: int) -> RoleLine | None:
    """Return a role assignment by its number."""
    row = connection.execute(select(tables.role_assignments).where(tables.role_assignments.c.id == id_)).one_or_none()
    return None if row is None else _role_line(row)


def substitutions(
    connection: Connection, person: PersonId | None, organisation: OrganisationId | None, after: int, limit: int
) -> list[Substitution]:
    """Read substitutions, those over too, the oldest first; of a person, who is absent or substitute."""
    table = tables.substitutions
    mine = () if person is None else (or_(table.c.absent_id == person, table.c.substitute_id == person),)
    return [substitution_from_row(row) for row in _numbered(connection, table, mine, organisation, after, limit)]


def substitution(connection: Connection, id_: int) -> Substitution | None:
    """Return a substitution by its number."""
    return substitution_with_id(connection, id_)


def agreements(connection: Connection, organisation: OrganisationId) -> list[AgreementLine]:
    """Read an organisation's signed agreements, past and coming ones too, by type and the latest first.

    Not those that wait to be signed.
    """
    table = tables.agreements
    signed = (table.c.organisation_id == organisation, table.c.valid_from.is_not(None))
    query = select(table).where(*signed).order_by(table.c.type, table.c.valid_from.desc(), table.c.id.desc())
    return [AgreementLine(AgreementType(row.type), row.valid_from, row.ended_at) for row in connection.execute(query)]


def agent_assignments(connection: Connection, agent: OrganisationId) -> list[AssignmentLine]:
    """Return the services an agent conveys."""
    table = tables.agent_assignments
    query = select(table).where(table.c.agent_id == agent).order_by(table.c.service_id)
    return [AssignmentLine(row.service_id, row.valid_from, row.valid_to) for row in connection.execute(query)]


def services(connection: Connection) -> list[ServiceLine]:
    """Return every service, by code."""
    query = select(tables.services).order_by(tables.services.c.id)
    return [ServiceLine(row.id, row.name, row.handles_personal_data) for row in connection.execute(query)]


def service(connection: Connection, code: str) -> ServiceLine | None:
    """Return a service by code."""
    return next((line for line in services(connection) if line.code == code), None)


def offers(connection: Connection, code: OfferId | None = None) -> list[OfferLine]:
    """Return every offer, or the one with a code, with its prices; also those taken out of the form."""
    query = select(tables.offers).order_by(tables.offers.c.id)
    rows = connection.execute(query if code is None else query.where(tables.offers.c.id == code)).all()
    items = tables.price_items
    price_query = (
        select(items).where(items.c.offer_id.in_([row.id for row in rows])).order_by(items.c.valid_from, items.c.id)
    )
    prices = connection.execute(price_query).all()
    return [_offer_line(row, [price for price in prices if price.offer_id == row.id]) for row in rows]


def is_anything_offered(connection: Connection) -> bool:
    """Say whether any offer stands in the form."""
    return bool(connection.scalar(select(exists().where(tables.offers.c.active))))


def _after(connection: Connection, table: Table, after: str | None) -> Select[Any]:
    query = select(table).order_by(table.c.name, table.c.id)
    last = None if after is None else connection.execute(select(table).where(table.c.id == after)).one_or_none()
    return query if last is None else query.where(tuple_(table.c.name, table.c.id) > tuple_(last.name, last.id))


def _numbered(
    connection: Connection,
    table: Table,
    mine: Sequence[ColumnElement[bool]],
    organisation: OrganisationId | None,
    after: int,
    limit: int,
) -> Sequence[Row[Any]]:
    query = select(table).where(table.c.id > after, *mine).order_by(table.c.id).limit(limit)
    if organisation is not None:
        query = query.where(table.c.organisation_id == organisation)
    return connection.execute(query).all()


def _organisation_line(row: Row[Any]) -> OrganisationLine:
    declared = rules_from_row(row)
    return OrganisationLine(organisation_from_row(row), declared)


def _role_line(row: Row[Any]) -> RoleLine:
    return RoleLine(
        id=row.id,
        person=PersonId(row.person_id),
        organisation=OrganisationId(row.organisation_id),
        role=Role(row.role),
        since=row.valid_from,
        ended=row.valid_to,
        granted_by=row.granted_by,
        attest_limit_ore=row.attest_limit_ore,
        service=row.service_id,
    )


def _offer_line(row: Row[Any], prices: Sequence[Row[Any]]) -> OfferLine:
    return OfferLine(
        terms=terms_from_rows(row, prices),
        name=row.name,
        terms_url=row.terms_url,
        template=row.template,
        active=row.active,
        sole_traders_only=row.sole_traders_only,
        routines=routines(row.routines),
    )
