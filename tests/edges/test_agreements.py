"""What an order stands on changes while it waits: cases 18, 34 and 35 of the domain's edge cases."""

from datetime import UTC, date, datetime

import pytest

from core import errors
from core.api import Action, AgreementType, Block, Blocked, Payer, Side, State, Tier
from tests.edges.portal import via_agent
from tests.seed import AGENT, AMIR, ANNA, ASTA, BO, CECILIA, HELENA, KARIN, NPO_AGENT, REGION, SITHS

AGENTAVTAL = AgreementType.AGENTAVTAL
TODAY, NEW_YEAR = date(2026, 11, 25), date(2027, 1, 1)


def asked(case):
    return {each.person for each in case.asked}


async def raise_price(portal, offer, payer, kind, unit, old, new, day=TODAY):
    """A price ends the day before another begins."""
    await portal.price(offer, payer, kind, unit, old, date(2024, 1, 1), ended=date.fromordinal(day.toordinal() - 1))
    await portal.price(offer, payer, kind, unit, new, day)


async def test_case_18_an_agent_whose_agreement_ends_decides_nothing_and_customer_service_hears_it(portal):
    case = await portal.place(**via_agent())
    await portal.end_agreement(AGENT, AGENTAVTAL)
    await portal.tick()
    stopped = await portal.now(case)

    with pytest.raises(errors.AgentHasNoAgreement):
        await portal.approve(stopped, HELENA)
    assert (stopped.state, stopped.blocked) == (case.state, Blocked(Block.NO_AGENT_AGREEMENT, told=True))
    assert await portal.told(case, "blocked") == {None}

    await portal.renew_agreement(AGENT, AGENTAVTAL)
    await portal.tick()
    assert (await portal.now(case)).blocked is None
    assert (await portal.approve(await portal.now(case), HELENA)).state is State.AWAITING_AGENT_ATTEST


async def test_case_18_so_it_is_when_the_assignment_for_the_service_ends_also_at_the_customers_attestant(portal):
    case = await portal.attest(await portal.approve(await portal.place(**via_agent()), HELENA), AMIR)
    await portal.end_assignment(AGENT)
    await portal.tick()
    stopped = await portal.now(case)

    with pytest.raises(errors.Stopped):
        await portal.attest(stopped, BO)
    assert stopped.blocked == Blocked(Block.NO_AGENT_ASSIGNMENT, told=True)
    assert (await portal.reject(stopped, BO)).state is State.REJECTED


async def test_case_18_so_it_is_when_the_customers_own_agreement_ends(portal):
    case = await portal.place()
    await portal.end_agreement(REGION)
    await portal.tick()

    with pytest.raises(errors.NoAgreement):
        await portal.attest(case, BO)
    assert (await portal.now(case)).blocked == Blocked(Block.NO_CUSTOMER_AGREEMENT, told=True)
    assert (await portal.press(case, ANNA, Action.WITHDRAW, confirmed=True)).state is State.WITHDRAWN


async def test_case_18_customer_service_tells_no_agent_without_agreement_to_begin(portal):
    case = await portal.attest(await portal.approve(await portal.place(**via_agent()), HELENA), AMIR)
    claimed = await portal.press(await portal.attest(case, BO), KARIN, Action.CLAIM)
    await portal.end_agreement(AGENT, AGENTAVTAL)

    with pytest.raises(errors.AgentHasNoAgreement):
        await portal.press(claimed, KARIN, Action.INFORM_AGENT, message="Ni kan börja")
    assert (await portal.press(claimed, KARIN, Action.HOLD, reason="Agentens avtal är slut")).hold


async def test_case_34_nobody_attests_an_amount_that_no_longer_holds_and_all_are_asked_anew(portal):
    case = await portal.place()
    await raise_price(portal, SITHS, "customer", "startup", "order", 150_000, 156_000)

    with pytest.raises(errors.PriceChanged) as told:
        await portal.attest(case, BO)
    await portal.tick()
    repriced = await portal.now(case)

    assert (told.value.facts["old"].startup_ore, told.value.facts["new"].startup_ore) == (150_000, 156_000)
    assert (repriced.content_version, repriced.step) == (2, case.step + 1)
    assert asked(repriced) == {BO, CECILIA}
    view = await portal.view(case, Side.CUSTOMER)
    assert view.earlier_costs[Payer.CUSTOMER].startup_ore == 150_000
    assert view.costs[Payer.CUSTOMER].startup_ore == 156_000
    with pytest.raises(errors.OrderChanged):
        await portal.attest(case, BO)
    assert (await portal.attest(repriced, BO)).state is State.AWAITING_CUSTOMER_SERVICE


async def test_case_34_a_price_that_only_the_customer_pays_changes_nothing_for_the_agent(portal):
    approved = await portal.approve(await portal.place(**via_agent()), HELENA)
    await raise_price(portal, NPO_AGENT, "customer", "startup", "order", 150_000, 156_000)
    await portal.tick()
    repriced = await portal.now(approved)

    assert (repriced.state, repriced.step, asked(repriced)) == (approved.state, approved.step, {AMIR, ASTA})
    attested = await portal.attest(repriced, AMIR)
    assert attested.state is State.AWAITING_CUSTOMER_ATTEST
    assert attested.order.costs[Payer.CUSTOMER].startup_ore == 156_000


async def test_case_34_a_price_that_the_agent_pays_sends_the_order_back_for_the_agents_attest_alone(portal):
    attested = await portal.attest(await portal.approve(await portal.place(**via_agent()), HELENA), AMIR)
    await raise_price(portal, NPO_AGENT, "agent", "recurring", "order", 50_000, 60_000)
    await portal.tick()
    repriced = await portal.now(attested)

    assert repriced.state is State.AWAITING_AGENT_ATTEST
    counting = [each.action for each in repriced.decisions if each.counts]
    assert counting == [Action.SUBMIT, Action.APPROVE, Action.REPRICE]
    assert (await portal.attest(repriced, AMIR)).state is State.AWAITING_CUSTOMER_ATTEST


async def test_case_34_the_first_of_two_attests_is_void_when_the_amount_changes(portal):
    await portal.tiers(REGION, Tier(0, attests=2))
    case = await portal.place()
    await portal.attest(case, BO)
    await raise_price(portal, SITHS, "customer", "startup", "order", 150_000, 156_000)
    await portal.tick()
    repriced = await portal.now(case)

    assert (repriced.attests, asked(repriced)) == ((), {BO, CECILIA})
    first = await portal.attest(repriced, BO)
    assert first.state is State.AWAITING_CUSTOMER_ATTEST
    assert (await portal.attest(first, CECILIA)).state is State.AWAITING_CUSTOMER_SERVICE


async def test_case_34_a_price_list_that_gives_the_same_amount_changes_nothing(portal):
    case = await portal.place()
    await raise_price(portal, SITHS, "customer", "startup", "order", 150_000, 150_000)
    await portal.tick()

    assert (await portal.now(case)).content_version == 1
    assert (await portal.attest(case, BO)).state is State.AWAITING_CUSTOMER_SERVICE


@pytest.mark.parametrize("start", [NEW_YEAR, date(2027, 2, 1)])
async def test_case_35_a_start_from_new_year_on_is_shown_with_both_prices_and_new_year_asks_anew(portal, start):
    await raise_price(portal, SITHS, "customer", "startup", "order", 150_000, 156_000, day=NEW_YEAR)
    case = await portal.place(desired_start=start)
    view = await portal.view(case, Side.CUSTOMER)
    portal.clock.at = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    await portal.tick()
    repriced = await portal.now(case)

    assert view.costs[Payer.CUSTOMER].startup_ore == 150_000
    assert view.coming_costs[Payer.CUSTOMER].startup_ore == 156_000
    assert view.coming_from == NEW_YEAR
    assert repriced.order.costs[Payer.CUSTOMER].startup_ore == 156_000
    assert (repriced.order.coming_from, repriced.content_version) == (None, 2)


async def test_case_35_a_start_before_new_year_is_shown_with_one(portal):
    await raise_price(portal, SITHS, "customer", "startup", "order", 150_000, 156_000, day=NEW_YEAR)

    case = await portal.place(desired_start=date(2026, 12, 31))

    assert (await portal.view(case, Side.CUSTOMER)).coming_from is None
