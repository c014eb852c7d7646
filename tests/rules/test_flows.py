"""The table of flows is sane: everything can be reached, left, and ends; nothing waits for ever."""

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from itertools import combinations

import pytest

from core.api import (
    APPLICATION_FLOWS,
    CONNECTING_FLOWS,
    DECIDING,
    FLOWS,
    ORDER_FLOWS,
    PART_WAITED_FOR,
    SIDE_OF,
    TO_CONFIRM,
    TRAITS,
    Action,
    Asks,
    Flow,
    Part,
    RelativeTarget,
    State,
    is_final,
    path,
    rows,
)
from core.storage.migrations import oldest_program
from core.workflow.deadlines import POLICY, REMINDERS, Nudge, WaitingStep
from core.workflow.flows import TABLES, VERSION
from core.workflow.guards import agreements, people, progress
from notifications.rules.announcements import ANNOUNCEMENTS, ASKING
from notifications.rules.audiences import Audience

STATES = {flow: {each.source for each in FLOWS if each.flow is flow} for flow in Flow}
ORDERS = [each for each in FLOWS if each.flow in ORDER_FLOWS]
APPLICATIONS = [each for each in FLOWS if each.flow in APPLICATION_FLOWS]
# Pairs of conditions of which exactly one holds, whatever the case: what tells rows with the same action apart.
EITHER_OR = (
    {progress.more_attests_needed, progress.last_attest},
    {progress.waits_for_attest, progress.attests_suffice},
    {progress.material, progress.immaterial},
    {people.has_approved, people.has_not_approved},
    {progress.agent_price_changed, progress.only_other_price_changed},
    {progress.more_signatures_needed, progress.last_signature},
    {progress.reminders_left, progress.all_reminded},
)


def reached(flow):
    found, todo = set(), [State.DRAFT]
    while todo:
        state = todo.pop()
        found.add(state)
        todo += [to for each in rows(flow, state) for to in each.targets() if to not in found]
    return found


@pytest.mark.parametrize("flow", Flow)
def test_every_state_with_rows_can_be_reached_from_a_draft(flow):
    assert STATES[flow] <= reached(flow)


@pytest.mark.parametrize("flow", Flow)
def test_every_state_is_final_or_can_be_left(flow):
    for state in reached(flow):
        assert is_final(flow, state) or any(each.targets() - {state} for each in rows(flow, state))


DONE = {
    Flow.DIRECT: State.CONNECTED,
    Flow.VIA_AGENT: State.CONNECTED,
    Flow.AGENT_ASSIGNMENT: State.INSTRUCTIONS_SENT,
    Flow.TERMINATION: State.TERMINATED,
}


@pytest.mark.parametrize("flow", ORDER_FLOWS)
def test_final_states_are_the_six_of_the_domain(flow):
    ends = {state for state in reached(flow) if is_final(flow, state)}
    assert ends == {State.REJECTED, State.WITHDRAWN, State.CANCELLED, State.EXPIRED, DONE[flow]}


def test_rows_for_the_same_flow_state_part_and_action_exclude_each_other():
    for one, other in combinations(FLOWS, 2):
        if (one.flow, one.source, one.who, one.does) == (other.flow, other.source, other.who, other.does):
            assert any({a, b} == pair for a in one.guards for b in other.guards for pair in EITHER_OR), (one, other)


def test_no_waiting_state_lacks_a_row_of_the_clock_and_a_due_time():
    for flow in Flow:
        for state in set(PART_WAITED_FOR) & STATES[flow]:
            ends = {Action.EXPIRE, Action.ESCALATE} | ({Action.REMIND} if state in TO_CONFIRM else set())
            if is_final(flow, state):
                continue
            assert any(each.who is Part.CLOCK and each.does in ends for each in rows(flow, state)), (flow, state)
            assert state in POLICY


def test_the_clock_never_approves_attests_or_sends():
    does = {each.does for each in FLOWS if each.who is Part.CLOCK}
    within = {Action.ESCALATE, Action.REVIEW, Action.REMIND}
    assert does == {Action.EXPIRE, Action.REPRICE, *within}
    kept = {
        (each.does, each.guards) for each in FLOWS if each.does in within and each.target is not RelativeTarget.SAME
    }
    # What suffices people have attested: a review only sees it.
    assert kept == {(Action.REVIEW, (progress.attests_suffice,))}


def test_a_review_takes_an_attested_order_where_the_last_attest_would_have():
    for each in FLOWS:
        if progress.attests_suffice in each.guards:
            attested = [row for row in rows(each.flow, each.source) if row.does is Action.ATTEST and not row.keeps_step]
            assert {row.target for row in attested} == {each.target}
    moves = {(each.flow, each.source) for each in FLOWS if progress.attests_suffice in each.guards}
    assert moves == {(each.flow, each.source) for each in FLOWS if each.does is Action.ATTEST}


def test_what_expires_has_expired():
    assert {each.target for each in ORDERS if each.does is Action.EXPIRE} == {State.EXPIRED}
    # What nobody signed in time may be sent out again, for a while.
    ends = {each.source: each.target for each in APPLICATIONS if each.does is Action.EXPIRE}
    assert ends.pop(State.AGREEMENT_AWAITING_SIGNATURE) is State.AGREEMENT_EXPIRED
    assert set(ends.values()) == {State.EXPIRED}


def test_the_clock_asks_nobody_nearer_the_end_than_before():
    for each in FLOWS:
        if each.does is Action.REPRICE:
            assert path(each.flow).index(each.target_state()) <= path(each.flow).index(each.source)


def test_an_attested_order_does_not_expire_because_inera_is_slow():
    waiting = [each for each in FLOWS if each.source is State.AWAITING_CUSTOMER_SERVICE]
    assert all(State.EXPIRED not in each.targets() for each in waiting)


def test_a_direct_order_passes_the_customers_attestant_then_customer_service_and_is_confirmed():
    assert path(Flow.DIRECT) == (
        State.AWAITING_CUSTOMER_ATTEST,
        State.AWAITING_CUSTOMER_SERVICE,
        State.INSTRUCTIONS_SENT,
    )


def test_an_order_via_an_agent_passes_both_of_the_agents_people_before_the_customer():
    assert path(Flow.VIA_AGENT) == (
        State.AWAITING_AGENT_APPROVAL,
        State.AWAITING_AGENT_ATTEST,
        State.AWAITING_CUSTOMER_ATTEST,
        State.AWAITING_CUSTOMER_SERVICE,
        State.AGENT_INFORMED,
    )


@pytest.mark.parametrize("flow", CONNECTING_FLOWS)
def test_what_connects_units_is_confirmed_by_whoever_may_know_and_never_ends_by_itself(flow):
    state = TRAITS[flow].takes_effect
    confirm = {each.who for each in rows(flow, state) if each.does is Action.CONFIRM_CONNECTION}
    agent = {Part.AGENT_HANDLER} if flow is Flow.VIA_AGENT else set()
    clocks = [(each.does, each.target) for each in rows(flow, state) if each.who is Part.CLOCK]

    assert confirm == {Part.ORDERER, Part.CUSTOMER_SERVICE} | agent
    assert {each.target for each in rows(flow, state) if each.does is Action.CONFIRM_CONNECTION} == {State.CONNECTED}
    assert clocks == [(Action.REMIND, RelativeTarget.SAME)]
    assert {each.who for each in rows(flow, state) if each.does is Action.CANCEL} == {Part.CUSTOMER_SERVICE}


def test_nobody_confirms_what_connects_nothing():
    confirmed = {each.flow for each in FLOWS if each.does is Action.CONFIRM_CONNECTION}

    assert confirmed == set(CONNECTING_FLOWS) == {flow for flow in Flow if TRAITS[flow].is_confirmed}


def test_inera_looks_at_an_agents_assignment_before_the_agents_attestant_and_sends_instructions_after():
    assert path(Flow.AGENT_ASSIGNMENT) == (
        State.AWAITING_REVIEW,
        State.AWAITING_CUSTOMER_ATTEST,
        State.AWAITING_CUSTOMER_SERVICE,
    )


def test_an_assignment_is_judged_by_the_agents_own_agreement_until_the_end():
    judged = {Action.SUBMIT, Action.APPROVE, Action.ATTEST, Action.EMERGENCY_ATTEST, Action.SEND_INSTRUCTIONS}
    found = [each for each in FLOWS if each.flow is Flow.AGENT_ASSIGNMENT and each.does in judged]
    assert {each.does for each in found} == judged
    for each in found:
        assert agreements.own_agent_agreement_active in each.guards
        assert agreements.customer_agreement_active not in each.guards


def test_withdrawing_is_possible_exactly_until_the_last_attest():
    for flow in ORDER_FLOWS:
        withdrawable = {each.source for each in FLOWS if each.flow is flow and each.does is Action.WITHDRAW}
        before = set(path(flow)) - {State.AWAITING_CUSTOMER_SERVICE} - TO_CONFIRM
        # Asked to complete, the orderer withdraws unless customer service asked: not_attested tells.
        assert withdrawable == before | {State.COMPLETION_REQUESTED}


def test_only_attestants_attest_and_only_the_agents_orderer_approves():
    assert {each.who for each in FLOWS if each.does is Action.ATTEST} == {Part.AGENT_ATTESTANT, Part.CUSTOMER_ATTESTANT}
    approves = {(each.flow, each.who) for each in ORDERS if each.does is Action.APPROVE}
    assert approves == {(Flow.VIA_AGENT, Part.AGENT_HANDLER), (Flow.AGENT_ASSIGNMENT, Part.CUSTOMER_SERVICE)}
    assert {each.who for each in APPLICATIONS if each.does is Action.APPROVE} == {Part.CUSTOMER_SERVICE}


def test_a_reserve_does_nothing_but_attest_and_only_with_a_reason():
    reserve = [each for each in FLOWS if each.who in {Part.AGENT_EMERGENCY, Part.CUSTOMER_EMERGENCY}]
    assert {(each.does, each.asks) for each in reserve} == {(Action.EMERGENCY_ATTEST, Asks.REASON)}


def test_administrators_decide_nothing():
    assert not {each.who for each in FLOWS} & {Part.AGENT_ADMINISTRATOR, Part.CUSTOMER_ADMINISTRATOR}


def test_whoever_decides_can_also_ask_say_no_hand_over_and_step_aside():
    for flow in ORDER_FLOWS:
        for state, part in PART_WAITED_FOR.items():
            if part in DECIDING and state in STATES[flow]:
                can = {each.does for each in rows(flow, state) if each.who is part}
                assert can >= {Action.REJECT, Action.REQUEST_COMPLETION, Action.HAND_OVER, Action.RECUSE}


def test_what_stops_a_case_can_be_looked_at_again_wherever_somebody_decides_or_answers():
    for flow in ORDER_FLOWS:
        # Customer service looks when it acts, and who is to confirm is asked anew by each reminder.
        looked_at = {State.AWAITING_CUSTOMER_SERVICE, State.AWAITING_REVIEW} | TO_CONFIRM
        for state in set(PART_WAITED_FOR) & STATES[flow] - looked_at:
            assert any(each.does is Action.REVIEW for each in rows(flow, state)), (flow, state)


def test_a_rejection_a_pause_and_an_end_by_customer_service_have_a_reason():
    for each in FLOWS:
        if each.does in {Action.REJECT, Action.HOLD, Action.CANCEL}:
            assert each.asks is Asks.REASON


def test_every_waiting_state_asks_somebody():
    told = {
        each.becomes
        for each in ANNOUNCEMENTS
        if each.audience in {Audience.CHANNEL, Audience.ORDERER, Audience.RECIPIENT}
    }
    for flow in ORDER_FLOWS:
        assert {*path(flow), State.COMPLETION_REQUESTED} <= set(ASKING) | told


def test_whoever_is_asked_in_a_state_has_something_to_do_there():
    for each in ANNOUNCEMENTS:
        if each.audience in {Audience.ASKED, Audience.CHANNEL} and each.becomes in PART_WAITED_FOR:
            assert PART_WAITED_FOR[each.becomes] is each.part
            assert any(each.part is row.who for flow in Flow for row in rows(flow, each.becomes))


def test_every_end_of_an_order_is_told_to_the_orderer_unless_the_orderer_made_it():
    told = {each.becomes for each in ANNOUNCEMENTS if each.part is Part.ORDERER}
    ends = {state for flow in ORDER_FLOWS for state in reached(flow) if is_final(flow, state)}
    assert ends - told == {State.WITHDRAWN}


@pytest.mark.parametrize("flow", APPLICATION_FLOWS)
def test_an_application_ends_in_one_of_the_ways_of_the_domain(flow):
    ends = {state for state in reached(flow) if is_final(flow, state)}
    assert path(flow) == (State.APPLICATION_SUBMITTED, State.AGREEMENT_AWAITING_SIGNATURE)
    assert ends == {
        State.APPLICATION_REJECTED,
        State.APPLICATION_WITHDRAWN,
        State.AGREEMENT_DECLINED,
        State.AGREEMENT_ACTIVE,
        State.CANCELLED,
        State.EXPIRED,
    }


@pytest.mark.parametrize("flow", APPLICATION_FLOWS)
def test_every_way_of_the_domain_from_application_to_agreement_stands_in_the_table(flow):
    assert {(each.source, each.target) for each in FLOWS if each.flow is flow} >= DOMAINS


SENT, ASKED, SIGNING = (
    State.APPLICATION_SUBMITTED,
    State.APPLICATION_COMPLETION_REQUESTED,
    State.AGREEMENT_AWAITING_SIGNATURE,
)
# An approved application waits for signatures at once; an agreement's end is an entry of the register.
DOMAINS = {
    (SENT, SIGNING),
    (SENT, ASKED),
    (SENT, State.APPLICATION_REJECTED),
    (SENT, State.APPLICATION_WITHDRAWN),
    (ASKED, SENT),
    (SIGNING, State.AGREEMENT_ACTIVE),
    (SIGNING, State.AGREEMENT_DECLINED),
    (SIGNING, State.AGREEMENT_EXPIRED),
}


def test_an_application_to_become_an_agent_goes_the_same_way_as_one_to_become_a_customer():
    one, other = ([replace(each, flow=flow) for each in FLOWS if each.flow is was] for was, flow in TWICE)
    assert one == other


TWICE = ((Flow.CUSTOMER_APPLICATION, Flow.AGENT_APPLICATION), (Flow.AGENT_APPLICATION, Flow.AGENT_APPLICATION))


def test_only_signatories_sign_and_only_by_a_personal_link():
    for each in FLOWS:
        if each.does in {Action.SIGN, Action.DECLINE}:
            assert each.who is Part.SIGNATORY
            assert {people.is_signatory, people.by_personal_link} <= set(each.guards)


def test_nobody_gets_a_second_agreement_of_a_type():
    approving = [each for each in APPLICATIONS if each.does is Action.APPROVE]
    assert approving
    assert all(agreements.no_agreement_yet in each.guards for each in approving)


def test_a_state_with_reminders_has_rows_that_remind_while_any_are_left_and_only_then_end_it():
    for flow in Flow:
        for state in STATES[flow] & set(REMINDERS):
            clocks = {(row.does, row.guards) for row in rows(flow, state) if row.does in {Action.REMIND, Action.EXPIRE}}
            reminds, ends = (Action.REMIND, (progress.reminders_left,)), (Action.EXPIRE, (progress.all_reminded,))
            assert clocks == {reminds, ends}, (flow, state)


def test_whatever_waits_for_people_outside_inera_is_reminded_of_before_it_ends():
    ended = {(each.flow, each.source) for each in FLOWS if each.does is Action.EXPIRE}
    begun = datetime(2026, 3, 2, 9, tzinfo=UTC)
    for state, reminders in REMINDERS.items():
        wait, times = WaitingStep(state, begun), []
        for _ in reminders:
            times.append(wait.due)
            wait = WaitingStep(state, begun, wait.due)
        assert [*times, wait.due] == sorted({*times, wait.closes})
    # What nobody signed in time only waits for being sent out again.
    assert {state for _, state in ended} - set(REMINDERS) == {State.AGREEMENT_EXPIRED}


def test_whoever_ordered_reminds_and_is_asked_whether_to_keep_it_wherever_others_are_waited_for():
    asked = {state for state, reminders in REMINDERS.items() if any(each.does is Nudge.KEEP for each in reminders)}
    kept = {(each.flow, each.source) for each in ORDERS if each.does is Action.KEEP}

    assert kept == {(flow, state) for flow in ORDER_FLOWS for state in STATES[flow] & asked}
    assert {each.who for each in ORDERS if each.does in {Action.KEEP, Action.REMIND_NOW}} == {Part.ORDERER}
    assert {(each.flow, each.source) for each in ORDERS if each.does is Action.REMIND_NOW} == kept
    assert asked == {state for state, part in PART_WAITED_FOR.items() if part in DECIDING and state in POLICY}


def test_every_end_of_an_application_is_told_unless_the_applicant_made_it():
    told = {each.becomes for each in ANNOUNCEMENTS if each.part is Part.APPLICANT}
    ends = {state for flow in APPLICATION_FLOWS for state in reached(flow) if is_final(flow, state)}
    assert ends - told == {State.APPLICATION_WITHDRAWN}


def test_every_part_but_the_clock_has_a_side():
    assert set(Part) - set(SIDE_OF) == {Part.CLOCK}


# --- versions

# What each version of the table says. Lines of history name the version that they were made under, and are replayed by
# it: a table that has changed is a new version, and the one before stays in TABLES as it was.
DIGESTS = {
    1: "a9aba88a0f58fd63",
    2: "74e229aac3337970",
    3: "a5adc16884a3ed0a",
    4: "f03aaa73fa3002e6",
    5: "a8e5c0e09a77a139",
    6: "15a4f7ebc1273779",
    7: "2b7cddc2976eb8ea",
    8: "a75255982223f2e4",
    9: "5f2a4efa4c3c878b",
    10: "3e6e08458903f107",
}

# The oldest program that knows the words of each version, by the newest revision that it knows.
KNOWN_SINCE = {9: "0046", 10: "0055"}


def digest(table):
    said = (
        (each.flow, each.source, each.who, each.does, *(one.__name__ for one in each.guards), each.asks, each.target)
        for each in table
    )
    return sha256("\n".join(map(" ".join, said)).encode()).hexdigest()[:16]


def test_a_version_of_the_table_never_changes():
    assert {version: digest(table) for version, table in TABLES.items()} == DIGESTS


def test_no_program_runs_on_a_database_that_holds_words_of_a_version_that_it_does_not_know():
    assert (oldest_program() or "") >= KNOWN_SINCE[VERSION]


def test_the_table_is_its_newest_version():
    assert TABLES[VERSION] is FLOWS
    assert max(TABLES) == VERSION
