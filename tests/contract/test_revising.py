"""An answer may change an order, and what a customer has already is not ordered again: alike on every store."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from core.api import Action, Asking, Revision, State, TechnicalContact, Unit
from core.ports.cases import CaseQuery
from core.shared import errors
from tests.contract.worlds import ASKEN, EKEN, press, via_agent, wish
from tests.support.world import seed
from tests.support.world.seed import (
    AGENT,
    AMIR,
    ANNA,
    BO,
    CLINIC,
    DAVID,
    HELENA,
    KARIN,
    NPO_AGENT,
    NPO_KONSUMENT,
    SARA,
    SITHS,
)

# --- an answer that changes the order


def changed(**changes):
    given = {"units": (EKEN,), "invoice_ref": "REF-1", "agent": AGENT, "technical_contact": "it@example.org"}
    return Revision(**given | changes)


async def asked_about(orders, **wished):
    """Anna's order via the agent, to be completed before the agent approves it."""
    return await ask_again(orders, await orders.place(via_agent(**wished)))


async def ask_again(orders, case):
    return (await orders.act(press(case, HELENA, Action.REQUEST_COMPLETION, message="Vilken enhet?"))).after


async def answer(orders, case, **answers):
    return (await orders.act(press(case, ANNA, Action.ANSWER, **answers))).after


async def test_an_answer_in_words_resumes_where_it_was_asked(orders):
    case = await answer(orders, await asked_about(orders), message="Eken.")

    assert (case.state, case.content_version, case.rounds) == (State.AWAITING_AGENT_APPROVAL, 1, 1)


async def test_an_answer_that_changes_the_units_frees_the_old_ones_and_takes_the_new(orders):
    case = await answer(orders, await asked_about(orders), revision=changed(units=(ASKEN,)))

    assert (case.state, case.content_version, case.order.units) == (State.AWAITING_AGENT_APPROVAL, 2, (ASKEN,))
    assert await orders.place(via_agent(key="V2"))
    with pytest.raises(errors.DuplicateOrder) as told:
        await orders.place(via_agent(key="V3", units=(ASKEN,)))
    assert told.value.facts["case"] == case.id


async def test_an_answer_is_stored_as_it_was_given(orders, world):
    case = await answer(orders, await asked_about(orders), revision=changed(units=(EKEN, ASKEN), comment="Båda."))

    assert (await world.store.look(CaseQuery(case.id, Asking(ANNA), seed.NOW))).case == case


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (TechnicalContact("it@example.org"), "it@example.org"),
        (TechnicalContact("It", "it@example.org"), TechnicalContact("It", "it@example.org")),
    ],
)
@pytest.mark.parametrize("invoice_ref", ["REF-1", "REF-2"])
async def test_whom_to_ask_written_in_one_text_stays_until_it_is_stated_in_parts(orders, given, kept, invoice_ref):
    revision = changed(technical_contact=given, invoice_ref=invoice_ref, comment="Ring först.")

    case = await answer(orders, await asked_about(orders), revision=revision)

    assert case.order.technical_contact == kept


async def test_an_agent_that_is_named_for_information_has_no_part_in_a_changed_order_either(orders):
    case = await orders.place(wish(offer=NPO_KONSUMENT, agent=AGENT, units=(EKEN,)))
    asked = (await orders.act(press(case, BO, Action.REQUEST_COMPLETION, message="Vilken enhet?"))).after

    changed_order = await answer(orders, asked, revision=changed(units=(ASKEN,)))

    assert (changed_order.order.units, changed_order.order.named_agent, changed_order.agent) == ((ASKEN,), AGENT, None)


async def test_an_answer_may_not_take_a_unit_that_another_open_order_has(orders):
    other = await orders.place(via_agent(key="V2", units=(ASKEN,)))
    case = await asked_about(orders)

    with pytest.raises(errors.DuplicateOrder) as told:
        await answer(orders, case, revision=changed(units=(EKEN, ASKEN)))
    assert told.value.facts["case"] == other.id


async def test_of_eight_answers_at_once_one_takes_the_unit(orders):
    cases = [await asked_about(orders, key=f"V{n}", units=(Unit(f"Enhet {n}"),)) for n in range(8)]
    # The first round opens connections and prepares statements: whoever waits for those is not at once.
    others = await answers_at_once(orders, cases, [Unit(f"Annan {n}") for n in range(8)])
    again = [await ask_again(orders, case) for case in others]

    answers = await answers_at_once(orders, again, [ASKEN] * 8)

    assert sum(not isinstance(each, Exception) for each in answers) == 1
    assert sum(isinstance(each, errors.DuplicateOrder) for each in answers) == 7


async def answers_at_once(orders, cases, units):
    wanted = (answer(orders, case, revision=changed(units=(unit,))) for case, unit in zip(cases, units, strict=True))
    return await asyncio.gather(*wanted, return_exceptions=True)


async def test_an_order_is_no_duplicate_of_itself(orders):
    case = await answer(orders, await asked_about(orders), revision=changed(invoice_ref="REF-2"))

    assert (case.order.invoice_ref, case.content_version) == ("REF-2", 2)


async def test_an_answer_through_another_agent_asks_that_agents_people(orders, world):
    await world.another_agent()

    case = await answer(orders, await asked_about(orders), revision=changed(agent=CLINIC))

    assert (case.agent, [each.person for each in case.asked]) == (CLINIC, [DAVID])


async def test_an_answer_through_an_agent_without_an_agreement_is_refused(orders):
    case = await asked_about(orders)

    with pytest.raises(errors.AgentHasNoAgreement):
        await answer(orders, case, revision=changed(agent=CLINIC))


async def test_an_offer_that_is_no_longer_in_the_form_is_still_answered_about(orders, world):
    case = await asked_about(orders)
    await world.take_out(NPO_AGENT)

    assert await answer(orders, case, revision=changed(units=(ASKEN,)))
    with pytest.raises(errors.FormError):
        await orders.place(via_agent(key="V2"))


async def test_a_stranger_does_not_answer(orders):
    case = await asked_about(orders)

    with pytest.raises(errors.NoRole):
        await orders.act(press(case, KARIN, Action.ANSWER, revision=changed(units=(ASKEN,))))


# --- what a customer has already


async def carried_out(orders, handler=HELENA, attestant=AMIR, **wished):
    """An order via the agent that has come to its end."""
    case = await orders.place(via_agent(**wished))
    for person, action, answers in (
        (handler, Action.APPROVE, {"certified": True}),
        (attestant, Action.ATTEST, {"confirmed": True}),
        (BO, Action.ATTEST, {"confirmed": True}),
        (KARIN, Action.CLAIM, {}),
        (KARIN, Action.INFORM_AGENT, {"message": "Ni kan börja"}),
    ):
        case = (await orders.act(press(case, person, action, **answers))).after
    return case


async def test_a_unit_that_has_the_service_is_not_connected_again(orders):
    await carried_out(orders)

    with pytest.raises(errors.AlreadyConnected) as told:
        await orders.place(via_agent(key="V2", units=(ASKEN, EKEN)))
    assert told.value.facts["unit"] == EKEN.name
    assert await orders.place(via_agent(key="V3", units=(ASKEN,)))


async def test_a_unit_changes_agent_once_that_is_confirmed(orders, world):
    await world.another_agent()
    await carried_out(orders)

    with pytest.raises(errors.ChangeOfAgent) as told:
        await orders.place(via_agent(key="V2", agent=CLINIC))
    changed = await orders.place(via_agent(key="V3", agent=CLINIC, change_of_agent=True))

    assert told.value.facts["agent"] == AGENT
    assert changed.order.replaces_agent == AGENT


async def test_confirming_a_change_of_agent_connects_no_unit_again(orders, world):
    await world.another_agent()
    await carried_out(orders, units=(EKEN,))
    await carried_out(orders, DAVID, SARA, key="V2", units=(ASKEN,), agent=CLINIC)

    with pytest.raises(errors.AlreadyConnected) as told:
        await orders.place(via_agent(key="V3", units=(EKEN, ASKEN), agent=CLINIC, change_of_agent=True))
    assert told.value.facts["unit"] == ASKEN.name


async def test_a_unit_is_connected_through_its_latest_agent(orders, world):
    await world.another_agent()
    tomorrow = replace(orders, engine=replace(orders.engine, now=lambda: seed.NOW + timedelta(days=1)))
    await carried_out(orders)
    await carried_out(tomorrow, DAVID, SARA, key="V2", agent=CLINIC, change_of_agent=True)

    with pytest.raises(errors.ChangeOfAgent) as told:
        await tomorrow.place(via_agent(key="V3"))
    assert told.value.facts["agent"] == CLINIC


async def test_an_offer_for_sole_traders_is_refused_to_others(orders, world):
    await world.for_sole_traders(SITHS)

    with pytest.raises(errors.NotSoleTrader):
        await orders.place(wish())
