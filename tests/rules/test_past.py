"""What was done to a case is told to the sides that it concerns, and to no other (domain: 5.4)."""

import pytest

from core.api import Action, Flow, Part, Past, Side, disclose_past
from tests.builders import AT, COLLEAGUE, HOUR, after, decision, dossier, find, situation

ALL = {Side.CUSTOMER, Side.AGENT, Side.INERA}
# By the customer's attestant, of an order via an agent. Inera hears everything.
HEARD_BY = [
    (Action.ATTEST, ALL),
    (Action.REJECT, ALL),
    (Action.HAND_OVER, {Side.CUSTOMER, Side.INERA}),
    (Action.RECUSE, {Side.CUSTOMER, Side.INERA}),
]


@pytest.mark.parametrize(("action", "sides"), HEARD_BY)
def test_who_steps_aside_or_hands_over_is_the_own_sides_matter(action, sides):
    case = after(Action.APPROVE, Action.ATTEST, flow=Flow.VIA_AGENT)
    row = find(case.flow, case.state, action)[0]
    now = situation(case, COLLEAGUE).playing(Part.CUSTOMER_ATTESTANT, None)
    done = decision(now, row, AT + HOUR * 5)
    whole, past = dossier(case), Past((*case.decisions, done), {})

    told = {side for side in ALL if (action, done.at) in _heard(disclose_past(whole, past, side))}

    assert told == sides


def _heard(steps):
    return {(step.action, step.at) for step in steps}
