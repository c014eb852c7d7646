"""What an order stands on changes while it waits: cases 18, 34 and 35 of the domain's edge cases."""

import json
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from core.api import Action, AgreementType, Block, Blocked, Payer, Side, State, Tier, Unit
from core.shared import errors
from core.storage import tables
from core.workflow.deadlines import WaitingStep
from tests.edges.portal import OTHER_UNIT, UNIT, via_agent
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
    ERIK,
    HELENA,
    KARIN,
    NPO_AGENT,
    NPO_KONSUMENT,
    OLGA,
    REGION,
    RUT,
    SARA,
    SITHS,
)

AGENTAVTAL = AgreementType.AGENTAVTAL
TODAY, YESTERDAY, NEW_YEAR = date(2026, 11, 25), date(2026, 11, 24), date(2027, 1, 1)


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


async def test_case_34_no_customer_attests_after_an_agent_whose_amount_no_longer_holds(portal):
    attested = await portal.attest(await portal.approve(await portal.place(**via_agent()), HELENA), AMIR)
    await raise_price(portal, NPO_AGENT, "agent", "recurring", "order", 50_000, 60_000)

    with pytest.raises(errors.AgentPriceChanged):
        await portal.attest(attested, BO)
    await portal.tick()
    again = await portal.attest(await portal.now(attested), AMIR)

    assert again.order.costs[Payer.AGENT].recurring_ore == 60_000
    assert (await portal.attest(again, BO)).state is State.AWAITING_CUSTOMER_SERVICE


async def test_case_34_without_an_agent_nobody_waits_for_one_whatever_an_agent_would_pay(portal):
    case = await portal.place()
    await raise_price(portal, SITHS, "agent", "recurring", "order", 0, 60_000)

    assert (await portal.attest(case, BO)).state is State.AWAITING_CUSTOMER_SERVICE


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


async def test_case_35_a_dearer_price_from_new_year_on_is_what_limits_are_held_against(portal):
    await portal.give(ERIK, REGION, "attestant", attest_limit_ore=400_000)
    await raise_price(portal, SITHS, "customer", "startup", "order", 150_000, 50_000_000, day=NEW_YEAR)
    case = await portal.place(desired_start=NEW_YEAR)

    with pytest.raises(errors.OverLimit) as told:
        await portal.attest(case, ERIK)

    assert told.value.facts["amount_ore"] == 50_000_000
    assert ERIK not in asked(case)
    lines = tables.history.c
    query = select(lines.evidence).where(lines.case_id == case.id, lines.action == "submit")
    submitted = await portal.database.read(lambda connection: connection.execute(query).scalar_one())
    assert json.loads(submitted)["coming_costs"]["customer"][0] == 50_000_000


async def test_case_35_a_price_list_loaded_while_an_order_waits_counts_by_the_day_it_starts(portal):
    await portal.give(ERIK, REGION, "attestant", attest_limit_ore=500_000)
    case = await portal.place(desired_start=NEW_YEAR)
    await raise_price(portal, SITHS, "customer", "startup", "order", 150_000, 90_000_000, day=NEW_YEAR)

    with pytest.raises(errors.PriceChanged) as told:
        await portal.attest(case, ERIK)
    await portal.tick()
    repriced = await portal.now(case)
    view = await portal.view(case, Side.CUSTOMER)
    with pytest.raises(errors.OverLimit) as over:
        await portal.attest(repriced, ERIK)

    assert [told.value.facts[each].startup_ore for each in ("old", "new")] == [150_000, 90_000_000]
    assert (view.coming_from, view.coming_costs[Payer.CUSTOMER].startup_ore) == (NEW_YEAR, 90_000_000)
    assert (repriced.content_version, view.costs[Payer.CUSTOMER].startup_ore) == (2, 150_000)
    assert over.value.facts["amount_ore"] == 90_000_000
    assert ERIK not in asked(repriced)


@pytest.mark.parametrize("wants", [Tier(90_000_000, attests=2), 90_000_000], ids=["tier", "e-id"])
async def test_case_35_tiers_and_e_id_are_held_against_a_price_loaded_while_an_order_waits(portal, wants):
    if isinstance(wants, Tier):
        await portal.tiers(REGION, wants)
    else:
        await portal.declare(REGION, eid_from_ore=wants)
    case = await portal.place(desired_start=NEW_YEAR)
    await raise_price(portal, SITHS, "customer", "startup", "order", 150_000, 90_000_000, day=NEW_YEAR)
    await portal.tick()
    repriced = await portal.now(case)

    if isinstance(wants, Tier):
        assert (await portal.attest(repriced, BO)).state is State.AWAITING_CUSTOMER_ATTEST
    else:
        with pytest.raises(errors.IdentificationRequired):
            await portal.attest(repriced, BO)


async def test_case_35_a_price_that_the_agent_will_pay_sends_the_order_back_for_its_attest(portal):
    order = via_agent(desired_start=NEW_YEAR)
    attested = await portal.attest(await portal.approve(await portal.place(**order), HELENA), AMIR)
    await raise_price(portal, NPO_AGENT, "agent", "recurring", "order", 50_000, 60_000, day=NEW_YEAR)

    with pytest.raises(errors.AgentPriceChanged):
        await portal.attest(attested, BO)
    await portal.tick()

    assert (await portal.now(attested)).state is State.AWAITING_AGENT_ATTEST


async def test_case_35_a_price_list_that_is_taken_back_is_no_longer_what_an_order_is_held_against(portal):
    await raise_price(portal, SITHS, "customer", "startup", "order", 150_000, 90_000_000, day=NEW_YEAR)
    case = await portal.place(desired_start=NEW_YEAR)
    await portal.tick()
    await portal.price(SITHS, "customer", "startup", "order", 150_000, NEW_YEAR)
    await portal.tick()
    repriced = await portal.now(case)

    assert (case.order.coming_from, repriced.order.coming_from, repriced.order.coming_costs) == (NEW_YEAR, None, {})


async def test_case_35_a_price_that_ends_no_other_is_seen_before_it_begins_too(portal):
    case = await portal.place(desired_start=NEW_YEAR)
    await portal.price(SITHS, "customer", "recurring", "order", 90_000_000, NEW_YEAR)
    await portal.tick()

    assert (await portal.view(case, Side.CUSTOMER)).coming_costs[Payer.CUSTOMER].recurring_ore == 90_000_000


async def test_case_35_a_price_list_from_after_the_start_changes_nothing(portal):
    case = await portal.place(desired_start=date(2026, 12, 31))
    await raise_price(portal, SITHS, "customer", "startup", "order", 150_000, 90_000_000, day=NEW_YEAR)
    await portal.tick()

    assert (await portal.now(case)).content_version == 1
    assert (await portal.attest(case, BO)).state is State.AWAITING_CUSTOMER_SERVICE


async def test_case_35_a_start_before_new_year_is_shown_with_one(portal):
    await raise_price(portal, SITHS, "customer", "startup", "order", 150_000, 156_000, day=NEW_YEAR)

    case = await portal.place(desired_start=date(2026, 12, 31))

    assert (await portal.view(case, Side.CUSTOMER)).coming_from is None


# --- fewer attests are asked for while an order waits


async def one_of_two(portal, **changes):
    """An order with the first of the two attests that the customer asks for."""
    await portal.tiers(REGION, Tier(0, attests=2))
    return await portal.attest(await portal.place(**changes), BO)


async def asks_one(portal, organisation=REGION):
    await portal.tiers(organisation, Tier(0))
    await portal.tick()


async def test_an_order_whose_attests_suffice_by_the_new_rules_goes_on_as_by_the_last_attest(portal):
    waiting = await one_of_two(portal)
    await asks_one(portal)
    gone_on = await portal.now(waiting)

    assert (waiting.state, gone_on.state) == (State.AWAITING_CUSTOMER_ATTEST, State.AWAITING_CUSTOMER_SERVICE)
    assert (gone_on.step, gone_on.due_at) == (waiting.step + 1, WaitingStep(gone_on.state, portal.clock()).due)
    assert await portal.told(waiting, "customer_service") == {None}
    shows = await portal.shows(waiting)
    assert {shows["customer_attest", each] for each in (BO, CECILIA)} == {gone_on.revision}
    assert shows["status", ANNA] == gone_on.revision
    assert await portal.history(waiting) == [("submit", ANNA), ("attest", BO), ("review", None)]
    assert (await portal.press(gone_on, KARIN, Action.CLAIM)).claimed_by == KARIN


async def test_who_was_asked_for_one_attest_more_hears_who_attested_the_order(portal):
    waiting = await one_of_two(portal)
    await asks_one(portal)

    with pytest.raises(errors.AlreadyDecided) as told:
        await portal.attest(waiting, CECILIA)
    with pytest.raises(errors.AlreadyDecidedByYou):
        await portal.attest(waiting, BO)
    assert (told.value.facts["person"], told.value.facts["action"]) == (BO, Action.ATTEST)


async def test_fewer_attests_at_the_agent_take_an_order_on_to_the_customers_attestants(portal):
    await portal.tiers(AGENT, Tier(0, attests=2))
    waiting = await portal.attest(await portal.approve(await portal.place(**via_agent()), HELENA), AMIR)
    await asks_one(portal, AGENT)
    gone_on = await portal.now(waiting)

    assert (waiting.state, gone_on.state) == (State.AWAITING_AGENT_ATTEST, State.AWAITING_CUSTOMER_ATTEST)
    assert asked(gone_on) == await portal.told(waiting, "customer_attest") == {BO, CECILIA}
    assert gone_on.due_at == WaitingStep(gone_on.state, portal.clock()).due
    for side in Side:
        (done,) = [each for each in (await portal.view(waiting, side)).steps if each.step == waiting.step]
        assert (done.action, done.by) == (Action.ATTEST, None if side is Side.CUSTOMER else "Amir Haddad")


async def test_fewer_attests_at_the_customer_of_an_agent_take_an_order_on_to_customer_service(portal):
    approved = await portal.approve(await portal.place(**via_agent()), HELENA)
    await portal.tiers(REGION, Tier(0, attests=2))
    waiting = await portal.attest(await portal.attest(approved, AMIR), BO)
    await asks_one(portal)

    assert (await portal.now(waiting)).state is State.AWAITING_CUSTOMER_SERVICE
    seen = [each.action for each in (await portal.view(waiting, Side.AGENT)).steps if each.step == waiting.step]
    assert seen == [Action.ATTEST]


async def test_an_agents_assignment_goes_on_as_well(portal):
    await portal.tiers(AGENT, Tier(0, attests=2))
    case = await portal.place(OLGA, customer=AGENT, offer=ASSIGNMENT)
    claimed = await portal.press(case, KARIN, Action.CLAIM)
    waiting = await portal.attest(await portal.press(claimed, KARIN, Action.APPROVE, confirmed=True), AMIR)
    await asks_one(portal, AGENT)

    assert waiting.state is State.AWAITING_CUSTOMER_ATTEST
    assert (await portal.now(waiting)).state is State.AWAITING_CUSTOMER_SERVICE


async def test_an_attested_order_goes_on_only_while_the_agreements_hold(portal):
    waiting = await one_of_two(portal)
    await portal.end_agreement(REGION)
    await asks_one(portal)
    stopped = await portal.now(waiting)
    await portal.renew_agreement(REGION)
    await portal.tick()

    assert (stopped.state, stopped.blocked) == (waiting.state, Blocked(Block.NO_CUSTOMER_AGREEMENT, told=True))
    assert (await portal.now(waiting)).state is State.AWAITING_CUSTOMER_SERVICE


async def test_an_attest_of_another_amount_takes_no_order_on(portal):
    waiting = await one_of_two(portal)
    await raise_price(portal, SITHS, "customer", "startup", "order", 150_000, 156_000)
    await asks_one(portal)

    assert (await portal.now(waiting)).state is State.AWAITING_CUSTOMER_ATTEST
    assert (await portal.now(waiting)).attests == ()


async def test_another_price_that_comes_with_the_new_rules_does_not_hide_that_the_attests_suffice(portal):
    await portal.tiers(AGENT, Tier(0, attests=2))
    waiting = await portal.attest(await portal.approve(await portal.place(**via_agent()), HELENA), AMIR)
    await raise_price(portal, NPO_AGENT, "customer", "startup", "order", 150_000, 156_000)
    await asks_one(portal, AGENT)

    assert (await portal.now(waiting)).state is State.AWAITING_CUSTOMER_ATTEST


@pytest.mark.parametrize(
    ("tier", "goes_on"),
    [
        (Tier(0, sequence=(BO,)), True),
        (Tier(0, sequence=(CECILIA,)), False),
        (Tier(0, sequence=(BO, CECILIA)), False),
    ],
)
async def test_an_attest_out_of_turn_takes_no_order_on(portal, tier, goes_on):
    waiting = await one_of_two(portal)
    await portal.tiers(REGION, tier)
    await portal.tick()
    then = await portal.now(waiting)

    assert (then.state is State.AWAITING_CUSTOMER_SERVICE) == goes_on
    if not goes_on:
        assert (await portal.attest(then, CECILIA)).state is State.AWAITING_CUSTOMER_SERVICE


async def test_an_attest_of_whoever_is_next_takes_an_order_on_though_somebody_else_attested_before(portal):
    await portal.give(SARA, REGION, "attestant")
    await portal.tiers(REGION, Tier(0, attests=3))
    waiting = await portal.attest(await portal.attest(await portal.place(), CECILIA), BO)
    await portal.tiers(REGION, Tier(0, attests=2, sequence=(BO,)))
    await portal.tick()
    still = await portal.now(waiting)
    await portal.tiers(REGION, Tier(0, sequence=(BO,)))
    await portal.tick()

    assert still.state is State.AWAITING_CUSTOMER_ATTEST
    assert (await portal.now(waiting)).state is State.AWAITING_CUSTOMER_SERVICE


async def test_an_attest_over_the_limit_that_somebody_has_now_is_none_of_those_that_a_press_counts(portal):
    await portal.give(SARA, REGION, "attestant")
    waiting = await one_of_two(portal)
    await portal.give(BO, REGION, "attestant", attest_limit_ore=1_000)

    second = await portal.attest(waiting, CECILIA)

    assert (second.state, [each.person for each in second.attests]) == (waiting.state, [CECILIA])
    assert (await portal.attest(second, SARA)).state is State.AWAITING_CUSTOMER_SERVICE


async def test_a_reserves_attest_over_the_limit_of_now_is_none_of_those_that_a_press_counts(portal):
    await portal.tiers(REGION, Tier(0, attests=2))
    case = await portal.place()
    waiting = await portal.press(case, RUT, Action.EMERGENCY_ATTEST, reason="Båda är sjuka")
    await portal.give(RUT, REGION, "emergency_attestant", attest_limit_ore=1_000)

    assert (await portal.attest(waiting, BO)).state is State.AWAITING_CUSTOMER_ATTEST


async def test_an_attest_that_the_rules_want_by_e_id_now_is_none_of_those_that_a_press_counts(portal):
    await portal.give(SARA, REGION, "attestant")
    waiting = await one_of_two(portal)
    await portal.declare(REGION, eid_from_ore=1)
    await portal.tick()
    then = await portal.now(waiting)
    view = await portal.view(waiting, Side.CUSTOMER)

    assert (then.attests, view.attests, view.attests_needed, view.attested_by) == ((), 0, 2, ())
    assert BO in asked(then)


async def test_an_order_of_attestants_that_came_after_an_attest_out_of_turn_is_fulfilled_from_its_beginning(portal):
    waiting = await one_of_two(portal)
    await portal.tiers(REGION, Tier(0, sequence=(CECILIA, BO)))
    await portal.tick()
    then = await portal.now(waiting)
    with pytest.raises(errors.NotYourTurn):
        await portal.attest(then, BO)
    first = await portal.attest(then, CECILIA)

    assert (asked(then), then.blocked) == ({CECILIA}, None)
    assert (first.state, asked(first)) == (waiting.state, {BO})
    assert (await portal.attest(first, BO)).state is State.AWAITING_CUSTOMER_SERVICE


async def test_an_attest_that_would_not_count_now_is_shown_as_void_and_history_holds_how_many_counted(portal):
    await portal.give(SARA, REGION, "attestant")
    waiting = await one_of_two(portal)
    await portal.give(BO, REGION, "attestant", attest_limit_ore=1_000)
    await portal.tick()
    second = await portal.attest(await portal.now(waiting), CECILIA)
    view = await portal.view(waiting, Side.CUSTOMER)
    await portal.attest(second, SARA)
    lines = tables.history.c
    query = select(lines.evidence).where(lines.case_id == waiting.id, lines.action == "attest").order_by(lines.id)
    told = await portal.database.read(lambda connection: connection.execute(query).scalars().all())

    assert [each.counts for each in view.steps if each.action is Action.ATTEST] == [False, True]
    assert (view.attests, view.attested_by) == (1, ("Cecilia Dahl",))
    assert [json.loads(each)["attests"] for each in told] == [1, 1, 2]


async def test_an_attest_counts_again_once_the_limit_suffices_again(portal):
    waiting = await one_of_two(portal)
    await portal.give(BO, REGION, "attestant", attest_limit_ore=1_000)
    await portal.tick()
    lower = await portal.now(waiting)
    await portal.give(BO, REGION, "attestant", attest_limit_ore=None)
    await portal.tick()

    assert (lower.attests, [each.person for each in (await portal.now(waiting)).attests]) == ((), [BO])
    assert (await portal.attest(await portal.now(waiting), CECILIA)).state is State.AWAITING_CUSTOMER_SERVICE


async def test_an_attest_over_the_limit_that_somebody_has_now_takes_no_order_on(portal):
    waiting = await one_of_two(portal)
    await portal.give(BO, REGION, "attestant", attest_limit_ore=1_000)
    await asks_one(portal)
    still = await portal.now(waiting)
    await portal.take(BO, REGION, "attestant")
    await portal.tick()

    assert still.state is State.AWAITING_CUSTOMER_ATTEST
    assert (await portal.now(waiting)).state is State.AWAITING_CUSTOMER_ATTEST


async def test_an_attest_counts_still_when_only_the_role_behind_it_has_ended(portal):
    waiting = await one_of_two(portal)
    await portal.take(BO, REGION, "attestant")
    await asks_one(portal)

    assert (await portal.now(waiting)).state is State.AWAITING_CUSTOMER_SERVICE


async def test_an_attest_without_the_identification_that_is_asked_for_now_takes_no_order_on(portal):
    waiting = await one_of_two(portal)
    await portal.declare(REGION, eid_from_ore=1)
    await asks_one(portal)
    still = await portal.now(waiting)
    await portal.declare(REGION, eid_from_ore=None)
    await portal.tick()

    assert still.state is State.AWAITING_CUSTOMER_ATTEST
    assert (await portal.now(waiting)).state is State.AWAITING_CUSTOMER_SERVICE


async def test_the_first_attest_of_two_is_not_the_orderers_own_once_others_may_attest(portal):
    await portal.declare(CLINIC, self_attest_allowed=True)
    case = await portal.place(DAVID, customer=CLINIC)
    await portal.tiers(CLINIC, Tier(0, attests=2))
    waiting = await portal.attest(case, DAVID)
    await portal.give(BO, CLINIC, "attestant")
    await asks_one(portal, CLINIC)
    still = await portal.now(waiting)

    assert still.state is State.AWAITING_CUSTOMER_ATTEST
    assert (await portal.attest(still, BO)).state is State.AWAITING_CUSTOMER_SERVICE


async def test_a_reserves_attest_takes_an_order_on_and_so_does_a_substitutes(portal):
    await portal.tiers(REGION, Tier(0, attests=2))
    first, second = await portal.place(), await portal.place(offer=NPO_KONSUMENT, units=(UNIT,))
    await portal.press(first, RUT, Action.EMERGENCY_ATTEST, reason="Båda är sjuka")
    await portal.substitute(BO, SARA)
    await portal.attest(second, SARA)
    await asks_one(portal)

    assert {(await portal.now(each)).state for each in (first, second)} == {State.AWAITING_CUSTOMER_SERVICE}


async def test_an_order_that_somebody_alone_could_not_attest_is_released_by_going_on(portal):
    waiting = await one_of_two(portal)
    await portal.take(CECILIA, REGION, "attestant")
    await portal.tick()
    stopped = await portal.now(waiting)
    await asks_one(portal)
    gone_on = await portal.now(waiting)

    assert stopped.blocked == Blocked(Block.NOBODY, told=True)
    assert (gone_on.state, gone_on.blocked) == (State.AWAITING_CUSTOMER_SERVICE, None)


async def test_an_order_that_comes_back_with_attests_enough_goes_on(portal):
    await portal.tiers(REGION, Tier(0, attests=2))
    attested = await portal.attest(await portal.approve(await portal.place(**via_agent()), HELENA), AMIR)
    waiting = await portal.attest(attested, BO)
    await raise_price(portal, NPO_AGENT, "agent", "recurring", "order", 50_000, 60_000)
    await asks_one(portal)
    repriced = await portal.now(waiting)
    await portal.attest(repriced, AMIR)
    await portal.tick()

    assert repriced.state is State.AWAITING_AGENT_ATTEST
    assert (await portal.now(waiting)).state is State.AWAITING_CUSTOMER_SERVICE


async def test_an_order_goes_on_once_a_question_about_it_is_answered(portal):
    question = await portal.ask(await one_of_two(portal), CECILIA)
    await asks_one(portal)
    await portal.answer(question, ANNA)
    await portal.tick()

    assert question.state is State.COMPLETION_REQUESTED
    assert (await portal.now(question)).state is State.AWAITING_CUSTOMER_SERVICE


# --- a price ends and none follows

LAST_YEAR = date(2024, 1, 1)
THIRD_UNIT = Unit("Vårdcentralen Björken", "SE2321000016-A1B4")


async def ends(portal, day):
    """The price of SITHS ends with a day."""
    await portal.price(SITHS, "customer", "startup", "order", 150_000, LAST_YEAR, ended=day)


async def begins(portal, amount_ore):
    """SITHS has a price from today on."""
    await portal.price(SITHS, "customer", "startup", "order", amount_ore, TODAY)


async def test_an_order_of_which_a_price_is_missing_keeps_its_amounts_and_nobody_attests_it(portal):
    case = await portal.place()
    await ends(portal, YESTERDAY)

    for _ in range(2):
        with pytest.raises(errors.PriceMissing) as told:
            await portal.attest(case, BO)
        with pytest.raises(errors.PriceMissing):
            await portal.press(case, RUT, Action.EMERGENCY_ATTEST, reason="Alla är sjuka")
        await portal.tick()
    stopped = await portal.now(case)

    assert told.value.facts == {"case": case.id}
    assert (stopped.order, stopped.content_version) == (case.order, 1)
    assert stopped.blocked == Blocked(Block.NO_PRICE, told=True)
    assert await portal.history(case) == [("submit", ANNA), ("review", None)]
    assert (await portal.reject(stopped, BO)).state is State.REJECTED


@pytest.mark.parametrize("payer", ["customer", "agent"])
async def test_while_a_price_is_missing_nobody_decides_whoever_pays_it(portal, payer):
    placed = await portal.place(**via_agent())
    approved = await portal.approve(await portal.place(**via_agent(units=(OTHER_UNIT,))), HELENA)
    third = await portal.place(**via_agent(units=(THIRD_UNIT,)))
    attested = await portal.attest(await portal.approve(third, HELENA), AMIR)
    kind, unit, amount = ("startup", "order", 150_000) if payer == "customer" else ("recurring", "order", 50_000)
    await portal.price(NPO_AGENT, payer, kind, unit, amount, LAST_YEAR, ended=YESTERDAY)
    await portal.tick()

    with pytest.raises(errors.PriceMissing):
        await portal.approve(placed, HELENA)
    with pytest.raises(errors.PriceMissing):
        await portal.attest(approved, AMIR)
    with pytest.raises(errors.PriceMissing):
        await portal.attest(attested, BO)
    for case in (placed, approved, attested):
        assert (await portal.now(case)).order.costs == case.order.costs


async def test_an_order_goes_on_by_itself_at_the_price_that_is_set_in_the_end(portal):
    case = await portal.place()
    await ends(portal, YESTERDAY)
    await portal.tick()
    stopped = await portal.now(case)
    await begins(portal, 156_000)
    await portal.tick()
    repriced = await portal.now(case)

    assert (repriced.blocked, repriced.content_version, asked(repriced)) == (None, 2, {BO, CECILIA})
    assert repriced.order.costs[Payer.CUSTOMER].startup_ore == 156_000
    assert repriced.order.earlier_costs == stopped.order.costs
    assert (await portal.attest(repriced, BO)).state is State.AWAITING_CUSTOMER_SERVICE


async def test_an_order_goes_on_as_it_was_when_the_price_is_set_again(portal):
    await portal.tiers(REGION, Tier(0, attests=2))
    case = await portal.attest(await portal.place(), BO)
    await ends(portal, YESTERDAY)
    await portal.tick()
    await begins(portal, 150_000)
    await portal.tick()
    released = await portal.now(case)

    assert (released.blocked, released.content_version, len(released.attests)) == (None, 1, 1)
    assert (await portal.attest(released, CECILIA)).state is State.AWAITING_CUSTOMER_SERVICE


async def test_a_fee_that_has_ended_on_purpose_costs_nothing(portal):
    case = await portal.place()
    await ends(portal, YESTERDAY)
    await begins(portal, 0)
    await portal.tick()
    repriced = await portal.now(case)

    assert (repriced.blocked, repriced.order.costs[Payer.CUSTOMER].startup_ore) == (None, 0)
    assert (await portal.attest(repriced, BO)).state is State.AWAITING_CUSTOMER_SERVICE


async def test_a_price_for_each_unit_is_not_followed_by_one_for_the_order(portal):
    await portal.price(NPO_KONSUMENT, "customer", "startup", "care_unit", 10_000, LAST_YEAR)
    case = await portal.place(offer=NPO_KONSUMENT, units=(UNIT,))
    await portal.price(NPO_KONSUMENT, "customer", "startup", "care_unit", 10_000, LAST_YEAR, ended=YESTERDAY)
    await portal.price(NPO_KONSUMENT, "customer", "startup", "order", 10, LAST_YEAR)
    await portal.tick()

    assert (await portal.now(case)).order.costs == case.order.costs
    with pytest.raises(errors.PriceMissing):
        await portal.attest(case, BO)
    with pytest.raises(errors.NoPrice):
        await portal.place(offer=NPO_KONSUMENT, units=(OTHER_UNIT,))


async def test_an_order_without_units_needs_no_price_for_each(portal):
    case = await portal.place()
    await portal.price(SITHS, "customer", "recurring", "care_unit", 120_000, LAST_YEAR, ended=YESTERDAY)
    await portal.tick()

    assert (await portal.now(case)).blocked is None
    assert (await portal.attest(case, BO)).state is State.AWAITING_CUSTOMER_SERVICE


async def test_the_limits_of_a_dearer_order_hold_while_its_price_is_missing(portal):
    case = await portal.place()
    await ends(portal, YESTERDAY)
    await portal.tick()

    with pytest.raises(errors.OverLimit):
        await portal.attest(await portal.now(case), ERIK)


async def test_a_price_that_ends_tonight_stops_the_order_tomorrow(portal):
    case = await portal.place()
    await ends(portal, TODAY)
    await portal.tick()
    today = await portal.now(case)
    portal.clock.forward(days=1)
    await portal.tick()

    assert today.blocked is None
    assert (await portal.now(case)).blocked == Blocked(Block.NO_PRICE, told=True)


async def test_an_order_that_comes_back_from_a_question_while_its_price_is_missing_is_stopped(portal):
    question = await portal.ask(await portal.place(), BO)
    await ends(portal, YESTERDAY)
    await portal.tick()
    with pytest.raises(errors.NoPrice):
        await portal.answer(question, ANNA, invoice_ref="REF-2")
    await portal.answer(question, ANNA)
    await portal.tick()

    assert (await portal.now(question)).blocked == Blocked(Block.NO_PRICE, told=True)


async def test_attests_that_suffice_take_no_order_on_while_its_price_is_missing(portal):
    waiting = await one_of_two(portal)
    await ends(portal, YESTERDAY)
    await asks_one(portal)
    stopped = await portal.now(waiting)
    await begins(portal, 150_000)
    await portal.tick()

    assert stopped.state is State.AWAITING_CUSTOMER_ATTEST
    assert (await portal.now(waiting)).state is State.AWAITING_CUSTOMER_SERVICE


# --- the offer itself


async def test_what_is_attested_is_the_offer_as_it_was_ordered_whatever_it_is_called_now(portal):
    case = await portal.place()
    ordered = await portal.view(case, Side.CUSTOMER)
    await portal.offer(SITHS, name={"sv": "Något annat", "en": "Something else"}, terms_url="https://example.org/andra")
    view = await portal.view(case, Side.CUSTOMER)

    assert (view.offer, view.terms_url) == (ordered.offer, ordered.terms_url)
    assert (await portal.attest(case, BO)).state is State.AWAITING_CUSTOMER_SERVICE
