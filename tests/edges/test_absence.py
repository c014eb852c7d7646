"""Somebody is away, has left, is over the limit or has a conflict of interest: cases 11, 13, 15, 16, 27 and 50."""

import pytest
from sqlalchemy import select

from core.api import Action, Block, Blocked, Limited, State, Tier
from core.shared import errors
from core.storage import tables
from tests.edges.portal import via_agent
from tests.support.world.seed import (
    ADA,
    AGENT,
    AMIR,
    ANNA,
    ASTA,
    BO,
    CECILIA,
    CHRISTMAS,
    ERIK,
    HELENA,
    KARIN,
    REGION,
    RUT,
    SARA,
)


def asked(case):
    return {each.person for each in case.asked}


async def test_case_11_a_substitute_and_the_absent_person_are_both_asked_and_either_may_decide(portal):
    portal.clock.at = CHRISTMAS
    case = await portal.place()

    attested = await portal.attest(case, SARA)

    assert asked(case) == {BO, CECILIA, SARA}
    decision = attested.decisions[-1]
    assert (decision.person, decision.absent) == (SARA, BO)
    with pytest.raises(errors.AlreadyDecided) as told:
        await portal.attest(case, BO)
    assert told.value.facts["person"] == SARA


async def test_case_11_what_waits_when_the_absence_begins_is_asked_of_the_substitute_too(portal):
    case = await portal.place()
    portal.clock.at = CHRISTMAS

    await portal.tick()

    assert asked(await portal.now(case)) == {BO, CECILIA, SARA}
    assert await portal.told(case, "customer_attest") == {BO, CECILIA, SARA}
    assert (await portal.attest(case, BO)).state is State.AWAITING_CUSTOMER_SERVICE


async def test_case_11_a_substitute_has_the_absent_persons_limit(portal):
    await portal.give(BO, REGION, "attestant", attest_limit_ore=1_000)
    await portal.substitute(BO, SARA)
    case = await portal.place()

    with pytest.raises(errors.OverLimit) as told:
        await portal.attest(case, SARA)
    assert told.value.facts["limit_ore"] == 1_000
    assert asked(case) == {CECILIA}


async def test_case_11_a_substitute_goes_with_the_role_and_does_not_come_back_with_it(portal):
    await portal.substitute(BO, SARA)
    await portal.take(BO, REGION, "attestant")
    await portal.give(BO, REGION, "attestant")
    case = await portal.place()

    with pytest.raises(errors.NoRole):
        await portal.attest(case, SARA)
    assert asked(case) == {BO, CECILIA}
    lines = tables.history.c
    query = select(lines.about_id, lines.at).where(lines.kind == "substitution", lines.action == "ended")
    ended = await portal.database.read(lambda connection: connection.execute(query).all())
    assert ended == [(BO, portal.clock())]


async def test_case_11_whoever_lost_every_role_there_is_nobodys_substitute_when_she_comes_back(portal):
    await portal.substitute(BO, SARA)
    await portal.take(SARA, REGION, "agreement_contact")
    await portal.give(SARA, REGION, "agreement_contact")
    case = await portal.place()

    with pytest.raises(errors.NoRole):
        await portal.attest(case, SARA)


async def test_case_11_another_role_or_a_wider_one_ends_no_substitution(portal):
    await portal.substitute(BO, SARA)
    await portal.give(BO, REGION, "attestant", attest_limit_ore=None)
    await portal.give(BO, REGION, "orderer")
    await portal.give(BO, REGION, "attestant", service="npo")
    await portal.give(SARA, REGION, "orderer")
    case = await portal.place()

    assert (await portal.attest(case, SARA)).decisions[-1].absent == BO


async def test_case_11_nobody_is_substitute_for_a_substitute(portal):
    await portal.substitute(BO, SARA)
    with pytest.raises(errors.RegisterError):
        await portal.substitute(SARA, ADA)

    case = await portal.place()

    assert asked(case) == {BO, CECILIA, SARA}
    with pytest.raises(errors.NoRole):
        await portal.attest(case, ADA)


async def test_handing_over_ends_what_a_substitute_may_do_for_whoever_handed_over(portal):
    await portal.substitute(BO, SARA)
    case = await portal.place()
    handed = await portal.press(case, BO, Action.HAND_OVER, to=CECILIA)

    assert asked(handed) == {CECILIA}
    for action in (Action.ATTEST, Action.REJECT, Action.REQUEST_COMPLETION):
        with pytest.raises(errors.AbsentHandedOver) as told:
            await portal.press(handed, SARA, action, confirmed=True, reason="Nej.", message="Vad?")
        assert told.value.facts["person"] == CECILIA
    attested = await portal.attest(handed, CECILIA)
    assert (attested.state, attested.decisions[-1].person) == (State.AWAITING_CUSTOMER_SERVICE, CECILIA)


async def test_what_is_handed_back_the_substitute_may_decide_again(portal):
    await portal.substitute(BO, SARA)
    case = await portal.place()
    handed = await portal.press(case, BO, Action.HAND_OVER, to=CECILIA)
    back = await portal.press(handed, CECILIA, Action.HAND_OVER, to=BO)

    assert (await portal.attest(back, SARA)).decisions[-1].absent == BO


async def test_nobody_hands_over_to_whoever_would_decide_in_the_same_place(portal):
    await portal.substitute(BO, SARA)
    case = await portal.place()

    with pytest.raises(errors.ColleagueNotEligible):
        await portal.press(case, BO, Action.HAND_OVER, to=SARA)


async def test_a_substitute_with_an_own_right_decides_by_that_also_what_was_handed_over(portal):
    await portal.substitute(BO, CECILIA)
    case = await portal.place()
    handed = await portal.press(case, BO, Action.HAND_OVER, to=CECILIA)

    attested = await portal.attest(handed, CECILIA)
    assert (attested.decisions[-1].person, attested.decisions[-1].absent) == (CECILIA, None)


async def test_case_13_a_substitute_who_ordered_is_not_asked_and_may_not_attest(portal):
    await portal.substitute(BO, ANNA)
    case = await portal.place(ANNA)

    with pytest.raises(errors.OwnOrder):
        await portal.attest(case, ANNA)
    assert asked(case) == {BO, CECILIA}


async def test_case_13_nor_does_the_substitute_of_whoever_ordered(portal):
    await portal.substitute(CECILIA, SARA)
    case = await portal.place(CECILIA)

    with pytest.raises(errors.OwnOrder):
        await portal.attest(case, SARA)
    assert asked(case) == {BO}


async def test_case_15_when_the_last_attestant_is_gone_the_order_waits_the_administrator_hears_and_it_goes_on(portal):
    case = await portal.place()
    await portal.take(BO, REGION, "attestant")
    await portal.take(CECILIA, REGION, "attestant")
    await portal.take(ERIK, REGION, "attestant")
    await portal.tick()
    stopped = await portal.now(case)
    await portal.give(SARA, REGION, "attestant")
    await portal.tick()
    released = await portal.now(case)

    assert (stopped.state, stopped.blocked) == (case.state, Blocked(Block.NOBODY, told=True))
    assert (stopped.asked, stopped.due_at) == ((), case.due_at)
    assert await portal.told(case, "blocked") == {ADA}
    assert (released.blocked, asked(released)) == (None, {SARA})
    assert SARA in await portal.told(case, "customer_attest")
    assert (await portal.attest(released, SARA)).state is State.AWAITING_CUSTOMER_SERVICE


async def test_case_15_where_there_is_no_administrator_customer_service_hears_it(portal):
    case = await portal.place(**via_agent())
    await portal.take(HELENA, AGENT, "agent_handler")
    await portal.take(ASTA, AGENT, "agent_handler")
    await portal.tick()

    assert (await portal.now(case)).blocked == Blocked(Block.NOBODY, told=True)
    assert await portal.told(case, "blocked") == {None}


async def test_case_15_the_administrator_hears_it_once_however_often_the_clock_looks(portal):
    case = await portal.place()
    for person in (BO, CECILIA, ERIK):
        await portal.take(person, REGION, "attestant")
        await portal.tick()
    await portal.give(SARA, REGION, "orderer")
    await portal.tick()

    told = [key for key in await portal.shows(case) if key[0] == "blocked"]
    assert told == [("blocked", ADA)]
    lines = [action for action, _ in await portal.history(case)]
    assert set(lines) == {"submit", "review"}


async def test_case_16_an_amount_over_everyones_limit_stops_the_order_and_says_so(portal):
    case = await portal.place()
    for person in (BO, CECILIA):
        await portal.give(person, REGION, "attestant", attest_limit_ore=100_000)
    await portal.tick()
    stopped = await portal.now(case)

    assert stopped.blocked == Blocked(Block.OVER_LIMIT, told=True)
    assert stopped.limited == Limited(3, 3, (RUT,))
    assert await portal.told(case, "blocked") == {ADA}
    with pytest.raises(errors.OverLimit) as told:
        await portal.attest(case, BO)
    assert told.value.facts == {"limit_ore": 100_000, "amount_ore": 150_000}

    await portal.give(BO, REGION, "attestant", attest_limit_ore=150_000)
    await portal.tick()
    assert (await portal.now(case)).limited == Limited(2, 3)
    assert (await portal.attest(case, BO)).state is State.AWAITING_CUSTOMER_SERVICE


async def test_case_16_an_order_over_everyones_limit_is_not_submitted(portal):
    for person in (BO, CECILIA):
        await portal.give(person, REGION, "attestant", attest_limit_ore=100_000)

    with pytest.raises(errors.OverEveryLimit):
        await portal.place()


async def test_case_27_whoever_has_left_decides_nothing_more_and_the_others_do(portal):
    case = await portal.place(**via_agent())
    approved = await portal.approve(case, HELENA, AMIR)
    await portal.leave(AMIR)
    await portal.leave(HELENA)
    await portal.tick()
    waiting = await portal.now(case)

    with pytest.raises(errors.PersonInactive):
        await portal.attest(approved, AMIR)
    assert (waiting.chosen_attestant, asked(waiting)) == (None, {ASTA})
    assert [each.person for each in waiting.decisions if each.counts] == [ANNA, HELENA]
    assert (await portal.attest(waiting, ASTA)).state is State.AWAITING_CUSTOMER_ATTEST


async def test_case_27_without_others_the_order_is_blocked(portal):
    approved = await portal.approve(await portal.place(**via_agent()), ASTA)
    await portal.leave(AMIR)
    await portal.tick()

    assert (await portal.now(approved)).blocked.why is Block.NOBODY


async def test_case_50_an_attestant_with_a_conflict_of_interest_leaves_this_order_to_the_others(portal):
    case = await portal.place()
    other = await portal.place(**via_agent())

    recused = await portal.press(case, BO, Action.RECUSE, confirmed=True)

    assert (recused.state, asked(recused)) == (case.state, {CECILIA})
    with pytest.raises(errors.Recused):
        await portal.attest(recused, BO)
    at_customer = await portal.attest(await portal.approve(other, HELENA), AMIR)
    assert asked(at_customer) == {BO, CECILIA}


async def test_case_50_nor_does_a_substitute_with_that_persons_authority_decide(portal):
    await portal.substitute(BO, SARA)
    case = await portal.place()
    recused = await portal.press(case, BO, Action.RECUSE, confirmed=True)

    with pytest.raises(errors.Recused):
        await portal.attest(recused, SARA)
    assert asked(recused) == {CECILIA}


async def test_case_50_whoever_approved_for_the_agent_takes_the_approval_back_with_it(portal):
    approved = await portal.approve(await portal.place(**via_agent()), ASTA)

    back = await portal.press(approved, ASTA, Action.RECUSE, confirmed=True)
    with pytest.raises(errors.Recused):
        await portal.approve(back, ASTA)
    with pytest.raises(errors.OrderError):
        await portal.attest(approved, AMIR)
    attested = await portal.attest(await portal.approve(back, HELENA), AMIR)

    assert (back.state, asked(back)) == (State.AWAITING_AGENT_APPROVAL, {HELENA})
    assert (attested.state, attested.recused) == (State.AWAITING_CUSTOMER_ATTEST, (ASTA,))
    assert [each.person for each in attested.decisions if each.counts and each.action is Action.APPROVE] == [HELENA]


async def test_case_50_whoever_has_acted_for_the_agent_has_nothing_to_step_aside_from_at_the_customer(portal):
    await portal.give(ASTA, REGION, "attestant")
    approved = await portal.approve(await portal.place(**via_agent()), ASTA)
    at_customer = await portal.attest(approved, AMIR)

    with pytest.raises(errors.BothSides):
        await portal.press(at_customer, ASTA, Action.RECUSE, confirmed=True)


async def test_case_50_an_attest_that_was_given_in_turn_falls_when_its_turn_is_long_over(portal):
    await portal.tiers(REGION, Tier(0, sequence=(BO, CECILIA)))
    once = await portal.attest(await portal.place(), BO)

    recused = await portal.press(once, BO, Action.RECUSE, confirmed=True)
    await portal.tick()

    assert (recused.state, recused.attests) == (State.AWAITING_CUSTOMER_ATTEST, ())
    assert (await portal.now(once)).blocked == Blocked(Block.NOBODY, told=True)


async def test_case_50_when_nobody_is_left_the_administrator_hears_it(portal):
    case = await portal.place()
    await portal.press(case, BO, Action.RECUSE, confirmed=True)
    await portal.press(case, CECILIA, Action.RECUSE, confirmed=True)
    await portal.tick()

    assert (await portal.now(case)).blocked == Blocked(Block.OVER_LIMIT, told=True)
    assert await portal.told(case, "blocked") == {ADA}
    assert await portal.told(case, "customer_service") == set()
    assert KARIN not in asked(await portal.now(case))


async def test_whoever_handed_over_is_asked_again_when_nobody_else_can_be(portal):
    case = await portal.press(await portal.place(), BO, Action.HAND_OVER, to=CECILIA)
    assert [each.person for each in case.asked] == [CECILIA]

    left = await portal.press(case, CECILIA, Action.RECUSE, confirmed=True)

    assert [each.person for each in left.asked] == [BO]
    assert (await portal.attest(left, BO)).state is State.AWAITING_CUSTOMER_SERVICE
