"""Two at once, and the same twice: cases 36-38, 40, 46 and 47 of the domain's edge cases."""

import asyncio
from datetime import timedelta

import pytest

from core.api import Action, State
from core.shared import errors
from tests.edges.portal import OTHER_UNIT
from tests.support.world.seed import AMIR, ANNA, BO, CECILIA, HELENA, INERA, KALLE, KARIN, SARA

FIRST = (errors.AlreadyDecided, errors.AlreadyDecidedByYou)


async def race(*presses):
    """What each of some presses at once got."""
    return await asyncio.gather(*presses, return_exceptions=True)


async def test_case_36_of_two_attestants_at_once_the_slower_hears_who_attested(portal):
    case = await portal.place()

    answers = await race(portal.attest(case, BO), portal.attest(case, CECILIA))

    (lost,) = [each for each in answers if isinstance(each, Exception)]
    winner = BO if isinstance(answers[1], Exception) else CECILIA
    assert isinstance(lost, errors.AlreadyDecided)
    assert (lost.facts["person"], lost.facts["action"]) == (winner, Action.ATTEST)
    assert await portal.history(case) == [("submit", ANNA), ("attest", winner)]


async def test_case_37_a_rejection_that_comes_second_undoes_nothing(portal):
    case = await portal.place()

    attested, rejected = await race(portal.attest(case, BO), portal.reject(case, CECILIA))

    assert isinstance(attested, Exception) != isinstance(rejected, Exception)
    first = Action.REJECT if isinstance(attested, Exception) else Action.ATTEST
    lost = attested if isinstance(attested, Exception) else rejected
    assert isinstance(lost, errors.AlreadyDecided)
    assert lost.facts["action"] is first
    assert [action for action, _ in await portal.history(case)] == ["submit", first]


async def test_case_38_of_an_attest_and_a_withdrawal_at_once_one_counts(portal):
    case = await portal.place()

    answers = await race(portal.attest(case, BO), portal.press(case, ANNA, Action.WITHDRAW, confirmed=True))

    assert sum(isinstance(each, FIRST) for each in answers) == 1
    assert len(await portal.history(case)) == 2
    assert (await portal.now(case)).state in {State.WITHDRAWN, State.AWAITING_CUSTOMER_SERVICE}


async def test_case_40_the_same_press_again_changes_nothing_and_says_so(portal):
    case = await portal.place()
    attested = await portal.attest(case, BO)

    for _ in range(3):
        with pytest.raises(errors.AlreadyDecidedByYou):
            await portal.attest(case, BO)
    assert await portal.now(case) == attested
    assert len(await portal.history(case)) == 2


async def test_case_46_a_case_is_claimed_by_one_and_released_to_another(portal):
    attested = await portal.attest(await portal.place(), BO)

    answers = await race(*(portal.press(attested, person, Action.CLAIM) for person in (KARIN, KALLE)))

    (lost,) = [each for each in answers if isinstance(each, Exception)]
    holder, other = (KARIN, KALLE) if isinstance(answers[1], Exception) else (KALLE, KARIN)
    assert isinstance(lost, errors.AlreadyClaimed)
    assert lost.facts == {"person": holder}
    with pytest.raises(errors.AlreadyClaimed):
        await portal.press(attested, other, Action.SEND_INSTRUCTIONS, message="Gör så här")
    await portal.press(attested, holder, Action.RELEASE)
    assert (await portal.press(attested, other, Action.CLAIM)).claimed_by == other


async def test_case_46_whoever_has_a_case_keeps_it_when_its_time_runs_out_and_is_told_with_the_lead(portal):
    await portal.give(SARA, INERA, "customer_service_lead")
    claimed = await portal.press(await portal.attest(await portal.place(), BO), KARIN, Action.CLAIM)
    portal.clock.at = claimed.due_at + timedelta(minutes=1)
    await portal.tick()
    late = await portal.now(claimed)

    assert (late.claimed_by, late.is_escalated) == (KARIN, True)
    assert late.due_at > portal.clock()
    assert await portal.told(claimed, "overdue") == {SARA, KARIN}
    with pytest.raises(errors.AlreadyClaimed):
        await portal.press(claimed, KALLE, Action.CLAIM)


async def test_case_46_that_nobody_has_taken_a_case_in_time_is_told_to_the_lead_once_a_week(portal):
    await portal.give(SARA, INERA, "customer_service_lead")
    case = await portal.attest(await portal.place(), BO)
    portal.clock.at = case.due_at + timedelta(minutes=1)
    for _ in range(2):
        await portal.tick()
        portal.clock.at = (await portal.now(case)).due_at + timedelta(minutes=1)
    once = await portal.rows_of(case, "overdue")
    portal.clock.forward(days=7)
    await portal.tick()

    assert [row["person_id"] for row in once] == [SARA]
    assert [row["person_id"] for row in await portal.rows_of(case, "overdue")] == [SARA, SARA]
    assert [done for done, _ in await portal.history(case)].count("escalate") == 3


async def test_case_46_without_a_lead_the_channel_hears_that_a_case_has_waited_too_long(portal):
    case = await portal.attest(await portal.place(), BO)
    portal.clock.at = case.due_at + timedelta(minutes=1)
    await portal.tick()

    assert await portal.told(case, "overdue") == {None}


async def test_case_46_whoever_is_the_lead_and_has_the_case_is_told_once(portal):
    await portal.give(KARIN, INERA, "customer_service_lead")
    claimed = await portal.press(await portal.attest(await portal.place(), BO), KARIN, Action.CLAIM)
    portal.clock.at = claimed.due_at + timedelta(minutes=1)
    await portal.tick()

    assert [row["person_id"] for row in await portal.rows_of(claimed, "overdue")] == [KARIN]


async def test_case_05_the_time_of_a_paused_case_runs_out_for_nobody_until_it_is_resumed(portal):
    claimed = await portal.press(await portal.attest(await portal.place(), BO), KARIN, Action.CLAIM)
    held = await portal.press(claimed, KARIN, Action.HOLD, reason="Vi väntar på TAK.")
    portal.clock.forward(days=60)
    await portal.tick()
    still = await portal.now(held)
    resumed = await portal.press(held, KARIN, Action.RESUME)

    assert (held.due_at, still) == (None, held)
    assert await portal.told(held, "overdue") == set()
    assert resumed.due_at > portal.clock()


async def test_case_05_a_paused_case_that_was_due_before_pausing_stopped_its_time_is_left_alone(portal):
    claimed = await portal.press(await portal.attest(await portal.place(), BO), KARIN, Action.CLAIM)
    held = await portal.press(claimed, KARIN, Action.HOLD, reason="Vi väntar på TAK.")
    await portal.was_due(held, portal.clock())
    portal.clock.forward(days=1)
    await portal.tick()

    assert (await portal.now(held)).revision == held.revision
    assert await portal.told(held, "overdue") == set()


async def test_case_05_a_paused_case_that_is_let_go_of_stays_paused_and_its_time_still(portal):
    claimed = await portal.press(await portal.attest(await portal.place(), BO), KARIN, Action.CLAIM)
    held = await portal.press(claimed, KARIN, Action.HOLD, reason="Vi väntar på TAK.")
    released = await portal.press(held, KARIN, Action.RELEASE)

    assert released.due_at is None
    assert (await portal.press(released, KALLE, Action.CLAIM)).due_at is None


async def led(portal, *leads):
    """A case that Karin has taken, where some others lead customer service."""
    for person in leads or (HELENA,):
        await portal.give(person, INERA, "customer_service_lead")
    return await portal.press(await portal.attest(await portal.place(), BO), KARIN, Action.CLAIM)


async def test_case_46_the_lead_takes_over_what_a_colleague_has_and_the_colleague_is_told(portal):
    claimed = await led(portal)

    taken = await portal.press(claimed, HELENA, Action.TAKE_OVER)

    assert (taken.claimed_by, taken.state, taken.step) == (HELENA, claimed.state, claimed.step)
    assert taken.waiting_since == claimed.waiting_since
    assert await portal.told(taken, "taken_over") == {KARIN}
    assert (await portal.history(taken))[-1] == ("take_over", HELENA)
    with pytest.raises(errors.AlreadyClaimed):
        await portal.press(taken, KARIN, Action.SEND_INSTRUCTIONS, message="Gör så här")
    sent = await portal.press(taken, HELENA, Action.SEND_INSTRUCTIONS, message="Gör så här")
    assert sent.state is State.INSTRUCTIONS_SENT


async def test_case_46_nobody_but_the_lead_takes_over_and_nobody_what_is_free_or_the_own(portal):
    claimed = await led(portal)
    free = await portal.attest(await portal.place(units=(OTHER_UNIT,)), BO)

    for case, person, refusal in (
        (claimed, KALLE, errors.AlreadyClaimed),
        (claimed, BO, errors.NoRole),
        (claimed, KARIN, errors.AlreadyYours),
        (free, HELENA, errors.NotClaimed),
    ):
        with pytest.raises(refusal):
            await portal.press(case, person, Action.TAKE_OVER)
    taken = await portal.press(claimed, HELENA, Action.TAKE_OVER)
    for again in (Action.TAKE_OVER, Action.CLAIM):
        with pytest.raises(errors.AlreadyYours):
            await portal.press(taken, HELENA, again)
    assert (await portal.now(claimed)).claimed_by == HELENA


async def test_case_46_whoever_leads_and_serves_as_well_takes_over_by_either_role(portal):
    claimed = await led(portal, KALLE)

    assert (await portal.press(claimed, KALLE, Action.TAKE_OVER)).claimed_by == KALLE


async def test_case_32_a_lead_with_a_part_in_the_order_does_not_take_it_over(portal):
    claimed = await led(portal, ANNA)

    with pytest.raises(errors.Involved):
        await portal.press(claimed, ANNA, Action.TAKE_OVER)


async def test_case_05_what_is_taken_over_while_it_is_paused_stays_paused_and_its_time_still(portal):
    held = await portal.press(await led(portal), KARIN, Action.HOLD, reason="Vi väntar på TAK.")

    taken = await portal.press(held, HELENA, Action.TAKE_OVER)

    assert (taken.hold, taken.due_at) == ("Vi väntar på TAK.", None)
    assert not (await portal.press(taken, HELENA, Action.RESUME)).hold


async def test_case_46_of_two_leads_at_once_one_has_the_case_and_the_other_hears_who(portal):
    claimed = await led(portal, HELENA, AMIR)

    answers = await race(*(portal.press(claimed, person, Action.TAKE_OVER) for person in (HELENA, AMIR)))

    (lost,) = [each for each in answers if isinstance(each, Exception)]
    winner = HELENA if isinstance(answers[1], Exception) else AMIR
    assert (type(lost), lost.facts) == (errors.AlreadyClaimed, {"person": winner})
    assert (await portal.now(claimed)).claimed_by == winner
    assert await portal.told(claimed, "taken_over") == {KARIN}


async def test_case_46_a_lead_who_sees_the_other_lead_have_it_takes_it_over_from_her(portal):
    taken = await portal.press(await led(portal, HELENA, AMIR), HELENA, Action.TAKE_OVER)

    assert (await portal.press(taken, AMIR, Action.TAKE_OVER)).claimed_by == AMIR
    assert await portal.told(taken, "taken_over") == {KARIN, HELENA}


async def test_case_46_of_the_lead_and_whoever_has_it_at_once_one_counts_and_the_other_hears(portal):
    claimed = await led(portal)

    sent, taken = await race(
        portal.press(claimed, KARIN, Action.SEND_INSTRUCTIONS, message="Gör så här"),
        portal.press(claimed, HELENA, Action.TAKE_OVER),
    )

    assert isinstance(sent, errors.AlreadyClaimed) != isinstance(taken, errors.AlreadyDecided)
    assert len(await portal.history(claimed)) == 4


@pytest.mark.parametrize("action", [Action.CLAIM, Action.RELEASE])
async def test_case_46_what_has_run_out_begins_anew_when_somebody_takes_the_case_or_leaves_it(portal, action):
    case = await portal.attest(await portal.place(), BO)
    if action is Action.RELEASE:
        case = await portal.press(case, KARIN, Action.CLAIM)
    portal.clock.at = case.due_at + timedelta(minutes=1)
    await portal.tick()

    assert (await portal.now(case)).is_escalated
    assert not (await portal.press(case, KARIN, action)).is_escalated


@pytest.mark.parametrize("action", [Action.CLAIM, Action.RELEASE])
async def test_case_46_who_takes_a_case_late_has_it_as_long_as_who_takes_it_at_once(portal, action):
    attested = await portal.attest(await portal.place(), BO)
    portal.clock.at = attested.due_at - timedelta(minutes=1)
    claimed = await portal.press(attested, KARIN, Action.CLAIM)
    latest = claimed if action is Action.CLAIM else await portal.press(claimed, KARIN, Action.RELEASE)

    portal.clock.at = attested.due_at + timedelta(minutes=1)
    await portal.tick()

    assert latest.due_at > attested.due_at
    assert await portal.now(attested) == latest


async def test_case_46_who_takes_over_what_is_late_has_time_of_her_own_and_what_told_of_it_says_who(portal):
    claimed = await led(portal)
    portal.clock.at = claimed.due_at + timedelta(minutes=1)
    await portal.tick()

    taken = await portal.press(await portal.now(claimed), HELENA, Action.TAKE_OVER)
    shown = await portal.shows(taken)

    assert not taken.is_escalated
    assert taken.due_at > portal.clock()
    assert shown["overdue", HELENA] == shown["overdue", KARIN] == taken.revision


async def test_case_47_instructions_are_sent_again_to_another_recipient_and_nothing_else_changes(portal):
    claimed = await portal.press(await portal.attest(await portal.place(), BO), KARIN, Action.CLAIM)
    sent = await portal.press(claimed, KARIN, Action.SEND_INSTRUCTIONS, message="Gör så här")

    again = await portal.press(sent, KALLE, Action.SEND_AGAIN, message="Gör så här", to=CECILIA)

    assert (again.state, again.step, again.closed_at) == (State.INSTRUCTIONS_SENT, sent.step, sent.closed_at)
    assert await portal.told(sent, "instructions") == {ANNA, CECILIA}
    assert (await portal.history(sent))[-1] == ("send_again", KALLE)


async def test_case_47_instructions_go_to_people_of_the_customer_only(portal):
    claimed = await portal.press(await portal.attest(await portal.place(), BO), KARIN, Action.CLAIM)

    with pytest.raises(errors.RecipientNotEligible):
        await portal.press(claimed, KARIN, Action.SEND_INSTRUCTIONS, message="Gör så här", to=HELENA)
