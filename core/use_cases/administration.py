"""The use cases of administration, for an organisation's administrators and Inera's customer service alike."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.ports.cases import Now
from core.ports.register import Registrar
from core.register.administration import (
    Administered,
    By,
    ChangeRole,
    Done,
    EndRole,
    GrantRoles,
    Member,
    RenamePerson,
    SetInvoices,
    SetRules,
    UnlinkAccounts,
)
from core.register.administration_rules import RoleWish, may_rename, may_set_rules, may_unlink, refusal
from core.register.organisations import Organisation
from core.register.readiness import Readiness
from core.shared.vocabulary import OrganisationId, PersonId
from core.views.holdings import Holdings


@dataclass(frozen=True)
class Administration:
    """What is read and changed of an organisation. What raises an OrderError has saved nothing; everybody may raise
    NotLinked, PersonInactive, and NoRole for those who do not keep the organisation.

    Each change leaves a line of history, is told to those concerned, and lets waiting cases be looked at anew.
    """

    registrar: Registrar
    now: Now

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

    async def grant(self, wish: GrantRoles) -> Done:
        """Let somebody have roles; whoever has the e-mail address is that person already.

        Raises RegisterError (problem, field), PersonalNumber, PersonHasLeft, InerasOwn.
        """
        return await self.registrar.grant(wish, self.now, _judge)

    async def change_role(self, wish: ChangeRole) -> Done:
        """Change a role's limit and days. Raises NoSuchAssignment, RegisterError, LastAdministrator, InerasOwn."""
        return await self.registrar.change(wish, self.now, _judge)

    async def end_role(self, wish: EndRole) -> Done:
        """End a role now or after a day. Raises NoSuchAssignment, RegisterError, LastAdministrator, InerasOwn."""
        return await self.registrar.end(wish, self.now, _judge)

    async def unlink(self, wish: UnlinkAccounts) -> bool:
        """End what links somebody's Slack accounts to the person; False where nothing did.

        Raises NoSuchAssignment for somebody without a role there, InerasOwn.
        """
        return await self.registrar.unlink(wish, self.now, may_unlink)

    async def rename(self, wish: RenamePerson) -> Done:
        """Correct the name of somebody with a role there. An administrator: of those alone who never had one elsewhere.

        Raises NoSuchAssignment, NameOfOthers, RegisterError, PersonalNumber, InerasOwn.
        """
        return await self.registrar.rename(wish, self.now, may_rename)

    async def set_invoices(self, wish: SetInvoices) -> Done:
        """Say where invoices go and what they are marked with. Raises RegisterError, PersonalNumber."""
        return await self.registrar.set_invoices(wish, self.now)

    async def set_rules(self, wish: SetRules) -> Done:
        """Say what is asked of decisions.

        Raises RegisterError (of tiers with `index`), SelfAttestForOne, NotForOneself.
        """
        return await self.registrar.set_rules(wish, self.now, may_set_rules)


def _judge(wish: RoleWish) -> None:
    broken = refusal(wish)
    if broken is not None:
        raise broken
