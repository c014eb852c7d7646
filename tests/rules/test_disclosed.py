"""What a view of a case holds, field by field, drawn or not: nothing that its side may not know (domain: 5.4).

Who may know what is written here by hand from the domain's table; the code's own is not looked at. A new field of a
view has to be given a line here.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace

import pytest

from core.api import (
    PART_WAITED_FOR,
    SIDE_OF,
    Action,
    ApplicationView,
    AssigneeView,
    Block,
    Blocked,
    CaseView,
    Flow,
    Limited,
    Recipient,
    Side,
    State,
    StepView,
)
from core.views.case_view import disclose
from core.views.order_view import BeforeView, DisclosedOrganisation
from core.views.recipients import standing_of
from core.views.record import Timeline
from core.views.timeline import disclose_timeline
from tests.support.drawn import applied
from tests.support.world import builders
from tests.support.world.planted import AGENT, CASES, CUSTOMER, INERA, NOT_DRAWN, PLANTED, absent_on, planted

ALL = frozenset(Side)
BUYER, SELLER, OWN = frozenset({CUSTOMER, INERA}), frozenset({AGENT, INERA}), frozenset({INERA})


def names_of(side):
    """Names of people: the own side, and Inera."""
    return ALL if side is None else frozenset({side, INERA})


def waiting(case):
    """Who was asked, who has attested, how many must: the side whose step it is, and Inera."""
    return names_of(SIDE_OF.get(PART_WAITED_FOR.get(case.state)))


def of_block(case):
    """Why a side cannot decide: that side, and Inera."""
    of = {Block.NO_CUSTOMER_AGREEMENT: CUSTOMER, Block.NO_AGENT_AGREEMENT: AGENT, Block.NO_AGENT_ASSIGNMENT: AGENT}
    return ALL if case.blocked is None else names_of(of.get(case.blocked.why, SIDE_OF.get(PART_WAITED_FOR[case.state])))


def of_message(case):
    """What customer service wrote last: to the customer, or to the agent."""
    sent = [each.action for each in case.decisions if each.action in {Action.INFORM_AGENT, *TO_CUSTOMER}]
    return SELLER if sent[-1:] == [Action.INFORM_AGENT] else BUYER


TO_CUSTOMER = {Action.SEND_INSTRUCTIONS, Action.SEND_AGAIN}
# Field of a view -> the sides that may see something there, or how a case says which.
CASE = {
    # Service, offer, units: everybody (5.4); so who the two organisations are and where the case stands.
    **dict.fromkeys(
        (
            "flow",
            "service",
            "offer",
            "offer_code",
            "terms_url",
            "routines",
            "handles_personal_data",
            "units",
            "desired_start",
        ),
        ALL,
    ),
    **dict.fromkeys(("technical_contact", "customer", "agent", "named_agent", "ordered_at"), ALL),
    **dict.fromkeys(("case", "side", "state", "step", "revision", "content_version", "steps", "offers"), ALL),
    **dict.fromkeys(
        (
            "waiting_since",
            "nudged_at",
            "asks_to_keep",
            "due_at",
            "expires_at",
            "closed_at",
            "returns_to",
            "rounds",
            "is_held",
            "expected_on",
            "days_after_yes",
        ),
        ALL,
    ),
    **dict.fromkeys(("is_claimed", "question", "before", "assignees"), ALL),
    # Costs: of the payer, by `COSTS` below.
    **dict.fromkeys(("costs", "earlier_costs", "coming_costs", "coming_from", "ending_costs"), ALL),
    # Invoice reference, comment and the customer's own number: the customer and Inera.
    **dict.fromkeys(("invoice_ref", "comment", "external_case_ref", "replaces_agent", "earlier", "hold"), BUYER),
    # Names: the own side and Inera.
    **dict.fromkeys(("orderer", "orderer_language"), BUYER),
    "chosen_attestant": SELLER,
    "last_day": ALL,
    **dict.fromkeys(("claimed_by", "claim", "is_escalated"), OWN),
    "template": OWN,
    **dict.fromkeys(("asked", "attested_by", "attests", "attests_needed", "eid_from_ore"), waiting),
    **dict.fromkeys(("over_limit", "attestants", "reserves"), waiting),
    "blocked": of_block,
    "message": of_message,
    "application": BUYER,
}
BEFORE_IT = {
    **dict.fromkeys(("version", "units", "desired_start", "costs"), ALL),
    **dict.fromkeys(("agent", "invoice_ref"), BUYER),
}
STEP = {
    **dict.fromkeys(("part", "state", "organisation", "action", "decided_by_part", "at", "reason_code"), ALL),
    **dict.fromkeys(("step", "content_version", "counts", "is_current"), ALL),
    # By the side of who decided, said of every step by `of_step` below.
    **dict.fromkeys(("by", "absent", "limit_ore", "reason", "internal", "message", "comment", "to"), None),
    **dict.fromkeys(("is_orderers", "went_to_orderer"), None),
}
# Which roles are asked, everybody; who it is, by `waiting` below.
ASSIGNEE = {"role": ALL, "name": None, "absent": None}
ORGANISATION = dict.fromkeys(("id", "name", "org_number", "category"), ALL)
APPLICATION = {
    **dict.fromkeys(
        ("agreement", "organisation", "org_number", "is_sole_trader", "category", "invoice_address"), BUYER
    ),
    **dict.fromkeys(("invoice_ref", "contacts", "signatures_needed", "signed", "language"), BUYER),
    **dict.fromkeys(("document_version", "document_hash"), BUYER),
    # What Inera knows around it.
    **dict.fromkeys(
        (
            "registered_as",
            "has_agreement",
            "others",
            "others_count",
            "stands_with",
            "known",
            "left",
            "is_new_administrator",
            "administrators",
            "file",
        ),
        OWN,
    ),
}
VIEWS = {
    CaseView: CASE,
    BeforeView: BEFORE_IT,
    StepView: STEP,
    AssigneeView: ASSIGNEE,
    DisclosedOrganisation: ORGANISATION,
    ApplicationView: APPLICATION,
}
FACTS = PLANTED | NOT_DRAWN
# What a field holds where it says nothing.
NOTHING = (None, "", (), 0, False, {}, frozenset())
SAYS_NOTHING = {"attests_needed": 1}


def told():
    """Every planted case with what each side sees of it, and of its history."""
    for name, dossier in (*CASES, *blocked(), *with_an_earlier_version(), *escalated()):
        past = Timeline(dossier.case.decisions, dossier.people)
        for side in Side:
            if side is not AGENT or dossier.case.agent is not None:
                yield name, dossier.case, side, disclose(dossier, side), disclose_timeline(dossier, past, side)


def blocked():
    states = (State.AWAITING_AGENT_APPROVAL, State.AWAITING_AGENT_ATTEST, State.AWAITING_CUSTOMER_ATTEST)
    for why in Block:
        for state in states:
            case = builders.case_in(state, Flow.VIA_AGENT)
            limited = Limited(2, 3, (absent_on(SIDE_OF[PART_WAITED_FOR[state]]),))
            yield f"{state}, {why}", planted(case, blocked=Blocked(why, told=True), limited=limited)


def escalated():
    case = builders.case_in(State.AWAITING_CUSTOMER_SERVICE, Flow.VIA_AGENT)
    yield "escalated", planted(case, is_escalated=True)


def with_an_earlier_version():
    case = builders.after(Action.APPROVE, Action.ATTEST, Action.REQUEST_COMPLETION, Action.ANSWER, flow=Flow.VIA_AGENT)
    changed = [case for _, case in builders.journeys(Flow.VIA_AGENT) if case.order.before is not None]
    yield from ((f"changed, {each.state}", planted(each)) for each in {each.state: each for each in changed}.values())
    yield "answered", planted(case)


TOLD = tuple(told())


def says(view, name):
    value = getattr(view, name)
    return value not in NOTHING and value != SAYS_NOTHING.get(name)


def allowed(who, case):
    return who(case) if callable(who) else who


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_every_field_of_a_view_has_a_line(view):
    assert {each.name for each in fields(view)} == {*VIEWS[view], "side"}


@pytest.mark.parametrize("name", [name for name, who in CASE.items() if who is not ALL and name != "application"])
def test_a_side_finds_in_a_view_only_what_it_may_know(name):
    shown = [(case, side) for _, case, side, view, _ in TOLD if says(view, name)]

    assert [(case.state, side) for case, side in shown if side not in allowed(CASE[name], case)] == []
    assert {side for _, side in shown} == {side for _, case, *_ in TOLD for side in allowed(CASE[name], case)}


def test_an_earlier_version_is_shown_as_the_order_itself():
    befores = [(side, view.before) for _, _, side, view, _ in TOLD if view.before is not None]

    assert {side for side, _ in befores} == ALL
    for name, sides in BEFORE_IT.items():
        assert {side for side, before in befores if says(before, name)} == sides, name


def of_step(step, side_of_asker):
    """The sides that may know each text and name of a step."""
    of = SIDE_OF.get(step.decided_by_part or step.part)
    question = {CUSTOMER: {CUSTOMER}, AGENT: ALL, INERA: BUYER}
    sent_back = step.action is Action.SEND_BACK
    return {
        **dict.fromkeys(("by", "is_orderers", "absent", "limit_ore"), names_of(of)),
        "reason": names_of(of) if step.action is Action.EMERGENCY_ATTEST else ALL,
        "internal": {of} - {INERA},
        "message": {AGENT} if sent_back else question.get(side_of_asker, ALL),
        "comment": names_of(of) if step.action is Action.ATTEST else ALL,
        **dict.fromkeys(("to", "went_to_orderer"), BUYER if step.action in TO_CUSTOMER else names_of(of)),
    }


def askers(case):
    """Of each question and answer, the side that asked."""
    found, asker = {}, None
    for each in case.decisions:
        asker = SIDE_OF.get(each.part) if each.action in {Action.REQUEST_COMPLETION, Action.SEND_BACK} else asker
        found[each.action, each.at] = asker
    return found


def test_each_step_says_to_a_side_what_it_may_know():
    known = set()
    for name, case, side, view, past in TOLD:
        asked = askers(case)
        for step in (*view.steps, *past, *filter(None, (view.question,))):
            for field, sides in of_step(step, asked.get((step.action, step.at))).items():
                known |= {(field, side)} if says(step, field) else set()
                assert side in sides or not says(step, field), (name, side, step.action, field)

    expected = {"by", "absent", "limit_ore", "reason", "internal", "message", "comment", "to"}
    expected |= {"is_orderers", "went_to_orderer"}
    assert {field for field, _ in known} == expected


def test_who_is_asked_is_named_to_the_side_that_is_asked():
    named = [
        (case, side) for _, case, side, view, _ in TOLD if any(each.name or each.absent for each in view.assignees)
    ]

    assert [(case.state, side) for case, side in named if side not in waiting(case)] == []
    assert {side for _, side in named} == ALL
    assert all(len(view.assignees) > 0 for _, case, _, view, _ in TOLD if case.asked)


def leaves(value):
    """Every value in a view, from the whole down."""
    if is_dataclass(value) and not isinstance(value, type):
        for each in fields(value):
            yield from leaves(getattr(value, each.name))
    elif isinstance(value, Mapping):
        for each in (*value, *value.values()):
            yield from leaves(each)
    elif isinstance(value, tuple | list | frozenset | set):
        for each in value:
            yield from leaves(each)
    else:
        yield str(value)


@pytest.mark.parametrize("side", Side)
def test_no_view_holds_a_planted_fact_of_another_side(side):
    hidden = [fact for fact, sides in FACTS.items() if side not in sides]
    for name, _, of, view, past in TOLD:
        if of is side:
            text = "\n".join((*leaves(view), *leaves(past)))
            assert [fact for fact in hidden if fact in text] == [], name


def test_the_plants_are_there_to_be_seen():
    text = "\n".join(leaf for *_, view, past in TOLD for leaf in (*leaves(view), *leaves(past)))

    assert [fact for fact, sides in FACTS.items() if sides and fact not in text] == []


@pytest.mark.parametrize("known", [applied.KNOWN, replace(applied.KNOWN, has_agreement=True)])
def test_an_applicant_sees_what_was_sent_in_and_nothing_that_inera_knows(known):
    case = applied.applied(Action.CLAIM, Action.APPROVE, Action.SIGN)
    views = {side: disclose(applied.dossier(case, known), side).application for side in (CUSTOMER, INERA)}

    for name, sides in APPLICATION.items():
        shown = {side for side, view in views.items() if says(view, name)}
        assert shown <= sides, name
    assert says(views[INERA], "has_agreement") is known.has_agreement


def recipients():
    """Whoever may have a card of a planted case, with what the case says of them."""
    for name, dossier in CASES:
        for part, person in builders.PLAYS.items():
            if part in SIDE_OF and dossier.case.organisation_of(part) is not None:
                recipient = Recipient(dossier.case.id, part, person, dossier.case.step)
                yield name, SIDE_OF[part], standing_of(dossier, recipient, ())


def test_what_a_case_says_of_a_recipient_is_of_the_recipients_own_side():
    told = [(name, side, "\n".join(leaves(standing))) for name, side, standing in recipients()]

    for name, side, text in told:
        assert [fact for fact, sides in FACTS.items() if side not in sides and fact in text] == [], name
    assert any("Borta-customer" in text for _, side, text in told if side is CUSTOMER)
    assert {side for _, side, _ in told} >= {CUSTOMER, AGENT}
