"""Who may decide, each rule by name: what keeps one person out keeps out whoever uses that person's authority."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.api import (
    Action,
    Assurance,
    ConnectionWay,
    EarlierConnection,
    Flow,
    OfferId,
    OrganisationId,
    Part,
    PersonId,
    Role,
    Rules,
    Side,
    Standing,
    State,
    Tier,
    Unit,
    authorized_row,
    may_attest_after,
)
from core.applications.application import Applying
from core.shared import errors
from core.shared.vocabulary import Block
from core.workflow import superseded
from core.workflow.authorize import authorize_any
from core.workflow.guards.people import enough
from core.workflow.guards.progress import block
from tests.support.world.builders import (
    AGENT,
    AGENT_ATTESTANT,
    AGENT_COLLEAGUE,
    ATTESTANT,
    COLLEAGUE,
    CUSTOMER,
    HANDLER,
    HOLDERS,
    ORDERER,
    RESERVE,
    SERVICE,
    SERVICE_COLLEAGUE,
    TWO_ATTESTS,
    after,
    draft,
    grant,
    pressed,
    situation,
)

VIA = Flow.VIA_AGENT
STAND_IN = PersonId("PSTANDIN")


def holding(part, *grants):
    return {**HOLDERS, part: grants}


def by(now, *grants, **changes):
    """The situation of a person who holds these roles."""
    return replace(now, person=grants[0].person, grants=grants, **changes)


def refused(now, action):
    with pytest.raises(errors.OrderError) as told:
        authorized_row(now, action, None)
    return type(told.value)


def names(grants):
    return tuple(each.person for each in grants)


# --- separation of duties


def test_whoever_revised_the_order_in_the_orderers_place_does_not_attest_it():
    left = situation(after(Action.REQUEST_COMPLETION), STAND_IN, orderer_is_active=False)
    orders = by(left, grant(STAND_IN, Part.ORDERER), revised=None)
    answered = pressed(orders, Action.ANSWER).after

    assert refused(by(situation(answered), grant(STAND_IN, Part.CUSTOMER_ATTESTANT)), Action.ATTEST) is errors.OwnOrder


def test_a_substitute_for_whoever_approved_does_not_attest_with_that_persons_authority():
    approved = after(Action.APPROVE, flow=VIA)

    now = by(situation(approved), grant(STAND_IN, Part.AGENT_ATTESTANT, absent=HANDLER))

    assert refused(now, Action.ATTEST) is errors.OwnApproval


def test_an_approval_with_an_absent_persons_authority_keeps_that_person_from_attesting():
    at_agent = by(situation(after(flow=VIA)), grant(STAND_IN, Part.AGENT_HANDLER, absent=HANDLER))
    approved = pressed(at_agent, Action.APPROVE).after

    assert refused(by(situation(approved), grant(HANDLER, Part.AGENT_ATTESTANT)), Action.ATTEST) is errors.OwnApproval


def test_whoever_approves_for_an_absent_colleague_cannot_choose_that_colleague_to_attest():
    holders = holding(
        Part.AGENT_ATTESTANT, grant(HANDLER, Part.AGENT_ATTESTANT), grant(AGENT_ATTESTANT, Part.AGENT_ATTESTANT)
    )
    now = by(situation(after(flow=VIA), holders=holders), grant(STAND_IN, Part.AGENT_HANDLER, absent=HANDLER))

    assert may_attest_after(now.playing(Part.AGENT_HANDLER, now.grants[0])) == (AGENT_ATTESTANT,)


def test_the_orderer_who_works_for_the_agent_too_hears_that_one_acts_for_one_side():
    both = grant(ORDERER, Part.AGENT_HANDLER), grant(ORDERER, Part.AGENT_ATTESTANT)

    assert refused(by(situation(after(flow=VIA)), *both), Action.APPROVE) is errors.BothSides
    assert refused(by(situation(after(Action.APPROVE, flow=VIA)), *both), Action.ATTEST) is errors.BothSides


def test_case_31_whoever_has_handed_over_for_one_side_does_not_act_for_the_other():
    now = by(situation(after(flow=VIA)), grant(HANDLER, Part.AGENT_HANDLER))
    other = replace(
        now, holders=holding(Part.AGENT_HANDLER, *(grant(each, Part.AGENT_HANDLER) for each in (HANDLER, STAND_IN)))
    )
    handed = pressed(other, Action.HAND_OVER, to=STAND_IN).after
    approved = pressed(by(situation(handed), grant(STAND_IN, Part.AGENT_HANDLER)), Action.APPROVE).after
    attested = pressed(by(situation(approved), grant(AGENT_ATTESTANT, Part.AGENT_ATTESTANT)), Action.ATTEST).after

    for_the_customer = by(situation(attested), grant(HANDLER, Part.CUSTOMER_ATTESTANT))
    assert attested.state is State.AWAITING_CUSTOMER_ATTEST
    assert refused(for_the_customer, Action.ATTEST) is errors.BothSides


def asked_by_inera():
    """Customer service asked the orderer, and what came of it begins anew."""
    case = after(Action.ATTEST, Action.CLAIM, Action.REQUEST_COMPLETION)
    revised = replace(case, content=replace(case.order, invoice_ref="ANNAN")).anew()
    return pressed(situation(case, ORDERER, revised=revised), Action.ANSWER).after


def test_whoever_has_acted_for_inera_does_not_attest_the_same_order():
    case = asked_by_inera()

    own = by(situation(case), grant(SERVICE, Part.CUSTOMER_ATTESTANT))
    lent = by(situation(case), grant(STAND_IN, Part.CUSTOMER_ATTESTANT, absent=SERVICE))
    reserve = by(situation(case), grant(SERVICE, Part.CUSTOMER_EMERGENCY))

    assert case.state is State.AWAITING_CUSTOMER_ATTEST
    assert refused(own, Action.ATTEST) is refused(lent, Action.ATTEST) is errors.ActedForInera
    assert refused(reserve, Action.EMERGENCY_ATTEST) is errors.ActedForInera
    colleague = by(situation(case), grant(COLLEAGUE, Part.CUSTOMER_ATTESTANT))
    assert authorized_row(colleague, Action.ATTEST, None)


def test_whoever_has_but_claimed_the_case_has_acted_for_inera():
    case = pressed(situation(after(Action.ATTEST), SERVICE), Action.CLAIM).after
    released = pressed(situation(case, SERVICE), Action.RELEASE).after
    taken = pressed(situation(released, SERVICE_COLLEAGUE), Action.CLAIM).after
    asked = pressed(situation(taken, SERVICE_COLLEAGUE), Action.REQUEST_COMPLETION).after
    revised = replace(asked, content=replace(asked.order, invoice_ref="ANNAN")).anew()
    answered = pressed(situation(asked, ORDERER, revised=revised), Action.ANSWER).after

    assert refused(by(situation(answered), grant(SERVICE, Part.CUSTOMER_ATTESTANT)), Action.ATTEST) is (
        errors.ActedForInera
    )


def test_whoever_asked_for_inera_does_not_answer_in_the_orderers_place_and_is_not_asked_to():
    orderers = holding(Part.ORDERER, grant(SERVICE, Part.ORDERER), grant(STAND_IN, Part.ORDERER))
    claimed = after(Action.ATTEST, Action.CLAIM)
    left = situation(claimed, SERVICE, holders=orderers, orderer_is_active=False)
    asked = pressed(left, Action.REQUEST_COMPLETION).after

    def answering(person):
        return by(situation(asked, orderer_is_active=False), grant(person, Part.ORDERER), revised=None)

    assert names(asked.asked) == (STAND_IN,)
    assert refused(answering(SERVICE), Action.ANSWER) is errors.ActedForInera
    assert authorized_row(answering(STAND_IN), Action.ANSWER, None)


# --- who acts for Inera


def test_nobody_acts_for_inera_who_has_declared_jav_or_handed_over_or_whose_authority_was_used():
    def served(now, action, **said):
        case = pressed(now, action, **said).after
        attested = pressed(situation(case, ATTESTANT), Action.ATTEST).after if action is not Action.ATTEST else case
        return situation(attested, SERVICE)

    mine = grant(SERVICE, Part.CUSTOMER_ATTESTANT)
    holders = holding(Part.CUSTOMER_ATTESTANT, *HOLDERS[Part.CUSTOMER_ATTESTANT], mine)
    waiting = situation(after(), holders=holders)
    recused = served(by(waiting, mine), Action.RECUSE)
    handed = served(by(waiting, mine), Action.HAND_OVER, to=ATTESTANT)
    lent = served(by(waiting, grant(STAND_IN, Part.CUSTOMER_ATTESTANT, absent=SERVICE)), Action.ATTEST)

    for now, why in ((recused, errors.Recused), (handed, errors.Involved), (lent, errors.Involved)):
        assert now.case.state is State.AWAITING_CUSTOMER_SERVICE
        assert refused(now, Action.CLAIM) is why
        assert authorized_row(
            replace(now, person=SERVICE_COLLEAGUE, grants=HOLDERS[Part.CUSTOMER_SERVICE]), Action.CLAIM, None
        )


def test_whoever_has_declared_jav_at_inera_does_nothing_more_in_the_case_and_what_was_claimed_is_free():
    attested = pressed(situation(after(), ATTESTANT), Action.ATTEST).after
    claimed = pressed(situation(attested, SERVICE), Action.CLAIM).after
    later = claimed.waiting_since + timedelta(hours=5)

    mine = pressed(situation(claimed, SERVICE), Action.RECUSE, at=later).after
    colleagues = pressed(situation(claimed, SERVICE_COLLEAGUE), Action.RECUSE, at=later).after

    lead = replace(HOLDERS[Part.CUSTOMER_SERVICE][0], person=SERVICE_COLLEAGUE, role=Role.CUSTOMER_SERVICE_LEAD)

    assert (mine.claimed_by, mine.recused, mine.state) == (None, (SERVICE,), State.AWAITING_CUSTOMER_SERVICE)
    assert mine.due_at == pressed(situation(claimed, SERVICE), Action.RELEASE, at=later).after.due_at
    assert (colleagues.claimed_by, colleagues.due_at) == (SERVICE, claimed.due_at)
    for action in (Action.CLAIM, Action.TAKE_OVER, Action.RECUSE):
        assert refused(situation(colleagues, SERVICE_COLLEAGUE, grants=(lead,)), action) is errors.Recused
    assert pressed(situation(mine, SERVICE_COLLEAGUE), Action.CLAIM).after.claimed_by == SERVICE_COLLEAGUE


@pytest.mark.parametrize("others", [CUSTOMER, AGENT, OrganisationId("OLOSES"), OrganisationId("OALSO")])
def test_nobody_acts_for_inera_who_has_or_had_or_is_to_have_a_role_with_those_whom_the_case_is_about(others):
    case = after(Action.APPROVE, Action.ATTEST, Action.ATTEST, flow=VIA)
    loses = (earlier(OrganisationId("OALSO"), ends=True), earlier(OrganisationId("OSTAYS")))
    case = replace(case, content=replace(case.order, replaces_agent=OrganisationId("OLOSES"), earlier=loses))

    assert refused(situation(case, SERVICE, belongs=frozenset({others})), Action.CLAIM) is errors.Involved
    others = frozenset({OrganisationId("OANOTHER"), OrganisationId("OSTAYS")})
    assert authorized_row(situation(case, SERVICE, belongs=others), Action.CLAIM, None)


# --- what a refusal is about


def told(now, action):
    with pytest.raises(errors.OrderError) as refusal:
        authorized_row(now, action, None)
    return type(refusal.value), refusal.value.facts


def test_a_refusal_names_what_its_sentence_and_its_problem_are_about():
    via, here = after(Action.APPROVE, Action.ATTEST, flow=VIA), after().id
    without_assignment = Standing(agent_assignment=False)
    connected = Standing(service="npo", connected=Unit("Rehab Öster"))
    from_any_amount = {Side.CUSTOMER: Rules(eid_from_ore=0), Side.AGENT: Rules(eid_from_ore=0)}
    two = {Side.CUSTOMER: TWO_ATTESTS}
    one = after(Action.ATTEST, rules=two)
    claimed = after(Action.ATTEST, Action.CLAIM)

    stopped = told(situation(via, ATTESTANT, standing=without_assignment), Action.ATTEST)
    again = told(situation(draft(), ORDERER, standing=connected), Action.SUBMIT)
    elsewhere = Standing(service="npo", unsaid=(earlier(CUSTOMER),))
    other_agent = told(situation(draft(VIA), ORDERER, standing=elsewhere), Action.SUBMIT)
    clicked = told(situation(after(), ATTESTANT, rules=from_any_amount), Action.ATTEST)
    agents = told(situation(after(Action.APPROVE, flow=VIA), AGENT_ATTESTANT, rules=from_any_amount), Action.ATTEST)
    twice = told(situation(one, ATTESTANT, rules=two), Action.ATTEST)
    closed = told(situation(after(Action.REJECT), ATTESTANT), Action.ATTEST)
    not_paused = told(situation(claimed, SERVICE), Action.RESUME)

    assert stopped == (errors.Stopped, {"case": here})
    assert again == (errors.AlreadyConnected, {"unit": "Rehab Öster", "service": "npo"})
    assert other_agent == (errors.ChangeOfAgent, {"agent": CUSTOMER, "service": "npo"})
    assert clicked == (errors.IdentificationRequired, {"organisation": CUSTOMER})
    assert agents == (errors.IdentificationRequired, {"organisation": AGENT})
    assert twice == (errors.AlreadyAttested, {"person": ATTESTANT, "at": one.decisions[-1].at, "case": here})
    assert closed == (errors.CaseClosed, {"case": here, "flow": Flow.DIRECT})
    assert not_paused == (errors.ActionNotPossible, {"action": Action.RESUME, "case": here, "flow": Flow.DIRECT})


# --- several attestants


@pytest.mark.parametrize("sequence", [(ATTESTANT, ORDERER), (ORDERER, ATTESTANT), (ATTESTANT, STAND_IN)])
def test_an_order_that_somebody_in_turn_could_never_attest_is_refused_when_it_is_submitted(sequence):
    in_turn = {Side.CUSTOMER: Rules(tiers=(Tier(0, sequence=sequence),))}
    attestants = [grant(each, Part.CUSTOMER_ATTESTANT) for each in (ATTESTANT, COLLEAGUE, ORDERER)]
    now = situation(draft(), ORDERER, rules=in_turn, holders=holding(Part.CUSTOMER_ATTESTANT, *attestants))

    assert refused(now, Action.SUBMIT) is errors.NoAttestant


def test_an_order_that_everybody_in_turn_may_attest_is_submitted():
    in_turn = {Side.CUSTOMER: Rules(tiers=(Tier(0, sequence=(ATTESTANT, COLLEAGUE)),))}

    assert authorized_row(situation(draft(), ORDERER, rules=in_turn), Action.SUBMIT, None)


def test_an_order_waits_for_whoever_is_next_though_the_first_in_turn_may_attest_alone():
    in_turn = {Side.CUSTOMER: Rules(tiers=(Tier(0, sequence=(ATTESTANT, COLLEAGUE)),))}
    alone = holding(Part.CUSTOMER_ATTESTANT, grant(ATTESTANT, Part.CUSTOMER_ATTESTANT))

    assert block(situation(after(), None, rules=in_turn, holders=alone)) is Block.NOBODY


def test_a_reserve_takes_the_turn_of_whoever_is_absent():
    in_turn = {Side.CUSTOMER: Rules(tiers=(Tier(0, sequence=(ATTESTANT, COLLEAGUE)),))}

    attested = pressed(situation(after(), RESERVE, rules=in_turn), Action.EMERGENCY_ATTEST).after

    assert attested.state is State.AWAITING_CUSTOMER_ATTEST
    assert names(attested.asked) == (COLLEAGUE,)


def test_a_reserve_who_is_named_later_takes_no_earlier_turn_and_no_substitute_does_in_that_name():
    in_turn = {Side.CUSTOMER: Rules(tiers=(Tier(0, sequence=(ATTESTANT, COLLEAGUE)),))}
    early, late = situation(after(), rules=in_turn), situation(after(Action.ATTEST, rules=in_turn), rules=in_turn)
    named = grant(COLLEAGUE, Part.CUSTOMER_EMERGENCY)
    lent = grant(STAND_IN, Part.CUSTOMER_EMERGENCY, absent=COLLEAGUE)

    assert refused(by(early, named), Action.EMERGENCY_ATTEST) is errors.NotYourTurn
    assert refused(by(early, lent), Action.EMERGENCY_ATTEST) is errors.NotYourTurn
    assert authorized_row(by(late, named), Action.EMERGENCY_ATTEST, None)


def test_whoever_has_left_the_step_to_a_colleague_does_not_attest_it_as_a_reserve():
    both = grant(ATTESTANT, Part.CUSTOMER_ATTESTANT), grant(ATTESTANT, Part.CUSTOMER_EMERGENCY)
    handed = pressed(by(situation(after()), *both), Action.HAND_OVER, to=COLLEAGUE).after

    assert refused(by(situation(handed), *both), Action.EMERGENCY_ATTEST) is errors.HandedOver
    assert authorized_row(situation(handed, RESERVE), Action.EMERGENCY_ATTEST, None)


def test_how_many_attest_says_nothing_of_how_many_approve():
    two_attest = {Side.AGENT: TWO_ATTESTS}
    now = situation(
        after(flow=VIA),
        None,
        rules=two_attest,
        holders=holding(Part.AGENT_HANDLER, grant(HANDLER, Part.AGENT_HANDLER)),
    )

    assert enough(now, Part.AGENT_HANDLER)
    assert block(now) is None


def test_the_chosen_attestant_is_one_of_two_where_two_must_attest():
    two_attest = {Side.AGENT: TWO_ATTESTS}
    chosen = replace(after(Action.APPROVE, flow=VIA, rules=two_attest), chosen_attestant=AGENT_ATTESTANT)

    now = situation(chosen, AGENT_ATTESTANT, rules=two_attest)
    attested = pressed(now, Action.ATTEST).after

    assert block(now) is None
    assert refused(situation(chosen, AGENT_COLLEAGUE, rules=two_attest), Action.ATTEST) is errors.NotChosen
    assert names(attested.asked) == (AGENT_COLLEAGUE,)
    assert authorized_row(situation(attested, AGENT_COLLEAGUE, rules=two_attest), Action.ATTEST, None)


def test_an_agent_with_fewer_attestants_than_the_amount_needs_gets_no_order():
    two_attest = {Side.AGENT: TWO_ATTESTS}
    alone = holding(
        Part.AGENT_ATTESTANT, grant(AGENT_ATTESTANT, Part.AGENT_ATTESTANT), grant(HANDLER, Part.AGENT_ATTESTANT)
    ) | {Part.AGENT_HANDLER: (grant(HANDLER, Part.AGENT_HANDLER),)}

    now = situation(draft(VIA), ORDERER, rules=two_attest)

    assert authorized_row(now, Action.SUBMIT, None)
    assert refused(replace(now, holders=alone), Action.SUBMIT) is errors.AgentNotStaffed


def test_nobody_approves_when_that_would_leave_too_few_to_attest():
    two_attest = {Side.AGENT: TWO_ATTESTS}
    holders = holding(
        Part.AGENT_ATTESTANT, grant(AGENT_ATTESTANT, Part.AGENT_ATTESTANT), grant(HANDLER, Part.AGENT_ATTESTANT)
    )
    now = situation(after(flow=VIA), HANDLER, rules=two_attest, holders=holders)

    assert refused(now, Action.APPROVE) is errors.AgentNotStaffed


def test_a_handler_and_the_substitute_with_that_handlers_authority_are_not_two_for_an_agent():
    one_authority = holding(Part.AGENT_ATTESTANT, grant(STAND_IN, Part.AGENT_ATTESTANT, absent=HANDLER)) | {
        Part.AGENT_HANDLER: (grant(HANDLER, Part.AGENT_HANDLER),)
    }

    assert refused(situation(draft(VIA), ORDERER, holders=one_authority), Action.SUBMIT) is errors.AgentNotStaffed


# --- what the other organisation lacks


def test_the_agent_attests_also_while_nobody_at_the_customer_can_decide():
    nobody = situation(after(Action.APPROVE, flow=VIA), AGENT_ATTESTANT, holders=holding(Part.CUSTOMER_ATTESTANT))

    attested = pressed(nobody, Action.ATTEST).after

    assert attested.state is State.AWAITING_CUSTOMER_ATTEST
    assert (attested.blocked.why, attested.asked) == (Block.NOBODY, ())


def test_the_clock_finds_nothing_to_do_where_no_row_of_it_is_left():
    with pytest.raises(errors.OrderMovedOn):
        authorize_any(situation(after(Action.ATTEST), None), ())


def test_customer_service_tells_no_agent_to_begin_whose_agreement_has_ended():
    claimed = after(Action.APPROVE, Action.ATTEST, Action.ATTEST, Action.CLAIM, flow=VIA)
    ended = Standing(agent_agreement=False)

    assert authorized_row(situation(claimed, SERVICE), Action.INFORM_AGENT, None)
    assert refused(situation(claimed, SERVICE, standing=ended), Action.INFORM_AGENT) is errors.AgentHasNoAgreement
    assert authorized_row(situation(claimed, SERVICE, standing=ended), Action.CANCEL, None)


# --- own rights and borrowed ones


@pytest.mark.parametrize("order", [tuple, reversed])
def test_whoever_may_decide_twice_over_is_asked_by_the_own_right(order):
    twice = grant(COLLEAGUE, Part.CUSTOMER_ATTESTANT, absent=ATTESTANT), grant(COLLEAGUE, Part.CUSTOMER_ATTESTANT)
    now = situation(draft(), ORDERER, holders=holding(Part.CUSTOMER_ATTESTANT, *order(twice)))

    (asked,) = pressed(now, Action.SUBMIT).after.asked

    assert (asked.person, asked.absent) == (COLLEAGUE, None)


def test_the_own_right_is_used_before_a_borrowed_one():
    mine = grant(COLLEAGUE, Part.CUSTOMER_ATTESTANT), grant(COLLEAGUE, Part.CUSTOMER_ATTESTANT, absent=ATTESTANT)

    decision = pressed(by(situation(after()), *reversed(mine)), Action.ATTEST).decision

    assert (decision.person, decision.absent) == (COLLEAGUE, None)


def test_whoever_is_over_the_own_limit_decides_with_the_right_of_the_absent_person():
    mine = grant(COLLEAGUE, Part.CUSTOMER_ATTESTANT, limit_ore=1)
    borrowed = grant(COLLEAGUE, Part.CUSTOMER_ATTESTANT, absent=ATTESTANT)

    decision = pressed(by(situation(after()), mine, borrowed), Action.ATTEST).decision

    assert (decision.absent, decision.limit_ore) == (ATTESTANT, None)


def test_what_refuses_the_own_right_is_told_before_what_refuses_a_borrowed_one():
    mine = grant(COLLEAGUE, Part.CUSTOMER_ATTESTANT, limit_ore=1)
    borrowed = grant(COLLEAGUE, Part.CUSTOMER_ATTESTANT, absent=ORDERER)

    assert refused(by(situation(after()), borrowed, mine), Action.ATTEST) is errors.OverLimit


def test_two_attests_are_two_peoples_and_two_peoples_authority():
    two = {Side.CUSTOMER: TWO_ATTESTS}
    one = after(Action.ATTEST, rules=two)

    again = by(situation(one, rules=two), grant(ATTESTANT, Part.CUSTOMER_ATTESTANT, absent=COLLEAGUE))
    for_him = by(situation(one, rules=two), grant(STAND_IN, Part.CUSTOMER_ATTESTANT, absent=ATTESTANT))
    assert refused(again, Action.ATTEST) is refused(for_him, Action.ATTEST) is errors.AlreadyAttested


def test_whose_authority_a_substitute_has_attested_with_does_not_attest_besides():
    two = {Side.CUSTOMER: TWO_ATTESTS}
    one = after(Action.ATTEST, rules=two)
    (attest,) = [each for each in one.decisions if each.action is Action.ATTEST]
    by_substitute = replace(attest, person=STAND_IN, absent=ATTESTANT)
    case = replace(one, decisions=(*one.decisions[:-1], by_substitute))

    back = by(situation(case, rules=two), grant(ATTESTANT, Part.CUSTOMER_ATTESTANT))
    colleague = by(situation(case, rules=two), grant(COLLEAGUE, Part.CUSTOMER_ATTESTANT))

    assert refused(back, Action.ATTEST) is errors.AlreadyAttested
    assert authorized_row(colleague, Action.ATTEST, None)


def test_a_tier_begins_at_its_own_amount():
    rules = Rules(tiers=(Tier(0), Tier(1_000_000, attests=2), Tier(5_000_000, attests=3)))

    asked = [rules.tier(amount).attests for amount in (999_999, 1_000_000, 4_999_999, 5_000_000)]

    assert asked == [1, 2, 2, 3]


def test_from_an_amount_that_the_organisation_sets_a_click_is_not_enough():
    declared = {Side.CUSTOMER: Rules(eid_from_ore=3_700_000)}
    now = situation(after(), ATTESTANT, rules=declared)

    assert refused(now, Action.ATTEST) is errors.IdentificationRequired
    assert authorized_row(replace(now, assurance=Assurance.EID_LINK), Action.ATTEST, None)
    assert authorized_row(now, Action.REJECT, None)
    higher = {Side.CUSTOMER: Rules(eid_from_ore=3_700_001)}
    assert authorized_row(situation(after(), ATTESTANT, rules=higher), Action.ATTEST, None)


def test_a_limit_is_held_against_the_start_up_cost_and_a_year_of_the_recurring_one():
    now = situation(after())

    def limited(ore):
        return by(now, grant(COLLEAGUE, Part.CUSTOMER_ATTESTANT, limit_ore=ore))

    assert refused(limited(3_699_999), Action.ATTEST) is errors.OverLimit
    assert authorized_row(limited(3_700_000), Action.ATTEST, None)


def earlier(agent, **changes):
    """What a unit has of the service by another offer, through an agent or none."""
    return EarlierConnection(ConnectionWay(OfferId("npo-other"), agent), {}, ("Rehab Öster",), **changes)


@pytest.mark.parametrize(
    ("flow", "agents", "refusal"),
    [
        (Flow.DIRECT, [None], errors.AddOrReplace),
        (Flow.DIRECT, [OrganisationId("OLOSES")], errors.AddOrReplace),
        (VIA, [None], errors.AddOrReplace),
        (VIA, [AGENT], errors.AddOrReplace),
        (VIA, [OrganisationId("OLOSES")], errors.ChangeOfAgent),
        (VIA, [OrganisationId("OLOSES"), None], errors.AddOrReplace),
        (VIA, [OrganisationId("OLOSES"), AGENT], errors.AddOrReplace),
    ],
)
def test_what_a_unit_has_in_other_ways_is_asked_about_and_by_its_older_name_between_agents(flow, agents, refusal):
    standing = Standing(service="npo", unsaid=tuple(map(earlier, agents)))

    assert refused(situation(draft(flow), ORDERER, standing=standing), Action.SUBMIT) is refusal


def test_in_the_first_version_whoever_had_a_role_with_those_whom_the_case_is_about_did_not_act_for_inera():
    case = after(Action.APPROVE, Action.ATTEST, Action.ATTEST, flow=VIA)
    serving, known = HOLDERS[Part.CUSTOMER_SERVICE][0], Applying(OrganisationId("OAPPLIES"))

    def judged(organisation):
        other = grant(SERVICE, Part.CUSTOMER_ATTESTANT, organisation=organisation)
        return superseded.not_involved(by(situation(case), serving, other, applying=known))

    for organisation in (CUSTOMER, AGENT, OrganisationId("OAPPLIES")):
        assert type(judged(organisation)) is errors.Involved
    assert judged(OrganisationId("OANOTHER")) is None


def test_what_stood_in_the_fourth_version_is_judged_as_it_was_then():
    """A unit had a service once, whatever the offer; through another agent the change was confirmed."""
    other, by = OrganisationId("OLOSES"), {VIA: AGENT, Flow.DIRECT: None}

    def judged(flow, *agents, **standing):
        held = Standing(service="npo", earlier=tuple(map(earlier, agents)), **standing)
        refusal = superseded.not_connected(situation(replace(draft(flow), agent=by[flow]), ORDERER, standing=held))
        return None if refusal is None else type(refusal)

    assert judged(VIA) is judged(VIA, other, changes_agent=True) is None
    assert judged(VIA, other) is errors.ChangeOfAgent
    again = (
        judged(Flow.DIRECT, None),
        judged(Flow.DIRECT, other, changes_agent=True),
        judged(VIA, None, changes_agent=True),
        judged(VIA, AGENT, changes_agent=True),
        judged(VIA, connected=Unit("Rehab Öster")),
    )
    assert {*again} == {errors.AlreadyConnected}
