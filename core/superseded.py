"""Conditions of superseded versions of the flows table, as they were: what was decided by them is replayed by them."""

from collections.abc import Mapping

from core import authority
from core.authority import Condition, acted_for
from core.errors import BothSides, OrderError
from core.situation import Situation
from core.words import Part, Side


def acts_for_one_side(now: Situation) -> OrderError | None:
    """Nobody acts for both customer and agent on the same order; the first act fixes the side (invariant 4)."""
    other = Side.CUSTOMER if now.side is Side.AGENT else Side.AGENT
    organisation = now.case.customer if other is Side.CUSTOMER else now.case.agent
    return BothSides(organisation=organisation) if now.people & acted_for(now.case, other) else None


# What stood in the first version where something else stands now, and what has come to the rows of a part since.
FIRST: Mapping[Condition, Condition] = {authority.acts_for_no_other: acts_for_one_side}
ADDED_SINCE_FIRST: Mapping[Part, frozenset[Condition]] = {Part.ORDERER: frozenset({authority.acts_for_no_other})}
