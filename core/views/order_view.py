"""What was ordered, as one side may know it: the table of disclosure applied to the contents of an order."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated

from core.catalogue.connections import EarlierConnection
from core.catalogue.offers import Routine
from core.catalogue.prices import NO_COST, Cost, Costs
from core.catalogue.units import Unit
from core.register.contacts import WhomToAsk
from core.shared.disclosure import COST_OF, ByRule, DisclosedView, Fact, ToAll, sees
from core.shared.value_objects import value
from core.shared.vocabulary import CustomerCategory, Flow, Language, Localised, OfferId, OrganisationId, Payer, Side
from core.views.record import CaseRecord
from core.workflow.case import Order

NOTHING_ORDERED = Order(OfferId(""), (), "")


@value
class DisclosedOrganisation(DisclosedView):
    """An organisation as others see it; the number is None where it is a personnummer."""

    id: ToAll[OrganisationId]
    name: ToAll[str]
    org_number: ToAll[str | None]
    category: ToAll[CustomerCategory | None]


@value
class BeforeView(DisclosedView):
    """What one side may know of an order as it was in an earlier version; None: unknown, or not for this side."""

    version: ToAll[int]
    agent: Annotated[str | None, Fact.CHANGE_OF_AGENT]
    units: Annotated[tuple[Unit, ...], Fact.UNITS]
    invoice_ref: Annotated[str | None, Fact.INVOICE]
    desired_start: Annotated[date | None, Fact.DESIRED_START]
    costs: ByRule[Mapping[Payer, Cost]]


@value
class EarlierView:
    """What units of an order have of its service in another way, names in the place of ids.

    `agent` None where it goes through nobody. It `ends` where the order replaces it.
    """

    offer_code: OfferId
    offer: Localised
    agent_id: OrganisationId | None
    agent: str | None
    units: tuple[str, ...]
    ends: bool


@value
class DisclosedOrder(DisclosedView):
    """What one side may know of what was ordered, by whom and at which price.

    `earlier_costs` and `coming_costs` hold what a payer pays at another price than now. `before` is the order as it was
    until an answer last changed it; nothing for an agent that had no part in it then.
    """

    flow: ToAll[Flow]
    service: Annotated[Localised, Fact.SERVICE]
    offer: Annotated[Localised, Fact.SERVICE]
    offer_code: ToAll[OfferId]
    terms_url: ToAll[str]
    routines: ToAll[tuple[Routine, ...]]
    template: Annotated[Localised, Fact.TEMPLATE]
    handles_personal_data: ToAll[bool]
    customer: Annotated[DisclosedOrganisation, Fact.CUSTOMER]
    agent: Annotated[DisclosedOrganisation | None, Fact.AGENT]
    named_agent: ToAll[str | None]
    replaces_agent: Annotated[str | None, Fact.CHANGE_OF_AGENT]
    earlier: Annotated[tuple[EarlierView, ...], Fact.CHANGE_OF_AGENT]
    units: Annotated[tuple[Unit, ...], Fact.UNITS]
    desired_start: Annotated[date | None, Fact.DESIRED_START]
    technical_contact: Annotated[WhomToAsk, Fact.TECHNICAL_CONTACT]
    external_case_ref: Annotated[str | None, Fact.EXTERNAL_CASE_REF]
    invoice_ref: Annotated[str | None, Fact.INVOICE]
    comment: Annotated[str, Fact.COMMENT]
    costs: ByRule[Mapping[Payer, Cost]]
    earlier_costs: ByRule[Costs]
    coming_costs: ByRule[Costs]
    coming_from: ByRule[date | None]
    ending_costs: ByRule[Costs]
    orderer: Annotated[str | None, Fact.CUSTOMER_NAMES]
    orderer_language: Annotated[Language | None, Fact.CUSTOMER_NAMES]
    ordered_at: ToAll[datetime]
    before: ByRule[BeforeView | None]


def ordered(record: CaseRecord, side: Side) -> DisclosedOrder:
    """What was ordered, for one side."""
    case, offer = record.case, record.offer
    order = case.order if case.is_order else NOTHING_ORDERED
    coming = _others(side, order.coming_costs, order.costs)
    # What is decided about is the offer as it was ordered, whatever it is called now.
    name, terms_url = (order.offer_name, order.terms_url) if order.offer_name else (offer.offer, offer.terms_url)
    return DisclosedOrder(
        side=side,
        flow=case.flow,
        service=offer.service,
        offer=name,
        offer_code=order.offer,
        terms_url=terms_url,
        routines=offer.routines,
        template=offer.template,
        handles_personal_data=offer.handles_personal_data,
        customer=_organisation(record, case.customer, side),
        agent=None if case.agent is None else _organisation(record, case.agent, side),
        named_agent=_name(record, order.named_agent),
        replaces_agent=_name(record, order.replaces_agent),
        earlier=tuple(_earlier(record, connection) for connection in order.earlier),
        units=order.units,
        desired_start=order.desired_start,
        technical_contact=order.technical_contact,
        external_case_ref=order.external_case_ref,
        invoice_ref=order.invoice_ref,
        comment=order.comment,
        costs=_costs(side, order.costs),
        earlier_costs=_others(side, order.earlier_costs, order.costs),
        coming_costs=coming,
        coming_from=order.coming_from if coming else None,
        ending_costs=_costs(side, order.ending_costs),
        orderer=record.people.get(case.orderer),
        orderer_language=record.orderer_language,
        ordered_at=case.created_at,
        before=_before(record, side),
    )


def _earlier(record: CaseRecord, connection: EarlierConnection) -> EarlierView:
    way = connection.way
    agent = _name(record, way.agent)
    return EarlierView(way.offer, connection.offer_name, way.agent, agent, connection.units, connection.ends)


def _before(record: CaseRecord, side: Side) -> BeforeView | None:
    before = record.case.order.before if record.case.is_order else None
    is_agent = side is Side.AGENT
    if before is None or (is_agent and before.agent != record.case.agent):
        return None
    return BeforeView(
        side=side,
        version=before.version,
        agent=_name(record, before.agent),
        units=before.units,
        invoice_ref=before.invoice_ref,
        desired_start=before.desired_start,
        costs=_costs(side, before.costs),
    )


def _organisation(record: CaseRecord, organisation: OrganisationId, side: Side) -> DisclosedOrganisation:
    found = record.organisations[organisation]
    number = None if found.org_number_is_personal else found.org_number
    return DisclosedOrganisation(side, found.id, found.name, number, found.category)


def _name(record: CaseRecord, organisation: OrganisationId | None) -> str | None:
    return None if organisation is None else record.organisations[organisation].name


def _costs(side: Side, costs: Costs) -> Costs:
    return {payer: cost for payer, cost in costs.items() if sees(side, COST_OF[payer])}


def _others(side: Side, costs: Costs, now: Costs) -> Costs:
    """What a payer whom the side may see pays at another price than now."""
    return {payer: cost for payer, cost in _costs(side, costs).items() if cost != now.get(payer, NO_COST)}
