"""What may be ordered at all: cases 14, 17, 19-25, 33, 51 and 52 of the domain's edge cases."""

import asyncio

import pytest
from sqlalchemy import select

from core.api import Action, AgreementType, Asking, CustomerCategory, Side, State, told_by
from core.shared import errors
from core.storage import tables
from tests.edges.portal import OTHER_UNIT, UNIT, via_agent
from tests.support.world.seed import (
    ADA,
    AGENT,
    AMIR,
    ANNA,
    ASTA,
    BO,
    CECILIA,
    CLINIC,
    DAVID,
    ERIK,
    HELENA,
    KALLE,
    KARIN,
    NPO_AGENT,
    NPO_KONSUMENT,
    REGION,
    SITHS,
)


async def connected(portal, **changes):
    """An order for the unit that has gone all the way."""
    case = await portal.place(**via_agent(**changes))
    attested = await portal.attest(await portal.attest(await portal.approve(case, ASTA, AMIR), AMIR), BO)
    claimed = await portal.press(attested, KARIN, Action.CLAIM)
    return await portal.press(claimed, KARIN, Action.INFORM_AGENT, message="Ni kan börja")


async def lacking(portal):
    """What has been told about organisations that are not ready: what lacks, where, and to whom."""
    query = select(tables.cards).where(tables.cards.c.kind == "not_ready")
    cards = await portal.database.read(lambda connection: connection.execute(query).all())
    return sorted(((*told_by(card.about), card.person_id) for card in cards), key=str)


async def test_case_14_without_an_attestant_nothing_is_ordered(portal):
    for person in (BO, CECILIA, ERIK):
        await portal.take(person, REGION, "attestant")

    with pytest.raises(errors.NoAttestant) as told:
        await portal.place()
    assert told.value.facts == {"organisation": REGION}


async def test_case_14_nor_where_the_orderer_is_the_only_attestant(portal):
    with pytest.raises(errors.NoAttestant):
        await portal.place(DAVID, customer=CLINIC)


async def test_case_14_the_administrators_are_told_once_and_not_at_every_try(portal):
    for person in (BO, CECILIA, ERIK):
        await portal.take(person, REGION, "attestant")

    for _ in range(3):
        with pytest.raises(errors.NoAttestant):
            await portal.place()
    await portal.give(KALLE, REGION, "administrator")
    with pytest.raises(errors.NoAttestant):
        await portal.place()

    assert await lacking(portal) == [("no_attestant", REGION, ADA), ("no_attestant", REGION, KALLE)]


async def test_case_14_two_tries_at_once_are_told_of_once(portal):
    for person in (BO, CECILIA, ERIK):
        await portal.take(person, REGION, "attestant")

    await asyncio.gather(*(portal.place() for _ in range(5)), return_exceptions=True)

    assert await lacking(portal) == [("no_attestant", REGION, ADA)]


async def test_case_14_what_still_lacks_a_week_later_is_told_again(portal):
    with pytest.raises(errors.NoAttestant):
        await portal.place(DAVID, customer=CLINIC)
    portal.clock.forward(days=7)
    with pytest.raises(errors.NoAttestant):
        await portal.place(DAVID, customer=CLINIC)

    # The clinic has no administrator, so customer service's channel hears of it.
    assert await lacking(portal) == [("no_attestant", CLINIC, None)] * 2


async def test_case_14_an_amount_over_every_limit_is_said_to_be_so_and_told_as_that(portal):
    for person in (BO, CECILIA):
        await portal.take(person, REGION, "attestant")

    with pytest.raises(errors.OverEveryLimit) as told:
        await portal.place()

    assert told.value.facts == {"organisation": REGION, "amount_ore": 150_000}
    assert await lacking(portal) == [("over_every_limit", REGION, ADA)]


async def test_case_14_an_answer_that_raises_the_amount_over_every_limit_is_refused_as_that(portal):
    case = await portal.place(offer=NPO_KONSUMENT, units=(UNIT,))
    question = await portal.ask(case, BO)
    await portal.take(CECILIA, REGION, "attestant")
    await portal.give(BO, REGION, "attestant", attest_limit_ore=300_000)

    with pytest.raises(errors.OverEveryLimit):
        await portal.answer(question, ANNA, units=(UNIT, OTHER_UNIT))

    assert await lacking(portal) == [("over_every_limit", REGION, ADA)]


async def test_who_else_must_mend_a_refused_order_is_not_told(portal):
    await portal.end_agreement(REGION)

    with pytest.raises(errors.NoAgreement):
        await portal.place()
    with pytest.raises(errors.FormError):
        await portal.place(invoice_ref="")

    assert await lacking(portal) == []


async def test_case_17_an_agent_without_agreement_or_assignment_is_neither_offered_nor_accepted(portal):
    at = portal.clock()
    offered = await portal.queries.agents_for(Asking(KARIN), NPO_AGENT, REGION, at, "", 10)
    await portal.end_assignment(AGENT)
    with pytest.raises(errors.AgentNotAllowed) as told:
        await portal.place(**via_agent())
    without_assignment = await portal.queries.agents_for(Asking(KARIN), NPO_AGENT, REGION, at, "", 10)
    await portal.end_agreement(AGENT, AgreementType.AGENTAVTAL)
    with pytest.raises(errors.AgentHasNoAgreement):
        await portal.place(**via_agent())

    assert ([each[0] for each in offered], without_assignment) == ([AGENT], [])
    assert told.value.facts == {"agent": AGENT, "service": "npo"}


@pytest.mark.parametrize(
    ("role", "people"), [("agent_handler", (HELENA, ASTA)), ("attestant", (AMIR, ASTA)), ("attestant", (AMIR,))]
)
async def test_case_19_an_agent_without_a_handler_or_another_attestant_gets_no_order(portal, role, people):
    if len(people) == 1:
        await portal.take(HELENA, AGENT, "agent_handler")
    for person in people:
        await portal.take(person, AGENT, role)

    with pytest.raises(errors.AgentNotStaffed) as told:
        await portal.place(**via_agent())
    assert told.value.facts == {"agent": AGENT}
    # The agent has no administrator; the customer's has nothing to do with it.
    assert await lacking(portal) == [("agent_roles", AGENT, None)]


async def test_case_19_the_agents_administrators_are_told_and_not_the_customers(portal):
    await portal.give(KALLE, AGENT, "administrator")
    for person in (AMIR, ASTA):
        await portal.take(person, AGENT, "attestant")

    for _ in range(2):
        with pytest.raises(errors.AgentNotStaffed):
            await portal.place(**via_agent())

    assert await lacking(portal) == [("agent_roles", AGENT, KALLE)]


async def test_case_20_without_a_customer_agreement_nothing_is_ordered(portal):
    await portal.end_agreement(REGION)

    with pytest.raises(errors.NoAgreement) as told:
        await portal.place()
    assert told.value.facts == {"organisation": REGION}


async def test_case_21_a_category_that_may_not_order_hears_which_may(portal):
    await portal.offer(SITHS, categories=["municipality", "state_agency"])

    with pytest.raises(errors.CategoryNotAllowed) as told:
        await portal.place()
    assert set(told.value.facts["categories"]) == {CustomerCategory.MUNICIPALITY, CustomerCategory.STATE_AGENCY}


async def test_case_22_the_same_order_sent_twice_is_one(portal):
    first = await portal.place(key="ONE")
    again = await portal.place(key="ONE")

    assert again.id == first.id
    assert await portal.history(first) == [("submit", ANNA)]


async def test_case_23_an_open_order_for_the_same_unit_is_named(portal):
    first = await portal.place(**via_agent(units=(UNIT, OTHER_UNIT)))

    with pytest.raises(errors.DuplicateOrder) as told:
        await portal.place(**via_agent(units=(OTHER_UNIT,)))
    assert told.value.facts == {"case": first.id}

    await portal.press(first, ANNA, Action.WITHDRAW, confirmed=True)
    assert await portal.place(**via_agent(units=(OTHER_UNIT,)))


async def test_case_24_a_unit_that_has_the_service_is_not_connected_again_and_new_ones_are(portal):
    done = await connected(portal)

    with pytest.raises(errors.AlreadyConnected) as told:
        await portal.place(**via_agent(units=(OTHER_UNIT, UNIT)))
    additional = await portal.place(**via_agent(units=(OTHER_UNIT,)))

    assert done.state is State.AGENT_INFORMED
    assert told.value.facts == {"unit": UNIT.name, "service": "npo"}
    assert additional.state is State.AWAITING_AGENT_APPROVAL


async def test_case_25_another_agent_is_a_change_of_agent_that_is_confirmed_and_noted_to_customer_service(portal):
    await connected(portal)
    other = await portal.another_agent()

    with pytest.raises(errors.ChangeOfAgent) as told:
        await portal.place(**via_agent(agent=other))
    case = await portal.place(**via_agent(agent=other, change_of_agent=True))

    assert told.value.facts == {"agent": AGENT, "service": "npo"}
    assert case.order.replaces_agent == AGENT
    assert (await portal.view(case, Side.INERA)).replaces_agent == "Journalbolaget AB"
    assert (await portal.view(case, Side.AGENT)).replaces_agent is None
    assert await portal.told(case) == {ANNA, ASTA}  # Helena works for the agent before, and is not told


async def test_case_33_an_agent_is_a_customer_too_but_not_on_the_same_order(portal):
    await portal.declare(AGENT, kinds=["agent", "customer"], category="private_provider")
    await portal.renew_agreement(AGENT)
    await portal.give(HELENA, AGENT, "orderer")

    with pytest.raises(errors.AgentIsCustomer):
        await portal.place(HELENA, customer=AGENT, **via_agent())
    own = await portal.place(HELENA, customer=AGENT)

    assert (own.state, own.agent) == (State.AWAITING_CUSTOMER_ATTEST, None)
    assert {each.person for each in own.asked} == {AMIR, ASTA}


async def test_case_51_what_is_for_sole_traders_is_refused_to_others(portal):
    await portal.offer(SITHS, sole_traders_only=True)

    with pytest.raises(errors.NotSoleTrader) as told:
        await portal.place()
    assert told.value.facts == {"organisation": REGION}


async def test_case_52_an_offer_through_an_agent_may_go_straight_to_the_customers_attestant(portal):
    case = await portal.place(**via_agent(offer=NPO_KONSUMENT))

    assert (case.state, case.agent, case.order.named_agent) == (State.AWAITING_CUSTOMER_ATTEST, None, AGENT)
    assert (await portal.view(case, Side.CUSTOMER)).named_agent == "Journalbolaget AB"
    assert await portal.told(case, "agent_approval") == set()
    with pytest.raises(errors.NoRole):
        await portal.attest(case, AMIR)
