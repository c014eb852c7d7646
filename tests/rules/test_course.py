"""What a decision makes of a case, and who is asked then: the course of an order beside its main way."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from core.api import (
    Action,
    Block,
    Blocked,
    ConnectionWay,
    Cost,
    EarlierConnection,
    Flow,
    Grant,
    Limited,
    OfferId,
    OrganisationId,
    Part,
    Payer,
    Period,
    PersonId,
    Reckoning,
    Role,
    Rules,
    Side,
    Standing,
    State,
    Tier,
    Unit,
)
from core.shared.errors import HandedOver
from core.workflow.context import HOLDERS_READ
from tests.support.world.builders import (
    AGENT_ATTESTANT,
    AGENT_COLLEAGUE,
    AT,
    ATTESTANT,
    COLLEAGUE,
    HANDLER,
    HANDLERS_COLLEAGUE,
    HOLDERS,
    HOUR,
    ORDERER,
    SERVICE,
    TWO_ATTESTS,
    after,
    draft,
    grant,
    pressed,
    situation,
)

VIA = Flow.VIA_AGENT
ATTESTED_BY_ALL = (Action.APPROVE, Action.ATTEST, Action.ATTEST)
BOTH_TWO = {Side.CUSTOMER: TWO_ATTESTS, Side.AGENT: TWO_ATTESTS}
STAND_IN = PersonId("PSTANDIN")
OTHER_AGENT = OrganisationId("OOTHER")


def asked(case):
    return tuple(each.person for each in case.asked)


def attested_by(case):
    return tuple(each.person for each in case.attests)


def by(now, *grants, **changes):
    """The situation of a person who holds these roles."""
    return replace(now, person=grants[0].person, grants=grants, **changes)


def clock(case, **changes):
    return situation(case, None, **changes)


def crowd(part, count, **changes):
    return tuple(grant(PersonId(f"P{number}"), part, **changes) for number in range(count))


def costs(customer=0, agent=0):
    return {Payer.CUSTOMER: Cost(customer, 0, Period.YEAR), Payer.AGENT: Cost(agent, 0, Period.YEAR)}


# --- who is asked


def test_an_order_is_handed_over_to_somebody_who_was_asked_already_without_asking_twice():
    handed = pressed(situation(after(), ATTESTANT), Action.HAND_OVER, to=COLLEAGUE).after

    assert asked(handed) == (COLLEAGUE,)


def test_what_was_handed_over_can_be_handed_back():
    handed = pressed(situation(after(), ATTESTANT), Action.HAND_OVER, to=COLLEAGUE).after
    back = pressed(situation(handed, COLLEAGUE), Action.HAND_OVER, to=ATTESTANT).after

    assert asked(back) == (ATTESTANT,)


@pytest.mark.parametrize("action", [Action.ATTEST, Action.REJECT, Action.REQUEST_COMPLETION, Action.HAND_OVER])
def test_whoever_has_handed_over_decides_no_more_and_hears_to_whom_and_when(action):
    handed = pressed(situation(after(), ATTESTANT), Action.HAND_OVER, to=COLLEAGUE, at=AT).after

    with pytest.raises(HandedOver) as refused:
        pressed(situation(handed, ATTESTANT), action)

    assert refused.value.facts == {"person": COLLEAGUE, "at": AT, "case": handed.id}


def test_whoever_gets_a_decision_back_decides_again():
    handed = pressed(situation(after(), ATTESTANT), Action.HAND_OVER, to=COLLEAGUE).after
    back = pressed(situation(handed, COLLEAGUE), Action.HAND_OVER, to=ATTESTANT).after

    assert pressed(situation(back, ATTESTANT), Action.ATTEST).after.state is State.AWAITING_CUSTOMER_SERVICE


def test_whoever_has_handed_over_may_still_declare_a_conflict_of_interest():
    handed = pressed(situation(after(), ATTESTANT), Action.HAND_OVER, to=COLLEAGUE).after

    assert pressed(situation(handed, ATTESTANT), Action.RECUSE).after.recused == (ATTESTANT,)


def test_what_was_handed_over_stays_so_when_a_question_has_been_answered():
    handed = pressed(situation(after(), ATTESTANT), Action.HAND_OVER, to=COLLEAGUE).after
    question = pressed(situation(handed, COLLEAGUE), Action.REQUEST_COMPLETION).after
    answered = pressed(situation(question, ORDERER), Action.ANSWER).after

    assert asked(answered) == (COLLEAGUE,)


def test_whoever_asked_a_question_is_asked_first_when_it_has_been_answered():
    many = {
        **HOLDERS,
        Part.CUSTOMER_ATTESTANT: (*crowd(Part.CUSTOMER_ATTESTANT, 9), grant(ATTESTANT, Part.CUSTOMER_ATTESTANT)),
    }
    question = pressed(situation(after(), ATTESTANT, holders=many), Action.REQUEST_COMPLETION).after
    answered = pressed(situation(question, ORDERER, holders=many), Action.ANSWER).after

    assert asked(answered) == (ATTESTANT, "P0", "P1", "P2", "P3")


def test_a_substitute_is_asked_where_the_absent_person_is_also_when_five_are():
    five = crowd(Part.CUSTOMER_ATTESTANT, 7)
    holders = {
        **HOLDERS,
        Part.CUSTOMER_ATTESTANT: (*five, grant(STAND_IN, Part.CUSTOMER_ATTESTANT, absent=five[1].person)),
    }

    case = pressed(situation(draft(), ORDERER, holders=holders), Action.SUBMIT).after

    assert asked(case) == ("P0", "P1", "P2", "P3", "P4", STAND_IN)


def test_as_many_are_asked_as_must_attest():
    seven = {Side.CUSTOMER: Rules(tiers=(Tier(0, attests=7),))}
    holders = {**HOLDERS, Part.CUSTOMER_ATTESTANT: crowd(Part.CUSTOMER_ATTESTANT, 9)}

    case = pressed(situation(draft(), ORDERER, holders=holders, rules=seven), Action.SUBMIT).after

    assert len(case.asked) == 7


def test_why_somebody_is_asked_follows_what_changes_while_they_are():
    limited = {**HOLDERS, Part.CUSTOMER_ATTESTANT: (grant(ATTESTANT, Part.CUSTOMER_ATTESTANT, limit_ore=9_900_000),)}

    reviewed = pressed(clock(after(), holders=limited), Action.REVIEW).after

    assert [(each.person, each.limit_ore) for each in reviewed.asked] == [(ATTESTANT, 9_900_000)]


def test_nobody_new_is_asked_while_an_agreement_is_missing_and_others_are_once_it_is_there():
    ended = Standing(customer_agreement=False)
    asked_one = replace(after(), asked=after().asked[:1])

    stopped = pressed(clock(asked_one, standing=ended), Action.REVIEW).after
    released = pressed(clock(stopped), Action.REVIEW).after

    assert (asked(stopped), stopped.blocked) == ((ATTESTANT,), Blocked(Block.NO_CUSTOMER_AGREEMENT, told=True))
    assert (asked(released), released.blocked) == ((ATTESTANT, COLLEAGUE), None)


def test_who_answers_is_the_person_who_ordered_and_another_orderer_once_that_person_has_left():
    question = after(Action.REQUEST_COMPLETION)
    left = {**HOLDERS, Part.ORDERER: (grant(STAND_IN, Part.ORDERER),)}
    reviewed = pressed(clock(question, holders=left, orderer_is_active=False), Action.REVIEW).after
    more = {**HOLDERS, Part.ORDERER: (grant(PersonId("P9"), Part.ORDERER), grant(STAND_IN, Part.ORDERER))}
    again = pressed(clock(reviewed, holders=more, orderer_is_active=False), Action.REVIEW).after

    assert asked(question) == (ORDERER,)
    assert (asked(reviewed), asked(again)) == ((STAND_IN,), (STAND_IN,))


# --- the chosen attestant


def chosen():
    return replace(after(Action.APPROVE, flow=VIA), chosen_attestant=AGENT_ATTESTANT)


def test_where_the_chosen_attestant_can_decide_no_longer_the_others_are_asked():
    others = {**HOLDERS, Part.AGENT_ATTESTANT: (grant(AGENT_COLLEAGUE, Part.AGENT_ATTESTANT),)}

    reviewed = pressed(clock(chosen(), holders=others), Action.REVIEW).after

    assert (asked(reviewed), reviewed.chosen_attestant, reviewed.blocked) == ((AGENT_COLLEAGUE,), None, None)


def test_a_substitute_hands_over_the_choice_of_the_absent_person():
    mine = grant(STAND_IN, Part.AGENT_ATTESTANT, absent=AGENT_ATTESTANT)

    handed = pressed(by(situation(chosen()), mine), Action.HAND_OVER, to=AGENT_COLLEAGUE).after

    assert (handed.chosen_attestant, asked(handed)) == (AGENT_COLLEAGUE, (AGENT_COLLEAGUE,))


def test_a_substitutes_conflict_of_interest_leaves_the_choice_with_the_absent_person():
    mine = grant(STAND_IN, Part.AGENT_ATTESTANT, absent=AGENT_ATTESTANT)

    recused = pressed(by(situation(chosen()), mine), Action.RECUSE).after

    assert (recused.recused, recused.chosen_attestant) == ((STAND_IN,), AGENT_ATTESTANT)


def test_the_chosen_attestants_own_conflict_of_interest_lets_the_others_decide():
    recused = pressed(situation(chosen(), AGENT_ATTESTANT), Action.RECUSE).after

    assert (recused.chosen_attestant, asked(recused)) == (None, (AGENT_COLLEAGUE,))


# --- several attests


def test_an_attest_of_several_counts_still_when_a_question_has_been_answered_in_words():
    one = after(Action.ATTEST, rules=BOTH_TWO)
    question = pressed(situation(one, COLLEAGUE, rules=BOTH_TWO), Action.REQUEST_COMPLETION).after
    answered = pressed(situation(question, ORDERER, rules=BOTH_TWO), Action.ANSWER).after

    assert (answered.state, attested_by(answered)) == (State.AWAITING_CUSTOMER_ATTEST, (ATTESTANT,))
    assert asked(answered) == (COLLEAGUE,)


def test_an_attest_of_several_is_void_when_the_order_is_sent_back_within_the_agent():
    one = after(Action.APPROVE, Action.ATTEST, flow=VIA, rules=BOTH_TWO)
    back = pressed(situation(one, AGENT_COLLEAGUE, rules=BOTH_TWO), Action.SEND_BACK).after
    again = pressed(situation(back, HANDLER, rules=BOTH_TWO), Action.APPROVE).after

    assert (back.state, back.chosen_attestant, asked(back)) == (
        State.AWAITING_AGENT_APPROVAL,
        None,
        (HANDLER, HANDLERS_COLLEAGUE),
    )
    assert attested_by(again) == ()


def test_the_attest_of_somebody_who_then_declares_a_conflict_of_interest_is_void():
    one = after(Action.ATTEST, rules=BOTH_TWO)

    recused = pressed(situation(one, ATTESTANT, rules=BOTH_TWO), Action.RECUSE).after

    assert (attested_by(recused), recused.recused) == ((), (ATTESTANT,))


def declaring_jav(case, person=HANDLER, **changes):
    """Somebody at the agent who attests there as well."""
    return by(situation(case, **changes), grant(person, Part.AGENT_ATTESTANT))


def approved_by(case):
    return tuple(each.person for each in case.decisions if each.action is Action.APPROVE and each.counts)


def test_an_approval_by_somebody_who_then_declares_a_conflict_of_interest_is_asked_for_anew():
    approved = after(Action.APPROVE, flow=VIA)

    back = pressed(declaring_jav(approved), Action.RECUSE).after
    again = pressed(situation(back, HANDLERS_COLLEAGUE), Action.APPROVE).after

    assert (back.state, back.recused, asked(back)) == (
        State.AWAITING_AGENT_APPROVAL, (HANDLER,), (HANDLERS_COLLEAGUE,),
    )  # fmt: skip
    assert (approved_by(back), back.rounds, back.step) == ((), 0, approved.step + 1)
    assert (again.state, approved_by(again)) == (State.AWAITING_AGENT_ATTEST, (HANDLERS_COLLEAGUE,))


def test_so_is_one_that_a_substitute_gave_with_that_persons_authority():
    lent = by(situation(after(flow=VIA)), grant(STAND_IN, Part.AGENT_HANDLER, absent=HANDLER))
    approved = pressed(lent, Action.APPROVE).after

    back = pressed(declaring_jav(approved), Action.RECUSE).after

    assert (back.state, approved_by(back)) == (State.AWAITING_AGENT_APPROVAL, ())


def test_an_approval_by_somebody_else_stands_when_an_attestant_declares_a_conflict_of_interest():
    approved = after(Action.APPROVE, flow=VIA)

    left = pressed(declaring_jav(approved, AGENT_ATTESTANT), Action.RECUSE).after

    assert (left.state, left.step, approved_by(left)) == (approved.state, approved.step, (HANDLER,))


def test_with_the_approval_fall_the_choice_and_the_attests_that_stood_on_it():
    chosen_and_one = after(Action.APPROVE, Action.ATTEST, flow=VIA, rules=BOTH_TWO)
    now = declaring_jav(replace(chosen_and_one, chosen_attestant=AGENT_COLLEAGUE), rules=BOTH_TWO)

    back = pressed(now, Action.RECUSE).after
    again = pressed(situation(back, HANDLERS_COLLEAGUE, rules=BOTH_TWO), Action.APPROVE).after

    assert (back.chosen_attestant, attested_by(again)) == (None, ())


def test_when_nobody_is_left_to_approve_the_order_waits_for_nobody_and_says_so():
    alone = {part: held for part, held in HOLDERS.items() if part is not Part.AGENT_HANDLER}

    back = pressed(declaring_jav(after(Action.APPROVE, flow=VIA), holders=alone), Action.RECUSE).after

    assert (back.state, asked(back), back.blocked) == (
        State.AWAITING_AGENT_APPROVAL, (), Blocked(Block.NOBODY, told=False),
    )  # fmt: skip


# --- prices


def test_a_new_price_for_the_customer_leaves_the_agents_attest_alone():
    one = after(Action.APPROVE, Action.ATTEST, flow=VIA, rules=BOTH_TWO)
    dearer = {**one.order.costs, Payer.CUSTOMER: Cost(9_999_900, 0, Period.YEAR)}

    repriced = pressed(clock(one, rules=BOTH_TWO, reckoned=Reckoning(dearer)), Action.REPRICE).after

    assert (repriced.state, repriced.step, repriced.content_version) == (one.state, one.step, 1)
    assert (attested_by(repriced), repriced.order.costs) == ((AGENT_ATTESTANT,), dearer)


def test_a_new_price_for_the_agent_sends_the_order_back_for_its_attest_and_keeps_the_customers():
    one = after(Action.APPROVE, Action.ATTEST, Action.ATTEST, Action.ATTEST, flow=VIA, rules=BOTH_TWO)
    dearer = {**one.order.costs, Payer.AGENT: Cost(9_999_900, 0, Period.YEAR)}

    now = {"rules": BOTH_TWO, "reckoned": Reckoning(dearer)}
    repriced = pressed(clock(one, **now), Action.REPRICE).after
    first = pressed(situation(repriced, AGENT_ATTESTANT, **now), Action.ATTEST).after
    second = pressed(situation(first, AGENT_COLLEAGUE, **now), Action.ATTEST).after

    assert (one.state, attested_by(one)) == (State.AWAITING_CUSTOMER_ATTEST, (ATTESTANT,))
    assert (repriced.state, attested_by(repriced)) == (State.AWAITING_AGENT_ATTEST, ())
    assert (second.state, attested_by(second)) == (State.AWAITING_CUSTOMER_ATTEST, (ATTESTANT,))


def test_the_first_of_two_attests_is_void_when_its_own_amount_changes():
    one = after(Action.ATTEST, rules=BOTH_TWO)
    dearer = {**one.order.costs, Payer.CUSTOMER: Cost(9_999_900, 0, Period.YEAR)}

    repriced = pressed(clock(one, rules=BOTH_TWO, reckoned=Reckoning(dearer)), Action.REPRICE).after

    assert (attested_by(repriced), asked(repriced)) == ((), (ATTESTANT, COLLEAGUE))


def test_attests_that_suffice_by_the_new_rules_take_an_order_on_unless_what_is_agreed_has_ended():
    one = after(Action.ATTEST, rules=BOTH_TWO)

    went_on = pressed(clock(one), Action.REVIEW).after
    stopped = pressed(clock(one, standing=Standing(customer_agreement=False)), Action.REVIEW).after

    assert (one.state, went_on.state) == (State.AWAITING_CUSTOMER_ATTEST, State.AWAITING_CUSTOMER_SERVICE)
    assert (stopped.state, stopped.blocked.why) == (one.state, Block.NO_CUSTOMER_AGREEMENT)


def test_a_price_that_returns_to_what_was_ordered_has_no_earlier_one():
    dearer = pressed(clock(after(), reckoned=Reckoning(costs(customer=9_900))), Action.REPRICE).after
    back = pressed(clock(dearer, reckoned=Reckoning(after().order.costs)), Action.REPRICE).after

    assert dearer.order.earlier_costs == after().order.costs
    assert (back.order.earlier_costs, back.content_version) == ({}, 3)


def test_after_two_new_prices_the_earlier_one_is_still_that_of_the_order():
    first = pressed(clock(after(), reckoned=Reckoning(costs(customer=9_900))), Action.REPRICE).after
    second = pressed(clock(first, reckoned=Reckoning(costs(customer=12_000))), Action.REPRICE).after

    assert second.order.earlier_costs == after().order.costs
    assert second.order.costs == costs(customer=12_000)


def test_a_coming_price_is_there_when_the_swedish_day_begins():
    new_years_eve = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    case = after()
    order = replace(case.order, coming_costs=costs(customer=9_900), coming_from=date(2027, 1, 1))
    waiting = clock(replace(case, content=order), reckoned=Reckoning(costs(customer=9_900)))

    repriced = pressed(waiting, Action.REPRICE, at=new_years_eve).after

    assert (repriced.order.coming_from, repriced.order.coming_costs) == (None, {})


def test_a_question_sent_back_is_there_also_after_a_new_price():
    back = after(Action.APPROVE, Action.SEND_BACK, flow=VIA)
    dearer = {**back.order.costs, Payer.AGENT: Cost(9_999_900, 0, Period.YEAR)}

    repriced = pressed(clock(back, reckoned=Reckoning(dearer)), Action.REPRICE).after

    assert repriced.question == back.question


# --- completion


def test_an_answer_to_customer_service_leaves_the_clock_nothing_to_look_at():
    answered = after(*ATTESTED_BY_ALL, Action.CLAIM, Action.REQUEST_COMPLETION, Action.ANSWER, flow=VIA)

    assert (answered.state, answered.review_at) == (State.AWAITING_CUSTOMER_SERVICE, None)
    assert answered.claimed_by == SERVICE


def test_an_order_that_begins_anew_is_claimed_by_nobody_and_counts_no_decision():
    question = after(*ATTESTED_BY_ALL, Action.CLAIM, Action.REQUEST_COMPLETION, flow=VIA)
    revised = replace(question, content=replace(question.order, units=(Unit("Rehab Väster"),))).anew()

    begun = pressed(situation(question, ORDERER, revised=revised), Action.ANSWER).after

    assert (begun.state, begun.claimed_by, begun.content_version) == (State.AWAITING_AGENT_APPROVAL, None, 2)
    assert [each.action for each in begun.decisions if each.counts] == [Action.SUBMIT, Action.ANSWER]


def test_what_the_clock_was_to_look_at_is_forgotten_once_it_looks_no_more_and_not_before():
    waiting, at_agent = replace(after(), review_at=AT), replace(after(flow=VIA), review_at=AT)

    approved = pressed(situation(at_agent, HANDLER), Action.APPROVE, at=AT + HOUR).after
    attested = pressed(situation(waiting, ATTESTANT), Action.ATTEST).after
    withdrawn = pressed(situation(waiting, ORDERER), Action.WITHDRAW).after

    assert approved.review_at == AT
    assert (attested.review_at, withdrawn.review_at) == (None, None)


def test_a_change_of_agent_is_noted_when_the_order_is_submitted():
    way = ConnectionWay(OfferId("npo-other"), OTHER_AGENT)
    for ends, left in ((True, OTHER_AGENT), (False, None)):
        earlier = (EarlierConnection(way, {}, ("Rehab Öster",), ends),)

        order = pressed(situation(draft(VIA), ORDERER, standing=Standing(earlier=earlier)), Action.SUBMIT).after.order

        assert (order.replaces_agent, order.earlier) == (left, earlier)


def test_case_28_a_successor_of_the_orderer_is_asked_though_the_administrator_was():
    question = after(Action.REQUEST_COMPLETION)
    boss = grant(COLLEAGUE, Part.CUSTOMER_ADMINISTRATOR)
    alone = {**HOLDERS, Part.ORDERER: (), Part.CUSTOMER_ADMINISTRATOR: (boss,)}
    left = pressed(clock(question, holders=alone, orderer_is_active=False), Action.REVIEW).after
    with_successor = {**alone, Part.ORDERER: (grant(STAND_IN, Part.ORDERER),)}
    appointed = pressed(clock(left, holders=with_successor, orderer_is_active=False), Action.REVIEW).after

    assert (asked(left), asked(appointed)) == ((COLLEAGUE,), (STAND_IN,))


def test_an_order_that_gets_another_agent_is_left_by_the_first():
    question = after(Action.APPROVE, Action.ATTEST, Action.REQUEST_COMPLETION, flow=VIA)
    revised = replace(question, agent=OTHER_AGENT).anew()
    holders = {
        **HOLDERS,
        Part.AGENT_HANDLER: (Grant(PersonId("PNEW"), OTHER_AGENT, Role.AGENT_HANDLER),),
        Part.AGENT_ATTESTANT: (Grant(PersonId("PNEW2"), OTHER_AGENT, Role.ATTESTANT),),
    }

    begun = pressed(situation(question, ORDERER, revised=revised, holders=holders), Action.ANSWER).after

    assert (begun.agent, asked(begun)) == (OTHER_AGENT, ("PNEW",))
    assert [begun.is_left_by(Part.AGENT_HANDLER, step) for step in (1, 2, begun.step)] == [True, True, False]
    assert not begun.is_left_by(Part.CUSTOMER_ATTESTANT, 1)
    assert not question.is_left_by(Part.AGENT_HANDLER, 1)


# --- whose limit the amount is over


AMOUNT = after().order.first_year_ore(Side.CUSTOMER)


def with_limits(case, *limits, part=Part.CUSTOMER_ATTESTANT, **changes):
    """The case once the clock has looked at it, with as many attestants, each with a limit."""
    held = [grant(PersonId(f"P{number}"), part, limit_ore=limit) for number, limit in enumerate(limits)]
    holders = {**HOLDERS, part: (*held, *changes.pop("more", ()))}
    reviewed = replace(case, review_at=AT)
    return pressed(clock(reviewed, holders=holders, **changes), Action.REVIEW).after


def test_of_those_who_attest_those_are_counted_whose_limit_the_amount_is_over():
    some = with_limits(after(), None, AMOUNT, AMOUNT - 1, 1)

    assert (some.limited, len(some.asked), some.blocked) == (Limited(2, 4), 2, None)
    assert with_limits(after(), None, AMOUNT).limited is None


def test_for_another_service_or_in_the_place_of_another_nobody_is_counted():
    lent = grant(STAND_IN, Part.CUSTOMER_ATTESTANT, limit_ore=1, absent=PersonId("P1"))
    other = grant(STAND_IN, Part.CUSTOMER_ATTESTANT, limit_ore=1, service="other")

    assert with_limits(after(), None, 1, more=(lent, other)).limited == Limited(1, 2)


def test_where_those_who_decide_are_named_nobody_is_counted():
    sequence = Rules(tiers=(Tier(0, sequence=(PersonId("P0"),)),))
    chosen = after(Action.APPROVE, flow=VIA)

    assert with_limits(after(), None, 1, rules={Side.CUSTOMER: sequence}).limited is None
    assert (
        with_limits(replace(chosen, chosen_attestant=PersonId("P0")), None, 1, part=Part.AGENT_ATTESTANT).limited
        is None
    )
    assert with_limits(replace(chosen, chosen_attestant=None), None, 1, part=Part.AGENT_ATTESTANT).limited == Limited(
        1, 2
    )


def test_where_more_hold_the_role_than_are_read_nobody_is_counted():
    assert with_limits(after(), *[None] * (HOLDERS_READ - 2), 1).limited == Limited(1, HOLDERS_READ - 1)
    assert with_limits(after(), *[None] * (HOLDERS_READ - 1), 1).limited is None


def test_over_everybodys_limit_the_reserves_are_named_whose_limit_suffices_and_who_did_not_order():
    holders = [grant(PersonId(each), Part.CUSTOMER_EMERGENCY) for each in ("RUT", ORDERER)]
    poor = grant(PersonId("POOR"), Part.CUSTOMER_EMERGENCY, limit_ore=1)
    nobody = with_limits(after(), 1, 1)
    found = {**HOLDERS, Part.CUSTOMER_EMERGENCY: (*holders, poor)}
    found[Part.CUSTOMER_ATTESTANT] = (grant(ATTESTANT, Part.CUSTOMER_ATTESTANT, limit_ore=1),)
    named = pressed(clock(replace(after(), review_at=AT), holders=found), Action.REVIEW).after

    assert (nobody.limited.over, nobody.limited.of, nobody.blocked.why) == (2, 2, Block.OVER_LIMIT)
    assert named.limited == Limited(1, 1, (PersonId("RUT"),))


def test_a_press_that_reads_no_reserves_has_the_clock_look_again():
    at = AT + HOUR
    limited = (grant(ATTESTANT, Part.CUSTOMER_ATTESTANT, limit_ore=1),)
    holders = {**HOLDERS, Part.CUSTOMER_ATTESTANT: limited, Part.CUSTOMER_EMERGENCY: ()}
    stopped = with_limits(after(), 1)
    recused = pressed(situation(stopped, ATTESTANT, holders=holders), Action.RECUSE, at=at).after

    assert (stopped.blocked.told, stopped.review_at) == (True, None)
    assert recused.review_at == at


# --- blocked


def test_a_blocked_order_is_looked_at_at_once_then_told_once_and_released_by_itself():
    nobody = {**HOLDERS, Part.CUSTOMER_ATTESTANT: (grant(ORDERER, Part.CUSTOMER_ATTESTANT),)}
    at = AT + HOUR
    recused = pressed(situation(after(), ATTESTANT, holders=nobody), Action.RECUSE, at=at).after
    told = pressed(clock(recused, holders=nobody), Action.REVIEW, at=at).after
    again = pressed(clock(replace(told, review_at=at), holders=nobody), Action.REVIEW, at=at).after
    released = pressed(clock(again), Action.REVIEW, at=at).after

    assert (recused.blocked, recused.review_at) == (Blocked(Block.NOBODY, told=False), at)
    assert (told.blocked, told.review_at) == (Blocked(Block.NOBODY, told=True), None)
    assert again.blocked == told.blocked
    assert (released.blocked, asked(released)) == (None, (COLLEAGUE,))
    assert all(each.due_at is not None for each in (recused, told, released))


def test_an_amount_over_everyones_limit_is_said_to_be_that():
    low = {**HOLDERS, Part.CUSTOMER_ATTESTANT: (grant(ATTESTANT, Part.CUSTOMER_ATTESTANT, limit_ore=100),)}

    reviewed = pressed(clock(after(), holders=low), Action.REVIEW).after

    assert (reviewed.blocked.why, asked(reviewed)) == (Block.OVER_LIMIT, ())


def test_customer_service_answers_for_a_pause_until_it_is_resumed():
    held = after(Action.ATTEST, Action.CLAIM, Action.HOLD)

    resumed = pressed(situation(held, SERVICE), Action.RESUME, at=AT + timedelta(days=1)).after

    assert (held.hold, resumed.hold) == ("Vi väntar på besked om enheten.", "")
    assert held.state is resumed.state is State.AWAITING_CUSTOMER_SERVICE
