"""What may be ordered, and through which agents, as the API shows it."""

from collections.abc import Sequence
from datetime import date

from pydantic import BaseModel, Field

from core.catalogue.offers import Routine
from core.catalogue.prices import Price
from core.http.bodies.field_types import ORE, ByLanguage
from core.ports.reads import OfferChoice
from core.register.organisations import Organisation
from core.shared.disclosure import COST_OF, sees
from core.shared.vocabulary import AgentField, Flow, Payer, Period, PriceKind, PriceUnit, Side


class PriceView(BaseModel):
    """A price."""

    payer: Payer = Field(description="Who pays.")
    kind: PriceKind = Field(description="Once, or each period.")
    unit: PriceUnit = Field(description="What the amount is multiplied by.")
    amount_ore: int = Field(description=ORE, ge=0)
    period: Period = Field(description="How often a recurring price is charged.")
    valid_from: date = Field(description="The first day it holds.")
    valid_to: date | None = Field(description="The last day it holds; null while open.")


class RoutineView(BaseModel):
    """A routine of an offer."""

    title: ByLanguage
    url: str = Field(description="Where it is read.", examples=["https://www.example.org/rutiner/npo"])


class OfferView(BaseModel):
    """An offer that may be ordered."""

    code: str = Field(description="What an order names.")
    service: ByLanguage
    offer: ByLanguage
    flow: Flow = Field(description="The route an order takes.")
    agent: AgentField = Field(description="Whether an order names an agent: none, information, required.")
    needs_units: bool = Field(description="Whether an order states care units.")
    terms_url: str = Field(description="Where the terms are read.")
    routines: list[RoutineView] = Field(description="The routines that whoever has ordered follows.")
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
        routines=routine_views(choice.routines),
        prices=[price_view(price) for price in terms.prices if sees(Side.CUSTOMER, COST_OF[price.payer])],
    )


def routine_views(routines: Sequence[Routine]) -> list[RoutineView]:
    """The routines of an offer as the API shows them."""
    return [RoutineView(title=dict(routine.title), url=routine.url) for routine in routines]


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
