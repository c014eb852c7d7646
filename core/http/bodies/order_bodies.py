"""What an order looks like to those who build on the API."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from core.catalogue.prices import Cost
from core.http.bodies.field_types import ORE, ByLanguage
from core.http.bodies.offer_bodies import RoutineView, routine_views
from core.http.bodies.step_bodies import NAMES, AskedBody, StepBody, asked_bodies, step_body
from core.register.contacts import WhomToAsk
from core.shared.vocabulary import (
    Block,
    CustomerCategory,
    Flow,
    Payer,
    Period,
    Side,
    State,
)
from core.views.case_view import CaseView
from core.views.order_view import DisclosedOrganisation, EarlierView


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


class TechnicalContactView(BaseModel):
    """Whom to ask about technology."""

    name: str = Field(description="Empty where none was given, as the others are.")
    email: str
    phone: str = Field(description="As E.164.", examples=["+46701740605"])


class EarlierBody(BaseModel):
    """What care units of an order have of its service by another offer or agent."""

    offer: str = Field(description="The code of its offer.", examples=["npo-agent"])
    offer_name: ByLanguage
    agent: str | None = Field(description="The id of the agent it goes through; null: none.")
    agent_name: str | None = Field(description="The agent's name.")
    units: list[str] = Field(description="The names of the care units that have it.")
    replaced: bool = Field(description="true: it ends when the order is carried out; false: it stays.")


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
    routines: list[RoutineView] = Field(description="The routines that whoever has ordered follows.")
    customer: OrganisationBody = Field(description="Who ordered.")
    agent: OrganisationBody | None = Field(description="The agent it goes through.")
    named_agent: str | None = Field(description="The name of an agent given for information only.")
    units: list[UnitView] = Field(description="The care units.")
    desired_start: date | None = Field(description="When it should start.")
    technical_contact: str = Field(description="Whom to ask about technology, on one line.")
    technical_contact_parts: TechnicalContactView | None = Field(
        description="The same by name, e-mail and telephone; null where it was written in one text, or not at all."
    )
    external_case_ref: str | None = Field(description="The order's number in your own system.")
    invoice_ref: str | None = Field(description="The customer's invoice reference; null to the agent.")
    comment: str = Field(description="The orderer's comment; empty to the agent.")
    costs: list[CostBody] = Field(description="The costs that your side may see.")
    orderer: str | None = Field(description=f"The orderer's name. {NAMES}")
    ordered_at: datetime = Field(description="When it was placed, in UTC.")
    waiting_since: datetime = Field(description="Since when it has been in its state, in UTC.")
    due_at: datetime | None = Field(
        description="When it expires, is escalated at Inera, or asked about again, if nobody acts. In UTC."
    )
    closed_at: datetime | None = Field(description="When it was closed, in UTC; null while it is open.")
    message: str = Field(description="Inera's instructions or message to your side, once sent.")
    earlier_costs: list[CostBody] = Field(
        description="The costs before a change of price, of payers whose have changed."
    )
    coming_costs: list[CostBody] = Field(description="The costs from `coming_from`, where they will be others.")
    coming_from: date | None = Field(description="From when, on or before the desired start, another price holds.")
    replaces_agent: str | None = Field(description="The agent that the customer changes from; null to the agent.")
    earlier: list[EarlierBody] = Field(
        description="What the care units had of the service in other ways when it was ordered; empty to the agent."
    )
    asked: list[AskedBody] = Field(description="Who is asked where the order waits; empty when nobody's decision is.")
    attests: int = Field(description="How many have attested at the current step.", ge=0)
    attests_needed: int = Field(description="How many must attest there.", ge=1)
    blocked: Block | None = Field(
        description="Why nobody can decide the order for now; null while somebody can, and for the other side."
    )
    on_hold: bool = Field(description="Whether Inera's customer service has paused it.")
    hold_reason: str = Field(description="Why it is paused; empty to the agent.")
    question: StepBody | None = Field(description="The question that waits for an answer: `POST …/answer`.")
    asks_to_keep: bool = Field(
        description="Whether its orderer has been asked whether to keep it: `POST …/keep`, or `POST …/withdraw`."
    )
    step: int = Field(description="How many times somebody has been asked; an answer says which it is for.", ge=0)
    rounds: int = Field(description="How many times a completion has been requested.", ge=0)
    steps: list[StepBody] = Field(description="The steps in order: decided, current, coming.")


class OrderPage(BaseModel):
    """A page of orders, the newest first."""

    items: list[OrderView] = Field(description="The orders.")
    next: str | None = Field(description="The `cursor` of the next page; null on the last.")


def order_view(view: CaseView) -> OrderView:
    """The view of a case for one side, as the API shows it."""
    return OrderView(
        id=view.case,
        side=view.side,
        flow=view.flow,
        state=view.state,
        is_open=view.is_open,
        content_version=view.content_version,
        service=dict(view.service),
        offer=dict(view.offer),
        offer_code=view.offer_code,
        terms_url=view.terms_url,
        routines=routine_views(view.routines),
        customer=_organisation(view.customer),
        agent=None if view.agent is None else _organisation(view.agent),
        named_agent=view.named_agent,
        units=[UnitView(name=unit.name, hsa_id=unit.hsa_id) for unit in view.units],
        desired_start=view.desired_start,
        technical_contact=str(view.technical_contact),
        technical_contact_parts=_contact_parts(view.technical_contact),
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
        earlier=list(map(_earlier, view.earlier)),
        asked=asked_bodies(view),
        attests=view.attests,
        attests_needed=view.attests_needed,
        blocked=view.blocked,
        on_hold=view.is_held,
        hold_reason=view.hold,
        question=None if view.question is None else step_body(view.question),
        asks_to_keep=view.asks_to_keep,
        step=view.step,
        rounds=view.rounds,
        steps=[step_body(step) for step in view.steps],
    )


def _organisation(view: DisclosedOrganisation) -> OrganisationBody:
    return OrganisationBody(id=view.id, name=view.name, org_number=view.org_number, category=view.category)


def _earlier(view: EarlierView) -> EarlierBody:
    return EarlierBody(
        offer=view.offer_code,
        offer_name=dict(view.offer),
        agent=view.agent_id,
        agent_name=view.agent,
        units=list(view.units),
        replaced=view.ends,
    )


def _cost(payer: Payer, cost: Cost) -> CostBody:
    return CostBody(payer=payer, startup_ore=cost.startup_ore, recurring_ore=cost.recurring_ore, period=cost.period)


def _contact_parts(contact: WhomToAsk) -> TechnicalContactView | None:
    if isinstance(contact, str) or not contact:
        return None
    return TechnicalContactView(name=contact.name, email=contact.email, phone=contact.phone)
