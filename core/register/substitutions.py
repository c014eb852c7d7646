"""Substitutes: who decides in whose place and when, and what keeps somebody from it (domain: 4.5)."""

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
        """True when both hold at some instant."""
        return max(self.since, other.since) < min(self.until, other.until)

    def ended(self, at: datetime) -> "Substitution":
        """The same, over by an instant; one that had not begun never holds."""
        return replace(self, until=max(self.since, min(self.until, at)))


def days(first: date, last: date) -> tuple[datetime, datetime]:
    """From the beginning of a Swedish day until the end of another."""
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
    """Who sets or ends a substitution, and whether as an administrator of the organisation."""

    person: PersonId
    is_administrator: bool


def widens_own_authority(asker: Asker, before: Substitution | None, wished: Substitution) -> bool:
    """True when somebody lets herself decide in another's place, or for longer than before."""
    return asker.person == wished.substitute and (before is None or wished.until > before.until)


@dataclass(frozen=True)
class SubstitutionChanged:
    """A substitution as it stands now. `is_news` False: it stood like that before, and nobody need be told again."""

    substitution: Substitution
    by: PersonId
    is_news: bool


def refusal(wish: Substitution, around: SubstitutionContext) -> OrderError | None:
    """The first rule that a substitution breaks, None when it keeps them all."""
    return next((found for each in _RULES if (found := each(wish, around)) is not None), None)


def may_set(asker: Asker, wish: Substitution, around: SubstitutionContext, at: datetime) -> None:
    """Raise what keeps somebody from setting a substitute now."""
    if asker.person != wish.absent and not asker.is_administrator:
        raise NoRole(part=_administrator(wish.role), organisation=wish.organisation)
    broken = refusal(wish, around)
    if broken is not None:
        raise broken
    if wish.until <= at:
        raise AbsencePassed


def may_end(asker: Asker, substitution: Substitution) -> None:
    """Raise NoSubstitution for those whom it does not concern; the substitute asks the absent person."""
    if asker.person != substitution.absent and not asker.is_administrator:
        raise NoSubstitution


def _administrator(role: Role) -> Part:
    return Part.AGENT_ADMINISTRATOR if role is Role.AGENT_HANDLER else Part.CUSTOMER_ADMINISTRATOR


def _decides(wish: Substitution, around: SubstitutionContext) -> OrderError | None:  # noqa: ARG001 - one signature
    return None if wish.role in SUBSTITUTED else RoleNotSubstituted(role=wish.role)


def _in_order(wish: Substitution, around: SubstitutionContext) -> OrderError | None:  # noqa: ARG001 - one signature
    return AbsenceReversed() if wish.until <= wish.since else None


def _has_role(wish: Substitution, around: SubstitutionContext) -> OrderError | None:
    if around.absent_has_role:
        return None
    return NothingToSubstitute(person=wish.absent, role=wish.role, organisation=wish.organisation)


def _is_colleague(wish: Substitution, around: SubstitutionContext) -> OrderError | None:
    if around.substitute_is_here and wish.substitute != wish.absent:
        return None
    return SubstituteNotEligible(person=wish.substitute, organisation=wish.organisation)


def _stands_alone(wish: Substitution, around: SubstitutionContext) -> OrderError | None:
    other = next((each for each in around.others if wish.overlaps(each)), None)
    if other is None:
        return None
    return SubstitutionOverlaps(person=wish.substitute, from_day=other.first_day, to_day=other.last_day)


_RULES: tuple[Callable[[Substitution, SubstitutionContext], OrderError | None], ...] = (
    _decides,
    _in_order,
    _has_role,
    _is_colleague,
    _stands_alone,
)
