"""Whether a person may do something to a case now: the flows table applied to a situation, or a refusal."""

from collections.abc import Callable

from core import errors, flows
from core.commands import Answers, Seen
from core.errors import OrderError
from core.flows import Transition
from core.order import Decision, Situation
from core.policies import may_attest_after
from core.words import SIDE_OF, Action, Asks, Part, Side


def judge(now: Situation, action: Action, seen: Seen | None) -> Transition:
    """The row that lets this person do this now. Authority goes first: a stranger learns nothing about the order."""
    if seen is not None and seen.step != now.case.step:
        raise _moved_on(now, action, seen)
    row = _row_for(now, action)
    if seen is not None and seen.content_version != now.case.content_version:
        raise errors.OrderChanged(case=now.case.id)
    for condition in row.if_:
        refusal = condition(now)
        if refusal is not None:
            raise refusal
    return row


def _row_for(now: Situation, action: Action) -> Transition:
    case = now.case
    found = flows.find(case.flow, case.state, action)
    if not found:
        raise _not_there(now, action)
    mine = next((each for each in found if now.plays(each.who)), None)
    if mine is None:
        raise errors.NoRole(part=found[0].who, organisation=case.organisation_of(found[0].who))
    return mine


def _not_there(now: Situation, action: Action) -> OrderError:
    if not _knows(now):
        return errors.CaseNotFound(case=now.case.id)
    if flows.is_final(now.case.flow, now.case.state):
        return errors.CaseClosed(case=now.case.id)
    return errors.ActionNotPossible(action=action, case=now.case.id)


def _moved_on(now: Situation, action: Action, seen: Seen) -> OrderError:
    decision = now.case.decision_at(seen.step)
    if decision is None:
        return errors.OrderMovedOn(case=now.case.id)
    asked = flows.find(now.case.flow, decision.state, action)
    if not asked or not any(now.plays(each.who) for each in asked):
        part = asked[0].who if asked else decision.part
        return errors.NoRole(part=part, organisation=now.case.organisation_of(part))
    if any(each.who is asked[0].who for each in flows.find(now.case.flow, now.case.state, action)):
        # The table still has it for this part: the card is old, and the new one offers it.
        return errors.OrderMovedOn(case=now.case.id)
    if decision.person is not None and decision.person == now.person:
        return errors.AlreadyDecidedByYou(action=decision.action, at=decision.at, case=now.case.id)
    return already_decided(now, decision, SIDE_OF.get(asked[0].who, Side.INERA), wanted=action)


def already_decided(now: Situation, decision: Decision, reader: Side, *, wanted: Action) -> OrderError:
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


def _knows(now: Situation) -> bool:
    return now.person == now.case.orderer or any(now.plays(part) for part in Part if part is not Part.CLOCK)


def check_answers(now: Situation, row: Transition, answers: Answers) -> None:
    """Raise the refusal for what the row asks and the answers lack."""
    _CHECKS[row.asks](now, answers)


def _nothing(now: Situation, answers: Answers) -> None:  # noqa: ARG001 - one signature for all checks
    return


def _confirmation(now: Situation, answers: Answers) -> None:  # noqa: ARG001 - one signature for all checks
    if not answers.confirmed:
        raise errors.ConfirmationRequired


def _reason(now: Situation, answers: Answers) -> None:  # noqa: ARG001 - one signature for all checks
    if not answers.reason:
        raise errors.ReasonRequired


def _message(now: Situation, answers: Answers) -> None:  # noqa: ARG001 - one signature for all checks
    if not answers.message:
        raise errors.MessageRequired


def _certificate(now: Situation, answers: Answers) -> None:
    if not answers.certified:
        raise errors.CertificateRequired
    if answers.attestant is not None and answers.attestant not in may_attest_after(now):
        raise errors.AttestantNotEligible(person=answers.attestant, agent=now.case.agent)


_CHECKS: dict[Asks, Callable[[Situation, Answers], None]] = {
    Asks.NOTHING: _nothing,
    Asks.ORDER: _nothing,
    Asks.CONFIRMATION: _confirmation,
    Asks.REASON: _reason,
    Asks.CERTIFICATE: _certificate,
    Asks.INSTRUCTIONS: _message,
    Asks.MESSAGE: _message,
}


def offered(now: Situation, part: Part) -> tuple[Transition, ...]:
    """What the table offers whoever plays a part in this state, where the conditions hold: the buttons of a card."""
    mine = (each for each in flows.rows(now.case.flow, now.case.state) if each.who is part)
    return tuple(each for each in mine if all(condition(now) is None for condition in each.if_))
