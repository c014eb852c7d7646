"""Offers, and the rules that they keep."""

from dataclasses import dataclass, replace

from core.catalogue.prices import Price
from core.shared.traits import TRAITS
from core.shared.vocabulary import (
    AgentField,
    CustomerCategory,
    Flow,
    Localised,
    OfferId,
)


@dataclass(frozen=True)
class Routine:
    """Where a routine of an offer is read, and what the link to it says."""

    title: Localised
    url: str


@dataclass(frozen=True)
class OfferTerms:
    """An offer as an order needs it: its flow, what it asks for, its prices, and under which name and terms it is.

    `ending` are the prices of what is ended, where the flow ends what was ordered.
    """

    id: OfferId
    service: str
    flow: Flow
    agent_field: AgentField
    needs_units: bool
    categories: tuple[CustomerCategory, ...]
    prices: tuple[Price, ...]
    ending: tuple[Price, ...] = ()
    name: Localised | None = None
    terms_url: str = ""


def terms_in(flow: Flow, terms: OfferTerms) -> OfferTerms:
    """Return the terms of an offer in a flow.

    Where the flow is not offered, something is done with what somebody has: for nothing, through the agent that it has.
    """
    if TRAITS[flow].is_offered:
        return terms
    asks = AgentField.REQUIRED if TRAITS[terms.flow].asks_for_agent else AgentField.NONE
    return replace(terms, flow=flow, agent_field=asks, prices=(), ending=terms.prices)


def rule_broken_by_offer(flow: Flow, agent: AgentField) -> str | None:
    """The code of the rule that an offer breaks, None when it keeps them all."""
    return None if agent in TRAITS[flow].agent_fields else "agent_not_for_flow"
