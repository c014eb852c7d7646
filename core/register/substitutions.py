"""Substitutions: who decides in whose place and when, and the rules about them (domain: 4.5)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime

from core.shared.errors import (
    AbsencePassed,
    AbsenceReversed,
    NoRole,
    NoSubstitution,
    NothingToSubstitute,
    OrderError,
    RoleNotSubstituted,
    SubstituteNotEligible,
    SubstitutionOverlaps,
)
from core.shared.vocabulary import DECIDING, ROLES_OF, OrganisationId, Part, PersonId, Role
from core.shared.working_days import beginning_of, day_of, end_of, last_day_before

# Those who decide orders; a reserve attestant is a substitute already, and everybody else asks nothing of one person.
SUBSTITUTED = frozenset(role for part in DECIDING for role in ROLES_OF[part])


@dataclass(frozen=True)
class Substitution:
    """Somebody decides in an absent person's place in one role, with the same authority and in the own name.

    `until` is the first instant at which it no longer holds. `id` is 0 until it is stored.
    """

    absent: PersonId
    substitute: PersonId
    organisation: OrganisationId
    role: Role
    since: datetime
    until: datetime
    created_by: str
    id: int = 0

    @property
    def first_day(self) -> date:
        """The first Swedish day on which it holds."""
        return day_of(self.since)

    @property
    def last_day(self) -> date:
        """The last Swedish day on which it holds."""
        return last_day_before(self.until)

    @property
    def people(self) -> tuple[PersonId, PersonId]:
        """Whom it concerns, and who must hear of it: the absent person and the substitute."""
        return self.absent, self.substitute

    def overlaps(self, other: "Substitution") -> bool:
        """Say whether two substitutions hold at some same instant."""
        return max(self.since, other.since) < min(self.until, other.until)

    def ended(self, at: datetime) -> "Substitution":
        """Return the substitution ended at an instant; one that had not begun never holds."""
        return replace(self, until=max(self.since, min(self.until, at)))


def days(first: date, last: date) -> tuple[datetime, datetime]:
    """Return when a first Swedish day begins and a last one ends."""
    return beginning_of(first), end_of(last)


@dataclass(frozen=True)
class SubstitutionContext:
    """What the register holds around a substitution that somebody wishes for.

    `others` are substitutions of the same people in the same role and organisation that begin on other days.
    """

    absent_has_role: bool
    substitute_is_here: bool
    others: tuple[Substitution, ...] = ()


@dataclass(frozen=True)
class Asker:
    """Who sets or ends a substitution, and whether as an administrator of the organisation.

    A stranger has never had a role there.
    """

    person: PersonId
    is_administrator: bool
    is_stranger: bool = False


def widens_own_authority(asker: Asker, before: Substitution | None, wished: Substitution) -> bool:
    """Say whether somebody lets herself decide in another's place, or for longer than before."""
    return asker.person == wished.substitute and (before is None or wished.until > before.until)


@dataclass(frozen=True)
class SubstitutionChanged:
    """A substitution as it stands now. `is_news` False: it stood like that before, and nobody need be told again."""

    substitution: Substitution
    by: PersonId
    is_news: bool


def refusal(substitution: Substitution, context: SubstitutionContext) -> OrderError | None:
    """Return the refusal of the first rule that a substitution breaks; None when it keeps them all."""
    return next((broken for rule in _RULES if (broken := rule(substitution, context)) is not None), None)


def may_set(asker: Asker, substitution: Substitution, context: SubstitutionContext, at: datetime) -> None:
    """Raise NoRole, AbsencePassed or what a rule refuses, where somebody may not set a substitution now."""
    if asker.is_stranger:
        raise NoRole(part=_administrator(substitution.role), organisation=None)
    if asker.person != substitution.absent and not asker.is_administrator:
        raise NoRole(part=_administrator(substitution.role), organisation=substitution.organisation)
    broken = refusal(substitution, context)
    if broken is not None:
        raise broken
    if substitution.until <= at:
        raise AbsencePassed


def may_end(asker: Asker, substitution: Substitution) -> None:
    """Raise NoSubstitution for those whom it does not concern; the substitute asks the absent person."""
    if asker.is_stranger or (asker.person != substitution.absent and not asker.is_administrator):
        raise NoSubstitution


def _administrator(role: Role) -> Part:
    return Part.AGENT_ADMINISTRATOR if role is Role.AGENT_HANDLER else Part.CUSTOMER_ADMINISTRATOR


def _decides(substitution: Substitution, context: SubstitutionContext) -> OrderError | None:  # noqa: ARG001 - one signature
    return None if substitution.role in SUBSTITUTED else RoleNotSubstituted(role=substitution.role)


def _in_order(substitution: Substitution, context: SubstitutionContext) -> OrderError | None:  # noqa: ARG001 - one signature
    return AbsenceReversed() if substitution.until <= substitution.since else None


def _has_role(substitution: Substitution, context: SubstitutionContext) -> OrderError | None:
    if context.absent_has_role:
        return None
    return NothingToSubstitute(
        person=substitution.absent, role=substitution.role, organisation=substitution.organisation
    )


def _is_colleague(substitution: Substitution, context: SubstitutionContext) -> OrderError | None:
    if context.substitute_is_here and substitution.substitute != substitution.absent:
        return None
    return SubstituteNotEligible(person=substitution.substitute, organisation=substitution.organisation)


def _stands_alone(substitution: Substitution, context: SubstitutionContext) -> OrderError | None:
    other = next((other for other in context.others if substitution.overlaps(other)), None)
    if other is None:
        return None
    return SubstitutionOverlaps(person=substitution.substitute, from_day=other.first_day, to_day=other.last_day)


_RULES: tuple[Callable[[Substitution, SubstitutionContext], OrderError | None], ...] = (
    _decides,
    _in_order,
    _has_role,
    _is_colleague,
    _stands_alone,
)
