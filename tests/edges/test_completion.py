"""Questions, answers, changes and second thoughts: cases 8-10, 28 and 39 of the domain's edge cases."""

from datetime import date, timedelta

import pytest

from core.api import Action, Side, State
from core.shared import errors
from tests.edges.portal import OTHER_UNIT, UNIT, via_agent
from tests.support.world.seed import ADA, AMIR, ANNA, ASTA, BO, CECILIA, HELENA, KARIN, REGION


async def attested_by_agent(portal):
    case = await portal.place(**via_agent())
    return await portal.attest(await portal.approve(case, HELENA), AMIR)


async def test_case_08_a_question_answered_in_words_goes_back_to_whoever_asked(portal):
    case = await attested_by_agent(portal)

    question = await portal.ask(case, BO, "Varför två enheter?")
    answered = await portal.answer(question, ANNA, "Det är bara en.")

    assert (question.state, answered.state) == (State.COMPLETION_REQUESTED, State.AWAITING_CUSTOMER_ATTEST)
    assert (answered.content_version, answered.returns_to) == (case.content_version, None)
    assert {each.person for each in answered.asked} == {BO, CECILIA}
    assert (await portal.view(case, Side.CUSTOMER)).last.message == "Det är bara en."


@pytest.mark.parametrize(
    "changes",
    [
        {"units": (UNIT, OTHER_UNIT)},
        {"units": (OTHER_UNIT,)},
        {"invoice_ref": "REF-2"},
        {"desired_start": date(2026, 12, 24)},
    ],
)
async def test_case_08_a_changed_order_begins_anew_and_no_earlier_decision_counts(portal, changes):
    question = await portal.ask(await attested_by_agent(portal), BO)

    answered = await portal.answer(question, ANNA, **changes)

    assert (answered.state, answered.content_version) == (State.AWAITING_AGENT_APPROVAL, 2)
    assert [each.action for each in answered.decisions if each.counts] == [Action.SUBMIT, Action.ANSWER]
    assert {each.person for each in answered.asked} == {HELENA, ASTA}
    assert answered.order.costs != question.order.costs or "units" not in changes or len(changes["units"]) == 1


async def test_case_08_a_changed_comment_or_contact_goes_back_to_whoever_asked_with_the_same_version(portal):
    question = await portal.ask(await attested_by_agent(portal), BO)

    answered = await portal.answer(question, ANNA, comment="Ring först", technical_contact="drift@example.org")

    assert (answered.state, answered.content_version) == (State.AWAITING_CUSTOMER_ATTEST, 1)
    assert (answered.order.comment, answered.order.technical_contact) == ("Ring först", "drift@example.org")


async def test_case_08_a_change_is_held_against_everything_that_a_new_order_is(portal):
    other = await portal.place(**via_agent(units=(OTHER_UNIT,)))
    question = await portal.ask(await portal.place(**via_agent()), HELENA)

    with pytest.raises(errors.DuplicateOrder) as told:
        await portal.answer(question, ANNA, units=(UNIT, OTHER_UNIT))
    with pytest.raises(errors.FormError):
        await portal.answer(question, ANNA, invoice_ref="")
    assert told.value.facts["case"] == other.id
    assert (await portal.now(question)).state is State.COMPLETION_REQUESTED


async def test_case_08_the_clock_of_a_step_stands_still_while_the_orderer_has_the_ball(portal):
    case = await portal.place()
    portal.clock.forward(days=20)
    question = await portal.ask(case, BO)
    portal.clock.forward(days=20)
    await portal.tick()
    answered = await portal.answer(await portal.now(question), ANNA)

    assert question.due_at > case.due_at
    assert answered.state is State.AWAITING_CUSTOMER_ATTEST
    assert answered.wait.closes - portal.clock() > timedelta(days=30)


async def test_case_08_after_five_rounds_a_new_order_is_the_shorter_way(portal):
    case = await portal.place()
    for _ in range(5):
        case = await portal.answer(await portal.ask(case, BO), ANNA)

    with pytest.raises(errors.TooManyRounds):
        await portal.ask(case, BO)
    assert (await portal.attest(case, BO)).state is State.AWAITING_CUSTOMER_SERVICE


async def test_case_08_the_agents_attestant_sends_back_to_the_agents_orderer_and_the_customer_sees_no_question(portal):
    case = await portal.approve(await portal.place(**via_agent()), HELENA, AMIR)

    back = await portal.press(case, AMIR, Action.SEND_BACK, message="Saknas det inte ett avtal?")

    assert (back.state, back.chosen_attestant) == (State.AWAITING_AGENT_APPROVAL, None)
    assert (await portal.view(case, Side.AGENT)).question.message == "Saknas det inte ett avtal?"
    customer = await portal.view(case, Side.CUSTOMER)
    assert {step.message for step in customer.steps} == {""}
    assert (await portal.approve(back, ASTA)).state is State.AWAITING_AGENT_ATTEST


async def test_case_09_an_order_is_withdrawn_from_every_step_before_the_last_attest(portal):
    steps = [await portal.place(**via_agent())]
    await portal.press(steps[0], ANNA, Action.WITHDRAW, confirmed=True)
    approved = await portal.approve(await portal.place(**via_agent()), HELENA)
    await portal.press(approved, ANNA, Action.WITHDRAW, confirmed=True)
    attested = await attested_by_agent(portal)
    await portal.press(attested, ANNA, Action.WITHDRAW, confirmed=True)
    question = await portal.ask(await portal.place(**via_agent()), HELENA)
    await portal.press(question, ANNA, Action.WITHDRAW, confirmed=True)

    for case in (steps[0], approved, attested, question):
        assert (await portal.now(case)).state is State.WITHDRAWN


async def test_case_09_all_who_were_asked_see_that_the_order_is_withdrawn_and_the_agent_is_told(portal):
    case = await attested_by_agent(portal)

    withdrawn = await portal.press(case, ANNA, Action.WITHDRAW, confirmed=True)

    shows = await portal.shows(case)
    assert {shows["customer_attest", BO], shows["customer_attest", CECILIA]} == {withdrawn.revision}
    assert await portal.told(case, "outcome") == {HELENA, AMIR}


async def test_case_10_after_the_last_attest_no_button_withdraws(portal):
    case = await portal.place()
    attested = await portal.attest(case, BO)

    with pytest.raises(errors.AlreadyDecided) as told:
        await portal.press(case, ANNA, Action.WITHDRAW, confirmed=True)
    question = await portal.ask(await portal.press(attested, KARIN, Action.CLAIM), KARIN)
    with pytest.raises(errors.ActionNotPossible):
        await portal.press(question, ANNA, Action.WITHDRAW, confirmed=True)
    assert told.value.facts["wanted"] is Action.WITHDRAW
    assert (await portal.now(case)).state is State.COMPLETION_REQUESTED


async def test_case_28_when_the_orderer_has_left_another_orderer_gets_the_question_and_answers(portal):
    case = await portal.place()
    await portal.leave(ANNA)

    question = await portal.ask(case, BO)
    answered = await portal.answer(question, CECILIA)

    assert await portal.told(case, "completion") == {CECILIA}
    assert answered.state is State.AWAITING_CUSTOMER_ATTEST
    with pytest.raises(errors.OwnOrder):
        await portal.attest(answered, CECILIA)
    assert (await portal.attest(answered, BO)).state is State.AWAITING_CUSTOMER_SERVICE


async def test_case_28_when_the_orderer_leaves_with_the_question_it_goes_on_to_somebody_else(portal):
    question = await portal.ask(await portal.place(), BO)
    await portal.take(CECILIA, REGION, "orderer")
    await portal.leave(ANNA)

    await portal.tick()

    assert await portal.told(question, "completion") == {ANNA, ADA}
    await portal.give(CECILIA, REGION, "orderer")
    assert (await portal.answer(await portal.now(question), CECILIA)).state is State.AWAITING_CUSTOMER_ATTEST


async def test_case_50_whoever_has_declared_jav_stands_in_for_no_orderer_who_has_left(portal):
    await portal.give(BO, REGION, "orderer")
    case = await portal.press(await portal.place(), CECILIA, Action.RECUSE, confirmed=True)
    question = await portal.ask(case, BO)
    await portal.leave(ANNA)
    await portal.tick()

    question = await portal.now(question)
    assert {each.person for each in question.asked} == {BO}
    for action, answers in ((Action.WITHDRAW, {"confirmed": True}), (Action.ANSWER, {"message": "Den i norr."})):
        with pytest.raises(errors.Recused):
            await portal.press(question, CECILIA, action, **answers)
    assert await portal.now(question) == question


async def test_case_28_while_the_orderer_is_there_no_other_orderer_answers(portal):
    question = await portal.ask(await portal.place(), BO)

    with pytest.raises(errors.NotYourOrder):
        await portal.answer(question, CECILIA)


async def test_case_39_an_old_card_of_a_changed_order_is_refused_and_the_new_one_is_there(portal):
    case = await portal.place()
    question = await portal.ask(case, BO)
    changed = await portal.answer(question, ANNA, invoice_ref="REF-2")

    with pytest.raises(errors.OrderChanged):
        await portal.attest(case, CECILIA)
    assert (await portal.shows(case))["customer_attest", CECILIA] == changed.revision
    assert (await portal.attest(changed, CECILIA)).state is State.AWAITING_CUSTOMER_SERVICE


async def test_case_39_what_an_agent_has_seen_is_not_kept_up_to_date_once_the_order_is_anothers(portal):
    other = await portal.another_agent()
    question = await portal.ask(await portal.place(**via_agent()), HELENA)

    changed = await portal.answer(question, ANNA, agent=other)

    assert (changed.agent, changed.content_version) == (other, 2)
    assert changed.is_left_by(changed.decisions[-2].part, 1)
    with pytest.raises(errors.NoRole):
        await portal.approve(changed, HELENA)
