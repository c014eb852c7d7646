"""What an order looks like to those who build on the API."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, Field, StrictBool

from core.case_view import CaseView, OrganisationView
from core.commands import Revision
from core.disclosure import COST_OF, sees
from core.dossier import Dossier
from core.entries import Day, Entry, LongText, Text
from core.http.step_bodies import NAMES, AskedBody, StepBody, asked_bodies, step_body
from core.order import Cost, Unit
from core.ports import OfferChoice
from core.register import Organisation, Price
from core.words import (
    AgentField,
    Block,
    CustomerCategory,
    Flow,
    Language,
    OrganisationId,
    Payer,
    Period,
    PriceKind,
    PriceUnit,
    Side,
    State,
)

HSA_ID = r"^SE[0-9]{10}-[A-Za-z0-9]{1,18}$"
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,40}$")]
ORE = "In öre (1/100 krona), excluding VAT."
CHANGE_OF_AGENT = (
    "That a care unit which has the service through another agent shall change to this one: must be true then. "
    "The other agent is not told."
)
Localised = Mapping[Language, str]
ByLanguage = Annotated[
    dict[Language, str], Field(description="By language.", examples=[{"sv": "Nationell patientöversikt", "en": "NPO"}])
]


class UnitBody(Entry):
    """A care unit."""

    name: Text = Field(description="The unit's name.", examples=["Vårdcentralen Eken"])
    hsa_id: Annotated[str, Field(pattern=HSA_ID)] | None = Field(
        default=None,
        description="HSA-id: SE, ten digits, a hyphen, then 1-18 letters or digits. The digits need not be the "
        "customer's own number.",
        examples=["SE2321000016-A1B2"],
    )

    def unit(self) -> Unit:
        """The unit as the core knows it."""
        return Unit(self.name, self.hsa_id)


class OrderBody(Entry):
    """An order to be placed, for the organisation that the key belongs to."""

    offer: str = Field(max_length=64, description="The code of an offer, from `GET /offers`.", examples=["npo-agent"])
    agent: Id | None = Field(
        default=None,
        description="The id of an agent, from `GET /offers/{offer}/agents`, where the offer asks for one.",
        examples=["O23456789BC"],
    )
    units: list[UnitBody] = Field(
        default=[], max_length=200, description="The care units the order is for, each of them once."
    )
    invoice_ref: LongText = Field(
        min_length=1, description="The customer's invoice reference. The agent never sees it.", examples=["REF-4711"]
    )
    terms_accepted: StrictBool = Field(description="That the terms at `terms_url` are read and accepted: must be true.")
    desired_start: Day | None = Field(default=None, description="When it should start, YYYY-MM-DD.")
    technical_contact: LongText = Field(
        default="",
        description="Whom to ask about technology: name and telephone or e-mail. Required through an agent.",
        examples=["Drift, 08-123 45 67"],
    )
    comment: LongText = Field(default="", description="For the own attestant and Inera. The agent never sees it.")
    external_case_ref: Text | None = Field(
        default=None, description="The order's number in a system of yours, to find it by.", examples=["RITM0012345"]
    )
    change_of_agent: StrictBool = Field(default=False, description=CHANGE_OF_AGENT)


class RevisionBody(Entry):
    """The order as an answer changes it: every field, changed or not. The offer stays as it is."""

    agent: Id | None = Field(default=None, description="The id of an agent, where the offer asks for one.")
    units: list[UnitBody] = Field(default=[], max_length=200, description="The care units the order is for.")
    invoice_ref: LongText = Field(min_length=1, description="The customer's invoice reference.")
    desired_start: Day | None = Field(default=None, description="When it should start, YYYY-MM-DD.")
    technical_contact: LongText = Field(default="", description="Whom to ask about technology.")
    comment: LongText = Field(default="", description="For the own attestant and Inera.")
    change_of_agent: StrictBool = Field(default=False, description=CHANGE_OF_AGENT)

    def revision(self) -> Revision:
        """The revision as the core knows it."""
        return Revision(
            units=tuple(unit.unit() for unit in self.units),
            invoice_ref=self.invoice_ref,
            agent=None if self.agent is None else OrganisationId(self.agent),
            desired_start=self.desired_start,
            technical_contact=self.technical_contact,
            comment=self.comment,
            change_of_agent=self.change_of_agent,
        )


class AnswerBody(Entry):
    """The answer to a question: words, a change of the order, or both."""

    message: LongText = Field(default="", description="The answer in words, for whoever asked.")
    revision: RevisionBody | None = Field(
        default=None,
        description="The order as it shall be. A change of more than comment and contact begins the decisions anew.",
    )


class OrganisationBody(BaseModel):
    """An organisation of an order."""

    id: str = Field(description="The organisation's id here.", examples=["O23456789BC"])
    name: str = Field(description="Its name.")
    org_number: str | None = Field(description="Ten digits; null for a sole trader, whose number is a personnummer.")
    category: CustomerCategory | None = Field(description="The customer category, null for others than customers.")


class UnitView(BaseModel):
    """A care unit of an order."""

    name: str = Field(description="The unit's name.")
    hsa_id: str | None = Field(description="Its HSA-id, where it was given.")


class CostBody(BaseModel):
    """What one payer pays, counted from the prices of the day the order was placed."""

    payer: Payer = Field(description="Who pays.")
    startup_ore: int = Field(description=f"Once, at the start. {ORE}", ge=0, examples=[150_000])
    recurring_ore: int = Field(description=f"Each period. {ORE}", ge=0, examples=[120_000])
    period: Period = Field(description="How often the recurring cost is charged.")


class OrderView(BaseModel):
    """An order as the key's side may see it; what is the other side's is null or empty."""

    id: str = Field(description="The order's number, as people read it.", examples=["B-7GKX2QP"])
    side: Side = Field(description="The side from which you see it.")
    flow: Flow = Field(description="Its route.")
    state: State = Field(description="Where it is.")
    is_open: bool = Field(description="Whether something can still happen to it.")
    content_version: int = Field(description="Raised when what was ordered changes.", ge=1)
    service: ByLanguage
    offer: ByLanguage
    offer_code: str = Field(description="The code of the offer.")
    terms_url: str = Field(description="Where the terms are read.")
    customer: OrganisationBody = Field(description="Who ordered.")
    agent: OrganisationBody | None = Field(description="The agent it goes through.")
    named_agent: str | None = Field(description="The name of an agent given for information only.")
    units: list[UnitView] = Field(description="The care units.")
    desired_start: date | None = Field(description="When it should start.")
    technical_contact: str = Field(description="Whom to ask about technology.")
    external_case_ref: str | None = Field(description="The order's number in your own system.")
    invoice_ref: str | None = Field(description="The customer's invoice reference; null to the agent.")
    comment: str = Field(description="The orderer's comment; empty to the agent.")
    costs: list[CostBody] = Field(description="The costs that your side may see.")
    orderer: str | None = Field(description=f"The orderer's name. {NAMES}")
    ordered_at: datetime = Field(description="When it was placed, in UTC.")
    waiting_since: datetime = Field(description="Since when it has been in its state, in UTC.")
    due_at: datetime | None = Field(description="When it expires, or is escalated at Inera, if nobody acts. In UTC.")
    closed_at: datetime | None = Field(description="When it was closed, in UTC; null while it is open.")
    message: str = Field(description="Inera's instructions or message to your side, once sent.")
    earlier_costs: list[CostBody] = Field(
        description="The costs before a change of price, of payers whose have changed."
    )
    coming_costs: list[CostBody] = Field(description="The costs from `coming_from`, where they will be others.")
    coming_from: date | None = Field(description="From when, on or before the desired start, another price holds.")
    replaces_agent: str | None = Field(description="The agent that the customer changes from; null to the agent.")
    asked: list[AskedBody] = Field(description="Who is asked where the order waits; empty when nobody's decision is.")
    attests: int = Field(description="How many have attested at the current step.", ge=0)
    attests_needed: int = Field(description="How many must attest there.", ge=1)
    blocked: Block | None = Field(
        description="Why nobody can decide the order for now; null while somebody can, and for the other side."
    )
    on_hold: bool = Field(description="Whether Inera's customer service has paused it.")
    hold_reason: str = Field(description="Why it is paused; empty to the agent.")
    question: StepBody | None = Field(description="The question that waits for an answer: `POST …/answer`.")
    rounds: int = Field(description="How many times a completion has been requested.", ge=0)
    steps: list[StepBody] = Field(description="The steps in order: decided, current, coming.")


class OrderPage(BaseModel):
    """A page of orders, the newest first."""

    items: list[OrderView] = Field(description="The orders.")
    next: str | None = Field(description="The `cursor` of the next page; null on the last.")


class PriceView(BaseModel):
    """A price."""

    payer: Payer = Field(description="Who pays.")
    kind: PriceKind = Field(description="Once, or each period.")
    unit: PriceUnit = Field(description="What the amount is multiplied by.")
    amount_ore: int = Field(description=ORE, ge=0)
    period: Period = Field(description="How often a recurring price is charged.")
    valid_from: date = Field(description="The first day it holds.")
    valid_to: date | None = Field(description="The last day it holds; null while open.")


class OfferView(BaseModel):
    """An offer that may be ordered."""

    code: str = Field(description="What an order names.")
    service: ByLanguage
    offer: ByLanguage
    flow: Flow = Field(description="The route an order takes.")
    agent: AgentField = Field(description="Whether an order names an agent: none, information, required.")
    needs_units: bool = Field(description="Whether an order states care units.")
    terms_url: str = Field(description="Where the terms are read.")
    prices: list[PriceView] = Field(description="What the customer pays, past and coming prices too.")


class OfferPage(BaseModel):
    """The offers that the organisation may order."""

    items: list[OfferView] = Field(description="The offers, by Swedish name.")


class AgentView(BaseModel):
    """An agent that an order may name."""

    id: str = Field(description="What an order names.", examples=["O23456789BC"])
    name: str = Field(description="The agent's name.")
    org_number: str | None = Field(description="Ten digits; null for a sole trader, whose number is a personnummer.")


class AgentPage(BaseModel):
    """The agents of an offer."""

    items: list[AgentView] = Field(description="The agents, by name.")


def order_view(dossier: Dossier, view: CaseView) -> OrderView:
    """The view of a case for one side, as the API shows it."""
    case = dossier.case
    return OrderView(
        id=view.case,
        side=view.side,
        flow=view.flow,
        state=view.state,
        is_open=view.is_open,
        content_version=view.content_version,
        service=dict(view.service),
        offer=dict(view.offer),
        offer_code=case.order.offer,
        terms_url=view.terms_url,
        customer=_organisation(case.customer, view.customer),
        agent=None if case.agent is None or view.agent is None else _organisation(case.agent, view.agent),
        named_agent=view.named_agent,
        units=[UnitView(name=unit.name, hsa_id=unit.hsa_id) for unit in view.units],
        desired_start=view.desired_start,
        technical_contact=view.technical_contact,
        external_case_ref=view.external_case_ref,
        invoice_ref=view.invoice_ref,
        comment=view.comment,
        costs=[_cost(payer, cost) for payer, cost in view.costs.items()],
        orderer=view.orderer,
        ordered_at=view.ordered_at,
        waiting_since=view.waiting_since,
        due_at=view.due_at,
        closed_at=view.closed_at,
        message=view.message,
        earlier_costs=[_cost(payer, cost) for payer, cost in view.earlier_costs.items()],
        coming_costs=[_cost(payer, cost) for payer, cost in view.coming_costs.items()],
        coming_from=view.coming_from,
        replaces_agent=view.replaces_agent,
        asked=asked_bodies(dossier, view.side),
        attests=view.attests,
        attests_needed=view.attests_needed,
        blocked=view.blocked,
        on_hold=view.is_held,
        hold_reason=view.hold,
        question=None if view.question is None else step_body(view.question),
        rounds=view.rounds,
        steps=[step_body(step) for step in view.steps],
    )


def offer_view(choice: OfferChoice) -> OfferView:
    """An offer as the API shows it."""
    terms = choice.terms
    return OfferView(
        code=terms.id,
        service=dict(choice.service),
        offer=dict(choice.offer),
        flow=terms.flow,
        agent=terms.agent_field,
        needs_units=terms.needs_units,
        terms_url=choice.terms_url,
        prices=[price_view(price) for price in terms.prices if sees(Side.CUSTOMER, COST_OF[price.payer])],
    )


def price_view(price: Price) -> PriceView:
    """A price as the API shows it."""
    return PriceView(
        payer=price.payer,
        kind=price.kind,
        unit=price.unit,
        amount_ore=price.amount_ore,
        period=price.period,
        valid_from=price.valid_from,
        valid_to=price.valid_to,
    )


def agent_view(organisation: Organisation) -> AgentView:
    """An agent as the API shows it."""
    number = None if organisation.org_number_is_personal else organisation.org_number
    return AgentView(id=organisation.id, name=organisation.name, org_number=number)


def _organisation(id_: str, view: OrganisationView) -> OrganisationBody:
    return OrganisationBody(id=id_, name=view.name, org_number=view.org_number, category=view.category)


def _cost(payer: Payer, cost: Cost) -> CostBody:
    return CostBody(payer=payer, startup_ore=cost.startup_ore, recurring_ore=cost.recurring_ore, period=cost.period)
