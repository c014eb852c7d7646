"""Two at once, and the same twice: cases 36-38, 40, 46 and 47 of the domain's edge cases."""

import asyncio
from datetime import timedelta

import pytest

from core.api import Action, State
from core.shared import errors
from tests.support.world.seed import ANNA, BO, CECILIA, HELENA, INERA, KALLE, KARIN, SARA

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
