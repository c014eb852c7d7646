"""What screens, cards and lists read."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, select, text

from core import db
from core.commands import Identity
from core.db import to_micros
from core.dossier import Dossier
from core.order import Grant, Unit
from core.past import Past
from core.ports import OfferChoice, Waiting
from core.register import Organisation, Person
from core.storage.among import CLAUSES, bind_ids
from core.storage.application_list import ApplicationFilter, list_applications
from core.storage.asking_person import role_holds
from core.storage.authority_sql import WORDS, grants, rights
from core.storage.database import Database
from core.storage.dossiers import names_of_people, organisation_from_row, organisations_by_id, read_dossiers
from core.storage.lasting import holds
from core.storage.noticed import has_service, read_blocked
from core.storage.offers import terms_from_rows
from core.storage.order_list import ListPlace, OrderFilter, Scope, list_orders
from core.storage.past import read_past
from core.storage.situations import grants_from_json
from core.storage.standings import Wished, refused_units
from core.storage.waiting import read_for_reserves, read_waiting
from core.words import (
    APPLYING,
    ROLES_OF,
    SIDE_OF,
    AgreementType,
    CaseId,
    Flow,
    Language,
    OfferId,
    OrganisationId,
    OrganisationKind,
    PersonId,
    Role,
    Side,
)

# By which roles somebody has a part on the customer's side of an order.
OF_CUSTOMERS = sorted(
    role for part in ROLES_OF if SIDE_OF[part] is Side.CUSTOMER and part not in APPLYING for role in ROLES_OF[part]
)
# A page after a case that the person has not ordered begins anew.
ORDERED = text(f"""
    SELECT id FROM cases WHERE orderer_id = :person AND offer_id IS NOT NULL AND (created_at, id) < (
        COALESCE((SELECT created_at FROM cases WHERE id = :after AND orderer_id = :person), 9223372036854775807),
        :after)
      AND customer_id IN (SELECT h.organisation_id FROM ({rights(":person")}) h
        WHERE h.role IN ({", ".join(f"'{each}'" for each in OF_CUSTOMERS)}))
    ORDER BY created_at DESC, id DESC LIMIT :limit""")  # noqa: S608 - constants
GRANTS = {
    dialect: text(f"SELECT p.id, {grants(words, 'p.id')} AS grants FROM persons p WHERE p.active AND p.id {among}")  # noqa: S608
    for dialect, words, among in ((each, WORDS[each], CLAUSES[each]) for each in WORDS)
}


class Queries:
    """Reads for screens, on both databases: the protocol of `core.ports.Queries`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def dossiers(self, cases: Sequence[CaseId]) -> Mapping[CaseId, Dossier]:
        return await self._database.read(partial(read_dossiers, cases=cases))

    async def past(self, case: CaseId) -> Past:
        return await self._database.read(partial(read_past, case=case))

    async def person_of(self, identity: Identity) -> Person | None:
        return await self._database.read(partial(_person_of, identity=identity))

    async def person_by_email(self, email: str) -> Person | None:
        return await self._database.read(partial(_person_by_email, email=email))

    async def names(
        self, people: Sequence[PersonId], organisations: Sequence[OrganisationId]
    ) -> tuple[Mapping[PersonId, str], Mapping[OrganisationId, str]]:
        return await self._database.read(partial(_names, people=people, organisations=organisations))

    async def service_name(self, service: str) -> Mapping[Language, str] | None:
        return await self._database.read(partial(_service_name, service=service))

    async def roles_of(
        self, person: PersonId, at: datetime
    ) -> Mapping[OrganisationId, tuple[Organisation, frozenset[Role]]]:
        return await self._database.read(partial(read_roles, person=person, at=at))

    async def waiting_for(self, person: PersonId, at: datetime, after: CaseId | None, limit: int) -> Sequence[Waiting]:
        return await self._database.read(partial(read_waiting, person=person, at=at, after=after, limit=limit))

    async def grants_of(self, people: Sequence[PersonId], at: datetime) -> Mapping[PersonId, Sequence[Grant]]:
        return await self._database.read(partial(_grants_of, people=people, at=at))

    async def ordered_by(self, person: PersonId, at: datetime, after: CaseId | None, limit: int) -> Sequence[CaseId]:
        return await self._database.read(partial(_ordered_by, person=person, at=at, after=after, limit=limit))

    async def blocked_for(self, person: PersonId, at: datetime, limit: int) -> Sequence[Waiting]:
        return await self._database.read(partial(read_blocked, person=person, at=at, limit=limit))

    async def for_reserves(self, person: PersonId, at: datetime, limit: int) -> Sequence[Waiting]:
        return await self._database.read(partial(read_for_reserves, person=person, at=at, limit=limit))

    async def has_service(self, customer: OrganisationId, offer: OfferId) -> bool:
        return await self._database.read(partial(has_service, customer=customer, offer=offer))

    async def refused_units(
        self, customer: OrganisationId, offer: OfferId, agent: OrganisationId | None, units: Sequence[Unit]
    ) -> Sequence[Unit]:
        wished = Wished(customer, offer, agent, tuple(units), change_of_agent=False)
        return await self._database.read(partial(refused_units, wished=wished))

    async def invoice_reference(self, customer: OrganisationId, service: str) -> str:
        return await self._database.read(partial(_invoice_reference, customer=customer, service=service))

    async def list_orders(
        self, scope: Scope, wanted: OrderFilter, after: ListPlace | None, limit: int
    ) -> Sequence[ListPlace]:
        """The cases of a page of the API's list, the newest first."""
        work = partial(list_orders, scope=scope, wanted=wanted, after=after, limit=limit)
        return await self._database.read(work)

    async def list_applications(
        self, wanted: ApplicationFilter, after: ListPlace | None, limit: int
    ) -> Sequence[ListPlace]:
        """The applications of a page of the API's list, the newest first."""
        work = partial(list_applications, wanted=wanted, after=after, limit=limit)
        return await self._database.read(work)

    async def offers_for(self, customer: OrganisationId, search: str, limit: int) -> Sequence[OfferChoice]:
        return await self._database.read(partial(_offers_for, customer=customer, search=search, limit=limit))

    async def agents_for(
        self, offer: OfferId, customer: OrganisationId, at: datetime, search: str, limit: int
    ) -> Sequence[tuple[OrganisationId, str]]:
        found = await self._database.read(partial(_agents_for, offer=offer, customer=customer, at=at))
        return [(id_, name) for id_, name in found if matches(search, name)][:limit]


def matches(search: str, *names: str) -> bool:
    """True when any name holds what was typed, whatever the letters' size; in Python, since SQLite knows only a-z."""
    return any(search.strip().casefold() in name.casefold() for name in names)


def read_roles(
    connection: Connection, person: PersonId, at: datetime
) -> dict[OrganisationId, tuple[Organisation, frozenset[Role]]]:
    """The person's organisations and the roles valid there; none for a person who has left."""
    roles, organisations = db.role_assignments, db.organisations
    query = (
        select(organisations, roles.c.role)
        .join(roles, roles.c.organisation_id == organisations.c.id)
        .join(db.persons, db.persons.c.id == roles.c.person_id)
        .where(roles.c.person_id == person, db.persons.c.active, role_holds(at))
        .order_by(organisations.c.name, organisations.c.id)
    )
    held: dict[OrganisationId, tuple[Organisation, frozenset[Role]]] = {}
    for row in connection.execute(query):
        organisation = organisation_from_row(row)
        _, before = held.get(organisation.id, (organisation, frozenset[Role]()))
        held[organisation.id] = (organisation, before | {Role(row.role)})
    return held


def person_from_row(row: Row[Any]) -> Person:
    """The person in a row of every column of `persons`."""
    language = None if row.language is None else Language(row.language)
    return Person(PersonId(row.id), row.name, row.email, language, row.active)


def _person(connection: Connection, query: Select[Any]) -> Person | None:
    row = connection.execute(query.where(db.persons.c.active)).one_or_none()
    return None if row is None else person_from_row(row)


def _person_of(connection: Connection, identity: Identity) -> Person | None:
    accounts = db.identities.c
    mine = and_(accounts.issuer == identity.issuer, accounts.subject == identity.subject, accounts.state == "confirmed")
    return _person(
        connection, select(db.persons).join(db.identities, accounts.person_id == db.persons.c.id).where(mine)
    )


def _person_by_email(connection: Connection, email: str) -> Person | None:
    return _person(connection, select(db.persons).where(db.persons.c.email == email.strip().lower()))


def _names(
    connection: Connection, people: Sequence[PersonId], organisations: Sequence[OrganisationId]
) -> tuple[dict[PersonId, str], dict[OrganisationId, str]]:
    found = organisations_by_id(connection, organisations)
    return names_of_people(connection, people), {each.id: each.name for each in found.values()}


def _service_name(connection: Connection, service: str) -> dict[Language, str] | None:
    name = connection.execute(select(db.services.c.name).where(db.services.c.id == service)).scalar_one_or_none()
    return None if name is None else {Language(language): each for language, each in name.items()}


def _grants_of(connection: Connection, people: Sequence[PersonId], at: datetime) -> dict[PersonId, tuple[Grant, ...]]:
    values = {"ids": bind_ids(connection, sorted(set(people))), "at": to_micros(at)}
    rows = connection.execute(GRANTS[connection.dialect.name], values) if people else ()
    return {PersonId(row.id): grants_from_json(row.grants, row.id) for row in rows}


def _ordered_by(
    connection: Connection, person: PersonId, at: datetime, after: CaseId | None, limit: int
) -> list[CaseId]:
    values = {"person": person, "at": to_micros(at), "after": after or "", "limit": limit}
    return list(connection.execute(ORDERED, values).scalars())


def _invoice_reference(connection: Connection, customer: OrganisationId, service: str) -> str:
    organisations, own = db.organisations.c, db.invoice_references
    is_own = and_(own.c.organisation_id == organisations.id, own.c.service_id == service)
    query = (
        select(func.coalesce(own.c.reference, organisations.invoice_ref, ""))
        .select_from(db.organisations.outerjoin(own, is_own))
        .where(organisations.id == customer)
    )
    return connection.execute(query).scalar_one_or_none() or ""


def _offers_for(connection: Connection, customer: OrganisationId, search: str, limit: int) -> list[OfferChoice]:
    wanted = select(db.organisations.c.kinds, db.organisations.c.category).where(db.organisations.c.id == customer)
    row = connection.execute(wanted).one_or_none()
    if row is None:
        return []
    found = [each for each in _active_offers(connection) if _is_for(each, row) and _offer_matches(each, search)]
    chosen = sorted(found, key=lambda row: row.name["sv"].casefold())[:limit]
    return choices_from_rows(connection, chosen)


def _is_for(offer: Row[Any], orders: Any) -> bool:  # Any: a row that has kinds and category
    """Assignments are for agents, every other offer is for some categories of customers."""
    if offer.flow == Flow.AGENT_ASSIGNMENT:
        return OrganisationKind.AGENT in orders.kinds
    return orders.category in offer.categories


def _active_offers(connection: Connection) -> Sequence[Row[Any]]:
    return connection.execute(offers_with_services().where(db.offers.c.active)).all()


def offers_with_services() -> Select[Any]:
    """Every column of offers, and the name of the service as `service_name`."""
    named = db.services.c.name.label("service_name")
    return select(db.offers, named).join(db.services, db.services.c.id == db.offers.c.service_id)


def choices_from_rows(connection: Connection, rows: Sequence[Row[Any]]) -> list[OfferChoice]:
    """Offers with their prices, from rows of `offers_with_services`."""
    items = db.price_items
    wanted = select(items).where(items.c.offer_id.in_([row.id for row in rows])).order_by(items.c.id)
    prices = connection.execute(wanted).all()
    return [
        OfferChoice(
            terms=terms_from_rows(row, [price for price in prices if price.offer_id == row.id]),
            service={Language(language): words for language, words in row.service_name.items()},
            offer={Language(language): words for language, words in row.name.items()},
            terms_url=row.terms_url,
        )
        for row in rows
    ]


def _offer_matches(row: Row[Any], search: str) -> bool:
    return matches(search, *row.name.values(), *row.service_name.values())


def _agents_for(
    connection: Connection, offer: OfferId, customer: OrganisationId, at: datetime
) -> list[tuple[OrganisationId, str]]:
    agents, given, made = db.organisations, db.agent_assignments, db.agreements
    query = (
        select(agents.c.id, agents.c.name)
        .join(given, given.c.agent_id == agents.c.id)
        .join(db.offers, db.offers.c.service_id == given.c.service_id)
        .join(made, and_(made.c.organisation_id == agents.c.id, made.c.type == AgreementType.AGENTAVTAL))
        .where(db.offers.c.id == offer, agents.c.id != customer)
        .where(holds(given.c.valid_from, given.c.valid_to, at), holds(made.c.valid_from, made.c.ended_at, at))
        .order_by(func.lower(agents.c.name), agents.c.id)
    )
    return [(OrganisationId(id_), name) for id_, name in connection.execute(query)]
