"""Keeping an organisation's register: commands about people, roles, invoices and rules, what they answer, what is
read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from core.identity.accounts import By, Identity
from core.register.organisations import Organisation, Person, Rules
from core.register.readiness import Readiness
from core.register.role_channels import Notified, RoleChannel
from core.shared.vocabulary import (
    Assurance,
    Happened,
    Language,
    LineKind,
    OrganisationId,
    OrganisationKind,
    PersonId,
    Role,
    Surface,
)
from core.shared.working_days import last_day_before

# Who writes the register when a file is loaded.
FILE = "file"


@dataclass(frozen=True)
class Author:
    """Who keeps a register, and from where: a person's id in Slack or on the web, a key's over HTTP, or "file".

    `assurance` is how sure we are of a person, None where the surface says that by itself.
    """

    by: str
    surface: Surface
    assurance: Assurance | None = None

    @property
    def person(self) -> PersonId | None:
        """The person, where it is one."""
        return PersonId(self.by) if self.surface in {Surface.SLACK, Surface.WEB} else None


def register_author(by: str) -> Author:
    """Return the author for whoever writes entries: "file", or an operator's key."""
    return Author(by, Surface.FILE if by == FILE else Surface.API)


def surface_of(by: By) -> Surface:
    """Say where somebody acts who keeps people and rules: an account in Slack, a person who is signed in on the web."""
    return Surface.SLACK if isinstance(by, Identity) else Surface.WEB


class Capacity(StrEnum):
    """By what right somebody keeps an organisation's people and rules."""

    ADMINISTRATOR = "administrator"
    CUSTOMER_SERVICE = "customer_service"


@dataclass(frozen=True)
class Keeper:
    """Who keeps an organisation; `capacity` None for somebody who may not."""

    person: PersonId
    organisation: OrganisationId
    kinds: frozenset[OrganisationKind]
    capacity: Capacity | None


@dataclass(frozen=True)
class KeeperTurn:
    """Who keeps an organisation, and since when nobody else changes it: by whom and when a change is made."""

    keeper: Keeper
    at: datetime
    surface: Surface = Surface.SLACK
    signed_in: Assurance | None = None

    @property
    def organisation(self) -> OrganisationId:
        """The organisation."""
        return self.keeper.organisation

    @property
    def author(self) -> Author:
        """Who changes the register."""
        return Author(self.keeper.person, self.surface, self.signed_in)


@dataclass(frozen=True)
class HeldRole:
    """A role of a person in an organisation, ended ones left out; `until` is the first instant it no longer holds."""

    id: int
    role: Role
    since: datetime
    until: datetime | None
    limit_ore: int | None = None
    service: str | None = None

    @property
    def last_day(self) -> date | None:
        """The last Swedish day on which it holds; None while it goes on."""
        return None if self.until is None else last_day_before(self.until)


@dataclass(frozen=True)
class WaitingGuest:
    """A guest's account that waits for an administrator's yes, and what the Slack is called where it is."""

    account: Identity
    workspace: str


@dataclass(frozen=True)
class Member:
    """Somebody with roles in an organisation, now or later.

    `may_be_unlinked` is True where a Slack account stands for somebody who had a role here before any that she has
    elsewhere: whoever gives somebody else's people a role ends nothing for them, and keeps nobody from it. It is read
    of one person, and not of a list. `guests` are the accounts of such a person that wait for an administrator's yes.
    """

    person: Person
    roles: tuple[HeldRole, ...]
    may_be_unlinked: bool = False
    guests: tuple[WaitingGuest, ...] = ()


@dataclass(frozen=True)
class InvoiceData:
    """Where an organisation's invoices go, and what they are marked with; `references` by service."""

    address: str = ""
    reference: str = ""
    references: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class OwnSlack:
    """The Slack of an organisation's own in which the app is: `issuer` of its accounts, and what it is called."""

    issuer: str
    name: str


@dataclass(frozen=True)
class Administered:
    """An organisation as those who keep it see it. `services` are all there are, by code.

    `channels` are where it asks those who have a role, in its own Slack; None where the app is in none of its own.
    """

    organisation: Organisation
    capacity: Capacity
    readiness: Readiness
    rules: Rules
    invoices: InvoiceData
    services: Mapping[str, Mapping[Language, str]] = field(default_factory=dict[str, Mapping[Language, str]])
    sequence: Mapping[PersonId, str] = field(default_factory=dict[PersonId, str])  # e-mail addresses of those in tiers
    channels: Sequence[RoleChannel] = ()
    slack: OwnSlack | None = None


# --- commands
#
# `key` is what the form was known by that was filled in: one that was kept counts once. Without one each counts.
# `signed_in` is how a person did who is signed in on the web.


@dataclass(frozen=True)
class GrantRoles:
    """Somebody, known by e-mail address, gets roles. What only some roles take is for those among them.

    `name` is of a person who is new; somebody known keeps the own one. `last` is the last day it holds.
    """

    by: By
    organisation: OrganisationId
    email: str
    name: str
    roles: frozenset[Role]
    first: date | None = None
    last: date | None = None
    limit_ore: int | None = None
    service: str | None = None
    key: str = ""
    signed_in: Assurance | None = None


@dataclass(frozen=True)
class ChangeRole:
    """A role's limit and days become these; the first day only while it has not come."""

    by: By
    organisation: OrganisationId
    assignment: int
    first: date | None = None
    last: date | None = None
    limit_ore: int | None = None
    key: str = ""
    signed_in: Assurance | None = None


@dataclass(frozen=True)
class EndRole:
    """A role ends now, or after a last day."""

    by: By
    organisation: OrganisationId
    assignment: int
    last: date | None = None
    key: str = ""
    signed_in: Assurance | None = None


@dataclass(frozen=True)
class UnlinkAccounts:
    """The Slack accounts of somebody with a role there stand for the person no longer."""

    by: By
    organisation: OrganisationId
    person: PersonId
    key: str = ""
    signed_in: Assurance | None = None


@dataclass(frozen=True)
class LetGuestIn:
    """A guest's account of somebody with a role there may be linked to the person, by its holder."""

    by: By
    organisation: OrganisationId
    person: PersonId
    account: Identity
    key: str = ""
    signed_in: Assurance | None = None


@dataclass(frozen=True)
class RenamePerson:
    """Somebody with a role there is called otherwise from now on, everywhere."""

    by: By
    organisation: OrganisationId
    person: PersonId
    name: str
    key: str = ""
    signed_in: Assurance | None = None


@dataclass(frozen=True)
class SetInvoices:
    """Where invoices go. `service` with its `service_reference`, empty to take it away; others are left alone."""

    by: By
    organisation: OrganisationId
    address: str
    reference: str
    service: str | None = None
    service_reference: str = ""
    key: str = ""
    signed_in: Assurance | None = None


@dataclass(frozen=True)
class SetLanguage:
    """The language of those people of an organisation who have chosen none."""

    by: By
    organisation: OrganisationId
    language: Language
    key: str = ""
    signed_in: Assurance | None = None


@dataclass(frozen=True)
class ProposedTier:
    """From an amount on so many attest, or these people one after the other, by e-mail address."""

    from_ore: int
    attests: int = 1
    sequence: tuple[str, ...] = ()


@dataclass(frozen=True)
class SetRules:
    """What an organisation asks of its decisions, and when it reminds.

    `tiers`, `reminder_days` and `reminder_hour` None leave those that there are.
    """

    by: By
    organisation: OrganisationId
    self_attest_allowed: bool
    eid_from_ore: int | None
    tiers: tuple[ProposedTier, ...] | None = ()
    reminder_days: int | None = None
    reminder_hour: int | None = None
    key: str = ""
    signed_in: Assurance | None = None


@dataclass(frozen=True)
class ProposedChannel:
    """Where those who have a role are to be asked, by its id or a link to it; empty: each by themselves.

    `name` is what the channel is called, empty where nobody knows.
    """

    role: Role
    channel: str
    notified: Notified
    asked_only: bool
    name: str = ""


@dataclass(frozen=True)
class SetChannels:
    """Where an organisation asks those who have a role, for each role that is named."""

    by: By
    organisation: OrganisationId
    channels: tuple[ProposedChannel, ...]
    key: str = ""
    signed_in: Assurance | None = None


# --- what came of it


@dataclass(frozen=True)
class RegisterChanged:
    """Something of an organisation was changed: which line of history tells of it, and what it meant.

    `about` is whose role it was. `widens` when somebody may decide more, or longer, than before.
    `made_ready` when the organisation can order since then.
    """

    line: int
    kind: LineKind
    happened: Happened
    keeper: Keeper
    about: PersonId | None = None
    role: Role | None = None
    widens: bool = False
    made_ready: bool = False

    @property
    def is_own(self) -> bool:
        """True when it is about whoever changed it."""
        return self.about == self.keeper.person


@dataclass(frozen=True)
class ChangeContext:
    """Who is in an organisation, as far as somebody must hear of a change. Each in the order of names.

    `serving` are those at Inera's customer service.
    """

    administrators: Sequence[PersonId] = ()
    orderers: Sequence[PersonId] = ()
    deciders: Sequence[PersonId] = ()
    serving: Sequence[PersonId] = ()


@dataclass(frozen=True)
class ChangeResult:
    """What a wish came to: the person whom it was about, and what changed; nothing when it stood like that.

    `ends_self_attest` when whoever orders may attest no longer, since more than one person does either.
    `adds_person` when nobody had the address before.
    """

    changes: tuple[RegisterChanged, ...] = ()
    person: PersonId | None = None
    ends_self_attest: bool = False
    adds_person: bool = False

    @property
    def is_news(self) -> bool:
        """True when something changed."""
        return bool(self.changes)

    @property
    def is_own(self) -> bool:
        """True when something changed that is about whoever gave the command."""
        return any(change.is_own for change in self.changes)
