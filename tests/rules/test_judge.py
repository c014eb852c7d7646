"""Who is refused what, and in which words: the judge over small situations, each rule of the domain by name."""

import dataclasses

import pytest

from core.api import (
    Action,
    Answers,
    Assurance,
    Case,
    CaseId,
    Decision,
    DecisionContext,
    Flow,
    Grant,
    Order,
    Part,
    Role,
    Rules,
    Seen,
    Side,
    State,
    Surface,
    authorized_row,
    eligible,
    may_attest_after,
    offered,
)
from core.shared import errors
from core.workflow.authorize import authorize, check_answers
from tests.support.world.seed import (
    AGENT,
    AMIR,
    ANNA,
    ASTA,
    BO,
    CECILIA,
    HELENA,
    INERA,
    KALLE,
    KARIN,
    NOW,
    NPO_AGENT,
    REGION,
)

ATTESTANT, HANDLER, SERVICE = Role.ATTESTANT, Role.AGENT_HANDLER, Role.CUSTOMER_SERVICE


def decided(person, part, action, state, step):
    organisation = AGENT if part in {Part.AGENT_HANDLER, Part.AGENT_ATTESTANT} else REGION
    return Decision(
        step=step,
        state=state,
        action=action,
        part=part,
        person=person,
        organisation=organisation,
        at=NOW,
        surface=Surface.SLACK,
        assurance=Assurance.CLICK_CONFIRM,
        content_version=1,
    )


SUBMITTED = decided(ANNA, Part.ORDERER, Action.SUBMIT, State.DRAFT, 0)
APPROVED = decided(HELENA, Part.AGENT_HANDLER, Action.APPROVE, State.AWAITING_AGENT_APPROVAL, 1)
AGENT_ATTESTED = decided(AMIR, Part.AGENT_ATTESTANT, Action.ATTEST, State.AWAITING_AGENT_ATTEST, 2)
ATTESTED = decided(BO, Part.CUSTOMER_ATTESTANT, Action.ATTEST, State.AWAITING_CUSTOMER_ATTEST, 3)


def case(state, *decisions, **changes):
    given = {
        "id": CaseId("B-2345678"),
        "flow": Flow.VIA_AGENT,
        "state": state,
        "customer": REGION,
        "agent": AGENT,
        "orderer": ANNA,
        "content": Order(NPO_AGENT, (), "REF"),
        "created_at": NOW,
        "waiting_since": NOW,
        "step": len(decisions),
        "decisions": decisions,
    }
    return Case(**given | changes)


AT_AGENT = case(State.AWAITING_AGENT_APPROVAL, SUBMITTED)
AT_AGENT_ATTEST = case(State.AWAITING_AGENT_ATTEST, SUBMITTED, APPROVED)
AT_CUSTOMER = case(State.AWAITING_CUSTOMER_ATTEST, SUBMITTED, APPROVED, AGENT_ATTESTED)
AT_SERVICE = case(State.AWAITING_CUSTOMER_SERVICE, SUBMITTED, APPROVED, AGENT_ATTESTED, ATTESTED)


def holding(organisation, role, *people):
    return tuple(Grant(each, organisation, role) for each in people)


HOLDERS = {
    Part.CUSTOMER_ATTESTANT: holding(REGION, ATTESTANT, BO, CECILIA, ANNA, HELENA),
    Part.AGENT_HANDLER: holding(AGENT, HANDLER, HELENA, ASTA),
    Part.AGENT_ATTESTANT: holding(AGENT, ATTESTANT, AMIR, ASTA, HELENA),
}
ALLOWED = {Side.CUSTOMER: Rules(self_attest_allowed=True), Side.AGENT: Rules(self_attest_allowed=True)}


def seen_by(person, a_case, *roles, **changes):
    held = tuple(Grant(person, organisation, role) for organisation, role in roles)
    return dataclasses.replace(DecisionContext(a_case, person, held, HOLDERS), **changes)


def names(grants):
    return tuple(each.person for each in grants)


def refusal(now, action, seen=None):
    with pytest.raises(errors.OrderError) as told:
        authorized_row(now, action, seen)
    return told.value


def test_an_attestant_of_the_customer_may_attest_and_reject():
    now = seen_by(BO, AT_CUSTOMER, (REGION, ATTESTANT))

    assert authorized_row(now, Action.ATTEST, Seen(3, 1)).target is State.AWAITING_CUSTOMER_SERVICE
    assert authorized_row(now, Action.REJECT, Seen(3, 1)).target is State.REJECTED


HAS_NO_ROLE = {
    "a stranger": ((), None),
    "the agent's attestant": (((AGENT, ATTESTANT),), None),
    "a colleague": (((REGION, Role.ORDERER),), REGION),
    "customer service": (((INERA, SERVICE),), REGION),
}


@pytest.mark.parametrize("stands", [AT_CUSTOMER, AT_SERVICE], ids=["at that step", "after it"])
@pytest.mark.parametrize("who", HAS_NO_ROLE)
def test_whose_step_it_is_only_its_own_people_and_customer_service_are_told(who, stands):
    grants, organisation = HAS_NO_ROLE[who]

    told = refusal(seen_by(AMIR, stands, *grants), Action.ATTEST, Seen(3, 1))

    assert (type(told), told.facts) == (errors.NoRole, {"part": Part.CUSTOMER_ATTESTANT, "organisation": organisation})


def test_the_orderer_may_not_attest():
    assert type(refusal(seen_by(ANNA, AT_CUSTOMER, (REGION, ATTESTANT)), Action.ATTEST)) is errors.OwnOrder


def test_the_orderer_may_attest_where_the_organisation_allows_it():
    now = seen_by(ANNA, AT_CUSTOMER, (REGION, ATTESTANT), rules=ALLOWED)

    assert authorized_row(now, Action.ATTEST, None).does is Action.ATTEST


def test_whoever_acted_for_the_agent_may_not_act_for_the_customer():
    told = refusal(seen_by(HELENA, AT_CUSTOMER, (REGION, ATTESTANT)), Action.ATTEST)

    assert (type(told), told.facts) == (errors.BothSides, {"organisation": AGENT})


def test_whoever_ordered_may_not_act_for_the_agent():
    told = refusal(seen_by(ANNA, AT_AGENT_ATTEST, (AGENT, ATTESTANT)), Action.ATTEST)

    assert (type(told), told.facts) == (errors.BothSides, {"organisation": REGION})


def test_whoever_approved_for_the_agent_may_not_attest_for_it():
    assert type(refusal(seen_by(HELENA, AT_AGENT_ATTEST, (AGENT, ATTESTANT)), Action.ATTEST)) is errors.OwnApproval


def test_only_the_chosen_attestant_attests():
    chosen = dataclasses.replace(AT_AGENT_ATTEST, chosen_attestant=AMIR)

    told = refusal(seen_by(ASTA, chosen, (AGENT, ATTESTANT)), Action.ATTEST)

    assert (type(told), told.facts) == (errors.NotChosen, {"person": AMIR})


def test_only_the_orderer_withdraws():
    assert type(refusal(seen_by(CECILIA, AT_CUSTOMER, (REGION, Role.ORDERER)), Action.WITHDRAW)) is errors.NotYourOrder


def test_after_the_last_attest_the_orderer_hears_that_it_is_too_late_and_who_attested():
    told = refusal(seen_by(ANNA, AT_SERVICE, (REGION, Role.ORDERER)), Action.WITHDRAW, Seen(3, 1))

    assert type(told) is errors.AlreadyDecided
    assert (told.facts["person"], told.facts["wanted"]) == (BO, Action.WITHDRAW)


@pytest.mark.parametrize("version", [1, 2])
def test_whoever_takes_back_a_finished_order_hears_how_it_ended_and_by_whom(version):
    informed = decided(KARIN, Part.CUSTOMER_SERVICE, Action.INFORM_AGENT, State.AWAITING_CUSTOMER_SERVICE, 4)
    finished = case(State.AGENT_INFORMED, SUBMITTED, APPROVED, AGENT_ATTESTED, ATTESTED, informed)

    told = refusal(seen_by(ANNA, finished, (REGION, Role.ORDERER)), Action.WITHDRAW, Seen(3, version))

    assert type(told) is errors.AlreadyDecided
    assert (told.facts["ended"], told.facts["action"]) == (State.AGENT_INFORMED, Action.INFORM_AGENT)


def test_the_customer_hears_which_part_of_the_agent_decided_but_no_name():
    rejected = decided(HELENA, Part.AGENT_HANDLER, Action.REJECT, State.AWAITING_AGENT_APPROVAL, 1)
    closed = case(State.REJECTED, SUBMITTED, rejected)

    told = refusal(seen_by(ANNA, closed, (REGION, Role.ORDERER)), Action.WITHDRAW, Seen(1, 1))

    assert (told.facts["person"], told.facts["part"]) == (None, Part.AGENT_HANDLER)


def test_the_customer_with_an_old_card_does_not_hear_that_somebody_at_the_agent_stepped_aside():
    recused = decided(ASTA, Part.AGENT_ATTESTANT, Action.RECUSE, State.AWAITING_AGENT_ATTEST, 2)
    before = (SUBMITTED, dataclasses.replace(APPROVED, person=ASTA, counts=False), recused)
    later = [dataclasses.replace(each, step=each.step + 2) for each in (APPROVED, AGENT_ATTESTED, ATTESTED)]
    now = seen_by(ANNA, case(State.AWAITING_CUSTOMER_SERVICE, *before, *later), (REGION, Role.ORDERER))

    assert type(refusal(now, Action.WITHDRAW, Seen(2, 1))) is errors.OrderMovedOn


def test_customer_service_hears_every_name():
    closed = dataclasses.replace(AT_SERVICE, state=State.AGENT_INFORMED, step=5)
    sent = decided(KARIN, Part.CUSTOMER_SERVICE, Action.INFORM_AGENT, State.AWAITING_CUSTOMER_SERVICE, 4)
    closed = dataclasses.replace(closed, decisions=(*AT_SERVICE.decisions, sent))

    told = refusal(seen_by(KALLE, closed, (INERA, SERVICE)), Action.CLAIM, Seen(4, 1))

    assert told.facts["person"] == KARIN


def test_a_stranger_with_an_old_card_learns_neither_who_nor_what():
    told = refusal(seen_by(AMIR, AT_SERVICE, (AGENT, ATTESTANT)), Action.ATTEST, Seen(3, 1))

    assert type(told) is errors.NoRole
    assert "person" not in told.facts


def test_a_stranger_with_an_action_that_is_not_there_learns_nothing():
    assert type(refusal(seen_by(BO, AT_AGENT), Action.CLAIM)) is errors.CaseNotFound


@pytest.mark.parametrize("seen", [Seen(99, 1), Seen(0, 1), Seen(2, 7)])
def test_a_stranger_who_makes_up_what_was_seen_learns_of_no_case(seen):
    assert type(refusal(seen_by(BO, AT_CUSTOMER), Action.CLAIM, seen)) is errors.CaseNotFound


def test_a_general_refusal_says_of_which_flow_the_case_is():
    closed = dataclasses.replace(AT_SERVICE, state=State.REJECTED, step=5)
    changed = seen_by(BO, dataclasses.replace(AT_CUSTOMER, content_version=2), (REGION, ATTESTANT))
    at_service = seen_by(KALLE, AT_SERVICE, (INERA, SERVICE))
    told = [
        refusal(seen_by(KALLE, closed, (INERA, SERVICE)), Action.CLAIM),
        refusal(changed, Action.ATTEST, Seen(AT_CUSTOMER.step, 1)),
        refusal(at_service, Action.ATTEST),
        refusal(at_service, Action.CLAIM, Seen(9, 1)),
    ]

    assert {type(each) for each in told} == {
        *(errors.CaseClosed, errors.OrderChanged),
        *(errors.ActionNotPossible, errors.OrderMovedOn),
    }
    assert {each.facts["flow"] for each in told} == {AT_SERVICE.flow}


def test_an_older_content_version_is_refused_as_changed():
    now = seen_by(BO, dataclasses.replace(AT_CUSTOMER, content_version=2), (REGION, ATTESTANT))

    assert type(refusal(now, Action.ATTEST, Seen(3, 1))) is errors.OrderChanged


def test_a_claimed_case_is_finished_by_whoever_claimed_it():
    claimed = dataclasses.replace(AT_SERVICE, claimed_by=KARIN)

    assert authorized_row(seen_by(KARIN, claimed, (INERA, SERVICE)), Action.INFORM_AGENT, None)
    told = refusal(seen_by(KALLE, claimed, (INERA, SERVICE)), Action.INFORM_AGENT)
    assert (type(told), told.facts) == (errors.AlreadyClaimed, {"person": KARIN})


def test_an_unclaimed_case_must_be_claimed_first():
    assert type(refusal(seen_by(KARIN, AT_SERVICE, (INERA, SERVICE)), Action.INFORM_AGENT)) is errors.NotClaimed


@pytest.mark.parametrize(
    ("action", "a_case", "person", "role", "needed"),
    [
        (Action.ATTEST, AT_CUSTOMER, BO, (REGION, ATTESTANT), errors.ConfirmationRequired),
        (Action.REJECT, AT_CUSTOMER, BO, (REGION, ATTESTANT), errors.ReasonRequired),
        (Action.APPROVE, AT_AGENT, HELENA, (AGENT, HANDLER), errors.CertificateRequired),
        (
            Action.INFORM_AGENT,
            dataclasses.replace(AT_SERVICE, claimed_by=KARIN),
            KARIN,
            (INERA, SERVICE),
            errors.MessageRequired,
        ),
    ],
)
def test_what_a_row_asks_for_must_be_given(action, a_case, person, role, needed):
    ruling = authorize(seen_by(person, a_case, role), action, None)

    with pytest.raises(needed):
        check_answers(ruling.now, ruling.row, Answers())


def test_the_agents_orderer_may_choose_any_eligible_attestant_but_not_the_own_person():
    now = seen_by(HELENA, AT_AGENT, (AGENT, HANDLER))

    assert may_attest_after(now) == (AMIR, ASTA)


def test_choosing_somebody_who_may_not_attest_is_refused():
    ruling = authorize(seen_by(HELENA, AT_AGENT, (AGENT, HANDLER)), Action.APPROVE, None)

    with pytest.raises(errors.AttestantNotEligible):
        check_answers(ruling.now, ruling.row, Answers(certified=True, attestant=BO))


def test_those_are_asked_whom_no_separation_of_duties_keeps_out():
    now = seen_by(None, AT_CUSTOMER)

    assert names(eligible(now, Part.CUSTOMER_ATTESTANT)) == (BO, CECILIA)


def test_a_card_offers_claim_until_it_is_claimed_and_then_what_follows():
    def offers(a_case):
        now = DecisionContext(a_case, KARIN, grant=Grant(KARIN, INERA, SERVICE))
        return [row.does for row in offered(now, Part.CUSTOMER_SERVICE)]

    claimed = dataclasses.replace(AT_SERVICE, claimed_by=KARIN)

    assert offers(AT_SERVICE) == [Action.CLAIM, Action.RECUSE]
    assert offers(claimed) == [
        Action.INFORM_AGENT,
        Action.RELEASE,
        Action.REQUEST_COMPLETION,
        Action.HOLD,
        Action.CANCEL,
        Action.RECUSE,
    ]
    assert offers(dataclasses.replace(claimed, hold="Vi väntar")) == [
        Action.RESUME,
        Action.RELEASE,
        Action.CANCEL,
        Action.RECUSE,
    ]


def test_an_old_card_whose_action_is_still_there_is_said_to_be_old():
    told = refusal(seen_by(ANNA, AT_AGENT_ATTEST, (REGION, Role.ORDERER)), Action.WITHDRAW, Seen(1, 1))

    assert type(told) is errors.OrderMovedOn


def test_who_asks_for_what_a_step_never_offered_is_not_sent_to_customer_service_when_the_clock_ended_it():
    repriced = decided(None, Part.CLOCK, Action.REPRICE, State.AWAITING_AGENT_ATTEST, 2)
    now = seen_by(ANNA, case(State.AWAITING_AGENT_ATTEST, SUBMITTED, APPROVED, repriced), (REGION, Role.ORDERER))

    assert type(refusal(now, Action.ANSWER, Seen(2, 1))) is errors.OrderMovedOn


def test_nobody_approves_when_that_would_leave_nobody_to_attest():
    only_asta = HOLDERS | {Part.AGENT_ATTESTANT: holding(AGENT, ATTESTANT, ASTA)}
    now = dataclasses.replace(seen_by(ASTA, AT_AGENT, (AGENT, HANDLER)), holders=only_asta)

    assert type(refusal(now, Action.APPROVE)) is errors.AgentNotStaffed
