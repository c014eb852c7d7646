"""Who holds a right to decide where a case waits, and what keeps each of them from it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from core.shared.errors import OrderError
from core.shared.vocabulary import Action, Part, Role
from core.workflow import flows
from core.workflow.authorize import authorize_any
from core.workflow.case import Grant
from core.workflow.context import DecisionContext
from core.workflow.flows import Transition

# What answers a waiting case with a yes; whoever may do this may also say no.
SAYS_YES = frozenset({Action.APPROVE, Action.ATTEST, Action.EMERGENCY_ATTEST, Action.ANSWER})


@dataclass(frozen=True)
class Decider:
    """A right by which somebody decides, own or lent; `refusal` is what a press would be told now, None: it counts."""

    part: Part
    grant: Grant
    is_asked: bool
    refusal: OrderError | None


def deciders(now: DecisionContext) -> tuple[Decider, ...]:
    """Everybody of whom `now` holds that they have a right where the case waits; none where nobody's yes is waited for.

    Judged with the assurance of `now`, as a press without a card.
    """
    found: dict[Part, list[Transition]] = {}
    for row in flows.rows(now.case.flow, now.case.state):
        if row.does in SAYS_YES:
            found.setdefault(row.who, []).append(row)
    return tuple(_decider(now, grant, tuple(rows)) for part, rows in found.items() for grant in _holders(now, part))


def _holders(now: DecisionContext, part: Part) -> Iterator[Grant]:
    if part is Part.ORDERER and now.orderer_is_active:
        yield Grant(now.case.orderer, now.case.customer, Role.ORDERER)
        return
    yield from now.holders.get(part, ())


def _decider(now: DecisionContext, grant: Grant, rows: tuple[Transition, ...]) -> Decider:
    mine = replace(now, person=grant.person, grants=(grant,))
    right = grant.person, grant.role, grant.absent
    is_asked = any((each.person, each.role, each.absent) == right for each in now.case.asked)
    return Decider(rows[0].who, grant, is_asked, _refusal(mine, rows))


def _refusal(now: DecisionContext, rows: tuple[Transition, ...]) -> OrderError | None:
    try:
        authorize_any(now, rows)
    except OrderError as refusal:
        return refusal
    return None
