"""What screens, cards and lists read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, func, or_, select, text

from core.catalogue.connections import EarlierConnection
from core.catalogue.units import Unit
from core.identity.accounts import Asking, By, Identity
from core.ports.case_lists import ApplicationFilter, ListPlace, OrderFilter, Scope
from core.ports.reads import OfferChoice, Waiting
from core.register.organisations import Organisation, Person
from core.shared.errors import FormError
from core.shared.traits import TRAITS
from core.shared.vocabulary import (
    DECIDING,
    PART_WAITED_FOR,
    AgentField,
    AgreementType,
    CaseId,
    Flow,
    Language,
    OfferId,
    OrganisationId,
    OrganisationKind,
    Part,
    PersonId,
    Role,
    Side,
)
from core.storage import tables
from core.storage.administration.readiness import has_two
from core.storage.context.asking_person import check_orders_there, person_asking, role_used
from core.storage.context.authority_sql import HOLDS
from core.storage.context.coding import language, organisation_from_row, routines
from core.storage.context.offers import terms_from_rows
from core.storage.context.standings import Wished, is_being_ended, is_of_service, read_earlier, refused_units
from core.storage.database.conditions import goes_on, holds
from core.storage.database.database import Database
from core.storage.reads.case_lists import list_applications, list_orders
from core.storage.reads.case_views import names_of_people, read_addressed, read_listed, read_views, read_whole
from core.storage.reads.held_documents import signed_agreement
from core.storage.reads.organisation_search import organisations_by_id
from core.storage.reads.waiting import USED, read_for_reserves, read_waiting
from core.storage.tables import to_micros
from core.storage.tables.links import stands
from core.views.case_view import CaseView, WholeView
from core.views.holdings import Connected, HeldDocument
from core.views.readers import CaseReader
from core.views.recipients import AddressedView, Recipient
from core.workflow.order_rules import UNITS_LIMIT

T = TypeVar("T")


class SqlQueries:
    """Reads for screens, on both databases: the protocol of `core.ports.cases.Queries`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def views(self, cases: Sequence[CaseId], reader: CaseReader) -> Mapping[CaseId, CaseView]:
        return await self._database.read(partial(read_views, cases=cases, reader=reader))

    async def listed(self, rows: Sequence[Waiting]) -> Sequence[CaseView]:
        return await self._database.read(partial(read_listed, rows=rows))

    async def whole(self, case: CaseId, side: Side) -> WholeView | None:
        return await self._database.read(partial(read_whole, case=case, side=side))

    async def addressed(self, recipients: Sequence[Recipient], at: datetime) -> Mapping[Recipient, AddressedView]:
        return await self._database.read(partial(read_addressed, recipients=recipients, at=at))

    async def signed_agreement(self, case: CaseId) -> HeldDocument:
        return await self._database.read(partial(signed_agreement, case=case))

    async def person_of(self, account: By) -> Person | None:
        return await self._database.read(partial(_person_of, account=account))

    async def person_by_email(self, email: str) -> Person | None:
        return await self._database.read(partial(_person_by_email, email=email))

    async def names(
        self, people: Sequence[PersonId], organisations: Sequence[OrganisationId]
    ) -> tuple[Mapping[PersonId, str], Mapping[OrganisationId, str]]:
        return await self._database.read(partial(_names, people=people, organisations=organisations))

    async def service_name(self, service: str) -> Mapping[Language, str] | None:
        return await self._database.read(partial(_service_name, service=service))

    async def roles_of(
        self, who: Asking, at: datetime
    ) -> Mapping[OrganisationId, tuple[Organisation, frozenset[Role]]]:
        return await self._database.read(partial(read_roles, who=who, at=at))

    async def waiting_for(self, who: Asking, at: datetime, limit: int) -> Sequence[Waiting]:
        return await self._database.read(partial(read_waiting, who=who, at=at, limit=limit))

    async def blocked_for(self, who: Asking, at: datetime, limit: int) -> Sequence[Waiting]:
        return await self._database.read(partial(read_blocked, who=who, at=at, limit=limit))

    async def for_reserves(self, who: Asking, at: datetime, limit: int) -> Sequence[Waiting]:
        return await self._database.read(partial(read_for_reserves, who=who, at=at, limit=limit))

    async def has_service(self, by: By, customer: OrganisationId, offer: OfferId, at: datetime) -> bool:
        return await self._of(customer, by, at, partial(has_service, customer=customer, offer=offer, at=at))

    async def connected(
        self,
        by: By,
        customer: OrganisationId,
        offer: OfferId,
        agent: OrganisationId | None,
        at: datetime,
        *,
        confirmed: bool,
    ) -> Connected:
        work = partial(_connected, customer=customer, offer=offer, agent=agent, confirmed=confirmed)
        return await self._of(customer, by, at, work)

    async def refused_units(
        self,
        by: By,
        customer: OrganisationId,
        offer: OfferId,
        agent: OrganisationId | None,
        units: Sequence[Unit],
        at: datetime,
    ) -> Sequence[Unit]:
        wished = Wished(customer, offer, agent, tuple(units))
        return await self._of(customer, by, at, partial(refused_units, wished=wished, at=at))

    async def earlier_connections(
        self,
        by: By,
        customer: OrganisationId,
        offer: OfferId,
        agent: OrganisationId | None,
        units: Sequence[Unit],
        at: datetime,
    ) -> Sequence[EarlierConnection]:
        wished = Wished(customer, offer, agent, tuple(units))
        return await self._of(customer, by, at, partial(read_earlier, wished=wished, at=at))

    async def invoice_reference(self, by: By, customer: OrganisationId, service: str, at: datetime) -> str:
        return await self._of(customer, by, at, partial(_invoice_reference, customer=customer, service=service))

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

    async def offers_for(
        self, by: By, customer: OrganisationId, search: str, at: datetime, limit: int
    ) -> Sequence[OfferChoice]:
        return await self._of(customer, by, at, partial(_offers_for, customer=customer, search=search, limit=limit))

    async def agents_for(
        self, by: By, offer: OfferId, customer: OrganisationId, at: datetime, search: str, limit: int
    ) -> Sequence[tuple[OrganisationId, str]]:
        found = await self._of(customer, by, at, partial(_agents_for, offer=offer, customer=customer, at=at))
        return [(id_, name) for id_, name in found if matches(search, name)][:limit]

    async def _of(self, organisation: OrganisationId, by: By, at: datetime, work: Callable[[Connection], T]) -> T:
        """Read something of an organisation. Raises NoRole for whoever does not read its orders."""

        def judged(connection: Connection) -> T:
            check_orders_there(connection, person_asking(connection, by), organisation, at)
            return work(connection)

        return await self._database.read(judged)


def matches(search: str, *names: str) -> bool:
    """True when any name holds what was typed, whatever the letters' size; in Python, since SQLite knows only a-z."""
    return any(search.strip().casefold() in name.casefold() for name in names)


def read_roles(
    connection: Connection, who: Asking, at: datetime
) -> dict[OrganisationId, tuple[Organisation, frozenset[Role]]]:
    """The person's organisations and the roles valid there; none for a person who has left."""
    roles, organisations = tables.role_assignments, tables.organisations
    query = (
        select(organisations, roles.c.role)
        .join(roles, roles.c.organisation_id == organisations.c.id)
        .join(tables.persons, tables.persons.c.id == roles.c.person_id)
        .where(role_used(who, at), tables.persons.c.active)
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
    return Person(PersonId(row.id), row.name, row.email, language(row.language), row.active)


# Of people who are to be answered: with what their organisation says of the language.
ANSWERED = (tables.persons, tables.language_at_work().label("at_work"))


def answered_from_row(row: Row[Any]) -> Person:
    """The person in a row of ANSWERED."""
    return replace(person_from_row(row), at_work=language(row.at_work))


def _person(connection: Connection, *which: ColumnElement[bool]) -> Person | None:
    row = connection.execute(select(*ANSWERED).where(tables.persons.c.active, *which)).one_or_none()
    return None if row is None else answered_from_row(row)


def _person_of(connection: Connection, account: By) -> Person | None:
    if not isinstance(account, Identity):
        person = _person(connection, tables.persons.c.id == account.person)
        return person and replace(person, within=account.within)
    accounts = tables.identities.c
    mine = (accounts.issuer == account.issuer, accounts.subject == account.subject, stands())
    query = select(*ANSWERED, accounts.organisation_id.label("within"))
    row = connection.execute(
        query.where(tables.persons.c.active, accounts.person_id == tables.persons.c.id, *mine)
    ).one_or_none()
    return None if row is None else replace(answered_from_row(row), within=row.within)


def _person_by_email(connection: Connection, email: str) -> Person | None:
    return _person(connection, tables.persons.c.email == email.strip().lower())


def _names(
    connection: Connection, people: Sequence[PersonId], organisations: Sequence[OrganisationId]
) -> tuple[dict[PersonId, str], dict[OrganisationId, str]]:
    found = organisations_by_id(connection, organisations)
    return names_of_people(connection, people), {each.id: each.name for each in found.values()}


def _service_name(connection: Connection, service: str) -> dict[Language, str] | None:
    name = connection.execute(
        select(tables.services.c.name).where(tables.services.c.id == service)
    ).scalar_one_or_none()
    return None if name is None else {Language(code): each for code, each in name.items()}


def _invoice_reference(connection: Connection, customer: OrganisationId, service: str) -> str:
    organisations, own = tables.organisations.c, tables.invoice_references
    is_own = and_(own.c.organisation_id == organisations.id, own.c.service_id == service)
    query = (
        select(func.coalesce(own.c.reference, organisations.invoice_ref, ""))
        .select_from(tables.organisations.outerjoin(own, is_own))
        .where(organisations.id == customer)
    )
    return connection.execute(query).scalar_one_or_none() or ""


def _offers_for(connection: Connection, customer: OrganisationId, search: str, limit: int) -> list[OfferChoice]:
    wanted = select(tables.organisations.c.kinds, tables.organisations.c.category).where(
        tables.organisations.c.id == customer
    )
    row = connection.execute(wanted).one_or_none()
    if row is None:
        return []
    found = [each for each in _active_offers(connection) if _is_for(each, row) and _offer_matches(each, search)]
    chosen = sorted(found, key=lambda row: row.name["sv"].casefold())[:limit]
    return choices_from_rows(connection, chosen)


def _is_for(offer: Row[Any], orders: Any) -> bool:  # Any: a row that has kinds and category
    """Assignments are for agents, every other offer is for some categories of customers."""
    if TRAITS[Flow(offer.flow)].offered_to is OrganisationKind.AGENT:
        return OrganisationKind.AGENT in orders.kinds
    return orders.category in offer.categories


def _active_offers(connection: Connection) -> Sequence[Row[Any]]:
    return connection.execute(offers_with_services().where(tables.offers.c.active)).all()


def offers_with_services() -> Select[Any]:
    """Every column of offers, and the name of the service as `service_name`."""
    named = tables.services.c.name.label("service_name")
    return select(tables.offers, named).join(tables.services, tables.services.c.id == tables.offers.c.service_id)


def choices_from_rows(connection: Connection, rows: Sequence[Row[Any]]) -> list[OfferChoice]:
    """Offers with their prices, from rows of `offers_with_services`."""
    items = tables.price_items
    wanted = select(items).where(items.c.offer_id.in_([row.id for row in rows])).order_by(items.c.id)
    prices = connection.execute(wanted).all()
    return [
        OfferChoice(
            terms=terms_from_rows(row, [price for price in prices if price.offer_id == row.id]),
            service={Language(language): words for language, words in row.service_name.items()},
            offer={Language(language): words for language, words in row.name.items()},
            terms_url=row.terms_url,
            routines=routines(row.routines),
        )
        for row in rows
    ]


def _offer_matches(row: Row[Any], search: str) -> bool:
    return matches(search, *row.name.values(), *row.service_name.values())


def _agents_for(
    connection: Connection, offer: OfferId, customer: OrganisationId, at: datetime
) -> list[tuple[OrganisationId, str]]:
    agents, given, made = tables.organisations, tables.agent_assignments, tables.agreements
    query = (
        select(agents.c.id, agents.c.name)
        .join(given, given.c.agent_id == agents.c.id)
        .join(tables.offers, tables.offers.c.service_id == given.c.service_id)
        .join(made, and_(made.c.organisation_id == agents.c.id, made.c.type == AgreementType.AGENTAVTAL))
        .where(tables.offers.c.id == offer, agents.c.id != customer)
        .where(holds(given.c.valid_from, given.c.valid_to, at), holds(made.c.valid_from, made.c.ended_at, at))
        # An agent that is named for information alone decides nothing.
        .where(
            or_(
                tables.offers.c.agent_field != AgentField.REQUIRED,
                has_two(Role.AGENT_HANDLER, at, tables.offers.c.service_id),
            )
        )
        .order_by(func.lower(agents.c.name), agents.c.id)
    )
    return [(OrganisationId(id_), name) for id_, name in connection.execute(query)]


# What waits for an organisation is found by an index; what is blocked among it, by looking.
_BLOCKED_FOR = """
    SELECT c.id AS id, c.waiting_since AS waiting_since, '{part}' AS part
    FROM role_assignments r JOIN cases c ON c.{side}_id = r.organisation_id
    WHERE r.person_id = :person AND r.role = '{role}' AND {holds} AND {used}
      AND c.state IN ({states}) AND c.progress LIKE '%"blocked"%'"""
_SIDES = {Part.CUSTOMER_ADMINISTRATOR: "customer", Part.AGENT_ADMINISTRATOR: "agent"}
_STATES = ", ".join(f"'{state}'" for state, part in PART_WAITED_FOR.items() if part in DECIDING)
BLOCKED = text(
    " UNION ALL ".join(
        _BLOCKED_FOR.format(
            part=part, side=side, role=Role.ADMINISTRATOR, holds=HOLDS.format("r"), states=_STATES, used=USED
        )
        for part, side in _SIDES.items()
    )
    + " ORDER BY waiting_since, id LIMIT :limit"
)


def read_blocked(connection: Connection, who: Asking, at: datetime, limit: int) -> list[Waiting]:
    """Cases that nobody can decide in organisations of which the person is an administrator, longest waiting first."""
    values = {"person": who.person, "within": who.within, "at": to_micros(at), "limit": limit}
    rows = connection.execute(BLOCKED, values)
    return [Waiting(CaseId(row.id), Part(row.part)) for row in rows]


def has_service(connection: Connection, customer: OrganisationId, offer: OfferId, at: datetime) -> bool:
    """Say whether a customer has the offer's service, for whichever unit."""
    held, offers = tables.connections.c, tables.offers.c
    service = select(offers.service_id).where(offers.id == offer).scalar_subquery()
    found = exists().where(held.organisation_id == customer, is_of_service(service), goes_on(held.valid_to, at))
    return bool(connection.execute(select(found)).scalar())


def _connected(
    connection: Connection,
    customer: OrganisationId,
    offer: OfferId,
    agent: OrganisationId | None,
    *,
    confirmed: bool,
) -> Connected:
    named = connection.execute(offers_with_services().where(tables.offers.c.id == offer)).one_or_none()
    if named is None:
        raise FormError(fields={"offer": "unknown"})
    held = tables.connections.c
    mine = (held.organisation_id == customer, held.offer_id == offer, held.agent_id == agent, held.unit_key != "")
    is_confirmed = held.confirmed_at.is_not(None) if confirmed else held.confirmed_at.is_(None)
    mine = (*mine, is_confirmed, held.valid_to.is_(None), ~is_being_ended())
    query = select(held.unit_name, held.unit_hsa_id).where(*mine)
    rows = connection.execute(query.order_by(held.id).limit(UNITS_LIMIT)).all()
    return Connected(_words(named.service_name), _words(named.name), tuple(Unit(name, hsa_id) for name, hsa_id in rows))


def _words(stored: Mapping[str, str]) -> dict[Language, str]:
    return {Language(language): text for language, text in stored.items()}
