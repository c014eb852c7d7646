"""What one side may know of a case where several attest, prices change or another agent has been there before."""

from dataclasses import replace
from datetime import date

import pytest

from core.api import (
    Action,
    Block,
    Cost,
    Flow,
    Organisation,
    OrganisationId,
    Part,
    Payer,
    Period,
    Rules,
    Side,
    State,
    Tier,
)
from core.views.case_view import disclose
from tests.support.drawn import detours
from tests.support.world.builders import AGENT, AGENT_ATTESTANT, CUSTOMER, TWO_ATTESTS, after, dossier, organisation

VIA = Flow.VIA_AGENT
OTHER_AGENT = OrganisationId("OOTHER")
QUESTION = (Action.APPROVE, Action.ATTEST, Action.REQUEST_COMPLETION)


def test_the_agents_buttons_are_there_whatever_the_customer_has_declared():
    declared = {Side.CUSTOMER: Rules(tiers=(Tier(0, attests=7),)), Side.AGENT: TWO_ATTESTS}

    view = disclose(dossier(after(Action.APPROVE, flow=VIA), rules=declared), Side.AGENT)

    assert Action.ATTEST in {row.does for row in view.offers[Part.AGENT_ATTESTANT]}
    assert (view.attests, view.attests_needed) == (0, 2)


def test_how_many_attest_says_nothing_of_a_step_that_approves():
    assert disclose(dossier(after(flow=VIA), rules={Side.AGENT: TWO_ATTESTS}), Side.AGENT).attests_needed == 1


def test_how_many_have_attested_is_the_own_sides_to_know_and_ineras():
    two = {Side.CUSTOMER: TWO_ATTESTS}
    one_of_two = dossier(after(Action.ATTEST, rules=two), rules=two)

    counted = {side: disclose(one_of_two, side).attests for side in Side}
    assert counted == {Side.CUSTOMER: 1, Side.AGENT: 0, Side.INERA: 1}


def test_the_others_may_attest_when_the_chosen_attestant_has():
    two = {Side.AGENT: TWO_ATTESTS}
    one = replace(after(Action.APPROVE, Action.ATTEST, flow=VIA, rules=two), chosen_attestant=AGENT_ATTESTANT)

    view = disclose(dossier(one, rules=two), Side.AGENT)

    assert Action.ATTEST in {row.does for row in view.offers[Part.AGENT_ATTESTANT]}
    assert view.attested_by == ("David Sten",)


def moved():
    """An order that has gone to another agent after a question."""
    agent = Organisation(OTHER_AGENT, "Nya Journalen AB", "5560000001", org_number_is_personal=False, kinds=frozenset())
    organisations = {CUSTOMER: organisation(CUSTOMER), AGENT: organisation(AGENT), OTHER_AGENT: agent}
    asked = after(Action.REQUEST_COMPLETION, Action.ANSWER, Action.APPROVE, Action.ATTEST, flow=VIA)
    return dossier(replace(asked, agent=OTHER_AGENT), organisations=organisations)


def test_a_new_agent_learns_nothing_that_was_decided_at_the_one_before():
    view = disclose(moved(), Side.AGENT)

    assert [each.action for each in view.steps if each.action] == [Action.ANSWER]
    assert {each.message for each in view.steps} == {""}
    assert not {each.by for each in view.steps} & {"Cecilia Alm", "David Sten"}


def test_the_customer_sees_which_of_two_agents_decided():
    view = disclose(moved(), Side.CUSTOMER)

    decided = {each.organisation for each in view.steps if each.action in {Action.APPROVE, Action.ATTEST}}
    waiting = {each.organisation for each in view.steps if each.action is None}
    assert (decided, waiting) == ({"Journalia AB"}, {"Region Exempel", None})


def test_a_side_hears_of_a_price_only_when_it_pays_another():
    case = after(flow=VIA)
    dearer = {**case.order.costs, Payer.CUSTOMER: Cost(9_999_900, 0, Period.YEAR)}
    order = replace(case.order, earlier_costs=dearer, coming_costs=dearer, coming_from=date(2027, 1, 1))
    found = dossier(replace(case, content=order))

    customer, agent = disclose(found, Side.CUSTOMER), disclose(found, Side.AGENT)

    assert (agent.earlier_costs, agent.coming_costs, agent.coming_from) == ({}, {}, None)
    assert customer.earlier_costs == customer.coming_costs == {Payer.CUSTOMER: dearer[Payer.CUSTOMER]}
    assert customer.coming_from == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("why", "told"),
    [
        (Block.NO_CUSTOMER_AGREEMENT, {Side.CUSTOMER, Side.INERA}),
        (Block.NO_AGENT_AGREEMENT, {Side.AGENT, Side.INERA}),
        (Block.NO_AGENT_ASSIGNMENT, {Side.AGENT, Side.INERA}),
        (Block.NOBODY, {Side.CUSTOMER, Side.INERA}),
        (Block.OVER_LIMIT, {Side.CUSTOMER, Side.INERA}),
    ],
)
def test_why_an_order_stands_still_is_told_to_the_side_whose_matter_it_is_and_to_inera(why, told):
    case = detours.blocked(State.AWAITING_CUSTOMER_ATTEST, why)

    seen = {side: disclose(dossier(case), side).blocked for side in Side}

    assert seen == {side: why if side in told else None for side in Side}


def test_a_case_ends_by_itself_where_the_clock_ends_it_and_not_where_the_clock_only_calls():
    waiting, at_service = after(), after(Action.ATTEST)

    shown = {side: disclose(dossier(waiting), side).expires_at for side in Side}

    assert set(shown.values()) == {waiting.wait.closes}
    assert {disclose(dossier(waiting), side).reminds_at for side in Side} == {waiting.due_at}
    assert at_service.due_at is not None
    assert {disclose(dossier(at_service), side).expires_at for side in Side} == {None}
