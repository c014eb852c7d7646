"""Where people, roles, rules and substitutions live, for those who keep an organisation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.identity.accounts import Identity
from core.ports.cases import NewId, Now
from core.register.administration import (
    Administered,
    By,
    ChangeContext,
    ChangeRole,
    Done,
    EndRole,
    GrantRoles,
    Keeper,
    Member,
    RegisterChanged,
    RenamePerson,
    SetInvoices,
    SetRules,
    UnlinkAccounts,
)
from core.register.administration_rules import NameWish, RoleWish, RulesWish
from core.register.organisations import Organisation
from core.register.readiness import Readiness
from core.register.substitutions import Asker, Substitution, SubstitutionChanged, SubstitutionContext
from core.shared.vocabulary import (
    OrganisationId,
    PersonId,
    Role,
)
from core.views.holdings import HeldDocument, Holdings
from core.workflow.commands import EndSubstitution, SetSubstitute
from core.workflow.events import NewCard


@dataclass(frozen=True)
class Colleague:
    """Somebody with roles in an organisation."""

    person: PersonId
    name: str
    roles: frozenset[Role]


class Substitutes(Protocol):
    """Where substitutions live. What `decide` raises is passed on, with nothing saved.

    Every method raises NotLinked and PersonInactive. Those that write ask `now` once they wait for nobody any more, and
    also write what cases must be looked at anew.
    """

    async def set(
        self,
        wish: SetSubstitute,
        now: Now,
        decide: Callable[[Asker, Substitution, SubstitutionContext, datetime], None],
    ) -> SubstitutionChanged:
        """Add the substitution of a wish, or change the last day of one with the same people, role and first day."""
        ...

    async def end(
        self, wish: EndSubstitution, now: Now, decide: Callable[[Asker, Substitution], None]
    ) -> SubstitutionChanged:
        """End a substitution at once; one that is over stays as it is. Raises NoSubstitution."""
        ...

    async def of_person(self, by: Identity | PersonId, at: datetime) -> Sequence[Substitution]:
        """Those not over where the person is absent or substitute, the next to begin first."""
        ...

    async def administered_by(self, by: Identity | PersonId, at: datetime) -> Sequence[Substitution]:
        """Those not over in every organisation of which the person is an administrator."""
        ...

    async def colleagues(
        self,
        by: Identity | PersonId,
        organisation: OrganisationId,
        roles: frozenset[Role],
        search: str,
        at: datetime,
        limit: int,
    ) -> Sequence[Colleague]:
        """Active people with one of these roles in an organisation where the person has a role too, by name."""
        ...


JudgeRole = Callable[[RoleWish], None]
JudgeKeeper = Callable[[Keeper], None]
JudgeName = Callable[[NameWish], None]
JudgeRules = Callable[[RulesWish], None]


class RegisterAnnouncer(Protocol):
    """Says who hears of a change; called inside its transaction, so it is pure."""

    def cry(self, kept: RegisterChanged, around: ChangeContext, new_id: NewId) -> tuple[NewCard, ...]:
        """The cards that a change owes."""
        ...


class Registrar(Protocol):
    """Reads and writes for those who keep an organisation. Everything raises NotLinked, PersonInactive and, for others
    than its administrators and customer service, NoRole. What a rule of an entry is broken by raises RegisterError with
    `problem` and `field`; nothing is saved then. What changes something asks `now` once it waits for nobody any more.
    """

    async def find(self, by: By, search: str, at: datetime, limit: int) -> Sequence[Organisation]:
        """Organisations that the person may keep, by name; `search` is beginnings of words, or a number."""
        ...

    async def readiness(
        self, by: By, organisations: Sequence[OrganisationId], at: datetime
    ) -> dict[OrganisationId, Readiness]:
        """What organisations lack; those that the person may not keep are left out."""
        ...

    async def organisation(self, by: By, organisation: OrganisationId, at: datetime) -> Administered:
        """An organisation with its rules and invoice data."""
        ...

    async def holdings(self, by: By, organisation: OrganisationId, at: datetime) -> Holdings:
        """What an organisation has, for those who keep it or hold a role there, who need not keep it."""
        ...

    async def document(self, by: By, hash_: str, at: datetime) -> HeldDocument:
        """The agreement that a document is, for DOCUMENT_READERS. Raises NoDocument, DocumentChanged."""
        ...

    async def people(
        self, by: By, organisation: OrganisationId, at: datetime, after: PersonId | None, limit: int
    ) -> Sequence[Member]:
        """Active people with roles that hold or are to come, by name."""
        ...

    async def member(self, by: By, organisation: OrganisationId, person: PersonId, at: datetime) -> Member:
        """One of them. Raises NoSuchAssignment for others."""
        ...

    async def grant(self, wish: GrantRoles, now: Now, judge: JudgeRole) -> Done:
        """Add a person where nobody has the address, and the roles."""
        ...

    async def change(self, wish: ChangeRole, now: Now, judge: JudgeRole) -> Done:
        """Change a role."""
        ...

    async def end(self, wish: EndRole, now: Now, judge: JudgeRole) -> Done:
        """End a role; one that is over stays as it is."""
        ...

    async def unlink(self, wish: UnlinkAccounts, now: Now, judge: JudgeKeeper) -> bool:
        """End what links a person to Slack accounts, and tell those concerned; False where nothing does.

        Raises NoSuchAssignment for somebody without a role there.
        """
        ...

    async def rename(self, wish: RenamePerson, now: Now, judge: JudgeName) -> Done:
        """Correct somebody's name. Raises NoSuchAssignment for somebody without a role there."""
        ...

    async def set_invoices(self, wish: SetInvoices, now: Now) -> Done:
        """Write invoice data."""
        ...

    async def set_rules(self, wish: SetRules, now: Now, judge: JudgeRules) -> Done:
        """Write rules."""
        ...
