"""Whoever has no part in an order any more is shown nothing new of it: cases 27 and 28, and the barrier (5.4)."""

import pytest

from core.api import Action, CaseQuery, Side, side_shown
from core.register.entries import PersonEntry
from core.shared import errors
from tests.edges.portal import account, via_agent
from tests.support.world.seed import (
    ADA,
    AGENT,
    AMIR,
    ANNA,
    ASTA,
    BO,
    CECILIA,
    CLINIC,
    HELENA,
    KARIN,
    OLGA,
    REGION,
    SARA,
)


async def side_of(portal, case, person):
    """From which side somebody reads an order in Slack."""
    return side_shown(await portal.orders.look(CaseQuery(case.id, account(person), portal.clock())))


@pytest.mark.parametrize("elsewhere", [True, False])
async def test_whoever_ordered_and_has_no_role_there_any_more_reads_the_order_no_more(portal, elsewhere):
    case = await portal.place()
    assert await side_of(portal, case, ANNA) is Side.CUSTOMER

    await portal.take(ANNA, REGION, "orderer")
    if elsewhere:
        await portal.give(ANNA, CLINIC, "orderer")

    with pytest.raises(errors.CaseNotFound):
        await side_of(portal, case, ANNA)
    # Nor does a button that is gone say how it went.
    ended = await portal.reject(case, BO)
    with pytest.raises(errors.CaseNotFound):
        await portal.press(ended, ANNA, Action.ATTEST)


async def test_whoever_ordered_and_has_another_part_there_now_reads_it_as_before(portal):
    case = await portal.place()

    await portal.take(ANNA, REGION, "orderer")
    await portal.give(ANNA, REGION, "administrator")

    assert await side_of(portal, case, ANNA) is Side.CUSTOMER


@pytest.mark.parametrize("organisation", [REGION, AGENT])
async def test_signatories_and_contacts_read_no_order(portal, organisation):
    case = await portal.place(**via_agent())

    for role in ("signatory", "agreement_contact"):
        await portal.give(SARA, organisation, role)

    with pytest.raises(errors.CaseNotFound):
        await side_of(portal, case, SARA)


async def test_whoever_ordered_comes_back_to_no_order_when_another_organisation_lets_her_in(portal):
    case = await portal.place()

    await portal.leave(ANNA)
    await portal.write(
        lambda writer: writer.person(PersonEntry(email="anna@example.org", name="Anna Berg", active=True))
    )
    await portal.give(ANNA, CLINIC, "administrator")

    with pytest.raises(errors.CaseNotFound):
        await side_of(portal, case, ANNA)


async def claimed(portal):
    """Anna's order, which Karin has taken."""
    return await portal.press(await portal.attest(await portal.place(), BO), KARIN, Action.CLAIM)


async def sent(portal, case, to=None):
    """Karin sends instructions."""
    return await portal.press(case, KARIN, Action.SEND_INSTRUCTIONS, message="Gör så här", to=to)


async def test_case_28_instructions_are_not_sent_to_whoever_orders_there_no_more(portal):
    case = await claimed(portal)
    await portal.take(ANNA, REGION, "orderer")

    with pytest.raises(errors.RecipientNotEligible):
        await sent(portal, case, to=ANNA)

    await sent(portal, case)
    assert await portal.told(case, "instructions") == {CECILIA}


async def test_case_28_without_another_orderer_the_administrator_gets_the_instructions(portal):
    case = await claimed(portal)
    for orderer in (ANNA, CECILIA):
        await portal.take(orderer, REGION, "orderer")

    await sent(portal, case, to=ADA)

    assert await portal.told(case, "instructions") == {ADA}


async def test_case_28_where_nobody_orders_or_administers_no_instructions_are_sent(portal):
    case = await claimed(portal)
    for person, role in ((ANNA, "orderer"), (CECILIA, "orderer"), (ADA, "administrator")):
        await portal.take(person, REGION, role)

    with pytest.raises(errors.RecipientNotEligible):
        await sent(portal, case)
    assert await portal.told(case, "instructions") == set()


async def informed(portal, *gone):
    """Customer service tells the agent to begin, when some have lost the role of its orderer."""
    case = await portal.attest(await portal.approve(await portal.place(**via_agent()), HELENA), AMIR)
    case = await portal.press(await portal.attest(case, BO), KARIN, Action.CLAIM)
    for each in gone:
        await portal.take(each, AGENT, "agent_handler")
    return await portal.press(case, KARIN, Action.INFORM_AGENT, message="Börja")


async def test_the_agents_administrators_are_told_to_begin_where_it_has_no_orderer_any_more(portal):
    await portal.give(OLGA, AGENT, "administrator")
    case = await informed(portal, HELENA, ASTA)

    assert await portal.told(case, "agent_start") == {OLGA}


async def test_where_nobody_would_hear_it_the_agent_is_not_told_to_begin(portal):
    with pytest.raises(errors.NobodyToInform) as told:
        await informed(portal, HELENA, ASTA)

    assert told.value.facts == {"agent": AGENT}


async def claimed_via_agent(portal):
    """Anna's order via an agent, which Karin has taken."""
    case = await portal.attest(await portal.approve(await portal.place(**via_agent()), HELENA), AMIR)
    return await portal.press(await portal.attest(case, BO), KARIN, Action.CLAIM)


async def test_whoever_approved_is_told_to_begin_also_when_her_role_is_for_another_service_now(portal):
    case = await claimed_via_agent(portal)
    for orderer in (HELENA, ASTA):
        await portal.take(orderer, AGENT, "agent_handler")
    await portal.give(HELENA, AGENT, "agent_handler", service="siths")

    await portal.press(case, KARIN, Action.INFORM_AGENT, message="Börja")

    assert await portal.told(case, "agent_start") == {HELENA}


async def claimed_after_jav(portal):
    """An order that Karin has taken: Asta approved and declared jäv, and Helena approved anew and lost the role."""
    approved = await portal.approve(await portal.place(**via_agent()), ASTA)
    back = await portal.press(approved, ASTA, Action.RECUSE, confirmed=True)
    case = await portal.attest(await portal.approve(back, HELENA), AMIR)
    case = await portal.press(await portal.attest(case, BO), KARIN, Action.CLAIM)
    await portal.take(HELENA, AGENT, "agent_handler")
    return case


async def test_an_administrator_who_has_declared_jav_is_not_told_to_begin(portal):
    await portal.give(ASTA, AGENT, "administrator")
    await portal.give(OLGA, AGENT, "administrator")
    case = await claimed_after_jav(portal)

    await portal.press(case, KARIN, Action.INFORM_AGENT, message="Börja")

    assert await portal.told(case, "agent_start") == {OLGA}


async def test_an_administrator_who_has_declared_jav_is_nobody_who_would_hear_it(portal):
    await portal.give(ASTA, AGENT, "administrator")
    case = await claimed_after_jav(portal)

    with pytest.raises(errors.NobodyToInform):
        await portal.press(case, KARIN, Action.INFORM_AGENT, message="Börja")


async def test_they_are_not_told_where_an_orderer_is(portal):
    await portal.give(OLGA, AGENT, "administrator")
    case = await informed(portal, HELENA)

    assert await portal.told(case, "agent_start") == {ASTA}


async def test_whoever_has_declared_jav_is_not_told_to_begin(portal):
    approved = await portal.approve(await portal.place(**via_agent()), ASTA)
    back = await portal.press(approved, ASTA, Action.RECUSE, confirmed=True)
    case = await portal.attest(await portal.approve(back, HELENA), AMIR)
    case = await portal.press(await portal.attest(case, BO), KARIN, Action.CLAIM)

    await portal.press(case, KARIN, Action.INFORM_AGENT, message="Börja")

    assert await portal.told(case, "agent_start") == {HELENA}


async def test_whoever_has_declared_jav_does_not_hear_how_the_order_ended(portal):
    approved = await portal.approve(await portal.place(**via_agent()), ASTA)
    back = await portal.press(approved, ASTA, Action.RECUSE, confirmed=True)
    case = await portal.attest(await portal.approve(back, HELENA), AMIR)

    await portal.reject(case, BO)

    assert await portal.told(case, "outcome") == {ANNA, HELENA, AMIR}


async def test_the_agent_is_told_to_begin_by_whoever_has_the_role_now(portal):
    case = await portal.attest(await portal.approve(await portal.place(**via_agent()), HELENA), AMIR)
    case = await portal.press(await portal.attest(case, BO), KARIN, Action.CLAIM)
    await portal.take(HELENA, AGENT, "agent_handler")
    await portal.give(OLGA, AGENT, "agent_handler")

    await portal.press(case, KARIN, Action.INFORM_AGENT, message="Börja")

    assert await portal.told(case, "agent_start") == {ASTA, OLGA}
