"""The port of administration: where an organisation's people, roles and rules live."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from core.administering import (
    Administered,
    Around,
    By,
    ChangeRole,
    Done,
    EndRole,
    GrantRoles,
    Keeper,
    Kept,
    Member,
    RenamePerson,
    SetInvoices,
    SetRules,
    UnlinkAccounts,
)
from core.administration_rules import NameWish, RoleWish, RulesWish
from core.events import NewCard
from core.holdings import HeldDocument, Holdings
from core.ports import NewId, Now
from core.readiness import Readiness
from core.register import Organisation
from core.words import OrganisationId, PersonId

JudgeRole = Callable[[RoleWish], None]
JudgeKeeper = Callable[[Keeper], None]
JudgeName = Callable[[NameWish], None]
JudgeRules = Callable[[RulesWish], None]


class Crier(Protocol):
    """Says who hears of a change; called inside its transaction, so it is pure."""

    def cry(self, kept: Kept, around: Around, new_id: NewId) -> tuple[NewCard, ...]:
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
