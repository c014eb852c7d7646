"""Reads what an organisation has, in a constant number of statements: its own as a customer, and as an agent."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Executable, Row, case, func, literal, null, or_, select

from core.register.organisations import Organisation
from core.shared.traits import DISCONNECTING_FLOWS, OFFERED_FLOWS, ORDER_FLOWS, TRAITS
from core.shared.vocabulary import TO_CONFIRM, AgreementType, CaseId, Flow, OfferId, OrganisationId, State
from core.shared.working_days import day_of
from core.storage import tables
from core.storage.context.coding import localised, order_from_json
from core.storage.context.standings import is_being_ended
from core.storage.database.conditions import holds
from core.storage.database.database import Database
from core.storage.reads.held_documents import held_document
from core.storage.reads.organisation_search import organisations_by_id
from core.views.holdings import Conveyed, HeldAgreement, HeldDocument, HeldService, Holdings, Stands
from core.workflow.flows import all_rows, is_final

# What is on its way of each flow of orders: what is ordered, or an end of it.
ON_THEIR_WAY: tuple[tuple[Stands, tuple[Flow, ...]], ...] = (
    (Stands.ORDERED, OFFERED_FLOWS),
    (Stands.ENDING, DISCONNECTING_FLOWS),
)
ON_ITS_WAY = frozenset(stands for stands, _ in ON_THEIR_WAY)
# What is had: the offer, the agent, how far it has come, and until when.
Held = tuple[str, str | None, str, datetime | None]
# Orders that are on their way: what has been carried out stands among what is connected, confirmed or not.
ORDERED = frozenset(row.source for flow in ORDER_FLOWS for row in all_rows(flow) if not is_final(flow, row.source)) - {
    State.DRAFT,
    *TO_CONFIRM,
}


class SqlHoldings:
    """Reads what organisations have, on both databases: the protocol of `core.ports.holdings.HoldingReads`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def services(self, customer: OrganisationId, at: datetime) -> tuple[HeldService, ...]:
        return await self._database.read(partial(held_services, customer=customer, at=at))

    async def conveyed(self, agent: OrganisationId) -> tuple[Conveyed, ...]:
        return await self._database.read(partial(conveyed, agent=agent))

    async def agreements(self, organisation: OrganisationId) -> tuple[HeldAgreement, ...]:
        return await self._database.read(partial(held_agreements, organisation=organisation))

    async def document(self, hash_: str) -> HeldDocument:
        return await self._database.read(partial(held_document, hash_=hash_))


def read_holdings(connection: Connection, organisation: OrganisationId, at: datetime) -> Holdings:
    """Everything that an organisation has."""
    return Holdings(
        held_services(connection, organisation, at),
        held_agreements(connection, organisation),
        conveyed(connection, organisation),
    )


def held_services(connection: Connection, customer: OrganisationId, at: datetime) -> tuple[HeldService, ...]:
    """Services that a customer has or has ordered, by name: one for each offer, agent and last day."""
    on_their_way = (_on_their_way(customer, stands, flows) for stands, flows in ON_THEIR_WAY)
    rows = [row for query in (_connected(customer, at), *on_their_way) for row in connection.execute(query)]
    names = _unit_names(connection, customer, at)
    agents = organisations_by_id(connection, sorted({row.agent_id for row in rows if row.agent_id}))
    return tuple(sorted((_held_service(row, agents, names) for row in rows), key=_place))


def _unit_names(connection: Connection, customer: OrganisationId, at: datetime) -> Mapping[Held, Sequence[str]]:
    """Read the names of the units of what is carried out and of what is on its way, by the alphabet."""
    held, cases = tables.connections.c, tables.cases.c
    mine = (held.organisation_id == customer, held.unit_key != "", holds(held.valid_from, held.valid_to, at))
    names: dict[Held, set[str]] = defaultdict(set)
    carried_out = select(held.offer_id, held.agent_id, _confirmed(), held.valid_to, held.unit_name).where(*mine)
    for offer, agent, stands, until, name in connection.execute(carried_out):
        names[offer, agent, stands, until].add(name)
    on_their_way = select(cases.offer_id, cases.agent_id, cases.flow, cases.content).where(*_is_on_its_way(customer))
    for offer, agent, flow, content in connection.execute(on_their_way):
        stands = Stands.ORDERED if TRAITS[Flow(flow)].is_offered else Stands.ENDING
        names[offer, agent, stands, None].update(unit.name for unit in order_from_json(offer, content).units)
    return {what: sorted(of_units) for what, of_units in names.items()}


def _confirmed() -> ColumnElement[str]:
    """How far a connection has come: nothing is connected that nobody has confirmed."""
    held = tables.connections.c
    unconfirmed = case((held.agent_id.is_(None), literal(Stands.INSTRUCTIONS_SENT)), else_=Stands.AGENT_INFORMED)
    return case((held.confirmed_at.is_not(None), literal(Stands.CONNECTED)), else_=unconfirmed).label("stands")


def _is_on_its_way(customer: OrganisationId) -> tuple[ColumnElement[bool], ...]:
    return tables.cases.c.customer_id == customer, tables.cases.c.state.in_(sorted(ORDERED))


def _connected(customer: OrganisationId, at: datetime) -> Executable:
    """A row for each offer, agent and end of what is carried out, confirmed or not."""
    held, offers, services = tables.connections.c, tables.offers.c, tables.services.c
    return (
        select(
            held.offer_id,
            held.agent_id,
            _confirmed(),
            offers.name.label("offer_name"),
            offers.service_id,
            services.name.label("service_name"),
            func.min(func.coalesce(held.confirmed_at, held.valid_from), type_=tables.Instant()).label("since"),
            func.count(held.case_id.distinct()).label("orders"),
            func.sum(case((held.unit_key == "", 0), else_=1)).label("units"),
            func.min(held.case_id).label("case"),
            held.valid_to,
            func.sum(case((or_(held.valid_to.is_not(None), is_being_ended()), 0), else_=1)).label("may_end"),
        )
        .join(tables.offers, offers.id == held.offer_id)
        .join(tables.services, services.id == offers.service_id)
        .where(held.organisation_id == customer, holds(held.valid_from, held.valid_to, at))
        .group_by(held.offer_id, held.agent_id, held.valid_to, "stands", offers.id, services.id)
    )


def _on_their_way(customer: OrganisationId, stands: Stands, flows: tuple[Flow, ...]) -> Executable:
    """A row for each offer and agent of what is on its way in some flows."""
    cases, offers, services = tables.cases.c, tables.offers.c, tables.services.c
    return (
        select(
            cases.offer_id,
            cases.agent_id,
            literal(stands.value).label("stands"),
            offers.name.label("offer_name"),
            offers.service_id,
            services.name.label("service_name"),
            func.min(cases.created_at, type_=tables.Instant()).label("since"),
            func.count().label("orders"),
            func.sum(_units()).label("units"),
            func.min(cases.id).label("case"),
            null().label("valid_to"),
            literal(0).label("may_end"),
        )
        .join(tables.offers, offers.id == cases.offer_id)
        .join(tables.services, services.id == offers.service_id)
        .where(*_is_on_its_way(customer), cases.flow.in_(flows))
        .group_by(cases.offer_id, cases.agent_id, offers.id, services.id)
    )


def _held_service(
    row: Row[Any], agents: Mapping[OrganisationId, Organisation], names: Mapping[Held, Sequence[str]]
) -> HeldService:
    return HeldService(
        service=row.service_id,
        service_name=localised(row.service_name),
        offer=OfferId(row.offer_id),
        offer_name=localised(row.offer_name),
        stands=Stands(row.stands),
        since=row.since,
        units=int(row.units or 0),
        orders=row.orders,
        agent=row.agent_id,
        agent_name=agents[row.agent_id].name if row.agent_id else None,
        case=CaseId(row.case) if row.stands in ON_ITS_WAY and row.orders == 1 else None,
        last_day=None if row.valid_to is None else day_of(row.valid_to - timedelta(microseconds=1)),
        may_end=bool(row.may_end),
        unit_names=tuple(names.get((row.offer_id, row.agent_id, row.stands, row.valid_to), ())),
    )


def held_agreements(connection: Connection, organisation: OrganisationId) -> tuple[HeldAgreement, ...]:
    """Agreements by type, the latest of each first: those not signed yet and those that have ended too.

    Not those that nobody signs any more.
    """
    made, signed = tables.agreements.c, tables.signatures.c
    count = (
        select(func.count())
        .where(signed.case_id == made.case_id, signed.document_hash == made.document_hash)
        .scalar_subquery()
    )
    is_some = or_(made.valid_from.is_not(None), made.ended_at.is_(None))
    mine = select(tables.agreements, count.label("signed")).where(made.organisation_id == organisation, is_some)
    return tuple(
        HeldAgreement(
            AgreementType(row.type), row.valid_from, row.ended_at, row.document_version, row.document_hash, row.signed
        )
        for row in connection.execute(mine.order_by(made.type, made.valid_from.desc().nulls_first(), made.id.desc()))
    )


def conveyed(connection: Connection, agent: OrganisationId) -> tuple[Conveyed, ...]:
    """The services that an agent conveys, or has conveyed, by name."""
    given, services = tables.agent_assignments.c, tables.services.c
    query = (
        select(given.service_id, services.name, given.valid_from, given.valid_to)
        .join(tables.services, services.id == given.service_id)
        .where(given.agent_id == agent)
        .order_by(given.service_id)
    )
    return tuple(
        Conveyed(code, localised(name), since, ended) for code, name, since, ended in connection.execute(query)
    )


def _units() -> ColumnElement[int]:
    units = tables.case_units.c
    # Names behind a space are of units that are counted by their HSA-id.
    mine = (units.case_id == tables.cases.c.id, units.unit_key != "", units.unit_key.not_like(" %"))
    return select(func.count()).where(*mine).correlate(tables.cases).scalar_subquery()


def _place(each: HeldService) -> tuple[str, str, bool, Stands, datetime]:
    service, offer = (min(names.values(), default="") for names in (each.service_name, each.offer_name))
    return service, offer, each.stands in ON_ITS_WAY, each.stands, each.since
