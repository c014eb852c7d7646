"""The use cases of administration, for an organisation's administrators and Inera's customer service alike."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from core.identity.accounts import By, LettingIn, Undoing
from core.ports.cases import NewId, Now
from core.ports.register import AdministrationTransaction, RegisterAnnouncer, Registrar
from core.register.administration import (
    Administered,
    ChangeResult,
    ChangeRole,
    EndRole,
    GrantRoles,
    KeeperTurn,
    LetGuestIn,
    Member,
    RegisterChanged,
    RenamePerson,
    SetChannels,
    SetInvoices,
    SetLanguage,
    SetRules,
    UnlinkAccounts,
    surface_of,
)
from core.register.administration_rules import may_unlink
from core.register.organisations import Organisation
from core.register.readiness import Readiness
from core.shared.vocabulary import OrganisationId, PersonId, Undone
from core.use_cases.accounts import Unlinking
from core.use_cases.register_changes import OrganisationChange, at_fields
from core.views.holdings import Holdings

Command = GrantRoles | ChangeRole | EndRole | RenamePerson | SetChannels | SetInvoices | SetLanguage | SetRules
Changing = Callable[[OrganisationChange], Awaitable[ChangeResult]]


@dataclass(frozen=True)
class Administration:
    """What is read and changed of an organisation. What raises an OrderError has saved nothing; everybody may raise
    NotLinked, PersonInactive, and NoRole for those who do not keep the organisation.

    Each change leaves a line of history, is told to those concerned, and lets waiting cases be looked at anew.
    `has_eid` where people can identify with an e-ID: without, nobody may begin to ask for it.
    """

    registrar: Registrar
    announcer: RegisterAnnouncer
    now: Now
    new_id: NewId
    has_eid: bool = True

    async def find(self, by: By, search: str = "", limit: int = 100) -> Sequence[Organisation]:
        """Organisations that somebody may keep, by name: customer service all, others their own.

        `search` is a number, or the beginnings of words in the name.
        """
        return await self.registrar.find(by, search, self.now(), limit)

    async def readiness(self, by: By, organisations: Sequence[OrganisationId]) -> dict[OrganisationId, Readiness]:
        """What organisations lack before they can order; those that the person may not keep are left out."""
        return await self.registrar.readiness(by, organisations, self.now())

    async def organisation(self, by: By, organisation: OrganisationId) -> Administered:
        """An organisation with what it lacks, its rules and its invoice data."""
        return await self.registrar.organisation(by, organisation, self.now())

    async def holdings(self, by: By, organisation: OrganisationId) -> Holdings:
        """What an organisation has, for everybody with a role there and those who keep it; NoRole for others.

        People with no part in orders, such as contacts, are shown agreements alone.
        """
        return await self.registrar.holdings(by, organisation, self.now())

    async def people(
        self, by: By, organisation: OrganisationId, *, after: PersonId | None = None, limit: int = 10
    ) -> Sequence[Member]:
        """Active people with roles that hold or are to come, by name; `after` is the last of the page before."""
        return await self.registrar.people(by, organisation, self.now(), after, limit)

    async def member(self, by: By, organisation: OrganisationId, person: PersonId) -> Member:
        """One of them. Raises NoSuchAssignment for others."""
        return await self.registrar.member(by, organisation, person, self.now())

    async def grant(self, command: GrantRoles) -> ChangeResult:
        """Let somebody have roles; whoever has the e-mail address is that person already.

        Raises RegisterError (problem, field), PersonalNumber, PersonHasLeft, InerasOwn.
        """
        return await self._keep(command, lambda change: change.grant(command))

    async def change_role(self, command: ChangeRole) -> ChangeResult:
        """Change a role's limit and days. Raises NoSuchAssignment, RegisterError, LastAdministrator, InerasOwn."""
        return await self._keep(command, lambda change: change.change(command))

    async def end_role(self, command: EndRole) -> ChangeResult:
        """End a role now or after a day. Raises NoSuchAssignment, RegisterError, LastAdministrator, InerasOwn."""
        return await self._keep(command, lambda change: change.end(command))

    async def unlink(self, command: UnlinkAccounts) -> bool:
        """End what links somebody's Slack accounts to the person; False where nothing did.

        Raises NoSuchAssignment for somebody without a role there, InerasOwn.
        """
        return await self.registrar.transact(partial(self._unlink, command))

    async def let_guest_in(self, command: LetGuestIn) -> bool:
        """Let a guest's account of somebody that waits for it be linked, by its holder; False where it does not wait.

        Raises NoSuchAssignment for somebody without a role there, InerasOwn.
        """
        return await self.registrar.transact(partial(self._let_guest_in, command))

    async def rename(self, command: RenamePerson) -> ChangeResult:
        """Correct the name of somebody with a role there. An administrator: of those alone who never had one elsewhere.

        Raises NoSuchAssignment, NameOfOthers, RegisterError, PersonalNumber, InerasOwn.
        """
        return await self._keep(command, lambda change: change.rename(command))

    async def set_invoices(self, command: SetInvoices) -> ChangeResult:
        """Say where invoices go and what they are marked with. Raises RegisterError, PersonalNumber."""
        return await self._keep(command, lambda change: change.set_invoices(command))

    async def set_language(self, command: SetLanguage) -> ChangeResult:
        """Say which language people are spoken to in who have chosen none, and whose Slack or browser says none."""
        return await self._keep(command, lambda change: change.set_language(command))

    async def set_channels(self, command: SetChannels) -> ChangeResult:
        """Say where those who have a role are asked. Raises RegisterError, at the field of the role."""
        return await self._keep(command, lambda change: change.set_channels(command))

    async def set_rules(self, command: SetRules) -> ChangeResult:
        """Say what is asked of decisions.

        Raises RegisterError (of tiers with `index`), SelfAttestForOne, NotForOneself.
        """
        return await self._keep(command, lambda change: change.set_rules(command, has_eid=self.has_eid))

    async def _unlink(self, command: UnlinkAccounts, unit: AdministrationTransaction) -> bool:
        turn, member = await self._of_account(command, unit)
        if not member.may_be_unlinked:
            return False
        undoing = Undoing(
            Undone.ADMINISTRATOR, turn.surface, turn.keeper.person, turn.organisation, assurance=turn.signed_in
        )
        unlinking = Unlinking(self.announcer, self.now, self.new_id)
        return bool(await unlinking.unlink(unit, person=member.person.id, undoing=undoing))

    async def _let_guest_in(self, command: LetGuestIn, unit: AdministrationTransaction) -> bool:
        turn, member = await self._of_account(command, unit)
        if command.account not in {guest.account for guest in member.guests}:
            return False
        by = turn.keeper.person
        letting = LettingIn(command.account, turn.surface, by, turn.organisation, turn.signed_in)
        return await unit.let_guest_in(member.person.id, letting, turn.at)

    async def _of_account(
        self, command: UnlinkAccounts | LetGuestIn, unit: AdministrationTransaction
    ) -> tuple[KeeperTurn, Member]:
        turn = await self._begin(command, unit)
        may_unlink(turn.keeper)
        await unit.count_once(turn.keeper.person, command.key, turn.at)
        return turn, await unit.load_member(turn, command.person)

    async def _keep(self, command: Command, changing: Changing) -> ChangeResult:
        return await self.registrar.transact(partial(self._kept, command, changing))

    async def _kept(self, command: Command, changing: Changing, unit: AdministrationTransaction) -> ChangeResult:
        turn = await self._begin(command, unit)
        await unit.count_once(turn.keeper.person, command.key, turn.at)
        was_ready = await unit.is_ready(turn)
        with at_fields():
            done = await changing(OrganisationChange(unit, turn))
        if done.is_news:
            is_ready = await unit.is_ready(turn)
            await self._announce(_marked(done, made_ready=is_ready and not was_ready).changes, turn, unit)
        return done

    async def _begin(
        self, command: Command | UnlinkAccounts | LetGuestIn, unit: AdministrationTransaction
    ) -> KeeperTurn:
        """Wait for the turn, and see by what right the organisation is kept then."""
        await unit.take_turn()
        at = self.now()
        keeper = await unit.load_keeper(command.by, command.organisation, at)
        return KeeperTurn(keeper, at, surface_of(command.by), command.signed_in)

    async def _announce(
        self, changes: Sequence[RegisterChanged], turn: KeeperTurn, unit: AdministrationTransaction
    ) -> None:
        concerned = await unit.load_concerned(turn.organisation, turn.at)
        cards = [
            (kept.line, card) for kept in changes for card in self.announcer.announce(kept, concerned, self.new_id)
        ]
        await unit.tell(cards, turn.at)


def _marked(done: ChangeResult, *, made_ready: bool) -> ChangeResult:
    """The change after which an organisation can order says so."""
    *earlier, last = done.changes
    return replace(done, changes=(*earlier, replace(last, made_ready=made_ready)))
