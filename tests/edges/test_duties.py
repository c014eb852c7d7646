"""Nobody decides both ends: cases 29-32 of the domain's edge cases."""

from datetime import timedelta

import pytest

from core.api import Action, Asking, Part, Side, State, Tier
from core.shared import errors
from tests.edges.portal import OTHER_UNIT, via_agent
from tests.support.world.seed import (
    AGENT,
    AMIR,
    ANNA,
    ASSIGNMENT,
    ASTA,
    BO,
    CECILIA,
    CLINIC,
    DAVID,
    HELENA,
    KALLE,
    KARIN,
    OLGA,
    REGION,
    RUT,
)


def asked(case):
    return {each.person for each in case.asked}


async def test_case_29_whoever_ordered_does_not_attest_and_the_others_are_asked(portal):
    case = await portal.place(CECILIA)

    with pytest.raises(errors.OwnOrder):
        await portal.attest(case, CECILIA)
    assert asked(case) == {BO}
    assert (await portal.attest(case, BO)).state is State.AWAITING_CUSTOMER_SERVICE


async def test_case_29_an_organisation_of_one_person_may_allow_it(portal):
    await portal.declare(CLINIC, self_attest_allowed=True)

    case = await portal.place(DAVID, customer=CLINIC)

    assert asked(case) == {DAVID}
    assert (await portal.attest(case, DAVID)).state is State.AWAITING_CUSTOMER_SERVICE


async def test_case_29_not_even_there_does_a_reserve_attest_the_own_order(portal):
    await portal.declare(REGION, self_attest_allowed=True)
    await portal.give(RUT, REGION, "orderer")
    case = await portal.place(RUT)

    with pytest.raises(errors.OwnOrder):
        await portal.press(case, RUT, Action.EMERGENCY_ATTEST, reason="Alla är borta")


async def test_case_30_the_agents_handler_who_approved_does_not_attest_and_the_others_are_asked(portal):
    approved = await portal.approve(await portal.place(**via_agent()), ASTA)

    with pytest.raises(errors.OwnApproval):
        await portal.attest(approved, ASTA)
    assert asked(approved) == {AMIR}
    with pytest.raises(errors.AttestantNotEligible):
        await portal.approve(await again(portal), ASTA, ASTA)


async def again(portal):
    """Another order through the agent, for another unit."""
    return await portal.place(**via_agent(units=(OTHER_UNIT,)))


async def test_case_29_what_is_declared_for_one_person_counts_no_longer_once_there_are_two(portal):
    await portal.declare(CLINIC, self_attest_allowed=True)
    case = await portal.place(DAVID, customer=CLINIC)
    tomorrow = portal.clock().date() + timedelta(days=1)
    await portal.give(BO, CLINIC, "attestant", **{"from": tomorrow})
    before = [each.case for each in await portal.queries.waiting_for(Asking(DAVID), portal.clock(), 9)]

    portal.clock.forward(days=1)
    await portal.tick()

    with pytest.raises(errors.OwnOrder):
        await portal.attest(case, DAVID)
    assert (before, await portal.queries.waiting_for(Asking(DAVID), portal.clock(), 9)) == ([case.id], [])
    assert asked(await portal.now(case)) == {BO}


async def test_case_30_an_agent_of_one_person_may_allow_it(portal):
    await portal.declare(AGENT, self_attest_allowed=True)
    with pytest.raises(errors.OwnApproval):
        await portal.attest(await portal.approve(await again(portal), ASTA), ASTA)
    for person, role in ((HELENA, "agent_handler"), (AMIR, "attestant"), (OLGA, "orderer")):
        await portal.take(person, AGENT, role)

    approved = await portal.approve(await portal.place(**via_agent()), ASTA, ASTA)

    assert (await portal.attest(approved, ASTA)).state is State.AWAITING_CUSTOMER_ATTEST


async def test_case_31_who_works_for_customer_and_agent_acts_for_the_side_of_the_first_act(portal):
    await portal.give(HELENA, REGION, "attestant")
    await portal.give(HELENA, AGENT, "attestant")
    case = await portal.place(**via_agent())
    attested = await portal.attest(await portal.approve(case, ASTA, AMIR), AMIR)
    first_for_customer = await portal.attest(attested, HELENA)

    assert first_for_customer.state is State.AWAITING_CUSTOMER_SERVICE
    other = await portal.attest(await portal.approve(await again(portal), HELENA, AMIR), AMIR)
    with pytest.raises(errors.BothSides) as told:
        await portal.attest(other, HELENA)
    assert told.value.facts == {"organisation": AGENT}
    assert HELENA not in asked(other)


async def test_case_31_nor_does_whoever_ordered_act_for_the_agent(portal):
    await portal.give(ANNA, AGENT, "agent_handler")
    case = await portal.place(**via_agent())

    with pytest.raises(errors.BothSides) as told:
        await portal.approve(case, ANNA)
    assert told.value.facts == {"organisation": REGION}
    assert ANNA not in asked(case)


async def test_whoever_has_acted_for_inera_attests_nothing_in_the_same_case(portal):
    assignment = await portal.press(await portal.place(OLGA, customer=AGENT, offer=ASSIGNMENT), KARIN, Action.CLAIM)
    approved = await portal.press(assignment, KARIN, Action.APPROVE, confirmed=True)
    await portal.give(KARIN, AGENT, "attestant")
    served = await portal.press(await portal.attest(await portal.place(), BO), KARIN, Action.CLAIM)
    questioned = await portal.press(served, KARIN, Action.REQUEST_COMPLETION, message="Byt referens")
    await portal.give(KARIN, REGION, "attestant")
    begun = await portal.answer(questioned, ANNA, invoice_ref="NY")

    assert begun.state is State.AWAITING_CUSTOMER_ATTEST
    for case in (approved, begun):
        with pytest.raises(errors.ActedForInera):
            await portal.attest(case, KARIN)
        assert case.id not in [each.case for each in await portal.queries.waiting_for(Asking(KARIN), portal.clock(), 9)]
        assert KARIN not in asked(await portal.now(case))


async def test_a_role_given_up_when_the_order_came_to_customer_service_keeps_from_it_all_the_same(portal):
    await portal.give(KARIN, REGION, "administrator")
    case = await portal.attest(await portal.place(), BO)
    portal.clock.forward(hours=1)
    await portal.take(KARIN, REGION, "administrator")

    with pytest.raises(errors.Involved):
        await portal.press(case, KARIN, Action.CLAIM)
    assert (await portal.press(case, KALLE, Action.CLAIM)).claimed_by == KALLE


async def test_whoever_works_for_the_agent_that_loses_the_customer_does_nothing_there_for_inera(portal):
    async def attested(**changes):
        case = await portal.place(**via_agent(**changes))
        case = await portal.approve(case, ASTA if changes else HELENA)
        return await portal.attest(await portal.attest(case, AMIR), BO)

    new = await portal.another_agent()
    first = await portal.press(await attested(), KALLE, Action.CLAIM)
    await portal.press(first, KALLE, Action.INFORM_AGENT, message="Kör")
    await portal.give(KARIN, AGENT, "administrator")
    changed = await attested(agent=new, change_of_agent=True)

    with pytest.raises(errors.Involved):
        await portal.press(changed, KARIN, Action.CLAIM)


async def test_case_32_somebody_in_several_organisations_is_asked_once_for_each_and_in_its_name(portal):
    await portal.give(BO, CLINIC, "attestant")
    region = await portal.place()
    clinic = await portal.place(DAVID, customer=CLINIC)

    waiting = await portal.queries.waiting_for(Asking(BO), portal.clock(), 10)
    assert {(each.case, each.part) for each in waiting} == {
        (region.id, Part.CUSTOMER_ATTESTANT),
        (clinic.id, Part.CUSTOMER_ATTESTANT),
    }
    attested = await portal.attest(clinic, BO)
    assert attested.decisions[-1].organisation == CLINIC
    assert (await portal.view(clinic, Side.CUSTOMER)).customer.name == "Kliniken AB"
    assert (await portal.now(region)).state is State.AWAITING_CUSTOMER_ATTEST


async def test_an_attest_that_no_longer_counts_does_not_count_again_because_the_role_ends(portal):
    await portal.tiers(REGION, Tier(0, attests=2))
    await portal.give(OLGA, REGION, "attestant")
    first = await portal.attest(await portal.place(), BO)
    await portal.give(BO, REGION, "attestant", attest_limit_ore=1)
    second = await portal.attest(first, CECILIA)

    await portal.take(BO, REGION, "attestant")
    await portal.tick()

    waiting = await portal.now(second)
    assert waiting.state is State.AWAITING_CUSTOMER_ATTEST
    assert (await portal.attest(waiting, OLGA)).state is State.AWAITING_CUSTOMER_SERVICE
