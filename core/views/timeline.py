"""The timeline of a case, as one side may see it: its steps, decided and to come, and everything that has happened."""

from dataclasses import replace
from datetime import datetime

from core.shared.disclosure import (
    ATTEST_COMMENT_OF,
    EMERGENCY_OF,
    INTERNAL_OF,
    NAMES_OF,
    QUESTION_OF,
    ByRule,
    DisclosedView,
    Fact,
    ToAll,
    hears_of,
    sees,
)
from core.shared.value_objects import value
from core.shared.vocabulary import (
    PART_WAITED_FOR,
    PAYER_OF,
    SIDE_OF,
    TO_CONFIRM,
    Action,
    OrganisationId,
    Part,
    PersonId,
    ReasonCode,
    Side,
    State,
)
from core.views.record import CaseRecord, Timeline
from core.workflow.case import ATTESTS, QUESTIONS, Case, Decision
from core.workflow.flows import is_final, path


@value
class StepView(DisclosedView):
    """One step of the chain: who is asked, and what was decided once it was. `by` None across the barrier.

    `step` is the step of the case that it belongs to. `absent` is whom `by` substituted for, `to` whom it was sent to;
    `is_orderers` and `went_to_orderer` say whether that is the person who ordered, whose name another may have.
    `message` is a question or an answer that the reader may see, `comment` what was added to a yes. `counts` is False
    for a decision that a later version or price has made void.
    """

    part: ToAll[Part]
    state: ToAll[State]
    organisation: ToAll[str | None]
    action: ToAll[Action | None] = None
    decided_by_part: ToAll[Part | None] = None
    by: ByRule[str | None] = None
    at: ToAll[datetime | None] = None
    reason_code: ToAll[ReasonCode | None] = None
    reason: ByRule[str] = ""
    internal: ByRule[str] = ""
    message: ByRule[str] = ""
    comment: ByRule[str] = ""
    absent: ByRule[str | None] = None
    limit_ore: ByRule[int | None] = None
    to: ByRule[str | None] = None
    is_orderers: ByRule[bool] = False
    went_to_orderer: ByRule[bool] = False
    step: ToAll[int] = 0
    content_version: ToAll[int] = 1
    counts: ToAll[bool] = True
    is_current: ToAll[bool] = False


@value
class SlackChangeView(DisclosedView):
    """Whose Slack messages of a case left as it was off, or came back to, and when: the own side's, and to Inera."""

    organisation: ByRule[str]
    at: ByRule[datetime]
    is_back: ByRule[bool]


def steps(record: CaseRecord, side: Side) -> list[StepView]:
    """The chain as a side may see it: what has been decided, then what waits and what is to come."""
    case = record.case
    decided = [each for each in case.decisions if _is_step(case, each, side)]
    done = [decided_step(record, side, each) for each in decided]
    if is_final(case.flow, case.state):
        return done
    way, at = path(case.flow), case.returns_to or case.state
    coming = way[way.index(at) :] if at in way else (at,)
    ahead = coming if case.returns_to is None else (case.state, *coming)
    return done + [_coming_step(record, state, side, is_current=state is case.state) for state in ahead]


def decided_step(record: CaseRecord, side: Side, decision: Decision) -> StepView:
    """What was decided at a step, as a side may see it."""
    of, part, to = SIDE_OF.get(decision.part), _part_of(decision), _recipient(record, decision, side)
    sees_names = of is not None and sees(side, NAMES_OF[of])
    return StepView(
        side=side,
        part=part,
        state=decision.state,
        organisation=_organisation(record, decision, part),
        action=decision.action,
        decided_by_part=decision.part,
        by=_name(record, decision.person) if sees_names else None,
        at=decision.at,
        reason_code=decision.reason_code,
        reason=decision.reason if _sees_reason(decision, side) else "",
        internal=decision.internal if of is not None and _sees_internal(side, of) else "",
        message=_said(record.case, decision, side),
        comment=decision.comment if of is not None and _sees_comment(decision, side, of) else "",
        absent=_name(record, decision.absent) if sees_names else None,
        limit_ore=decision.limit_ore if sees_names else None,
        to=to,
        is_orderers=sees_names and decision.person == record.case.orderer,
        went_to_orderer=to is not None and decision.to == record.case.orderer,
        step=decision.step,
        content_version=decision.content_version,
        counts=decision.counts and not decision.lapsed,
    )


def _part_of(decision: Decision) -> Part:
    """Return whose step it was: a reserve has acted in the place of the step's own part."""
    return decision.part if decision.state in TO_CONFIRM else PART_WAITED_FOR.get(decision.state, decision.part)


def _name(record: CaseRecord, person: PersonId | None) -> str | None:
    return None if person is None else record.people.get(person)


def _recipient(record: CaseRecord, decision: Decision, reader: Side) -> str | None:
    if decision.to is None:
        return None
    of = SIDE_OF_RECIPIENT.get(decision.action) or SIDE_OF.get(decision.part, reader)
    return record.name(decision.to, of=of, reader=reader)


def _is_step(case: Case, decision: Decision, reader: Side) -> bool:
    if is_anothers(case, decision, reader) or not hears_of(reader, decision.action, SIDE_OF.get(decision.part)):
        return False
    if decision.action in REMINDS:
        return False
    if decision.action is Action.REPRICE:
        return _pays_another_price(case, reader)
    if decision.action in ATTESTS and reader not in {SIDE_OF.get(decision.part), Side.INERA}:
        # How many attests another organisation asks for is its own matter: the other side sees the last.
        return decision.step < case.step and case.decision_at(decision.step) == decision
    return decision.state in PART_WAITED_FOR or decision.action is Action.SEND_AGAIN


def _pays_another_price(case: Case, reader: Side) -> bool:
    was, payer = case.order.earlier_costs, PAYER_OF.get(reader)
    return payer is None or (payer in was and was[payer] != case.order.cost(reader))


def is_anothers(case: Case, decision: Decision, reader: Side) -> bool:
    """True of what was decided on the reader's side by an organisation that the order has left."""
    return SIDE_OF.get(decision.part) is reader and decision.organisation != case.organisation_of(decision.part)


def _organisation(record: CaseRecord, decision: Decision, part: Part) -> str | None:
    if decision.organisation is None or SIDE_OF.get(decision.part) is not SIDE_OF[part]:
        return record.organisation_of(part)
    return record.organisations[decision.organisation].name


def _said(case: Case, decision: Decision, reader: Side) -> str:
    """A question, or an answer to one, as far as the reader may see it."""
    asked = decision
    if decision.action is Action.ANSWER:
        earlier = case.decisions[: case.decisions.index(decision)]
        asked = next((each for each in reversed(earlier) if each.action in QUESTIONS), decision)
    of = SIDE_OF.get(asked.part)
    if asked.action not in QUESTIONS or of is None or is_anothers(case, asked, reader):
        return ""
    fact = Fact.SENT_BACK if asked.action is Action.SEND_BACK else QUESTION_OF[of]
    return decision.message if sees(reader, fact) else ""


# Whose person a decision is sent to, where that is not the own side's.
SIDE_OF_RECIPIENT = {Action.SEND_INSTRUCTIONS: Side.CUSTOMER, Action.SEND_AGAIN: Side.CUSTOMER}


def _sees_reason(decision: Decision, reader: Side) -> bool:
    # The clock, which has no side, gives no reasons.
    fact = EMERGENCY_OF.get(SIDE_OF.get(decision.part, Side.INERA))
    return decision.action is not Action.EMERGENCY_ATTEST or fact is None or sees(reader, fact)


def _sees_comment(decision: Decision, reader: Side, of: Side) -> bool:
    fact = ATTEST_COMMENT_OF.get(of) if decision.action is Action.ATTEST else Fact.APPROVAL_COMMENT
    return fact is not None and sees(reader, fact)


def _sees_internal(reader: Side, of: Side) -> bool:
    return of in INTERNAL_OF and sees(reader, INTERNAL_OF[of])


def _coming_step(record: CaseRecord, state: State, side: Side, *, is_current: bool) -> StepView:
    part = PART_WAITED_FOR[state]
    organisation, step = record.organisation_of(part), record.case.step if is_current else 0
    return StepView(side, part, state, organisation, step=step, is_current=is_current)


# What is told where it waits, and takes no line among the steps.
REMINDS = frozenset({Action.REMIND, Action.REMIND_NOW})
# What only some sides hear of, besides what customer service has to itself.
_FACT_OF = {Action.HOLD: Fact.HOLD, Action.RESUME: Fact.HOLD}
_OF_CUSTOMER_SERVICE = frozenset({Action.ESCALATE, Action.REVIEW})


def disclose_timeline(record: CaseRecord, past: Timeline, side: Side) -> tuple[StepView, ...]:
    """The whole history of a case for one side, the earliest first."""
    known = {(each.action, each.at): each for each in record.case.decisions}
    told = tuple(known.get((each.action, each.at), each) for each in past.decisions)
    case, people = replace(record.case, decisions=told), {**past.people, **record.people}
    whole = replace(record, case=case, people=people)
    return tuple(decided_step(whole, side, each) for each in told if _hears(record.case, each, side))


def disclose_slack(record: CaseRecord, past: Timeline, side: Side) -> tuple[SlackChangeView, ...]:
    """Return how the Slack of those who take part now was off and on, each change once, the earliest first."""
    case, found = record.case, dict[OrganisationId, list[SlackChangeView]]()
    sides = {case.customer: Side.CUSTOMER, case.agent: Side.AGENT}
    for change in sorted(past.slack, key=lambda each: each.at):
        if change.organisation not in sides or side not in {sides[change.organisation], Side.INERA}:
            continue
        known = found.setdefault(change.organisation, [])
        if known[-1].is_back != change.is_back if known else not change.is_back:
            name = record.organisations[change.organisation].name
            known.append(SlackChangeView(side, name, change.at, change.is_back))
    return tuple(sorted((each for changes in found.values() for each in changes), key=lambda each: each.at))


def _hears(case: Case, decision: Decision, side: Side) -> bool:
    fact, of = _FACT_OF.get(decision.action), SIDE_OF.get(decision.part)
    if is_anothers(case, decision, side) or (fact is not None and not sees(side, fact)):
        return False
    if not hears_of(side, decision.action, of):
        return False
    if side is Side.INERA:
        return True
    if decision.action is Action.REVIEW and decision.reason_code is not None:
        # How many attests are asked for is the own side's matter.
        return SIDE_OF[PART_WAITED_FOR[decision.state]] is side
    return decision.action not in _OF_CUSTOMER_SERVICE
