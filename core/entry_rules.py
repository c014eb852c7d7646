"""Rules that entries of the register keep, each by itself and two together."""

from collections.abc import Iterable, Sequence
from datetime import date

from core.register import Price
from core.words import AgentField, CustomerCategory, Flow, OrganisationKind, PriceKind, Role

# Which kinds of organisations a role is for; any kind where none is named (domain: 5.2).
ROLE_KINDS: dict[Role, frozenset[OrganisationKind]] = {
    Role.ORDERER: frozenset({OrganisationKind.CUSTOMER, OrganisationKind.AGENT}),
    Role.ATTESTANT: frozenset({OrganisationKind.CUSTOMER, OrganisationKind.AGENT}),
    Role.EMERGENCY_ATTESTANT: frozenset({OrganisationKind.CUSTOMER, OrganisationKind.AGENT}),
    Role.AGENT_HANDLER: frozenset({OrganisationKind.AGENT}),
    Role.CUSTOMER_SERVICE: frozenset({OrganisationKind.INERA}),
    Role.CUSTOMER_SERVICE_LEAD: frozenset({OrganisationKind.INERA}),
}
# Whose authority ends at an amount, and whose may be for one service alone.
LIMITED = frozenset({Role.ATTESTANT, Role.EMERGENCY_ATTESTANT})
SCOPED = LIMITED | {Role.AGENT_HANDLER}
AGENT_FIELDS: dict[Flow, frozenset[AgentField]] = {
    Flow.DIRECT: frozenset({AgentField.NONE, AgentField.INFORMATION}),
    Flow.VIA_AGENT: frozenset({AgentField.REQUIRED}),
    Flow.AGENT_ASSIGNMENT: frozenset({AgentField.NONE}),
}


def rule_broken_by_offer(flow: Flow, agent: AgentField) -> str | None:
    """The code of the rule that an offer breaks, None when it keeps them all."""
    return None if agent in AGENT_FIELDS[flow] else "agent_not_for_flow"


def rule_broken_by_organisation(kinds: Iterable[OrganisationKind], category: CustomerCategory | None) -> str | None:
    """The code of the rule that an organisation breaks, None when it keeps them all."""
    return "category_required" if category is None and OrganisationKind.CUSTOMER in kinds else None


def role_fits(role: Role, kinds: frozenset[OrganisationKind]) -> bool:
    """True when an organisation of these kinds has people in this role."""
    return role not in ROLE_KINDS or bool(ROLE_KINDS[role] & kinds)


def rule_broken_by_role(role: Role, limit_ore: int | None, service: str | None) -> tuple[str, str] | None:
    """The code of the rule that a role breaks, and the field, None when it keeps them all."""
    if limit_ore is not None and role not in LIMITED:
        return "limit_not_for_role", "attest_limit_ore"
    return ("service_not_for_role", "service") if service is not None and role not in SCOPED else None


def rule_broken_by_prices(prices: Sequence[Price]) -> tuple[str, Price, Price] | None:
    """The code of the first rule that two prices of one offer break together, and the two."""
    for number, one in enumerate(prices):
        for other in prices[number + 1 :]:
            broken = _broken_by_two(one, other)
            if broken is not None:
                return broken, one, other
    return None


def _broken_by_two(one: Price, other: Price) -> str | None:
    if one.payer is not other.payer or one.kind is not other.kind or not _overlap(one, other):
        return None
    if one.unit is other.unit:
        return "price_overlap"
    # One payer's recurring cost is shown as one amount, so it has one period.
    return "mixed_periods" if one.kind is PriceKind.RECURRING and one.period is not other.period else None


def _overlap(one: Price, other: Price) -> bool:
    return one.valid_from <= (other.valid_to or date.max) and other.valid_from <= (one.valid_to or date.max)
