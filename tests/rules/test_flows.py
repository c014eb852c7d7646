"""The table of flows is sane: everything can be reached, left, and ends; nothing waits for ever."""

from itertools import groupby

import pytest

from core.api import FLOWS, SIDE_OF, Action, Flow, Part, State, is_final, path, rows
from core.deadlines import POLICY
from core.dossier import PART_WAITED_FOR
from notifications.announcements import ANNOUNCEMENTS, ASKING, Audience

STATES = {flow: {each.while_ for each in FLOWS if each.flow is flow} for flow in Flow}


def reached(flow):
    found, todo = set(), [State.DRAFT]
    while todo:
        state = todo.pop()
        found.add(state)
        todo += [each.target() for each in rows(flow, state) if each.target() not in found]
    return found


@pytest.mark.parametrize("flow", Flow)
def test_every_state_with_rows_can_be_reached_from_a_draft(flow):
    assert STATES[flow] <= reached(flow)


@pytest.mark.parametrize("flow", Flow)
def test_every_state_is_final_or_can_be_left(flow):
    for state in reached(flow):
        assert is_final(flow, state) or any(each.target() is not state for each in rows(flow, state))


@pytest.mark.parametrize("flow", Flow)
def test_final_states_are_the_five_of_the_domain(flow):
    ends = {state for state in reached(flow) if is_final(flow, state)}
    done = State.INSTRUCTIONS_SENT if flow is Flow.DIRECT else State.AGENT_INFORMED
    assert ends == {State.REJECTED, State.WITHDRAWN, State.EXPIRED, done}


def test_one_row_for_each_flow_state_part_and_action():
    keys = sorted((each.flow, each.while_, each.who, each.does) for each in FLOWS)
    assert all(len(list(same)) == 1 for _, same in groupby(keys))


def test_no_waiting_state_lacks_a_row_of_the_clock_and_a_due_time():
    for flow in Flow:
        for state in STATES[flow] - {State.DRAFT}:
            assert any(each.who is Part.CLOCK for each in rows(flow, state)), (flow, state)
            assert state in POLICY


def test_the_clock_never_approves_attests_or_sends():
    assert {each.does for each in FLOWS if each.who is Part.CLOCK} == {Action.EXPIRE, Action.ESCALATE}


def test_an_attested_order_does_not_expire_because_inera_is_slow():
    waiting = [each for each in FLOWS if each.while_ is State.AWAITING_CUSTOMER_SERVICE]
    assert all(each.target() is not State.EXPIRED for each in waiting)


def test_a_direct_order_passes_the_customers_attestant_then_customer_service():
    assert path(Flow.DIRECT) == (State.AWAITING_CUSTOMER_ATTEST, State.AWAITING_CUSTOMER_SERVICE)


def test_an_order_via_an_agent_passes_both_of_the_agents_people_before_the_customer():
    assert path(Flow.VIA_AGENT) == (
        State.AWAITING_AGENT_APPROVAL,
        State.AWAITING_AGENT_ATTEST,
        State.AWAITING_CUSTOMER_ATTEST,
        State.AWAITING_CUSTOMER_SERVICE,
    )


def test_withdrawing_is_possible_exactly_until_the_last_attest():
    for flow in Flow:
        withdrawable = {each.while_ for each in FLOWS if each.flow is flow and each.does is Action.WITHDRAW}
        assert withdrawable == set(path(flow)) - {State.AWAITING_CUSTOMER_SERVICE}


def test_only_attestants_attest_and_only_the_agents_orderer_approves():
    assert {each.who for each in FLOWS if each.does is Action.ATTEST} == {Part.AGENT_ATTESTANT, Part.CUSTOMER_ATTESTANT}
    assert {each.who for each in FLOWS if each.does is Action.APPROVE} == {Part.AGENT_HANDLER}


def test_every_waiting_state_asks_somebody():
    channels = {each.becomes for each in ANNOUNCEMENTS if each.audience is Audience.CHANNEL}
    for flow in Flow:
        assert set(path(flow)) <= set(ASKING) | channels


def test_whoever_is_asked_in_a_state_has_something_to_do_there():
    for each in ANNOUNCEMENTS:
        if each.audience in {Audience.ASKED, Audience.CHANNEL} and each.becomes in PART_WAITED_FOR:
            assert PART_WAITED_FOR[each.becomes] is each.part
            assert any(each.part is row.who for flow in Flow for row in rows(flow, each.becomes))


def test_every_end_of_an_order_is_told_to_the_orderer_unless_the_orderer_made_it():
    told = {each.becomes for each in ANNOUNCEMENTS if each.part is Part.ORDERER}
    ends = {state for flow in Flow for state in reached(flow) if is_final(flow, state)}
    assert ends - told == {State.WITHDRAWN}


def test_every_part_but_the_clock_has_a_side():
    assert set(Part) - set(SIDE_OF) == {Part.CLOCK}
