"""What was ordered, as one side may know it: the table of disclosure applied to the contents of an order."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from core.catalogue.costs import Cost, Costs
from core.catalogue.units import Unit
from core.shared.disclosure import COST_OF, Fact, sees
from core.shared.vocabulary import CustomerCategory, Flow, Language, Localised, OfferId, OrganisationId, Payer, Side
from core.views.record import CaseRecord
from core.workflow.case import Order

NOTHING_ORDERED = Order(OfferId(""), (), "")


@dataclass(frozen=True)
class DisclosedOrganisation:
    """An organisation as others see it; the number is None where it is a personnummer."""

    id: OrganisationId
    name: str
    org_number: str | None
    category: CustomerCategory | None


@dataclass(frozen=True)
class BeforeView:
    """What one side may know of an order as it was in an earlier version; None: unknown, or not for this side."""

    version: int
    agent: str | None
    units: tuple[Unit, ...]
    invoice_ref: str | None
    desired_start: date | None
    costs: Mapping[Payer, Cost]


@dataclass(frozen=True)
class DisclosedOrder:
    """What one side may know of what was ordered, by whom and at which price.

    `earlier_costs` and `coming_costs` hold what a payer pays at another price than now. `before` is the order as it was
    until an answer last changed it; nothing for an agent that had no part in it then.
    """

    flow: Flow
    service: Localised
    offer: Localised
    offer_code: OfferId
    terms_url: str
    template: Localised
    handles_personal_data: bool
    customer: DisclosedOrganisation
    agent: DisclosedOrganisation | None
    named_agent: str | None
    replaces_agent: str | None
    units: tuple[Unit, ...]
    desired_start: date | None
    technical_contact: str
    external_case_ref: str | None
    invoice_ref: str | None
    comment: str
    costs: Mapping[Payer, Cost]
    earlier_costs: Costs
    coming_costs: Costs
    coming_from: date | None
    orderer: str | None
    orderer_language: Language | None
    ordered_at: datetime
    before: BeforeView | None


def ordered(dossier: CaseRecord, side: Side) -> DisclosedOrder:
    """What was ordered, for one side."""
    case, offer = dossier.case, dossier.offer
    order = case.order if case.is_order else NOTHING_ORDERED
    coming = _others(side, order.coming_costs, order.costs)
    return DisclosedOrder(
        flow=case.flow,
        service=offer.service,
        offer=offer.offer,
        offer_code=order.offer,
        terms_url=offer.terms_url,
        template=offer.template if sees(side, Fact.TEMPLATE) else {},
        handles_personal_data=offer.handles_personal_data,
        customer=_organisation(dossier, case.customer),
        agent=None if case.agent is None else _organisation(dossier, case.agent),
        named_agent=_name(dossier, order.named_agent),
        replaces_agent=_name(dossier, order.replaces_agent) if sees(side, Fact.CHANGE_OF_AGENT) else None,
        units=order.units,
        desired_start=order.desired_start,
        technical_contact=order.technical_contact,
        external_case_ref=order.external_case_ref if sees(side, Fact.EXTERNAL_CASE_REF) else None,
        invoice_ref=order.invoice_ref if sees(side, Fact.INVOICE) else None,
        comment=order.comment if sees(side, Fact.COMMENT) else "",
        costs=_costs(side, order.costs),
        earlier_costs=_others(side, order.earlier_costs, order.costs),
        coming_costs=coming,
        coming_from=order.coming_from if coming else None,
        orderer=dossier.name(case.orderer, of=Side.CUSTOMER, reader=side),
        orderer_language=dossier.orderer_language if sees(side, Fact.CUSTOMER_NAMES) else None,
        ordered_at=case.created_at,
        before=_before(dossier, side),
    )


def _before(dossier: CaseRecord, side: Side) -> BeforeView | None:
    before = dossier.case.order.before if dossier.case.is_order else None
    is_agent = side is Side.AGENT
    if before is None or (is_agent and before.agent != dossier.case.agent):
        return None
    return BeforeView(
        version=before.version,
        agent=_name(dossier, before.agent) if sees(side, Fact.CHANGE_OF_AGENT) else None,
        units=before.units,
        invoice_ref=before.invoice_ref if sees(side, Fact.INVOICE) else None,
        desired_start=before.desired_start,
        costs=_costs(side, before.costs),
    )


def _organisation(dossier: CaseRecord, organisation: OrganisationId) -> DisclosedOrganisation:
    found = dossier.organisations[organisation]
    number = None if found.org_number_is_personal else found.org_number
    return DisclosedOrganisation(found.id, found.name, number, found.category)


def _name(dossier: CaseRecord, organisation: OrganisationId | None) -> str | None:
    return None if organisation is None else dossier.organisations[organisation].name


def _costs(side: Side, costs: Costs) -> Costs:
    return {payer: cost for payer, cost in costs.items() if sees(side, COST_OF[payer])}


def _others(side: Side, costs: Costs, now: Costs) -> Costs:
    """What a payer whom the side may see pays at another price than now."""
    return {payer: cost for payer, cost in _costs(side, costs).items() if cost != now.get(payer, Cost())}
