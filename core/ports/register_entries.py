"""The register as its operator keeps it: entries read page by page, and written one or a few in a transaction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol, TypeVar

from core.catalogue.offers import OfferTerms, Routine
from core.catalogue.prices import Price
from core.register.entries import (
    ChannelEntry,
    Holding,
    OfferEntry,
    OrganisationEntry,
    PersonEntry,
    RoleChange,
    RoleEntry,
    ServiceEntry,
    SubstitutionEntry,
)
from core.register.organisations import Organisation, Person, Rules, Tier
from core.register.role_channels import RoleChannel
from core.register.substitutions import Substitution
from core.shared.vocabulary import AgreementType, OfferId, OrganisationId, PersonId, Role

T = TypeVar("T")
# By language.
Names = Mapping[str, str]


class Outcome(StrEnum):
    """What writing an entry did."""

    ADDED = "added"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True)
class OrganisationLine:
    """An organisation, and what it has declared about its decisions."""

    organisation: Organisation
    rules: Rules


@dataclass(frozen=True)
class RoleLine:
    """A role assignment; `ended` None while it goes on. The limit None: any amount; the service None: any."""

    id: int
    person: PersonId
    organisation: OrganisationId
    role: Role
    since: datetime
    ended: datetime | None
    granted_by: str
    attest_limit_ore: int | None
    service: str | None


@dataclass(frozen=True)
class AgreementLine:
    """An agreement of an organisation."""

    type: AgreementType
    since: datetime
    ended: datetime | None


@dataclass(frozen=True)
class AssignmentLine:
    """An agent's assignment for a service."""

    service: str
    since: datetime
    ended: datetime | None


@dataclass(frozen=True)
class ServiceLine:
    """A service."""

    code: str
    name: Names
    handles_personal_data: bool


@dataclass(frozen=True)
class OfferLine:
    """An offer with everything an operator keeps of it."""

    terms: OfferTerms
    name: Names
    terms_url: str
    template: Names
    active: bool
    sole_traders_only: bool
    routines: Sequence[Routine] = ()


class RegisterReads(Protocol):
    """Reads entries, `limit` at most; `after` is the last of the page before. One that there is not is None."""

    async def organisations(self, search: str, after: OrganisationId | None, limit: int) -> Sequence[OrganisationLine]:
        """Return organisations by name; `search` is the beginnings of words in a name, or a number."""
        ...

    async def organisation(self, id_: OrganisationId) -> OrganisationLine | None:
        """Return an organisation by id."""
        ...

    async def organisations_with(self, ids: Sequence[OrganisationId]) -> Mapping[OrganisationId, Organisation]:
        """Return some organisations by their ids; unknown ones are left out."""
        ...

    async def persons(
        self, organisation: OrganisationId | None, after: PersonId | None, limit: int
    ) -> Sequence[Person]:
        """Return people by name; of one organisation those who hold, or have held, a role there."""
        ...

    async def person(self, id_: PersonId) -> Person | None:
        """Return a person by id, also one who has left."""
        ...

    async def roles(
        self, person: PersonId | None, organisation: OrganisationId | None, after: int, limit: int
    ) -> Sequence[RoleLine]:
        """Return role assignments, ended ones too, the oldest first."""
        ...

    async def role(self, id_: int) -> RoleLine | None:
        """Return a role assignment by its number."""
        ...

    async def substitutions(
        self, person: PersonId | None, organisation: OrganisationId | None, after: int, limit: int
    ) -> Sequence[Substitution]:
        """Return substitutions, those over too, the oldest first; of a person, who is absent or substitute."""
        ...

    async def substitution(self, id_: int) -> Substitution | None:
        """Return a substitution by its number."""
        ...

    async def agreements(self, organisation: OrganisationId) -> Sequence[AgreementLine]:
        """Return agreements that hold, have held or will, by type and the latest first; not those to be signed."""
        ...

    async def channels(self, organisation: OrganisationId) -> Sequence[RoleChannel]:
        """Return the channels in which an organisation asks those who have a role."""
        ...

    async def agent_assignments(self, agent: OrganisationId) -> Sequence[AssignmentLine]:
        """Return the services an agent conveys."""
        ...

    async def services(self) -> Sequence[ServiceLine]:
        """Return every service, by code."""
        ...

    async def offers(self, code: OfferId | None = None) -> Sequence[OfferLine]:
        """Return every offer, or the one with a code, with its prices; also those taken out of the form."""
        ...


class RegisterWriter(Protocol):
    """Writes entries inside one transaction. What breaks a rule raises RegisterError: `problem`, and the `field`.

    Amounts are whole öre. Entries are added, changed or found as they should be, and never removed.
    """

    def service(self, code: str, entry: ServiceEntry) -> Outcome:
        """Add or change a service."""
        ...

    def offer(self, code: str, service: str, entry: OfferEntry) -> Outcome:
        """Add or change an offer."""
        ...

    def prices(self, offer: OfferId, prices: Sequence[Price]) -> list[Outcome]:
        """Add or change prices of an offer. Raises with `index`, the place of the price that breaks a rule."""
        ...

    def organisation(self, entry: OrganisationEntry) -> tuple[OrganisationId, Outcome]:
        """Add or change an organisation, by its number."""
        ...

    def tiers(self, organisation: OrganisationId, tiers: Sequence[Tier]) -> Outcome:
        """Replace what an organisation asks from which amount on. Raises with `index`, the place of a wrong tier."""
        ...

    def agreement(self, organisation: OrganisationId, kind: AgreementType, entry: Holding) -> Outcome:
        """Add or change an agreement of the organisation's kind."""
        ...

    def agent_assignment(self, agent: OrganisationId, service: str, entry: Holding) -> Outcome:
        """Add or change an agent's assignment for a service."""
        ...

    def person(self, entry: PersonEntry) -> tuple[PersonId, Outcome]:
        """Add or change a person, by e-mail address."""
        ...

    def role(self, person: PersonId, organisation: OrganisationId, entry: RoleEntry) -> tuple[int | None, Outcome]:
        """Grant a role, or change the assignment that the entry speaks of; its number."""
        ...

    def change_role(self, id_: int, change: RoleChange) -> Outcome:
        """Change a role assignment by its number."""
        ...

    def end_role(self, id_: int, ended: datetime | None) -> Outcome:
        """End a role assignment by its number, now or at an instant."""
        ...

    def substitution(
        self, organisation: OrganisationId, absent: PersonId, substitute: PersonId, entry: SubstitutionEntry
    ) -> tuple[int, Outcome]:
        """Let somebody decide in an absent person's place; its number."""
        ...

    def channel(self, organisation: OrganisationId, role: Role, entry: ChannelEntry) -> Outcome:
        """Say where those who have a role in an organisation are asked."""
        ...

    def end_substitution(self, id_: int, last: date | None) -> Outcome:
        """End a substitution by its number, after a last day or now."""
        ...


class RegisterEntries(Protocol):
    """Where entries are written."""

    async def write(self, by: str, work: Callable[[RegisterWriter], T]) -> T:
        """Let a writer write, in one transaction: nothing is kept when it raises. `by` is the key of who writes."""
        ...
