"""The use cases about absence: who decides in whose place. One use case, one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from core.identity.accounts import By
from core.ports.cases import NewId, Now
from core.ports.register import Colleague, RegisterAnnouncer, Substitutes, SubstitutionTransaction
from core.register.administration import Author, RegisterChanged, surface_of
from core.register.substitutions import (
    Asker,
    Substitution,
    SubstitutionChanged,
    days,
    may_end,
    may_set,
    widens_own_authority,
)
from core.shared.errors import NoSubstitution
from core.shared.vocabulary import Happened, LineKind, OrganisationId, Role
from core.workflow.commands import EndSubstitution, SetSubstitute


@dataclass(frozen=True)
class Absences:
    """What people do about absence. What raises an OrderError has saved nothing; everybody may raise NotLinked and
    PersonInactive for an account that is nobody's, or somebody's who has left.
    """

    substitutes: Substitutes
    announcer: RegisterAnnouncer
    now: Now
    new_id: NewId

    async def set_substitute(self, command: SetSubstitute) -> SubstitutionChanged:
        """Let somebody decide in an absent person's place; tell `substitution.people` if it `is_news`.

        A command with the first day of a substitution that the same people have changes its last day.

        Raises NoRole for others than the absent person and administrators, RoleNotSubstituted, AbsenceReversed,
        NothingToSubstitute, SubstituteNotEligible, SubstitutionOverlaps, AbsencePassed.
        """
        return await self.substitutes.transact(partial(self._set, command))

    async def _set(self, command: SetSubstitute, unit: SubstitutionTransaction) -> SubstitutionChanged:
        await unit.take_turn()
        at = self.now()
        asker = await unit.load_asker(command.by, command.organisation, at)
        wanted = _wanted(command, asker)
        may_set(asker, wanted, await unit.load_around(wanted), at)
        await unit.count_once(asker.person, command.key, at)
        before = await unit.find_like(wanted)
        saved = await unit.save(wanted, at, Author(asker.person, surface_of(command.by), command.signed_in))
        if saved.line is not None and widens_own_authority(asker, before, wanted):
            await self._tell_of_own(saved.line, before, wanted, command.by, at, unit)
        return SubstitutionChanged(saved.substitution, asker.person, saved.line is not None)

    async def _tell_of_own(
        self,
        line: int,
        before: Substitution | None,
        wanted: Substitution,
        by: By,
        at: datetime,
        unit: SubstitutionTransaction,
    ) -> None:
        happened = Happened.SET if before is None else Happened.CHANGED
        keeper = await unit.load_keeper(by, wanted.organisation, at)
        own = RegisterChanged(line, LineKind.SUBSTITUTION, happened, keeper, wanted.absent, wanted.role, widens=True)
        concerned = await unit.load_concerned(wanted.organisation, at)
        await unit.tell([(line, card) for card in self.announcer.announce(own, concerned, self.new_id)], at)

    async def end_substitution(self, command: EndSubstitution) -> SubstitutionChanged:
        """End a substitution now; tell `substitution.people` if it `is_news`. Raises NoSubstitution."""
        return await self.substitutes.transact(partial(self._end, command))

    async def _end(self, command: EndSubstitution, unit: SubstitutionTransaction) -> SubstitutionChanged:
        await unit.take_turn()
        at, stored = self.now(), await unit.find(command.substitution)
        person = await unit.find_person(command.by)
        if stored is None:
            raise NoSubstitution
        may_end(await unit.load_asker(command.by, stored.organisation, at), stored)
        saved = await unit.move_end(
            stored, stored.ended(at).until, at, Author(person, surface_of(command.by), command.signed_in)
        )
        return SubstitutionChanged(saved.substitution, person, saved.line is not None)

    async def mine(self, by: By) -> Sequence[Substitution]:
        """Those that go on or are to come where the person is absent or substitute, the next to begin first."""
        return await self.substitutes.of_person(by, self.now())

    async def administered_by(self, by: By) -> Sequence[Substitution]:
        """Those that go on or are to come in the organisations that the person administers."""
        return await self.substitutes.administered_by(by, self.now())

    async def colleagues(
        self,
        by: By,
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


def _wanted(command: SetSubstitute, asker: Asker) -> Substitution:
    since, until = days(command.first, command.last)
    absent = command.absent or asker.person
    return Substitution(absent, command.substitute, command.organisation, command.role, since, until, asker.person)
