"""Who may do what: every flow, state, role and action, with everything that may keep a person out."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from core.api import (
    ORDER_FLOWS,
    Action,
    Assurance,
    Case,
    Decision,
    DecisionContext,
    Flow,
    Grant,
    OrderError,
    Part,
    PersonId,
    Role,
    Rules,
    Side,
    State,
    Surface,
    Tier,
)
from core.workflow.authorize import authorize
from core.workflow.case import Assignee
from tests.rules.who_may import ABSENT, ME, STATES, Cell, cells, expected
from tests.support.world.builders import (
    AGENT,
    AGENT_ATTESTANT,
    AT,
    ATTESTANT,
    CONNECTED,
    CUSTOMER,
    HANDLER,
    HOLDERS,
    INERA,
    ORDERER,
    draft,
)

ORGANISATION_OF = {Side.CUSTOMER: CUSTOMER, Side.AGENT: AGENT, Side.INERA: INERA}
# Enough people beside the one who presses, so that what others lack keeps nobody out.
STAFF = {
    part: (*held, *(replace(held[0], person=PersonId(f"P{number}")) for number in range(4)))
    for part, held in HOLDERS.items()
}
Act = tuple[Part, Action, PersonId, State]


@pytest.mark.parametrize(("flow", "state"), [(flow, state) for flow in ORDER_FLOWS for state in sorted(STATES[flow])])
def test_everybody_may_do_what_the_domain_says_and_nothing_else(flow, state):
    wrong = []
    for cell in cells(flow, state):
        reasons, told = expected(cell), outcome(cell)
        if told is not None if not reasons else told not in reasons:
            wrong.append((cell, reasons, told))

    assert not wrong, f"{len(wrong)} cells, the first of them: {wrong[:3]}"


def test_there_is_a_cell_for_everything_that_may_keep_a_person_out():
    found = [cell for flow in ORDER_FLOWS for state in STATES[flow] for cell in cells(flow, state)]
    codes = {code for cell in found for code in expected(cell)}

    assert len(set(found)) > 20_000
    assert {cell.action for cell in found} == set(Action)
    assert codes == {
        "closed", "not_possible", "not_found", "no_role", "not_your_order", "already_claimed", "already_yours",
        "not_claimed", "on_hold",
        "recused", "both_sides", "self_attest", "other_service", "limit", "already_attested", "own_approval",
        "handed_over", "involved", "acted_for_inera",
    }  # fmt: skip


def outcome(cell: Cell) -> str | None:
    """The code of the product's refusal, None when the person may."""
    try:
        authorize(situation_of(cell), cell.action, None)
    except OrderError as refusal:
        return refusal.code
    return None


def situation_of(cell: Cell) -> DecisionContext:
    """The situation that a cell describes."""
    grant = Grant(
        ME,
        ORGANISATION_OF[cell.hat.side],
        cell.hat.role,
        limit_ore=1 if cell.over_limit else None,
        service="another" if cell.other_service else None,
        absent=ABSENT if cell.substitutes else None,
    )
    rules = Rules(self_attest_allowed=cell.self_attest, tiers=(Tier(0, attests=3),) if cell.attested else ())
    declared = {Side.CUSTOMER: rules, Side.AGENT: rules}
    beside = () if cell.works_at is None else (Grant(ME, ORGANISATION_OF[cell.works_at], Role.AGREEMENT_CONTACT),)
    return DecisionContext(
        case_of(cell),
        ME,
        (grant, *beside),
        STAFF,
        declared,
        CONNECTED,
        orderer_is_active=not cell.orderer_left,
    )


def case_of(cell: Cell) -> Case:
    """An order that has come to the cell's state, with what the cell says has been done to it."""
    case = draft(cell.flow, state=cell.state, orderer=cell.ordered or ORDERER)
    acts = [(Part.ORDERER, Action.SUBMIT, case.orderer, State.DRAFT), *before(cell)]
    asked_by = State.AWAITING_CUSTOMER_SERVICE if cell.asked_by_service else State.AWAITING_CUSTOMER_ATTEST
    return replace(
        case,
        step=len(acts),
        decisions=tuple(decided(case, step, *act) for step, act in enumerate(acts)),
        asked=(Assignee(ATTESTANT, Role.ATTESTANT),),
        recused=(cell.recused,) if cell.recused else (),
        aside=(ME,) if cell.handed_over else (),
        hold="Vi väntar" if cell.held else "",
        claimed_by=cell.claimed_by,
        returns_to=asked_by if cell.state is State.COMPLETION_REQUESTED else None,
    )


def before(cell: Cell) -> Iterator[Act]:
    """What has been decided since it was submitted: by which part, what, by whom and where."""
    approved, attested = State.AWAITING_AGENT_APPROVAL, State.AWAITING_AGENT_ATTEST
    if cell.flow is Flow.VIA_AGENT and cell.state is not approved:
        yield Part.AGENT_HANDLER, Action.APPROVE, cell.approved or HANDLER, approved
    if cell.flow is Flow.VIA_AGENT and cell.state is State.AWAITING_CUSTOMER_ATTEST:
        yield Part.AGENT_ATTESTANT, Action.ATTEST, AGENT_ATTESTANT, attested
    if cell.acted_for_the_other and cell.hat.side is Side.CUSTOMER:
        yield Part.AGENT_HANDLER, Action.REQUEST_COMPLETION, cell.acted_for_the_other, approved
    if cell.acted_for_the_other and cell.hat.side is not Side.CUSTOMER:
        asked = State.AWAITING_CUSTOMER_ATTEST
        yield Part.CUSTOMER_ATTESTANT, Action.REQUEST_COMPLETION, cell.acted_for_the_other, asked
    if cell.acted_for_inera:
        yield Part.CUSTOMER_SERVICE, Action.REQUEST_COMPLETION, cell.acted_for_inera, State.AWAITING_CUSTOMER_SERVICE
    if cell.attested:
        part = Part.CUSTOMER_ATTESTANT if cell.hat.side is Side.CUSTOMER else Part.AGENT_ATTESTANT
        yield part, Action.ATTEST, cell.attested, cell.state


def decided(case: Case, step: int, part: Part, action: Action, person: PersonId, state: State) -> Decision:
    """An earlier decision."""
    return Decision(
        step=step,
        state=state,
        action=action,
        part=part,
        person=person,
        organisation=case.organisation_of(part),
        at=AT,
        surface=Surface.SLACK,
        assurance=Assurance.CLICK_CONFIRM,
        content_version=1,
    )
