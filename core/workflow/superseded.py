"""Conditions of superseded versions of the flows table, as they were: what was decided by them is replayed by them.

Rows that the table has no more stand beside it: `REMOVED_SINCE_THIRD` in `flows.py`.
"""

from collections.abc import Mapping

from core.shared.errors import AlreadyConnected, BothSides, ChangeOfAgent, Involved, OrderError
from core.shared.vocabulary import ROLES_OF, SIDE_OF, Action, Flow, Part, Side, State
from core.workflow.context import DecisionContext
from core.workflow.guards import agreements, people, progress
from core.workflow.guards.people import Guard, acted_for, is_named

OUTSIDE = frozenset({Side.CUSTOMER, Side.AGENT})


def acts_for_one_side(now: DecisionContext) -> OrderError | None:
    """Nobody acts for both customer and agent on the same order; the first act fixes the side (invariant 4)."""
    other = Side.CUSTOMER if now.side is Side.AGENT else Side.AGENT
    organisation = now.case.customer if other is Side.CUSTOMER else now.case.agent
    return BothSides(organisation=organisation) if now.people & acted_for(now.case, other) else None


def not_involved(now: DecisionContext) -> OrderError | None:
    """Nobody acts for Inera where she ordered, applied, is named, has acted for the others, or has a role with them."""
    return Involved(case=now.case.id) if _is_involved(now) else None


def _is_involved(now: DecisionContext) -> bool:
    case, person = now.case, now.person
    outside = {case.customer, case.agent, now.applying.organisation}
    others = [each for each in now.grants if each.role not in ROLES_OF[Part.CUSTOMER_SERVICE]]
    has_role = any(each.organisation in outside for each in others)
    has_acted = any(each.person == person and SIDE_OF.get(each.part) in OUTSIDE for each in case.decisions)
    return has_role or has_acted or person == case.orderer or (not case.is_order and is_named(now))


def not_connected(now: DecisionContext) -> OrderError | None:
    """A unit that has the service is not connected again; through another agent it is a change of agent (24, 25)."""
    standing, others = now.standing, now.standing.earlier
    if standing.connected is not None:
        return AlreadyConnected(unit=standing.connected.name, service=standing.service)
    blocks = next((other for other in others if None in {now.case.agent, other.way.agent}), None)
    blocks = blocks or next((other for other in others if other.way.agent == now.case.agent), None)
    if blocks is not None:
        return AlreadyConnected(unit=blocks.units[0], service=standing.service)
    if not others or standing.changes_agent:
        return None
    return ChangeOfAgent(agent=others[0].way.agent, service=standing.service)


# What the ninth version did not let a part do.
CAME_SINCE_NINTH: frozenset[tuple[Part, Action]] = frozenset({(Part.CUSTOMER_SERVICE, Action.RECUSE)})
# What the eighth version let nobody do.
CAME_SINCE_EIGHTH: frozenset[Action] = frozenset({Action.REMIND_NOW})
_FOR_PEOPLE = (
    *(State.AWAITING_AGENT_APPROVAL, State.AWAITING_AGENT_ATTEST, State.AWAITING_CUSTOMER_ATTEST),
    State.COMPLETION_REQUESTED,
)
# Rows that the seventh version did not have: what waited for people was forgotten until it ended.
CAME_SINCE_SEVENTH: frozenset[tuple[State, Action]] = frozenset(
    (state, does) for state in _FOR_PEOPLE for does in (Action.REMIND, Action.KEEP)
)
# What the sixth version let nobody do.
CAME_SINCE_SIXTH: frozenset[Action] = frozenset({Action.TAKE_OVER})
_TO_CONFIRM = ((Flow.DIRECT, State.INSTRUCTIONS_SENT), (Flow.VIA_AGENT, State.AGENT_INFORMED))
# Rows that the fifth version did not have: what was carried out was over, and nobody confirmed it.
CAME_SINCE_FIFTH: frozenset[tuple[Flow, State, Action]] = frozenset(
    (flow, state, does)
    for flow, state in _TO_CONFIRM
    for does in (Action.CONFIRM_CONNECTION, Action.CANCEL, Action.REMIND)
)
# What has come to the rows of a part since the fifth version.
ADDED_SINCE_FIFTH: Mapping[Part, frozenset[Guard]] = {Part.CLOCK: frozenset({progress.not_held})}
# What stood in the fourth version where something else stands now, and what has come to its rows since.
FOURTH: Mapping[Guard, Guard] = {agreements.has_no_such_connection: not_connected}
ADDED_SINCE_FOURTH: frozenset[Guard] = frozenset({agreements.replaces_what_is_there, agreements.says_what_becomes})
# What rows the second version did not have, and what has come to those that it had.
NEW_SINCE_SECOND: frozenset[Guard] = frozenset({people.has_approved})
ADDED_SINCE_SECOND: frozenset[Guard] = frozenset({people.has_not_approved, people.acts_here_alone})
# What stood in the first version where something else stands now, and what has come to the rows of a part since.
FIRST: Mapping[Guard, Guard] = {
    people.acts_for_no_other: acts_for_one_side,
    people.has_no_part: not_involved,
}
_OF_RESERVES = frozenset({people.not_handed_over, people.not_later_in_turn})
ADDED_SINCE_FIRST: Mapping[Part, frozenset[Guard]] = {
    Part.ORDERER: frozenset({people.acts_for_no_other}),
    Part.CUSTOMER_EMERGENCY: _OF_RESERVES,
    Part.AGENT_EMERGENCY: _OF_RESERVES,
}
# What fixes a person's side now, though it is no decision, and did not in the first version.
FIXED_NO_SIDE = frozenset({Action.CLAIM})
# What took a claim from whoever had it, in silence, until and with the fifth version.
TOOK_CLAIMS = frozenset({Action.ESCALATE})
TOOK_CLAIMS_IN = frozenset({None, 1, 2, 3, 4, 5})
