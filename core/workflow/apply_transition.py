"""Applying a transition: what following a row of the flows table makes of a case."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.catalogue.connections import EarlierConnection
from core.catalogue.prices import NO_COST, Costs
from core.register.organisations import STRICT, Rules
from core.shared.vocabulary import (
    PART_WAITED_FOR,
    PAYER_OF,
    SIDE_OF,
    Action,
    OrganisationId,
    Part,
    Payer,
    PersonId,
    Side,
    State,
)
from core.workflow import flows
from core.workflow.case import ATTESTS, COUNTS_ANEW, REMEMBERED, Case, Decision, Handed
from core.workflow.commands import Answers
from core.workflow.context import DecisionContext
from core.workflow.deadlines import REMINDERS
from core.workflow.flows import RelativeTarget, Transition
from core.workflow.guards.people import that_count
from core.workflow.guards.progress import payers_of_new_prices

# Changes within a state that make its clock begin anew, as whoever has claimed the case does by changing; the others
# leave the deadline where it is.
RESTARTS_CLOCK = COUNTS_ANEW | {Action.HAND_OVER, Action.ESCALATE, Action.HOLD, Action.RESUME}


def apply_transition(now: DecisionContext, row: Transition, decision: Decision, answers: Answers) -> Case:
    """The case after a row of the table, nobody asked yet."""
    now = now.at(_judged(now))
    found = _before(now, row)
    to = row.target_state(found.returns_to)
    stays = replace(found, revision=found.revision + 1, claimed_by=_claim(found, decision))
    after = _remembering(stays, row, decision) if row.keeps_step else _next_step(now, stays, row, decision, to)
    if not row.keeps_step or row.does in RESTARTS_CLOCK or after.claimed_by != now.case.claimed_by:
        after = replace(after, due_at=_due(after, decision), is_escalated=row.does is Action.ESCALATE)
    effect = _EFFECTS.get(row.does)
    return after if effect is None else effect(after, Taken(decision, answers))


def _judged(now: DecisionContext) -> Case:
    """The case with those of its attests marked that do not count by the rules and rights of now."""
    case, given = now.case, now.case.given
    counted = that_count(replace(now, part=PART_WAITED_FOR.get(case.state), grant=None)) if given else ()
    marked = (replace(each, lapsed=each not in counted) if each in given else each for each in case.decisions)
    return replace(case, decisions=tuple(marked)) if given else case


def _remembering(case: Case, row: Transition, decision: Decision) -> Case:
    # What else changes within a state leaves a line in the history alone.
    return replace(case, decisions=(*case.decisions, decision)) if row.does in REMEMBERED else case


def _next_step(now: DecisionContext, case: Case, row: Transition, decision: Decision, to: State) -> Case:
    """The case at a new step. What somebody has handed over stays so while a question is answered in words."""
    waited_for = _rules_of_waited_for(now, to)
    is_question = row.does is Action.REQUEST_COMPLETION or row.target is RelativeTarget.ASKING_STEP
    return replace(
        case,
        state=to,
        step=case.step + 1,
        # A review decides nothing: whoever attested last let the case go on.
        decisions=case.decisions if row.does is Action.REVIEW else (*case.decisions, decision),
        waiting_since=decision.at,
        closed_at=decision.at if flows.is_final(case.flow, to) else None,
        review_at=case.review_at if flows.find(case.flow, to, Action.REVIEW) else None,
        asked=(),
        aside=case.aside if is_question else (),
        handed=case.handed if is_question else (),
        hold="",
        hold_salt="",
        blocked=None,
        reminder_days=waited_for.reminder_days,
        reminder_hour=waited_for.reminder_hour,
    )


def _rules_of_waited_for(now: DecisionContext, state: State) -> Rules:
    """What the organisation of whoever is waited for declares now; of Inera what holds where nobody has said."""
    side = SIDE_OF.get(PART_WAITED_FOR.get(state, Part.CLOCK), Side.INERA)
    return STRICT if side is Side.INERA else now.rules_of(side)


def _due(case: Case, decision: Decision) -> datetime | None:
    # What is paused waits for something else: nobody's time runs out.
    return None if case.hold or case.closed_at is not None else case.wait_from(decision.at).due


def _claim(case: Case, decision: Decision) -> PersonId | None:
    # The clock takes a case from nobody: whoever has it, and the lead, are told that its time has run out.
    claims = {Action.CLAIM: decision.person, Action.TAKE_OVER: decision.person, Action.RELEASE: None}
    steps_aside = decision.action is Action.RECUSE and decision.person == case.claimed_by
    return None if steps_aside else claims.get(decision.action, case.claimed_by)


def _before(now: DecisionContext, row: Transition) -> Case:
    """The case as the row finds it: with what was revised in it, and without what no longer counts."""
    if row.does is Action.REPRICE:
        return _repriced(now, row)
    if row.does is Action.SEND_BACK or (row.does is Action.RECUSE and not row.keeps_step):
        # The first of several attests stood on the approval.
        return now.case.void(lambda each: SIDE_OF.get(each.part) is Side.AGENT)
    if row.does is Action.SUBMIT and now.case.is_order:
        return _beside_what_is_there(now, now.case)
    if row.does is Action.ANSWER and now.revised is not None:
        return _answered_anew(now, now.revised)
    return now.case


def _answered_anew(now: DecisionContext, revised: Case) -> Case:
    # What is decided about stays as it was: so does what it replaces.
    is_anew = revised.content_version != now.case.content_version
    return _beside_what_is_there(now, revised) if revised.is_order and is_anew else revised


def _beside_what_is_there(now: DecisionContext, case: Case) -> Case:
    """The case with what the units have of the service already, and what it replaces of that."""
    earlier = now.standing.earlier
    content = replace(case.order, earlier=earlier, replaces_agent=_left_agent(case, earlier))
    return replace(case, content=content)


def _left_agent(case: Case, earlier: Sequence[EarlierConnection]) -> OrganisationId | None:
    agents = (connection.way.agent for connection in earlier if connection.ends)
    return next((agent for agent in agents if agent not in {None, case.agent}), None)


def _repriced(now: DecisionContext, row: Transition) -> Case:
    """The case at the prices of now; attests of whoever pays another amount are void (domain: 8, cases 34 and 35).

    Whom another's price does not concern keeps card and version.
    """
    order, reckoned = now.case.order, now.reckoned or now.case.order.reckoned
    costs = {**order.costs, **reckoned.costs}
    ordered = order.earlier_costs or order.costs
    changed = replace(
        order,
        costs=costs,
        earlier_costs={} if _pay_the_same(ordered, costs) else ordered,
        coming_costs={**costs, **reckoned.coming} if reckoned.coming else {},
        coming_from=reckoned.coming_from,
    )
    payers = payers_of_new_prices(now)
    sides = {side for side, payer in PAYER_OF.items() if payer in payers}
    valid = now.case.void(lambda each: each.action in ATTESTS and SIDE_OF.get(each.part, Side.INERA) in sides)
    return replace(valid, content=changed, content_version=valid.content_version + (not row.keeps_step))


def _pay_the_same(costs: Costs, others: Costs) -> bool:
    return all(costs.get(each, NO_COST) == others.get(each, NO_COST) for each in Payer)


@dataclass(frozen=True)
class Taken:
    """A decision with what was answered beside it."""

    decision: Decision
    answers: Answers


Effect = Callable[[Case, Taken], Case]


def _approved(case: Case, taken: Taken) -> Case:
    # Prices are not looked at while Inera reviews: what changed meanwhile is seen now, where the clock looks.
    is_reviewed = taken.decision.state is State.AWAITING_REVIEW
    review_at = taken.decision.at if is_reviewed else case.review_at
    return replace(case, chosen_attestant=taken.answers.attestant, review_at=review_at)


def _completion(case: Case, taken: Taken) -> Case:
    return replace(case, returns_to=taken.decision.state, rounds=case.rounds + 1)


def _sent_back(case: Case, taken: Taken) -> Case:  # noqa: ARG001 - one signature
    return replace(case, rounds=case.rounds + 1)


def _answered(case: Case, taken: Taken) -> Case:
    # What happened around the case meanwhile is looked at now, where the clock looks.
    looked_at = flows.find(case.flow, case.state, Action.REVIEW)
    return replace(case, returns_to=None, review_at=taken.decision.at if looked_at else None)


def _claimed(case: Case, taken: Taken) -> Case:
    return replace(case, acted=_with_acts(case, taken.decision))


def _handed_over(case: Case, taken: Taken) -> Case:
    giver, to = taken.decision.person, taken.decision.to
    is_choice = case.chosen_attestant in {giver, taken.decision.principal}
    aside = tuple(each for each in case.aside if each != to)
    chosen = to if is_choice and case.chosen_attestant is not None else case.chosen_attestant
    handed = case.handed if giver is None or to is None else (*case.handed, Handed(giver, to, taken.decision.at))
    acted = _with_acts(case, taken.decision)
    return replace(case, aside=_with(aside, giver), handed=handed, acted=acted, chosen_attestant=chosen)


def _with_acts(case: Case, decision: Decision) -> tuple[tuple[Side, PersonId], ...]:
    """The first act fixes a person's side, also where it is no decision (domain: 8, case 31)."""
    side = SIDE_OF[decision.part]
    acts = [(side, each) for each in (decision.person, decision.absent) if each is not None]
    return tuple(dict.fromkeys((*case.acted, *acts)))


def _recused(case: Case, taken: Taken) -> Case:
    person = taken.decision.person
    chosen = None if case.chosen_attestant == person else case.chosen_attestant
    attests = [each for each in case.given if person in {each.person, each.principal}]
    without = replace(case.void(lambda each: each in attests), chosen_attestant=chosen)
    return replace(without, recused=_with(case.recused, person))


def _held(case: Case, taken: Taken) -> Case:
    return replace(case, hold=taken.answers.reason, hold_salt=taken.decision.salt, due_at=None)


def _resumed(case: Case, taken: Taken) -> Case:
    return replace(case, hold="", hold_salt="", due_at=case.wait_from(taken.decision.at).due)


def _reviewed(case: Case, taken: Taken) -> Case:  # noqa: ARG001 - one signature
    return replace(case, review_at=None)


def _reminded(case: Case, taken: Taken) -> Case:
    # Where it ends after the last reminder the wait goes on; elsewhere each begins it anew.
    wait = case.wait if case.state in REMINDERS else case.wait_from(taken.decision.at)
    return replace(case, due_at=wait.due)


def _with(people: tuple[PersonId, ...], person: PersonId | None) -> tuple[PersonId, ...]:
    return people if person is None or person in people else (*people, person)


_EFFECTS: dict[Action, Effect] = {
    Action.APPROVE: _approved,
    Action.REQUEST_COMPLETION: _completion,
    Action.SEND_BACK: _sent_back,
    Action.ANSWER: _answered,
    Action.CLAIM: _claimed,
    Action.TAKE_OVER: _claimed,
    Action.HAND_OVER: _handed_over,
    Action.RECUSE: _recused,
    Action.HOLD: _held,
    Action.RESUME: _resumed,
    Action.REVIEW: _reviewed,
    Action.REPRICE: _reviewed,
    Action.REMIND: _reminded,
}
