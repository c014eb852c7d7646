"""Everything that has happened to a case, line by line, as one side may see it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from core.disclosure import Fact, hears_of, sees
from core.dossier import Dossier
from core.order import Case, Decision
from core.steps import StepView, decided_step, is_anothers
from core.words import PART_WAITED_FOR, SIDE_OF, Action, PersonId, Side


@dataclass(frozen=True)
class Past:
    """What was done to a case, in order, and the names it mentions: never drawn, only disclosed.

    History keeps no texts; those of a case stand in its decisions.
    """

    decisions: tuple[Decision, ...]
    people: Mapping[PersonId, str]


# What only some sides hear of, besides what customer service has to itself.
_FACT_OF = {Action.HOLD: Fact.HOLD, Action.RESUME: Fact.HOLD}
_OF_CUSTOMER_SERVICE = frozenset({Action.ESCALATE, Action.REVIEW})


def disclose_past(dossier: Dossier, past: Past, side: Side) -> tuple[StepView, ...]:
    """The whole history of a case for one side, the earliest first."""
    known = {(each.action, each.at): each for each in dossier.case.decisions}
    told = tuple(known.get((each.action, each.at), each) for each in past.decisions)
    case, people = replace(dossier.case, decisions=told), {**past.people, **dossier.people}
    whole = replace(dossier, case=case, people=people)
    return tuple(decided_step(whole, side, each) for each in told if _hears(dossier.case, each, side))


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
