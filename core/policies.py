"""The conditions of the flows table: pure functions that answer with a refusal, or None when they hold."""

from collections.abc import Callable

from core.errors import (
    AgentHasNoAgreement,
    AgentIsCustomer,
    AgentNotAllowed,
    AgentNotStaffed,
    AlreadyClaimed,
    BothSides,
    CategoryNotAllowed,
    DuplicateOrder,
    NoAgreement,
    NoAttestant,
    NotChosen,
    NotClaimed,
    NotYourOrder,
    OrderError,
    OwnApproval,
    OwnOrder,
)
from core.order import Case, Situation, Standing
from core.words import SIDE_OF, Action, Part, PersonId, Side

Condition = Callable[[Situation], OrderError | None]


def not_own_order(now: Situation) -> OrderError | None:
    """The orderer decides nothing about the own order, unless the organisation allows it (domain: 4.4)."""
    if now.person != now.case.orderer or now.self_attest_allowed:
        return None
    return OwnOrder()


def not_own_approval(now: Situation) -> OrderError | None:
    """The agent's handler who approved does not attest as well, unless the agent allows it."""
    if now.agent_self_attest_allowed or now.person not in _deciders(now.case, Side.AGENT):
        return None
    return OwnApproval()


def acts_for_one_side(now: Situation) -> OrderError | None:
    """Nobody acts for both customer and agent on the same order; the first act fixes the side (invariant 4)."""
    side = _side_now(now.case)
    other, organisation = _other(now.case, side)
    return BothSides(organisation=organisation) if now.person in _acted_for(now.case, other) else None


def own_order(now: Situation) -> OrderError | None:
    """Only the person who ordered withdraws."""
    return None if now.person == now.case.orderer else NotYourOrder()


def chosen_if_chosen(now: Situation) -> OrderError | None:
    """Where the agent's orderer chose an attestant, that attestant decides (domain: 2.4)."""
    chosen = now.case.chosen_attestant
    return None if chosen in {None, now.person} else NotChosen(person=chosen)


def unclaimed(now: Situation) -> OrderError | None:
    """A claim is exclusive."""
    holder = now.case.claimed_by
    return None if holder is None else AlreadyClaimed(person=holder)


def claimed_by_me(now: Situation) -> OrderError | None:
    """Who claimed the case finishes it, or releases it."""
    holder = now.case.claimed_by
    if holder is None:
        return NotClaimed()
    return None if holder == now.person else AlreadyClaimed(person=holder)


def customer_agreement_active(now: Situation) -> OrderError | None:
    """Nothing is ordered without an active kundavtal (domain: 2.1)."""
    return None if _standing(now).customer_agreement else NoAgreement(organisation=now.case.customer)


def category_allowed(now: Situation) -> OrderError | None:
    """An offer is for some categories of customers."""
    standing = _standing(now)
    return None if standing.category_allowed else CategoryNotAllowed(categories=standing.categories)


def customer_has_attestant(now: Situation) -> OrderError | None:
    """Somebody other than the orderer must be able to attest before anything is ordered (domain: 2.1)."""
    return None if eligible(now, Part.CUSTOMER_ATTESTANT) else NoAttestant(organisation=now.case.customer)


def no_open_duplicate(now: Situation) -> OrderError | None:
    """One open order per customer, offer and unit."""
    duplicate = _standing(now).duplicate
    return None if duplicate is None else DuplicateOrder(case=duplicate)


def agent_is_another(now: Situation) -> OrderError | None:
    """Customer and agent are two organisations (invariant 5)."""
    return AgentIsCustomer() if now.case.agent == now.case.customer else None


def agent_agreement_active(now: Situation) -> OrderError | None:
    """The agent has an active agentavtal."""
    return None if _standing(now).agent_agreement else AgentHasNoAgreement(agent=now.case.agent)


def agent_has_assignment(now: Situation) -> OrderError | None:
    """The agent has an agentuppdrag for the service."""
    standing = _standing(now)
    if standing.agent_assignment:
        return None
    return AgentNotAllowed(agent=now.case.agent, service=standing.service)


def agent_is_staffed(now: Situation) -> OrderError | None:
    """The agent has a handler, and an attestant who is not the only handler (domain: 2.4)."""
    handlers, attestants = eligible(now, Part.AGENT_HANDLER), eligible(now, Part.AGENT_ATTESTANT)
    enough = set(handlers) | set(attestants) if not now.agent_self_attest_allowed else {*handlers, None}
    staffed = handlers and attestants and len(enough) > 1
    return None if staffed else AgentNotStaffed(agent=now.case.agent)


def another_attests_for_agent(now: Situation) -> OrderError | None:
    """Whoever approves for the agent leaves somebody who may attest after it, or the order would wait for nobody."""
    return None if may_attest_after(now) else AgentNotStaffed(agent=now.case.agent)


def may_attest_after(now: Situation) -> tuple[PersonId, ...]:
    """The agent's attestants whom the person approving may choose: eligible, and not that person."""
    allowed = eligible(now, Part.AGENT_ATTESTANT)
    return tuple(each for each in allowed if now.agent_self_attest_allowed or each != now.person)


def eligible(now: Situation, part: Part) -> tuple[PersonId, ...]:
    """Of the people who hold a role for this part, those whom no separation of duties keeps from deciding."""
    return tuple(each for each in now.holders.get(part, ()) if _may_be_asked(now, part, each))


def _may_be_asked(now: Situation, part: Part, person: PersonId) -> bool:
    case, side = now.case, SIDE_OF[part]
    if part is Part.AGENT_ATTESTANT and case.chosen_attestant not in {None, person}:
        return False
    if part is Part.AGENT_ATTESTANT and not now.agent_self_attest_allowed and person in _deciders(case, Side.AGENT):
        return False
    if part is Part.CUSTOMER_ATTESTANT and now.self_attest_allowed and person == case.orderer:
        return True
    return person != case.orderer and person not in _acted_for(case, _other(case, side)[0])


def _deciders(case: Case, side: Side) -> frozenset[PersonId | None]:
    return frozenset(each.person for each in case.decisions if SIDE_OF.get(each.part) is side)


def _acted_for(case: Case, side: Side) -> frozenset[PersonId | None]:
    acted = _deciders(case, side)
    return acted | {case.orderer} if side is Side.CUSTOMER else acted


def _other(case: Case, side: Side) -> tuple[Side, object]:
    return (Side.AGENT, case.agent) if side is Side.CUSTOMER else (Side.CUSTOMER, case.customer)


def _side_now(case: Case) -> Side:
    return Side.AGENT if case.state.value.startswith("awaiting_agent") else Side.CUSTOMER


def _standing(now: Situation) -> Standing:
    if now.standing is None:
        raise LookupError(Action.SUBMIT)
    return now.standing
