"""What a decision makes of a case: the row followed, and who is asked now."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from core import flows
from core.authority import eligible
from core.commands import Answers
from core.deadlines import due
from core.flows import Becomes, Transition
from core.order import Asked, Blocked, Case, Decision, Grant, Situation, advance
from core.policies import block
from core.words import DECIDING, PART_WAITED_FOR, Action, Part, PersonId

# Edits are Slack's bottleneck: more people than these see the order in their home tab (domain: section 9).
ASK_AT_MOST = 5
# Changes within a state that make its clock begin anew; the others leave the deadline where it is.
RESTARTS_CLOCK = frozenset({Action.CLAIM, Action.RELEASE, Action.ESCALATE, Action.HOLD, Action.RESUME})


def follow(now: Situation, row: Transition, decision: Decision, answers: Answers) -> Case:
    """The case after a row of the table."""
    case = _before(now, row, decision)
    to = row.target(case.returns_to)
    restarts = not row.keeps_step or row.does in RESTARTS_CLOCK
    after = advance(
        case,
        to=to,
        decision=decision,
        due_at=due(to, decision.at) if restarts else case.due_at,
        final=flows.is_final(case.flow, to),
        asks_anew=not row.keeps_step,
    )
    effect = _EFFECTS.get(row.does)
    return after if effect is None else effect(after, decision, answers)


def asking(now: Situation, after: Case, decision: Decision) -> Case:
    """The case with the people who are asked where it stands now, or with why there is nobody to ask."""
    part = PART_WAITED_FOR.get(after.state, Part.CLOCK)
    if part not in DECIDING:
        return replace(after, asked=(), blocked=None)
    then = replace(now, case=after, grant=None, part=None)
    asked = _asked(then, part, decision)
    why = block(then)
    if why is None:
        return replace(after, asked=asked, blocked=None)
    reviewed = decision.action is Action.REVIEW
    known = after.blocked is not None and after.blocked.why is why and after.blocked.told
    # Who must be told is read by the review, which follows at once.
    look_again = after.review_at if reviewed or known else decision.at
    return replace(after, asked=asked, blocked=Blocked(why, told=reviewed or known), review_at=look_again)


def _asked(now: Situation, part: Part, decision: Decision) -> tuple[Asked, ...]:
    case, may = now.case, {each.person: each for each in eligible(now, part)}
    kept = [each for each in case.asked if each.person in may and each.person not in case.aside]
    if decision.action is Action.HAND_OVER and decision.to is not None and decision.to in may:
        kept.append(_ask(may.pop(decision.to)))
    room = ASK_AT_MOST - len(case.attests) - len(kept)
    more = [each for person, each in may.items() if person not in {*case.aside, *(one.person for one in kept)}]
    return (*kept, *map(_ask, more[: max(room, 0)]))


def _ask(grant: Grant) -> Asked:
    return Asked(grant.person, grant.role, grant.limit_ore, grant.absent)


def _before(now: Situation, row: Transition, decision: Decision) -> Case:
    """The case as the row finds it: with what was revised in it, and without what no longer counts."""
    case = now.case
    if row.does is Action.ANSWER and now.revised is not None:
        case = replace(now.revised, order=replace(now.revised.order, replaces_agent=_replaced(now)))
    if row.does is Action.REPRICE:
        case = _repriced(now, decision.at)
    if row.becomes is Becomes.FIRST_STEP:
        return _anew(case, lambda each: each.action is not Action.SUBMIT)
    if row.does is Action.REPRICE:
        return _anew(case, lambda each: each.part in PARTS_VOIDED.get(row.target(), frozenset()))
    if row.does is Action.SEND_BACK:
        return replace(_void(case, lambda each: each.action is Action.APPROVE), chosen_attestant=None)
    return case


# Whose earlier decisions a new price makes void, by the state that is asked anew.
PARTS_VOIDED = {state: frozenset({part}) for state, part in PART_WAITED_FOR.items()}


def _anew(case: Case, is_void: Callable[[Decision], bool]) -> Case:
    voided = _void(case, is_void)
    chosen = (
        case.chosen_attestant
        if any(each.action is Action.APPROVE and each.counts for each in voided.decisions)
        else None
    )
    return replace(voided, content_version=case.content_version + 1, chosen_attestant=chosen)


def _void(case: Case, is_void: Callable[[Decision], bool]) -> Case:
    decisions = tuple(replace(each, counts=each.counts and not is_void(each)) for each in case.decisions)
    return replace(case, decisions=decisions)


def _replaced(now: Situation) -> str | None:
    return now.standing.connected_agent if now.standing.connected else now.case.order.replaces_agent


def _repriced(now: Situation, at: datetime) -> Case:
    order = now.case.order
    reached = order.coming_from is not None and order.coming_from <= at.date()
    changed = replace(
        order,
        costs=now.costs_now or order.costs,
        earlier_costs=order.earlier_costs or order.costs,
        coming_costs={} if reached else order.coming_costs,
        coming_from=None if reached else order.coming_from,
    )
    return replace(now.case, order=changed)


Effect = Callable[[Case, Decision, Answers], Case]


def _approved(case: Case, decision: Decision, answers: Answers) -> Case:  # noqa: ARG001 - one signature
    return replace(case, chosen_attestant=answers.attestant)


def _completion(case: Case, decision: Decision, answers: Answers) -> Case:  # noqa: ARG001 - one signature
    return replace(case, returns_to=decision.state, rounds=case.rounds + 1)


def _sent_back(case: Case, decision: Decision, answers: Answers) -> Case:  # noqa: ARG001 - one signature
    return replace(case, rounds=case.rounds + 1)


def _answered(case: Case, decision: Decision, answers: Answers) -> Case:  # noqa: ARG001 - one signature
    # What happened around the case meanwhile is looked at now.
    return replace(case, returns_to=None, review_at=decision.at)


def _handed_over(case: Case, decision: Decision, answers: Answers) -> Case:  # noqa: ARG001 - one signature
    chosen = decision.to if case.chosen_attestant == decision.person else case.chosen_attestant
    return replace(case, aside=_with(case.aside, decision.person), chosen_attestant=chosen)


def _recused(case: Case, decision: Decision, answers: Answers) -> Case:  # noqa: ARG001 - one signature
    chosen = None if case.chosen_attestant == decision.principal else case.chosen_attestant
    return replace(case, recused=_with(case.recused, decision.person), chosen_attestant=chosen)


def _held(case: Case, decision: Decision, answers: Answers) -> Case:  # noqa: ARG001 - one signature
    return replace(case, hold=answers.reason)


def _resumed(case: Case, decision: Decision, answers: Answers) -> Case:  # noqa: ARG001 - one signature
    return replace(case, hold="")


def _reviewed(case: Case, decision: Decision, answers: Answers) -> Case:  # noqa: ARG001 - one signature
    return replace(case, review_at=None)


def _with(people: tuple[PersonId, ...], person: PersonId | None) -> tuple[PersonId, ...]:
    return people if person is None or person in people else (*people, person)


_EFFECTS: dict[Action, Effect] = {
    Action.APPROVE: _approved,
    Action.REQUEST_COMPLETION: _completion,
    Action.SEND_BACK: _sent_back,
    Action.ANSWER: _answered,
    Action.HAND_OVER: _handed_over,
    Action.RECUSE: _recused,
    Action.HOLD: _held,
    Action.RESUME: _resumed,
    Action.REVIEW: _reviewed,
    Action.REPRICE: _reviewed,
}
