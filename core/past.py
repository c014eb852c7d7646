"""Everything that has happened to a case, line by line, as one side may see it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from core.disclosure import Fact, sees
from core.dossier import Dossier
from core.order import Decision
from core.steps import StepView, decided_step
from core.words import Action, PersonId, Side


@dataclass(frozen=True)
class Past:
    """What was done to a case, in order, and the names it mentions: never drawn, only disclosed.

    History keeps no texts; those of a case stand in its decisions.
    """

    decisions: tuple[Decision, ...]
    people: Mapping[PersonId, str]


# What only some sides hear of, besides what customer service has to itself.
_FACT_OF = {Action.SEND_BACK: Fact.SENT_BACK, Action.HOLD: Fact.HOLD, Action.RESUME: Fact.HOLD}
_OF_CUSTOMER_SERVICE = frozenset({Action.ESCALATE, Action.REVIEW})


def disclose_past(dossier: Dossier, past: Past, side: Side) -> tuple[StepView, ...]:
    """The whole history of a case for one side, the earliest first."""
    known = {(each.action, each.at): each for each in dossier.case.decisions}
    told = tuple(known.get((each.action, each.at), each) for each in past.decisions)
    case, people = replace(dossier.case, decisions=told), {**past.people, **dossier.people}
    whole = replace(dossier, case=case, people=people)
    return tuple(decided_step(whole, side, each) for each in told if _hears(side, each.action))


def _hears(side: Side, action: Action) -> bool:
    fact = _FACT_OF.get(action)
    return sees(side, fact) if fact is not None else side is Side.INERA or action not in _OF_CUSTOMER_SERVICE
