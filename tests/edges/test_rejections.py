"""Somebody says no, or cannot go on: cases 1-5 and 26 of the domain's edge cases."""

import pytest

from core.api import Action, ReasonCode, Side, State
from core.shared import errors
from tests.edges.portal import via_agent
from tests.support.world.seed import AMIR, ANNA, BO, HELENA, KARIN

INTERNAL = "Fråga ekonomi innan nästa gång"


async def test_case_01_a_rejected_direct_order_is_told_with_its_reason_and_never_reaches_customer_service(portal):
    case = await portal.place()
    with pytest.raises(errors.ReasonRequired):
        await portal.press(case, BO, Action.REJECT)

    rejected = await portal.reject(case, BO)

    assert (rejected.state, rejected.due_at) == (State.REJECTED, None)
    assert await portal.told(case, "outcome") == {ANNA}
    assert (await portal.view(case, Side.CUSTOMER)).last.reason == "Ryms inte i budgeten"
    assert await portal.told(case, "customer_service") == set()


@pytest.mark.parametrize(("text", "most"), [("reason", 2_000), ("internal", 2_000), ("message", 2_900)])
async def test_a_text_that_is_longer_than_its_field_is_refused_whatever_way_it_comes(portal, text, most):
    case = await portal.place()
    said = {"reason_code": ReasonCode.OTHER, "reason": "Nej"}

    with pytest.raises(errors.FormError) as told:
        await portal.press(case, BO, Action.REJECT, **said | {text: "x" * (most + 1)})
    rejected = await portal.press(case, BO, Action.REJECT, **said | {text: "x" * most})

    assert told.value.facts["fields"] == {text: "too_long"}
    assert rejected.state is State.REJECTED


@pytest.mark.parametrize("wrong", [{"comment": "x" * 501}, {"comment": "Gäller 811218-9876"}])
async def test_a_comment_is_short_and_holds_no_personnummer(portal, wrong):
    case = await portal.place()

    with pytest.raises((errors.FormError, errors.PersonalNumber)) as told:
        await portal.press(case, BO, Action.ATTEST, confirmed=True, **wrong)

    assert told.value.facts in ({"fields": {"comment": "too_long"}}, {"field": "comment"})
    assert (await portal.now(case)).state is State.AWAITING_CUSTOMER_ATTEST


async def test_nothing_is_added_to_what_takes_no_comment(portal):
    case = await portal.place()

    with pytest.raises(errors.FormError) as told:
        await portal.press(case, BO, Action.REJECT, reason="Nej", comment="Gärna i maj")

    assert told.value.facts["fields"] == {"comment": "not_asked"}


async def test_what_is_added_to_an_approval_is_for_both_sides_and_to_an_attest_for_the_own_one(portal):
    case = await portal.place(**via_agent())
    case = await portal.press(case, HELENA, Action.APPROVE, certified=True, comment="Börjar tidigast i maj")
    case = await portal.press(case, AMIR, Action.ATTEST, confirmed=True, comment="Konto 4010")
    case = await portal.press(case, BO, Action.ATTEST, confirmed=True, comment="Konto 7777")

    seen = {side: [each.comment for each in (await portal.view(case, side)).steps if each.comment] for side in Side}

    assert seen == {
        Side.CUSTOMER: ["Börjar tidigast i maj", "Konto 7777"],
        Side.AGENT: ["Börjar tidigast i maj", "Konto 4010"],
        Side.INERA: ["Börjar tidigast i maj", "Konto 4010", "Konto 7777"],
    }


async def test_case_02_an_order_that_the_agents_handler_rejects_never_disturbs_the_customers_attestant(portal):
    case = await portal.place(**via_agent())

    rejected = await portal.reject(case, HELENA)

    assert rejected.state is State.REJECTED
    assert await portal.told(case, "outcome") == {ANNA}
    assert await portal.told(case, "customer_attest") == set()


async def test_case_03_the_agents_attestant_rejects_with_one_reason_for_all_and_one_for_the_own_side(portal):
    case = await portal.place(**via_agent())
    approved = await portal.approve(case, HELENA)

    rejected = await portal.reject(approved, AMIR, "Kunden använder inte vårt system", internal=INTERNAL)

    assert rejected.state is State.REJECTED
    assert await portal.told(case, "outcome") == {ANNA, HELENA}
    customer, agent = await portal.view(case, Side.CUSTOMER), await portal.view(case, Side.AGENT)
    assert (customer.last.reason, customer.last.internal) == ("Kunden använder inte vårt system", "")
    assert (agent.last.reason, agent.last.internal) == ("Kunden använder inte vårt system", INTERNAL)
    assert await portal.told(case, "customer_attest") == set()


async def test_case_04_when_the_customer_rejects_last_both_of_the_agents_people_hear_it(portal):
    case = await portal.place(**via_agent())
    attested = await portal.attest(await portal.approve(case, HELENA), AMIR)

    rejected = await portal.reject(attested, BO)

    assert rejected.state is State.REJECTED
    assert await portal.told(case, "outcome") == {ANNA, HELENA, AMIR}


async def test_case_05_customer_service_pauses_an_order_it_cannot_go_on_with_and_goes_on(portal):
    attested = await portal.attest(await portal.place(), BO)
    claimed = await portal.press(attested, KARIN, Action.CLAIM)

    held = await portal.press(claimed, KARIN, Action.HOLD, reason="Vi väntar på ett besked")
    with pytest.raises(errors.OnHold):
        await portal.press(held, KARIN, Action.SEND_INSTRUCTIONS, message="Gör så här")
    resumed = await portal.press(held, KARIN, Action.RESUME)
    sent = await portal.press(resumed, KARIN, Action.SEND_INSTRUCTIONS, message="Gör så här")

    assert (held.state, held.hold, resumed.hold) == (State.AWAITING_CUSTOMER_SERVICE, "Vi väntar på ett besked", "")
    assert sent.state is State.INSTRUCTIONS_SENT


async def test_case_05_customer_service_asks_the_orderer_and_gets_the_order_back(portal):
    attested = await portal.attest(await portal.place(), BO)
    claimed = await portal.press(attested, KARIN, Action.CLAIM)

    question = await portal.ask(claimed, KARIN)
    answered = await portal.answer(question, ANNA)

    assert (question.state, answered.state) == (State.COMPLETION_REQUESTED, State.AWAITING_CUSTOMER_SERVICE)
    assert await portal.told(attested, "completion") == {ANNA}
    assert answered.claimed_by == KARIN


async def test_case_05_customer_service_cancels_with_a_reason_as_a_last_resort(portal):
    case = await portal.place(**via_agent())
    attested = await portal.attest(await portal.attest(await portal.approve(case, HELENA), AMIR), BO)
    claimed = await portal.press(attested, KARIN, Action.CLAIM)
    with pytest.raises(errors.ReasonRequired):
        await portal.press(claimed, KARIN, Action.CANCEL)

    cancelled = await portal.press(claimed, KARIN, Action.CANCEL, reason="Tjänsten kan inte levereras dit")

    assert (cancelled.state, cancelled.due_at) == (State.CANCELLED, None)
    assert await portal.told(case, "outcome") == {ANNA, BO, HELENA, AMIR}


async def test_case_26_an_agent_that_does_not_know_the_customer_says_so_and_a_new_order_goes_elsewhere(portal):
    case = await portal.place(**via_agent())

    rejected = await portal.reject(case, HELENA, reason_code=ReasonCode.NOT_OUR_CUSTOMER)
    again = await portal.place(**via_agent())

    assert rejected.decisions[-1].reason_code is ReasonCode.NOT_OUR_CUSTOMER
    assert (await portal.view(case, Side.CUSTOMER)).last.reason_code is ReasonCode.NOT_OUR_CUSTOMER
    assert again.id != case.id
    with pytest.raises(errors.CaseClosed):
        await portal.approve(await portal.now(case), HELENA)
