"""Rules that organisations and roles keep when they are entered into the register."""

from collections.abc import Iterable

from core.shared.vocabulary import CustomerCategory, OrganisationKind, Role

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


def rule_broken_by_organisation(kinds: Iterable[OrganisationKind], category: CustomerCategory | None) -> str | None:
    """Return the code of the rule that an organisation breaks, None when it keeps them all."""
    return "category_required" if category is None and OrganisationKind.CUSTOMER in kinds else None


def role_fits(role: Role, kinds: frozenset[OrganisationKind]) -> bool:
    """Say whether an organisation of these kinds has people in this role."""
    return role not in ROLE_KINDS or bool(ROLE_KINDS[role] & kinds)


def rule_broken_by_role(role: Role, limit_ore: int | None, service: str | None) -> tuple[str, str] | None:
    """Return the code of the rule that a role breaks, and the field, None when it keeps them all."""
    if limit_ore is not None and role not in LIMITED:
        return "limit_not_for_role", "attest_limit_ore"
    return ("service_not_for_role", "service") if service is not None and role not in SCOPED else None
