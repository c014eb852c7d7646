"""Whether a person may do something to a case now: the flows table applied to a situation, or a refusal."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache

from core.shared import errors
from core.shared.disclosure import hears_of
from core.shared.errors import OrderError
from core.shared.value_objects import value
from core.shared.vocabulary import APPLYING, SIDE_OF, TO_CONFIRM, Action, Asks, Flow, OrganisationId, Part, Side, State
from core.workflow import flows
from core.workflow.case import Case, Decision, Grant
from core.workflow.commands import Answers, Seen
from core.workflow.context import WITHOUT_ROLE, DecisionContext
from core.workflow.flows import Transition
from core.workflow.guards.people import Guard, colleagues, may_attest_after, recipients, told_to_begin
from core.workflow.guards.progress import ABOUT_OTHERS


@value
class Authorization:
    """The row that lets somebody do something, and the situation with the part played and the grant used."""

    row: Transition
    now: DecisionContext


def authorized_row(now: DecisionContext, action: Action, seen: Seen | None) -> Transition:
    """The row that lets this person do this now. Authority goes first: a stranger learns nothing about the order."""
    return authorize(now, action, seen).row


def authorize(now: DecisionContext, action: Action, seen: Seen | None) -> Authorization:
    """As `authorized_row`, with the right by which the person acts: the own one before a substitute's."""
    if seen is not None and seen.step != now.case.step:
        raise _moved_on(now, action, seen)
    found = _rows_for(now, action)
    if seen is not None and seen.content_version != now.case.content_version:
        raise errors.OrderChanged(case=now.case.id, flow=now.case.flow)
    authorized = authorize_any(replace(now, seen=seen), found)
    if now.card is not None and now.card.asked_only and all(each.person != now.person for each in now.case.asked):
        # Of all who read a channel; whoever may decide and is not asked there does so elsewhere.
        raise errors.NotAskedHere(case=now.case.id)
    return authorized


def authorize_any(now: DecisionContext, found: tuple[Transition, ...]) -> Authorization:
    """The first of some rows whose conditions hold for one of the person's grants. Raises what refuses the first."""
    refusals: list[OrderError] = []
    if not found:
        raise errors.OrderMovedOn(case=now.case.id, flow=now.case.flow)
    for row in found:
        for mine in _ways(now, row.who):
            refusal = _refusal(mine, row)
            if refusal is None:
                return Authorization(row, mine)
            refusals.append(refusal)
    # A row that is for another turn of events says nothing about the person; a substitute's grant less than the own.
    raise next((each for each in refusals if not isinstance(each, errors.ActionNotPossible)), refusals[0])


def _ways(now: DecisionContext, part: Part) -> Iterator[DecisionContext]:
    if part in WITHOUT_ROLE:
        if now.plays(part):
            yield now.playing(part, None)
        return
    for grant in now.grants_for(part):
        yield now.playing(part, grant)


def _refusal(now: DecisionContext, row: Transition) -> OrderError | None:
    return next((refusal for each in row.guards if (refusal := each(now)) is not None), None)


def _rows_for(now: DecisionContext, action: Action) -> tuple[Transition, ...]:
    case = now.case
    found = flows.find(case.flow, case.state, action)
    if not found:
        raise _not_there(now, action)
    mine = tuple(each for each in found if now.plays(each.who))
    if not mine:
        raise without_role(now, found[0].who, case.organisation_of(found[0].who))
    return mine


def without_role(now: DecisionContext, part: Part, organisation: OrganisationId | None) -> errors.NoRole:
    """The refusal for whoever does not play a part: it names the organisation to its own people and Inera's alone."""
    is_theirs = any(each.organisation == organisation for each in now.grants) or now.plays(Part.CUSTOMER_SERVICE)
    return errors.NoRole(part=part, organisation=organisation if is_theirs else None)


def _not_there(now: DecisionContext, action: Action) -> OrderError:
    if not sides_of(now):
        return errors.CaseNotFound(case=now.case.id)
    if flows.is_final(now.case.flow, now.case.state):
        return errors.CaseClosed(case=now.case.id, flow=now.case.flow)
    return errors.ActionNotPossible(action=action, case=now.case.id, flow=now.case.flow)


def _moved_on(now: DecisionContext, action: Action, seen: Seen) -> OrderError:
    decision = now.case.decision_at(seen.step)
    asked = () if decision is None else flows.find(now.case.flow, decision.state, action)
    if not asked and not sides_of(now):
        # Whatever a stranger makes up, there is no such case.
        return errors.CaseNotFound(case=now.case.id)
    if decision is None or (not asked and decision.part is Part.CLOCK):
        # Nobody has the clock's role, and it is not customer service's.
        return errors.OrderMovedOn(case=now.case.id, flow=now.case.flow)
    # One action may have rows of several sides: whoever presses hears what the own side may.
    mine = [each.who for each in asked if now.plays(each.who)]
    if not mine:
        part = asked[0].who if asked else decision.part
        return without_role(now, part, _organisation_then(now.case, decision, part))
    if _came_too_late(now, decision, action):
        return _ended(now, action)
    if seen.content_version != now.case.content_version:
        return errors.OrderChanged(case=now.case.id, flow=now.case.flow)
    if any(each.who in mine for each in flows.find(now.case.flow, now.case.state, action)):
        # The table still has it for that part: the card is old, and the new one offers it.
        return errors.OrderMovedOn(case=now.case.id, flow=now.case.flow)
    if decision.person is not None and decision.person == now.person:
        return errors.AlreadyDecidedByYou(action=decision.action, at=decision.at, case=now.case.id)
    return _was_first(now, decision, SIDE_OF.get(mine[0], Side.INERA), action)


def _was_first(now: DecisionContext, decision: Decision, reader: Side, wanted: Action) -> OrderError:
    """Who decided, where the reader's side may hear of it at all."""
    if not hears_of(reader, decision.action, SIDE_OF.get(decision.part)):
        return errors.OrderMovedOn(case=now.case.id, flow=now.case.flow)
    return already_decided(now, decision, reader, wanted=wanted)


def _came_too_late(now: DecisionContext, decision: Decision, wanted: Action) -> bool:
    """True for an order that has been carried out, or is over, and somebody would take back, the own repeat aside."""
    is_finished = now.case.is_order and _is_carried_out(now.case.flow, now.case.state)
    return is_finished and wanted is Action.WITHDRAW and decision.action is not wanted


def _is_carried_out(flow: Flow, state: State) -> bool:
    """Say whether nobody decides anything more where a case stands, though somebody may confirm that it works."""
    return flows.is_final(flow, state) or state in TO_CONFIRM


def _ended(now: DecisionContext, wanted: Action) -> OrderError:
    """How it ended and by whom, for whoever could have taken it back before: another try would not help."""
    last = [each for each in now.case.decisions if not _is_carried_out(now.case.flow, each.state)][-1]
    refusal = already_decided(now, last, Side.CUSTOMER, wanted=wanted)
    refusal.facts["ended"] = now.case.state
    return refusal


def _organisation_then(case: Case, decision: Decision, part: Part) -> OrganisationId | None:
    """The organisation that the card named: an agent that the order has left does not learn of the next."""
    same_side = SIDE_OF.get(part) is SIDE_OF.get(decision.part)
    return decision.organisation if same_side and decision.organisation else case.organisation_of(part)


def already_decided(now: DecisionContext, decision: Decision, reader: Side, *, wanted: Action) -> OrderError:
    """Who was first, by name on the own side and to Inera, else by part and organisation."""
    own_side = reader is Side.INERA or SIDE_OF.get(decision.part) is reader
    return errors.AlreadyDecided(
        person=decision.person if own_side else None,
        part=decision.part,
        organisation=decision.organisation,
        action=decision.action,
        at=decision.at,
        case=now.case.id,
        wanted=wanted,
    )


def sides_of(now: DecisionContext) -> tuple[Side, ...]:
    """The sides of a case on which somebody has a part now; whoever has none is shown nothing of it any more."""
    around = _parts_around(now.case)
    return tuple(dict.fromkeys(side for part, side in SIDE_OF.items() if part in around and now.plays(part)))


def _parts_around(case: Case) -> frozenset[Part]:
    """Who may know of a case: signatories have a part in what is applied for, and none in what is ordered."""
    return frozenset(Part) - {Part.CLOCK} - (APPLYING if case.is_order else frozenset())


def check_answers(now: DecisionContext, row: Transition, answers: Answers) -> None:
    """Raise the refusal for what the row asks and the answers lack. `now` is the situation of the ruling."""
    _CHECKS[row.asks](now, answers)
    if answers.comment and not row.takes_comment:
        raise errors.FormError(fields={"comment": "not_asked"})


def _nothing(now: DecisionContext, answers: Answers) -> None:  # noqa: ARG001 - one signature for all checks
    return


def _confirmation(now: DecisionContext, answers: Answers) -> None:  # noqa: ARG001 - one signature for all checks
    if not answers.confirmed:
        raise errors.ConfirmationRequired


def _reason(now: DecisionContext, answers: Answers) -> None:  # noqa: ARG001 - one signature for all checks
    if not answers.reason:
        raise errors.ReasonRequired


def _message(now: DecisionContext, answers: Answers) -> None:  # noqa: ARG001 - one signature for all checks
    if not answers.message:
        raise errors.MessageRequired


def _instructions(now: DecisionContext, answers: Answers) -> None:
    _message(now, answers)
    found = recipients(now)
    if not found or answers.to not in (None, *found):
        raise errors.RecipientNotEligible(person=answers.to or now.case.orderer, organisation=now.case.customer)


def _go_ahead(now: DecisionContext, answers: Answers) -> None:
    _message(now, answers)
    if not told_to_begin(now):
        raise errors.NobodyToInform(agent=now.case.agent)


def _answer(now: DecisionContext, answers: Answers) -> None:
    is_changed = now.revised is not None and now.revised.content != now.case.content
    if not answers.message and not is_changed:
        raise errors.AnswerRequired


def _signature(now: DecisionContext, answers: Answers) -> None:
    _confirmation(now, answers)
    drawn_up = now.case.application.document
    if drawn_up is None or answers.document_hash != drawn_up.hash:
        raise errors.DocumentChanged(case=now.case.id)


def _last_day(now: DecisionContext, answers: Answers) -> None:  # noqa: ARG001 - one signature for all checks
    if answers.last_day is None:
        raise errors.FormError(fields={"last_day": "required"})


def _colleague(now: DecisionContext, answers: Answers) -> None:
    if answers.to is None or answers.to not in colleagues(now):
        raise errors.ColleagueNotEligible(person=answers.to)


def _certificate(now: DecisionContext, answers: Answers) -> None:
    if not answers.certified:
        raise errors.CertificateRequired
    if answers.attestant is not None and answers.attestant not in may_attest_after(now):
        raise errors.AttestantNotEligible(person=answers.attestant, agent=now.case.agent)


_CHECKS: dict[Asks, Callable[[DecisionContext, Answers], None]] = {
    Asks.NOTHING: _nothing,
    Asks.ORDER: _nothing,
    Asks.CONFIRMATION: _confirmation,
    Asks.REASON: _reason,
    Asks.QUESTION: _message,
    Asks.ANSWER: _answer,
    Asks.COLLEAGUE: _colleague,
    Asks.CERTIFICATE: _certificate,
    Asks.INSTRUCTIONS: _instructions,
    Asks.MESSAGE: _go_ahead,
    Asks.APPLICATION: _nothing,
    Asks.SIGNATURE: _signature,
    Asks.LAST_DAY: _last_day,
}


def offered(now: DecisionContext, part: Part) -> tuple[Transition, ...]:
    """Return what the table lets whoever plays a part do in this state, by the grant of the situation.

    One row for each action.
    """
    return _first_of_each(_open(now.playing(part, now.grant), _left(now.case.flow, now.case.state, part, NO_GUARDS)))


def offered_if(now: DecisionContext, granted: frozenset[Guard]) -> tuple[Transition, ...]:
    """Return the same for the part of the situation, where some guards are taken for granted."""
    part = now.part or Part.CLOCK
    return _first_of_each(_open(now, _left(now.case.flow, now.case.state, part, granted)))


def right_to_any(now: DecisionContext, part: Part, wanted: frozenset[Action]) -> Grant | None:
    """Return the grant that lets do one of some actions now, the own one before a substitute's.

    That others can be asked afterwards is taken for granted.
    """
    rows = [left for left in _left(now.case.flow, now.case.state, part, ABOUT_OTHERS) if left[0].does in wanted]
    return next((mine.grant for mine in _ways(now, part) if _open(mine, rows)), None)


NO_GUARDS: frozenset[Guard] = frozenset()
Left = tuple[Transition, tuple[Guard, ...]]


@cache
def _left(flow: Flow, state: State, part: Part, granted: frozenset[Guard]) -> tuple[Left, ...]:
    """Each row of a part, and those of its guards that are not taken for granted."""
    rows = (row for row in flows.rows(flow, state) if row.who is part)
    return tuple((row, tuple(guard for guard in row.guards if guard not in granted)) for row in rows)


def _open(now: DecisionContext, rows: Iterable[Left]) -> list[Transition]:
    """Return the rows whose guards hold; a guard that several rows have is asked once."""
    held: dict[Guard, bool] = {}

    def holds(guard: Guard) -> bool:
        if guard not in held:
            held[guard] = guard(now) is None
        return held[guard]

    return [row for row, guards in rows if all(map(holds, guards))]


def _first_of_each(rows: Iterable[Transition]) -> tuple[Transition, ...]:
    by_action: dict[Action, Transition] = {}
    for row in rows:
        by_action.setdefault(row.does, row)
    return tuple(by_action.values())
