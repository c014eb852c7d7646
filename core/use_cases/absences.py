"""The use cases about absence: who decides in whose place. One use case, one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.identity.accounts import Identity
from core.ports.cases import Now
from core.ports.register import Colleague, Substitutes
from core.register.substitutions import Substitution, SubstitutionChanged, may_end, may_set
from core.shared.vocabulary import OrganisationId, PersonId, Role
from core.workflow.commands import EndSubstitution, SetSubstitute


@dataclass(frozen=True)
class Absences:
    """What people do about absence. What raises an OrderError has saved nothing; everybody may raise NotLinked and
    PersonInactive for an account that is nobody's, or somebody's who has left.
    """

    substitutes: Substitutes
    now: Now

    async def set_substitute(self, wish: SetSubstitute) -> SubstitutionChanged:
        """Let somebody decide in an absent person's place; tell `substitution.people` if it `is_news`.

        A wish with the first day of a substitution that the same people have changes its last day.

        Raises NoRole for others than the absent person and administrators, RoleNotSubstituted, AbsenceReversed,
        NothingToSubstitute, SubstituteNotEligible, SubstitutionOverlaps, AbsencePassed.
        """
        return await self.substitutes.set(wish, self.now, may_set)

    async def end_substitution(self, wish: EndSubstitution) -> SubstitutionChanged:
        """End a substitution now; tell `substitution.people` if it `is_news`. Raises NoSubstitution."""
        return await self.substitutes.end(wish, self.now, may_end)

    async def mine(self, by: Identity | PersonId) -> Sequence[Substitution]:
        """Those that go on or are to come where the person is absent or substitute, the next to begin first."""
        return await self.substitutes.of_person(by, self.now())

    async def administered_by(self, by: Identity | PersonId) -> Sequence[Substitution]:
        """Those that go on or are to come in the organisations that the person administers."""
        return await self.substitutes.administered_by(by, self.now())

    async def colleagues(
        self,
        by: Identity | PersonId,
        organisation: OrganisationId,
        *,
        roles: frozenset[Role] = frozenset(Role),
        search: str = "",
        limit: int = 100,
    ) -> Sequence[Colleague]:
        """Active people with one of some roles in an organisation, by name; empty for those who have no role there.

        With every role: who may be a substitute. With `SUBSTITUTED`: whom an administrator may set a substitute for.
        """
        return await self.substitutes.colleagues(by, organisation, roles, search, self.now(), limit)
