"""What is agreed, and at what price, now: conditions of submitting, and of every decision afterwards."""

from core.shared.errors import (
    AddOrReplace,
    AgentHasNoAgreement,
    AgentIsCustomer,
    AgentNotAllowed,
    AlreadyConnected,
    CategoryNotAllowed,
    ChangeOfAgent,
    DuplicateOrder,
    ForAgentsOnly,
    FormError,
    HasAgreement,
    HasAssignment,
    NoAgentAgreement,
    NoAgreement,
    NotSoleTrader,
    OrderError,
    PriceMissing,
    Stopped,
)
from core.shared.traits import TRAITS
from core.shared.vocabulary import Block, Part, Side
from core.workflow.case import Case
from core.workflow.context import DecisionContext
from core.workflow.guards.people import Guard


def customer_agreement_active(now: DecisionContext) -> OrderError | None:
    """Nothing is ordered or decided without an active kundavtal (domain: 2.1)."""
    if now.standing.customer_agreement:
        return None
    return Stopped(case=now.case.id) if now.side is Side.AGENT else NoAgreement(organisation=now.case.customer)


def agent_agreement_active(now: DecisionContext) -> OrderError | None:
    """The agent has an active agentavtal, also while the order is on its way (domain: 8, case 18)."""
    if not _stands_on_agent(now) or now.standing.agent_agreement:
        return None
    return Stopped(case=now.case.id) if _is_customers_decision(now) else AgentHasNoAgreement(agent=now.case.agent)


def agent_has_assignment(now: DecisionContext) -> OrderError | None:
    """The agent has an agentuppdrag for the service, also while the order is on its way."""
    if not _stands_on_agent(now) or now.standing.agent_assignment:
        return None
    if _is_customers_decision(now):
        return Stopped(case=now.case.id)
    return AgentNotAllowed(agent=now.case.agent, service=now.standing.service)


def _stands_on_agent(now: DecisionContext) -> bool:
    """True where something is ordered through an agent; what ends asks nothing of it any more."""
    return now.case.agent is not None and TRAITS[now.case.flow].is_offered


def own_agent_agreement_active(now: DecisionContext) -> OrderError | None:
    """Whoever orders an agentuppdrag is an agent with an active agentavtal, also while it is on its way."""
    return None if now.standing.customer_agreement else NoAgentAgreement(organisation=now.case.customer)


def orders_as_agent(now: DecisionContext) -> OrderError | None:
    """An agentuppdrag is for agents alone (domain: 2.3)."""
    return None if now.standing.is_agent else ForAgentsOnly(organisation=now.case.customer)


def no_assignment_yet(now: DecisionContext) -> OrderError | None:
    """An agent has one agentuppdrag for each service."""
    if not now.standing.assigned:
        return None
    return HasAssignment(agent=now.case.customer, service=now.standing.service)


def _is_customers_decision(now: DecisionContext) -> bool:
    # The orderer chooses the agent and must know; who decides afterwards has no part in the agent's agreements.
    return now.side is Side.CUSTOMER and now.part is not Part.ORDERER


def category_allowed(now: DecisionContext) -> OrderError | None:
    """An offer is for some categories of customers."""
    standing = now.standing
    return None if standing.category_allowed else CategoryNotAllowed(categories=standing.categories)


def sole_trader_if_needed(now: DecisionContext) -> OrderError | None:
    """Some offers are for sole traders only (domain: 8, case 51)."""
    return NotSoleTrader(organisation=now.case.customer) if now.standing.sole_trader_needed else None


def no_open_duplicate(now: DecisionContext) -> OrderError | None:
    """One open order per customer, offer and unit; of an agentuppdrag one per agent and service."""
    duplicate = now.standing.duplicate
    return None if duplicate is None else DuplicateOrder(case=duplicate)


def has_no_such_connection(now: DecisionContext) -> OrderError | None:
    """A unit has an offer once through the same agent, or directly (24)."""
    connected = now.standing.connected
    return None if connected is None else AlreadyConnected(unit=connected.name, service=now.standing.service)


def replaces_what_is_there(now: DecisionContext) -> OrderError | None:
    """Only what the units have is replaced."""
    return FormError(fields={"replaces": "not_connected"}) if now.standing.replaces_unheld else None


def says_what_becomes(now: DecisionContext) -> OrderError | None:
    """What units have of the service by another offer or agent stays, or is replaced: the order says which (24, 25)."""
    unsaid = now.standing.unsaid
    if not unsaid:
        return None
    agents = [connection.way.agent for connection in unsaid]
    is_change = now.case.agent is not None and not {None, now.case.agent}.intersection(agents)
    agent = next(filter(None, agents), None)
    return (ChangeOfAgent if is_change else AddOrReplace)(agent=agent, service=now.standing.service)


def is_connected(now: DecisionContext) -> OrderError | None:
    """Only what somebody has is ended, as it has it: this offer, for these units, through this agent or none."""
    return FormError(fields={"units": "not_connected"}) if now.standing.held_since is None else None


def no_agreement_yet(now: DecisionContext) -> OrderError | None:
    """Nobody has two agreements of a type, nor one while another waits to be signed."""
    return (
        HasAgreement(organisation=now.applying.organisation, case=now.case.id) if now.applying.has_agreement else None
    )


def every_price_known(now: DecisionContext) -> OrderError | None:
    """While a price has ended without another nobody decides: the order keeps the amounts that it has."""
    if not TRAITS[now.case.flow].is_offered:
        return None
    return None if now.unpriced_since is None else PriceMissing(case=now.case.id)


def agent_is_another(now: DecisionContext) -> OrderError | None:
    """Customer and agent are two organisations (invariant 5)."""
    return AgentIsCustomer() if now.case.agent == now.case.customer else None


# What stops a waiting case whoever decides, in the order in which it is told.
STANDING: tuple[tuple[Guard, Block], ...] = (
    (customer_agreement_active, Block.NO_CUSTOMER_AGREEMENT),
    (agent_agreement_active, Block.NO_AGENT_AGREEMENT),
    (agent_has_assignment, Block.NO_AGENT_ASSIGNMENT),
    (every_price_known, Block.NO_PRICE),
)
# Nobody new is asked while these last: every decision would be refused.
REFUSES_EVERYBODY = frozenset(why for _, why in STANDING)


def refuses_everybody(case: Case) -> bool:
    """Say whether every decision about a case would be refused, whoever made it."""
    return case.blocked is not None and case.blocked.why in REFUSES_EVERYBODY
