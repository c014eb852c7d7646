"""What a reader is offered beside a case: what the table lets the most entitled do, as long as others can be asked."""

from dataclasses import replace

import pytest

from core.api import (
    FLOWS,
    ORDER_FLOWS,
    PART_WAITED_FOR,
    ROLES_OF,
    SIDE_OF,
    Action,
    Assurance,
    DecisionContext,
    Flow,
    Grant,
    OrganisationId,
    Part,
    PersonId,
    Rules,
    Side,
    State,
    Tier,
    offered,
)
from core.workflow.guards.progress import ABOUT_OTHERS
from tests.support.drawn import applied
from tests.support.world import builders

# Enough people in every part, who have done nothing yet.
OTHERS = {
    part: tuple(Grant(PersonId(f"somebody {n}"), OrganisationId(""), min(roles)) for n in range(20))
    for part, roles in ROLES_OF.items()
}
IN_TURN = Rules(tiers=(Tier(0, sequence=(builders.ATTESTANT, builders.COLLEAGUE)),))
DECLARED = {
    "nothing": {},
    "two attests": {Side.CUSTOMER: builders.TWO_ATTESTS, Side.AGENT: builders.TWO_ATTESTS},
    "in turn": {Side.CUSTOMER: IN_TURN, Side.AGENT: IN_TURN},
}
WHO = {Part.ORDERER: lambda case: case.orderer, Part.CUSTOMER_SERVICE: lambda case: case.claimed_by}


def judged(dossier, part):
    """What the table lets do who is most entitled in a part, judged among enough others."""
    case = dossier.case
    person = WHO.get(part, lambda _: None)(case) or PersonId("whoever")
    if part is Part.AGENT_ATTESTANT and not any(case.chosen_attestant in {a.person, a.absent} for a in case.attests):
        person = case.chosen_attestant or person
    # Whose turn it is only who presses can tell; how many attest follows from the order of them all the same.
    rules = {
        side: replace(each, tiers=tuple(Tier(t.from_ore, max(t.attests, len(t.sequence))) for t in each.tiers))
        for side, each in dossier.rules.items()
    }
    grant = Grant(person, case.organisation_of(part) or OrganisationId(""), min(ROLES_OF[part]))
    now = DecisionContext(
        case, person, holders=OTHERS, rules=rules, grant=grant, assurance=Assurance.EID_LINK, applying=dossier.applying
    )
    return offered(now, part)


def cases():
    for flow in ORDER_FLOWS:
        once = {(case.state, case.rounds, case.step, case.hold): case for _, case in builders.journeys(flow)}
        yield from (builders.dossier(case) for case in once.values())
    yield builders.dossier(replace(builders.case_in(State.COMPLETION_REQUESTED), rounds=5))
    for flow in (Flow.CUSTOMER_APPLICATION, Flow.AGENT_APPLICATION):
        yield from (applied.dossier(applied.applied(*actions, flow=flow)) for actions in applied.WAYS.values())


CASES = tuple(cases())


@pytest.mark.parametrize("declared", DECLARED)
def test_a_view_offers_what_the_table_lets_the_most_entitled_do_among_enough_others(declared):
    for dossier in (replace(each, rules=DECLARED[declared]) for each in CASES):
        for side in Side:
            offers = builders.disclosed(dossier, side).offers
            for part in (each for each in ROLES_OF if SIDE_OF[each] is side):
                assert offers.get(part, ()) == judged(dossier, part), (dossier.case.flow, dossier.case.state, part)


def test_every_part_that_is_asked_is_offered_something():
    asked = {PART_WAITED_FOR[case.state] for case in (each.case for each in CASES) if case.state in PART_WAITED_FOR}

    offered_to = {part for each in CASES for side in Side for part in builders.disclosed(each, side).offers}
    assert asked - {Part.APPLICANT} <= offered_to


def test_a_view_holds_no_offer_of_another_side():
    for dossier in CASES:
        for side in Side:
            assert {SIDE_OF[part] for part in builders.disclosed(dossier, side).offers} == {side}


def test_only_rows_that_ask_others_next_are_taken_for_granted():
    """A guard about others stands where somebody is asked afterwards, or instead; nowhere else is one skipped."""
    skipped = {row.does for row in FLOWS if ABOUT_OTHERS.intersection(row.guards)}

    assert skipped == {Action.SUBMIT, Action.APPROVE, Action.HAND_OVER}
