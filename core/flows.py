"""The table of flows: what may happen to a case, in which state, by whom, if what, asking what, and what it becomes."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from core import policies
from core.policies import Condition
from core.words import Action, Asks, Flow, Part, State


class Becomes(StrEnum):
    """What a row may say instead of naming a state."""

    SAME = "same"


@dataclass(frozen=True)
class Transition:
    """One row: in `flow`, `while_` the case is in that state, `who` may do `does` if every condition in `if_` holds."""

    flow: Flow
    while_: State
    who: Part
    does: Action
    if_: tuple[Condition, ...]
    asks: Asks
    becomes: State | Becomes

    def target(self) -> State:
        """The state the case is in afterwards."""
        return self.while_ if isinstance(self.becomes, Becomes) else self.becomes


NOTHING_MORE: tuple[Condition, ...] = ()
READY_TO_ORDER = (
    policies.customer_agreement_active,
    policies.category_allowed,
    policies.customer_has_attestant,
    policies.no_open_duplicate,
)
READY_VIA_AGENT = (
    policies.agent_is_another,
    policies.agent_agreement_active,
    policies.agent_has_assignment,
    policies.agent_is_staffed,
)
MAY_ATTEST = (policies.not_own_order, policies.acts_for_one_side)
MAY_ATTEST_FOR_AGENT = (policies.chosen_if_chosen, policies.not_own_approval, policies.acts_for_one_side)
ATTESTS_FOR_AGENT = (*MAY_ATTEST_FOR_AGENT, policies.customer_has_attestant)
MAY_APPROVE = (policies.not_own_order, policies.acts_for_one_side)
APPROVES = (*MAY_APPROVE, policies.another_attests_for_agent)
OWN_ORDER = (policies.own_order,)
UNCLAIMED = (policies.unclaimed,)
CLAIMED = (policies.claimed_by_me,)

row = Transition
DIRECT, VIA_AGENT = Flow.DIRECT, Flow.VIA_AGENT
SAME = Becomes.SAME

# fmt: off
FLOWS: tuple[Transition, ...] = (
    row(DIRECT, State.DRAFT, Part.ORDERER, Action.SUBMIT, READY_TO_ORDER, Asks.ORDER, State.AWAITING_CUSTOMER_ATTEST),
    row(DIRECT, State.AWAITING_CUSTOMER_ATTEST, Part.CUSTOMER_ATTESTANT, Action.ATTEST, MAY_ATTEST, Asks.CONFIRMATION, State.AWAITING_CUSTOMER_SERVICE),
    row(DIRECT, State.AWAITING_CUSTOMER_ATTEST, Part.CUSTOMER_ATTESTANT, Action.REJECT, MAY_ATTEST, Asks.REASON, State.REJECTED),
    row(DIRECT, State.AWAITING_CUSTOMER_ATTEST, Part.ORDERER, Action.WITHDRAW, OWN_ORDER, Asks.CONFIRMATION, State.WITHDRAWN),
    row(DIRECT, State.AWAITING_CUSTOMER_ATTEST, Part.CLOCK, Action.EXPIRE, NOTHING_MORE, Asks.NOTHING, State.EXPIRED),
    row(DIRECT, State.AWAITING_CUSTOMER_SERVICE, Part.CUSTOMER_SERVICE, Action.CLAIM, UNCLAIMED, Asks.NOTHING, SAME),
    row(DIRECT, State.AWAITING_CUSTOMER_SERVICE, Part.CUSTOMER_SERVICE, Action.SEND_INSTRUCTIONS, CLAIMED, Asks.INSTRUCTIONS, State.INSTRUCTIONS_SENT),
    row(DIRECT, State.AWAITING_CUSTOMER_SERVICE, Part.CUSTOMER_SERVICE, Action.RELEASE, CLAIMED, Asks.NOTHING, SAME),
    row(DIRECT, State.AWAITING_CUSTOMER_SERVICE, Part.CLOCK, Action.ESCALATE, NOTHING_MORE, Asks.NOTHING, SAME),

    row(VIA_AGENT, State.DRAFT, Part.ORDERER, Action.SUBMIT, READY_TO_ORDER + READY_VIA_AGENT, Asks.ORDER, State.AWAITING_AGENT_APPROVAL),
    row(VIA_AGENT, State.AWAITING_AGENT_APPROVAL, Part.AGENT_HANDLER, Action.APPROVE, APPROVES, Asks.CERTIFICATE, State.AWAITING_AGENT_ATTEST),
    row(VIA_AGENT, State.AWAITING_AGENT_APPROVAL, Part.AGENT_HANDLER, Action.REJECT, MAY_APPROVE, Asks.REASON, State.REJECTED),
    row(VIA_AGENT, State.AWAITING_AGENT_APPROVAL, Part.ORDERER, Action.WITHDRAW, OWN_ORDER, Asks.CONFIRMATION, State.WITHDRAWN),
    row(VIA_AGENT, State.AWAITING_AGENT_APPROVAL, Part.CLOCK, Action.EXPIRE, NOTHING_MORE, Asks.NOTHING, State.EXPIRED),
    row(VIA_AGENT, State.AWAITING_AGENT_ATTEST, Part.AGENT_ATTESTANT, Action.ATTEST, ATTESTS_FOR_AGENT, Asks.CONFIRMATION, State.AWAITING_CUSTOMER_ATTEST),
    row(VIA_AGENT, State.AWAITING_AGENT_ATTEST, Part.AGENT_ATTESTANT, Action.REJECT, MAY_ATTEST_FOR_AGENT, Asks.REASON, State.REJECTED),
    row(VIA_AGENT, State.AWAITING_AGENT_ATTEST, Part.ORDERER, Action.WITHDRAW, OWN_ORDER, Asks.CONFIRMATION, State.WITHDRAWN),
    row(VIA_AGENT, State.AWAITING_AGENT_ATTEST, Part.CLOCK, Action.EXPIRE, NOTHING_MORE, Asks.NOTHING, State.EXPIRED),
    row(VIA_AGENT, State.AWAITING_CUSTOMER_ATTEST, Part.CUSTOMER_ATTESTANT, Action.ATTEST, MAY_ATTEST, Asks.CONFIRMATION, State.AWAITING_CUSTOMER_SERVICE),
    row(VIA_AGENT, State.AWAITING_CUSTOMER_ATTEST, Part.CUSTOMER_ATTESTANT, Action.REJECT, MAY_ATTEST, Asks.REASON, State.REJECTED),
    row(VIA_AGENT, State.AWAITING_CUSTOMER_ATTEST, Part.ORDERER, Action.WITHDRAW, OWN_ORDER, Asks.CONFIRMATION, State.WITHDRAWN),
    row(VIA_AGENT, State.AWAITING_CUSTOMER_ATTEST, Part.CLOCK, Action.EXPIRE, NOTHING_MORE, Asks.NOTHING, State.EXPIRED),
    row(VIA_AGENT, State.AWAITING_CUSTOMER_SERVICE, Part.CUSTOMER_SERVICE, Action.CLAIM, UNCLAIMED, Asks.NOTHING, SAME),
    row(VIA_AGENT, State.AWAITING_CUSTOMER_SERVICE, Part.CUSTOMER_SERVICE, Action.INFORM_AGENT, CLAIMED, Asks.MESSAGE, State.AGENT_INFORMED),
    row(VIA_AGENT, State.AWAITING_CUSTOMER_SERVICE, Part.CUSTOMER_SERVICE, Action.RELEASE, CLAIMED, Asks.NOTHING, SAME),
    row(VIA_AGENT, State.AWAITING_CUSTOMER_SERVICE, Part.CLOCK, Action.ESCALATE, NOTHING_MORE, Asks.NOTHING, SAME),
)
# fmt: on


def rows(flow: Flow, state: State) -> tuple[Transition, ...]:
    """The rows of a flow that start in a state, in the table's order."""
    return _BY_STATE.get((flow, state), ())


def find(flow: Flow, state: State, action: Action) -> tuple[Transition, ...]:
    """The rows for one action; none means that the action does not exist there."""
    return tuple(each for each in rows(flow, state) if each.does is action)


def is_final(flow: Flow, state: State) -> bool:
    """True when nothing more can happen to a case in this state."""
    return not rows(flow, state)


def path(flow: Flow) -> tuple[State, ...]:
    """The waiting states in the order a case that is never refused meets them."""
    return tuple(_walk(flow, State.DRAFT))[1:]


def _walk(flow: Flow, state: State) -> Iterator[State]:
    while not is_final(flow, state):
        yield state
        state = next(each.target() for each in rows(flow, state) if each.does in FORWARD)


FORWARD = frozenset({Action.SUBMIT, Action.APPROVE, Action.ATTEST, Action.SEND_INSTRUCTIONS, Action.INFORM_AGENT})
_BY_STATE = {
    (flow, state): tuple(each for each in FLOWS if each.flow is flow and each.while_ is state)
    for flow in Flow
    for state in State
}
