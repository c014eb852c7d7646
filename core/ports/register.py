"""Where people, roles, rules and substitutions live, for those who keep an organisation."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol, TypeVar

from core.identity.accounts import By, Identity, LettingIn, Undoing
from core.ports.cases import NewId
from core.register.administration import (
    Administered,
    Author,
    ChangeContext,
    HeldRole,
    Keeper,
    KeeperTurn,
    Member,
    RegisterChanged,
)
from core.register.entries import InvoiceEntry, PersonEntry, RoleChange, RoleEntry
from core.register.organisations import Organisation, Rules
from core.register.readiness import Readiness
from core.register.role_channels import RoleChannel
from core.register.substitutions import Asker, Substitution, SubstitutionContext
from core.shared.vocabulary import Happened, Language, OrganisationId, OrganisationKind, PersonId, Role
from core.views.holdings import HeldDocument, Holdings
from core.workflow.events import NewCard

T = TypeVar("T")


@dataclass(frozen=True)
class Colleague:
    """Somebody with roles in an organisation."""

    person: PersonId
    name: str
    roles: frozenset[Role]


class RegisterAnnouncer(Protocol):
    """Says who hears of a change; called inside its transaction, so it is pure."""

    def announce(self, change: RegisterChanged, context: ChangeContext, new_id: NewId) -> tuple[NewCard, ...]:
        """The cards that a change owes."""
        ...


class RegisterTransaction(Protocol):
    """One transaction of somebody who changes an organisation's register; whoever raises has saved nothing.

    Whatever changes something also writes its line of history and what cases must be looked at anew.
    """

    async def take_turn(self) -> None:
        """Wait until nobody else changes the register: what counted meanwhile came before."""
        ...

    async def find_person(self, by: By) -> PersonId:
        """Find who asks. Raises NotLinked, PersonInactive."""
        ...

    async def load_keeper(self, by: By, organisation: OrganisationId, at: datetime) -> Keeper:
        """Load by what right somebody keeps an organisation. Raises NoRole, NotLinked, PersonInactive."""
        ...

    async def count_once(self, person: PersonId, key: str, at: datetime) -> None:
        """Know a person's form by its key from now on. Raises AlreadySent for one that is known; none without a key."""
        ...

    async def load_concerned(self, organisation: OrganisationId, at: datetime) -> ChangeContext:
        """Load who may have to hear of a change."""
        ...

    async def tell(self, cards: Sequence[tuple[int, NewCard]], at: datetime) -> None:
        """Owe cards, each of which tells of a line of history."""
        ...


@dataclass(frozen=True)
class SavedSubstitution:
    """A substitution as it stands, and the line of history that tells of what became of it; None where nothing did."""

    substitution: Substitution
    line: int | None


class SubstitutionTransaction(RegisterTransaction, Protocol):
    """A transaction on substitutions."""

    async def load_asker(self, by: By, organisation: OrganisationId, at: datetime) -> Asker:
        """Load who sets or ends a substitution. Raises NotLinked, PersonInactive."""
        ...

    async def load_around(self, wanted: Substitution) -> SubstitutionContext:
        """Load what the register holds around a substitution."""
        ...

    async def find(self, number: int) -> Substitution | None:
        """Find a substitution by its number."""
        ...

    async def find_like(self, wanted: Substitution) -> Substitution | None:
        """Find the one with the same people, role, organisation and first day."""
        ...

    async def save(self, wanted: Substitution, at: datetime, author: Author) -> SavedSubstitution:
        """Save a substitution, or the last day of the one with the same people, role and first day."""
        ...

    async def move_end(self, stored: Substitution, until: datetime, at: datetime, author: Author) -> SavedSubstitution:
        """Save that a substitution ends at another instant."""
        ...


class Substitutes(Protocol):
    """Where substitutions live. What reads raises NotLinked and PersonInactive."""

    async def transact(self, use_case: Callable[[SubstitutionTransaction], Awaitable[T]]) -> T:
        """Run a use case that changes substitutions. It waits for nothing but its unit of work."""
        ...

    async def of_person(self, by: By, at: datetime) -> Sequence[Substitution]:
        """Those not over where the person is absent or substitute, the next to begin first."""
        ...

    async def administered_by(self, by: By, at: datetime) -> Sequence[Substitution]:
        """Those not over in every organisation of which the person is an administrator."""
        ...

    async def colleagues(
        self,
        by: By,
        organisation: OrganisationId,
        roles: frozenset[Role],
        search: str,
        at: datetime,
        limit: int,
    ) -> Sequence[Colleague]:
        """Active people with one of these roles in an organisation where the person has a role too, by name."""
        ...


class Noted(NamedTuple):
    """The line of history of a change, and what it says happened."""

    line: int
    happened: Happened


@dataclass(frozen=True)
class KnownPerson:
    """Somebody who has an address already."""

    id: PersonId
    name: str
    active: bool


@dataclass(frozen=True)
class Assignment:
    """A role by its number: whose, where, and what."""

    person: PersonId
    organisation: OrganisationId
    held: HeldRole


@dataclass(frozen=True)
class RoleContext:
    """What a change of somebody's roles is judged by.

    `administered_until` is until when others administer the organisation, without a gap from now; None: nobody.
    `lent` are the roles in which the keeper stands in for the person.
    """

    administered_until: datetime | None
    lent: frozenset[Role]


class AccountTransaction(Protocol):
    """One transaction in which accounts cease to stand for a person; whoever raises has saved nothing."""

    async def hold_accounts(self, person: PersonId, account: Identity | None) -> Sequence[Identity]:
        """Wait until nobody else holds a person's confirmed accounts, or that one alone; which they are."""
        ...

    async def end_link(self, account: Identity, person: PersonId, undoing: Undoing, at: datetime) -> int:
        """Save that an account stands for nobody; the line of history. What it is asked finds its reader anew."""
        ...

    async def let_guest_in(self, person: PersonId, letting: LettingIn, at: datetime) -> bool:
        """Save an administrator's yes to a guest's account that waits for it, the first if there are several.

        Its holder is asked whose it is; False where none waits.
        """
        ...

    async def load_organisations(
        self, person: PersonId, at: datetime
    ) -> Sequence[tuple[OrganisationId, frozenset[OrganisationKind]]]:
        """Load where a person has a role that is not over, and what kinds of organisations those are."""
        ...

    async def is_reached(self, person: PersonId) -> bool:
        """Say whether a person has another account, or mail: who has neither reads at the account what became of it."""
        ...

    async def load_concerned(self, organisation: OrganisationId, at: datetime) -> ChangeContext:
        """See RegisterTransaction."""
        ...

    async def tell(self, cards: Sequence[tuple[int, NewCard]], at: datetime) -> None:
        """See RegisterTransaction."""
        ...


class AdministrationTransaction(RegisterTransaction, AccountTransaction, Protocol):
    """A transaction on an organisation's people, rules and invoices. What breaks a rule of an entry raises
    RegisterError with `problem` and `field`.
    """

    async def is_ready(self, turn: KeeperTurn) -> bool:
        """Say whether the organisation lacks nothing that ordering needs."""
        ...

    async def load_member(self, turn: KeeperTurn, person: PersonId) -> Member:
        """Load somebody with a role there. Raises NoSuchAssignment."""
        ...

    async def has_role_elsewhere(self, turn: KeeperTurn, person: PersonId) -> bool:
        """Say whether somebody has or had a role in another organisation."""
        ...

    async def find_by_email(self, email: str) -> KnownPerson | None:
        """Find who has an address."""
        ...

    async def find_assignment(self, number: int) -> Assignment | None:
        """Find a role by its number."""
        ...

    async def load_roles(self, turn: KeeperTurn, person: PersonId) -> Mapping[int, HeldRole]:
        """Load a person's roles there that are not over, by number."""
        ...

    async def load_role_context(self, turn: KeeperTurn, person: PersonId) -> RoleContext:
        """Load what a change of a person's roles is judged by."""
        ...

    async def load_rules(self, turn: KeeperTurn) -> Rules:
        """Load what the organisation has declared."""
        ...

    async def decides(self, turn: KeeperTurn) -> bool:
        """Say whether the keeper orders, approves or attests there, also in another's place."""
        ...

    async def count_people(self, turn: KeeperTurn) -> int:
        """Count the active people who order, approve or attest there, at most two."""
        ...

    async def save_person(self, turn: KeeperTurn, wanted: PersonEntry) -> PersonId:
        """Save a person, by e-mail address."""
        ...

    async def rename(self, turn: KeeperTurn, person: PersonId, name: str) -> int:
        """Save a person's name; its line of history."""
        ...

    async def put_role(self, turn: KeeperTurn, person: PersonId, wanted: RoleEntry) -> Sequence[Noted]:
        """Save a role, granted or changed."""
        ...

    async def change_role(self, turn: KeeperTurn, number: int, wanted: RoleChange) -> Sequence[Noted]:
        """Save what changes of a role."""
        ...

    async def end_role(self, turn: KeeperTurn, number: int, end: datetime | None) -> Sequence[Noted]:
        """Save that a role ends; one that is over stays as it is."""
        ...

    async def save_rules(self, turn: KeeperTurn, wanted: Rules) -> int | None:
        """Save what the organisation declares; the line of history, None where it stood like that."""
        ...

    async def end_self_attest(self, turn: KeeperTurn) -> int | None:
        """Save that whoever orders may attest no longer; the line of history."""
        ...

    async def save_invoices(self, turn: KeeperTurn, wanted: InvoiceEntry, service: str | None) -> int | None:
        """Save where invoices go, and the reference of one service; the line of history."""
        ...

    async def save_language(self, turn: KeeperTurn, language: Language) -> int | None:
        """Save which language its people are spoken to in; the line of history, None where it stood like that."""
        ...

    async def has_own_slack(self, turn: KeeperTurn) -> bool:
        """Say whether the app is in a Slack of the organisation's own."""
        ...

    async def save_channel(self, turn: KeeperTurn, wanted: RoleChannel) -> int | None:
        """Save where those who have a role are asked, without a channel that it is nowhere; the line of history.

        None where it stood like that. What did not reach the channel is forgotten: it is tried with the next question.
        """
        ...


class Registrar(Protocol):
    """Reads and writes for those who keep an organisation. Everything raises NotLinked, PersonInactive and, for others
    than its administrators and customer service, NoRole. What a rule of an entry is broken by raises RegisterError with
    `problem` and `field`; nothing is saved then.
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

    async def transact(self, use_case: Callable[[AdministrationTransaction], Awaitable[T]]) -> T:
        """Run a use case that changes an organisation. It waits for nothing but its unit of work."""
        ...
