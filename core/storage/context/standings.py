"""What an order meets when it is submitted: the category, open orders, and units that have the service already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, exists, literal, or_, select

from core.catalogue.connections import NOTHING_SAID, ConnectionWay, EarlierConnection, ExistingWish
from core.catalogue.offers import OfferTerms
from core.catalogue.units import Unit
from core.shared.traits import CONVEYING_FLOWS, DISCONNECTING_FLOWS, TRAITS, CaseEffect
from core.shared.vocabulary import TO_CONFIRM, CaseId, Localised, OfferId, OrganisationId, OrganisationKind
from core.shared.working_days import day_of
from core.storage import tables
from core.storage.context.coding import localised
from core.storage.database.conditions import goes_on
from core.workflow.context import Standing

# As each offer is called, and which of some units have it.
HeldWays = Mapping[ConnectionWay, tuple[Localised, Sequence[Unit]]]


NOTHING_HELD: HeldWays = {}


@dataclass(frozen=True)
class Wished:
    """Who orders what for which units and through whom; `case` is the order that an answer changes, if any.

    `existing` is what it says of what the units have already.
    """

    customer: OrganisationId
    offer: OfferId
    agent: OrganisationId | None
    units: tuple[Unit, ...]
    existing: ExistingWish = NOTHING_SAID
    case: CaseId | None = None

    @property
    def way(self) -> ConnectionWay:
        """How the units are to have it."""
        return ConnectionWay(self.offer, self.agent)

    @property
    def keys(self) -> list[str]:
        """What the same units may be kept by; one empty key for an order without units."""
        return [key for unit in self.units for key in unit.sought] or [""]


def whole(connection: Connection, known: Standing, wished: Wished, terms: OfferTerms, at: datetime) -> Standing:
    """What is known of agreements, and the rest that a wish or an answer is held against."""
    customers, offers = tables.organisations.c, tables.offers.c
    query = select(customers.kinds, customers.category, customers.org_number_is_personal, offers.sole_traders_only)
    both = query.join(tables.offers, offers.id == wished.offer).where(customers.id == wished.customer)
    row = connection.execute(both).one()
    is_assignment = TRAITS[terms.flow].effect is CaseEffect.CONVEYS
    # What is on its way comes first: what is carried out meanwhile is connected when that is looked for.
    duplicate = (_assignment_on_its_way if is_assignment else _duplicate)(connection, wished, terms)
    ways = held_ways(connection, wished, terms.service, at) if TRAITS[terms.flow].is_offered else NOTHING_HELD
    earlier = _earlier(wished, ways)
    return replace(
        known,
        category_allowed=row.category in terms.categories,
        categories=terms.categories,
        sole_trader_needed=row.sole_traders_only and not row.org_number_is_personal,
        duplicate=duplicate,
        connected=next(iter(ways[wished.way][1]), None) if wished.way in ways else None,
        earlier=earlier,
        unsaid=tuple(held for held in earlier if not wished.existing.answers(held.way)),
        replaces_unheld=bool(wished.existing.unheld(held.way for held in earlier)),
        changes_agent=wished.existing.changes_agent,
        is_agent=OrganisationKind.AGENT in row.kinds,
        held_since=held_since(connection, wished) if _ends(terms) else None,
        assigned=is_assignment and _is_assigned(connection, wished, terms, at),
    )


def _assignment_on_its_way(connection: Connection, wished: Wished, terms: OfferTerms) -> CaseId | None:
    """An open order of an agentuppdrag for the same service, whatever its offer."""
    cases, offers = tables.cases, tables.offers
    query = (
        select(cases.c.id)
        .join(offers, offers.c.id == cases.c.offer_id)
        .where(
            cases.c.customer_id == wished.customer,
            cases.c.flow.in_(CONVEYING_FLOWS),
            cases.c.closed_at.is_(None),
            offers.c.service_id == terms.service,
            cases.c.id != (wished.case or ""),
        )
        .limit(1)
    )
    return connection.execute(query).scalar_one_or_none()


def _is_assigned(connection: Connection, wished: Wished, terms: OfferTerms, at: datetime) -> bool:
    """True where the agent conveys the service already, from now or later."""
    given = tables.agent_assignments.c
    goes_on = or_(given.valid_to.is_(None), given.valid_to > at)
    found = exists().where(given.agent_id == wished.customer, given.service_id == terms.service, goes_on)
    return bool(connection.execute(select(found)).scalar())


def _duplicate(connection: Connection, wished: Wished, terms: OfferTerms) -> CaseId | None:
    units, cases = tables.case_units, tables.cases
    query = (
        select(units.c.case_id)
        .join(cases, cases.c.id == units.c.case_id)
        .where(
            units.c.customer_id == wished.customer,
            units.c.offer_id == terms.id,
            units.c.unit_key.in_(wished.keys),
            units.c.case_id != (wished.case or ""),
            cases.c.closed_at.is_(None),
            # What has been carried out stands among what is connected, as long as that goes on.
            cases.c.state.not_in(sorted(TO_CONFIRM)),
        )
        .limit(1)
    )
    return connection.execute(query).scalar_one_or_none()


def _ends(terms: OfferTerms) -> bool:
    return TRAITS[terms.flow].effect is CaseEffect.DISCONNECTS


def held_since(connection: Connection, wished: Wished) -> date | None:
    """Return the first day on which a customer has an offer for all of the units through the agent, None where it lacks
    one; as a whole where no unit is named.

    What has a last day is not had to be ended again: nothing moves a day that has been confirmed and told.
    """
    held = tables.connections.c
    mine = (held.organisation_id == wished.customer, held.offer_id == wished.offer, held.agent_id == wished.agent)
    query = select(held.unit_key, held.unit_name_key, held.valid_from).where(*mine, held.valid_to.is_(None))
    rows = connection.execute(query.order_by(held.valid_from)).all()
    since = {key: begun for *keys, begun in rows for key in keys if key is not None}
    service = select(tables.offers.c.service_id).where(tables.offers.c.id == wished.offer).scalar_subquery()
    kept = sought_keys(connection, wished.customer, service, wished.units)
    begun = [[since[key] for key in keys if key in since] for keys in kept.values() or [("",)]]
    return day_of(max(map(max, begun))) if all(begun) else None


def is_being_ended() -> ColumnElement[bool]:
    """Return the condition for connections that an open case is to end."""
    held, units, cases = tables.connections.c, tables.case_units.c, tables.cases.c
    by_name = (literal(" ") + units.unit_key == held.unit_name_key, units.unit_key == literal(" ") + held.unit_key)
    return exists().where(
        units.customer_id == held.organisation_id,
        units.offer_id == held.offer_id,
        or_(units.unit_key == held.unit_key, units.unit_key == held.unit_name_key, *by_name),
        cases.id == units.case_id,
        cases.flow.in_(DISCONNECTING_FLOWS),
        cases.closed_at.is_(None),
    )


def held_ways(connection: Connection, wished: Wished, service: str, at: datetime) -> HeldWays:
    """Return how some of the units have a service, in the order in which that began: as the offer is called, and which.

    Where no unit is named, how the customer has it as a whole.

    What has begun a moment later by another's clock counts as well.
    """
    held, sought = tables.connections.c, sought_keys(connection, wished.customer, service, wished.units)
    keys = sorted({key for of_unit in sought.values() for key in of_unit}) or [""]
    query = (
        select(held.unit_key, held.unit_name_key, held.offer_id, held.agent_id, tables.offers.c.name)
        .join(tables.offers, tables.offers.c.id == held.offer_id)
        .where(
            held.organisation_id == wished.customer,
            is_of_service(service),
            or_(held.unit_key.in_(keys), held.unit_name_key.in_(keys)),
            goes_on(held.valid_to, at),
        )
        .order_by(held.valid_from, held.id)
    )
    ways: dict[ConnectionWay, tuple[Localised, set[str]]] = {}
    for *kept, offer, agent, name in connection.execute(query):
        _, units = ways.setdefault(ConnectionWay(OfferId(offer), agent), (localised(name), set()))
        units.update(unit.key for unit in wished.units if sought[unit.key] & {*kept})
    return {way: (name, [unit for unit in wished.units if unit.key in units]) for way, (name, units) in ways.items()}


def sought_keys(
    connection: Connection, customer: OrganisationId, service: str | ColumnElement[str], units: Sequence[Unit]
) -> dict[str, frozenset[str]]:
    """Return what each unit may be kept by, by its key: what it was called once, and then had, included.

    A unit that is renamed on its way to another agent is found by the old name too.
    """
    held, sought = tables.connections.c, [key for unit in units for key in unit.sought]
    query = select(held.unit_key, held.unit_name_key).where(
        held.organisation_id == customer,
        is_of_service(service),
        held.unit_name_key.is_not(None),
        or_(held.unit_key.in_(sought), held.unit_name_key.in_(sought)),
    )
    kept = [(row.unit_key, row.unit_name_key) for row in connection.execute(query.distinct())] if units else []
    return {unit.key: unit.sought_as(kept) for unit in units}


def is_of_service(service: str | ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition for connections of a service: by their offer, which may have moved to another since."""
    offers = tables.offers.c
    return tables.connections.c.offer_id.in_(select(offers.id).where(offers.service_id == service))


def refused_units(connection: Connection, wished: Wished, at: datetime) -> list[Unit]:
    """Which units a wish would be refused for, since they have the offer already, through the same agent or none."""
    service = select(tables.offers.c.service_id).where(tables.offers.c.id == wished.offer)
    ways = held_ways(connection, wished, connection.execute(service).scalar_one(), at)
    return list(ways[wished.way][1]) if wished.way in ways else []


def read_earlier(connection: Connection, wished: Wished, at: datetime) -> tuple[EarlierConnection, ...]:
    """Return what the units have of an offer's service in other ways, and what of it a wish replaces."""
    service = select(tables.offers.c.service_id).where(tables.offers.c.id == wished.offer)
    return _earlier(wished, held_ways(connection, wished, connection.execute(service).scalar_one(), at))


def _earlier(wished: Wished, ways: HeldWays) -> tuple[EarlierConnection, ...]:
    return tuple(
        EarlierConnection(way, name, tuple(unit.name for unit in units), wished.existing.ends(way))
        for way, (name, units) in ways.items()
        if way != wished.way
    )
