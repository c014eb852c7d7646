"""Replaying the register from its audit records, entry by entry: who may have had which right at an instant. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from core.audit.connection_replay import ReplayedConnection
from core.register.administration_rules import ALONE, ORDER_OR_DECIDE, RESERVES
from core.register.organisations import REMINDER_DAYS, REMINDER_HOUR, Rules, Tier
from core.shared.vocabulary import (
    ROLES_OF,
    AgentField,
    AgreementType,
    Flow,
    OfferId,
    OrganisationId,
    Part,
    PersonId,
    Role,
)
from core.workflow.case import Grant

# A press may have been read before a change that is told of first, or even begun before it: for so long after a change
# what was before it is taken as well. No change takes longer to be saved (core.storage.audit.sealing).
LATE = timedelta(minutes=10)


# What is counted where one person may do both; rows from before reserves were counted are judged by it as well.
COUNTED = ORDER_OR_DECIDE - {role for part in RESERVES for role in ROLES_OF[part]}


class EntryKind(StrEnum):
    """What an entry of the register is of."""

    ROLE = "role"
    SUBSTITUTION = "substitution"
    SELF_ATTEST = "self_attest_allowed"
    EID = "eid_from_ore"
    TIERS = "tiers"
    REMINDERS = "reminder_days"
    REMINDER_HOUR = "reminder_hour"
    LEFT = "left"
    PRICE = "price"
    AGREEMENT = "agreement"
    ASSIGNMENT = "assignment"
    OFFER = "offer"
    CONNECTION = "connection"  # which is held against its own table, and not remembered


# What history began to hold by a later upgrade than the rest.
LATER = frozenset({EntryKind.AGREEMENT, EntryKind.ASSIGNMENT, EntryKind.OFFER})


class EntryKey(NamedTuple):
    """Which entry: of what, and its number, its ids or its codes."""

    of: EntryKind
    id: str


class Lasting:
    """What holds from an instant until another, or on."""

    since: datetime
    until: datetime | None

    def holds(self, at: datetime) -> bool:
        """Say whether it holds at an instant."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True)
class ReplayedRole(Lasting):
    """A role of somebody in an organisation."""

    person: PersonId
    organisation: OrganisationId
    role: Role
    service: str | None
    limit_ore: int | None
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class ReplayedSubstitution:
    """Somebody decides in an absent person's place."""

    absent: PersonId
    substitute: PersonId
    organisation: OrganisationId
    role: Role
    since: datetime
    until: datetime

    def holds(self, at: datetime) -> bool:
        """Say whether it holds at an instant."""
        return self.since <= at < self.until


@dataclass(frozen=True)
class ReplayedPrice:
    """What something costs; `until` is the last day, YYYY-MM-DD."""

    amount_ore: int
    period: str
    until: str | None


@dataclass(frozen=True)
class ReplayedAgreement(Lasting):
    """What an organisation has agreed, signed. `document` is the hash of what was signed, `text` that of what is kept.

    Both None where nothing was signed here, and once the purge has taken it.
    """

    organisation: OrganisationId
    type: AgreementType
    since: datetime
    until: datetime | None
    document: str | None = None
    text: str | None = None


@dataclass(frozen=True)
class ReplayedAssignment(Lasting):
    """An agent may convey a service."""

    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class ReplayedOffer:
    """What may be ordered of a service, by whom and by which route; its names and texts aside."""

    service: str
    flow: Flow
    agent_field: AgentField
    needs_units: bool
    categories: tuple[str, ...]
    active: bool
    sole_traders_only: bool
    terms_url: str


Value = (
    ReplayedRole
    | ReplayedSubstitution
    | ReplayedPrice
    | ReplayedAgreement
    | ReplayedAssignment
    | ReplayedOffer
    | ReplayedConnection
    | tuple[Tier, ...]
    | bool
    | int
    | None
)
# What stands where nobody has said anything.
NOTHING_SAID: dict[EntryKind, Value] = {
    EntryKind.SELF_ATTEST: False,
    EntryKind.TIERS: (),
    EntryKind.REMINDERS: REMINDER_DAYS,
    EntryKind.REMINDER_HOUR: REMINDER_HOUR,
    EntryKind.LEFT: False,
}


class ReplayedEntry(NamedTuple):
    """An entry of the register as it stands, or as a line leaves it."""

    key: EntryKey
    value: Value


class EarlierValue(NamedTuple):
    """What an entry said before, and when it was changed."""

    value: Value
    until: datetime


@dataclass
class Rights:
    """The register, entry by entry; it grows with the register, whatever becomes of it.

    What a moment allows is asked in two ways: `grants` are those that may have held, whichever of two changes that
    went on at once was first, and what is `sure` held however it was.
    """

    entries: dict[EntryKey, Value] = field(default_factory=dict[EntryKey, Value])
    _was: dict[EntryKey, list[EarlierValue]] = field(default_factory=dict[EntryKey, list[EarlierValue]])
    _of: dict[PersonId, set[EntryKey]] = field(default_factory=dict[PersonId, set[EntryKey]])
    _in: dict[OrganisationId, set[EntryKey]] = field(default_factory=dict[OrganisationId, set[EntryKey]])
    _agreed: dict[OrganisationId, set[EntryKey]] = field(default_factory=dict[OrganisationId, set[EntryKey]])
    # False until the walk has come to where history begins to hold what organisations have agreed.
    knows_agreements: bool = True

    def take(self, entry: ReplayedEntry) -> None:
        """Take an entry as it stands at the beginning."""
        self.entries[entry.key] = entry.value
        self._find_again(entry)

    def change(self, entry: ReplayedEntry, at: datetime) -> None:
        """Follow a change of an entry. Whether what was signed is kept whole, or its hash alone, stays as it was."""
        before = self.value(entry.key)
        if (
            isinstance(before, ReplayedAgreement)
            and isinstance(entry.value, ReplayedAgreement)
            and before.document == entry.value.document
        ):
            entry = entry._replace(value=replace(entry.value, text=before.text))
        was = [earlier for earlier in self._was.get(entry.key, ()) if earlier.until + LATE >= at]
        self._was[entry.key] = [*was, EarlierValue(self.value(entry.key), at)]
        self.take(entry)

    def value(self, key: EntryKey) -> Value:
        """Return the value of an entry now."""
        return self.entries.get(key, NOTHING_SAID.get(key.of))

    def grants(self, person: PersonId, at: datetime, *, sure: bool = False) -> Iterator[Grant]:
        """Yield a person's roles, own and as substitute."""
        yield from (_grant(role) for role in self._roles(person, at, sure=sure))
        lent = (
            value
            for value in self._all(self._of.get(person, ()), at, sure=sure)
            if isinstance(value, ReplayedSubstitution)
        )
        for substitution in lent:
            is_there = any(own.organisation == substitution.organisation for own in self._roles(person, at, sure=sure))
            if substitution.substitute != person or not is_there:
                continue
            for right in self._roles(substitution.absent, at, sure=sure):
                if (right.organisation, right.role) == (substitution.organisation, substitution.role):
                    yield Grant(
                        person, right.organisation, right.role, right.limit_ore, right.service, substitution.absent
                    )

    def has(self, person: PersonId, organisation: OrganisationId, roles: frozenset[Role], at: datetime) -> bool:
        """Say whether a person surely has one of some roles, of her own."""
        mine = self._roles(person, at, sure=True)
        return any(role.organisation == organisation and role.role in roles for role in mine)

    def may_keep(self, person: PersonId, organisation: OrganisationId, at: datetime) -> bool:
        """Say whether somebody may keep an organisation: its administrators and Inera's customer service may."""
        return any(
            role.role in ROLES_OF[Part.CUSTOMER_SERVICE]
            or (role.role is Role.ADMINISTRATOR and role.organisation == organisation)
            for role in self._roles(person, at, sure=False)
        )

    def rules(self, organisation: OrganisationId | None, at: datetime) -> Sequence[Rules]:
        """Return what an organisation may have declared; what one person may do alone, only where there is but one."""
        if organisation is None:
            return [Rules()]
        keys = [EntryKey(of, organisation) for of in (EntryKind.SELF_ATTEST, EntryKind.EID, EntryKind.TIERS)]
        changes = {earlier.until for key in keys for earlier in self._lately(key, at)}
        declared = [
            [self.value(key) for key in keys],
            *([self._before(key, change) for key in keys] for change in changes),
        ]
        return [
            Rules(bool(alone) and self._is_alone(organisation, at), _amount(eid), _tiers(tiers))
            for alone, eid, tiers in declared
        ]

    def agreed(self, organisation: OrganisationId, type_: AgreementType, at: datetime) -> bool:
        """Say whether an organisation may have had an agreement in force."""
        values = (value for key in self._agreed.get(organisation, ()) for value in self._values(key, at))
        return any(
            isinstance(value, ReplayedAgreement)
            and (value.organisation, value.type) == (organisation, type_)
            and value.holds(at)
            for value in values
        )

    def assigned(self, agent: OrganisationId, service: str, at: datetime) -> bool:
        """Say whether an agent may have been assigned a service."""
        values = self._values(assignment(agent, service), at)
        return any(isinstance(value, ReplayedAssignment) and value.holds(at) for value in values)

    def services(self, offer: OfferId, at: datetime) -> Sequence[str]:
        """Return which services an offer may have been of; none where there is no such offer."""
        values = self._values(EntryKey(EntryKind.OFFER, offer), at)
        return list(dict.fromkeys(value.service for value in values if isinstance(value, ReplayedOffer)))

    # --- helpers

    def _find_again(self, entry: ReplayedEntry) -> None:
        if isinstance(entry.value, ReplayedRole):
            self._of.setdefault(entry.value.person, set()).add(entry.key)
            self._in.setdefault(entry.value.organisation, set()).add(entry.key)
        elif isinstance(entry.value, ReplayedSubstitution):
            self._of.setdefault(entry.value.substitute, set()).add(entry.key)
        elif isinstance(entry.value, ReplayedAgreement):
            self._agreed.setdefault(entry.value.organisation, set()).add(entry.key)

    def _values(self, key: EntryKey, at: datetime) -> list[Value]:
        """Return the value of an entry, and those that it may still have had."""
        return [self.value(key), *(earlier.value for earlier in self._lately(key, at))]

    def _lately(self, key: EntryKey, at: datetime) -> list[EarlierValue]:
        return [earlier for earlier in self._was.get(key, ()) if at <= earlier.until + LATE]

    def _before(self, key: EntryKey, change: datetime) -> Value:
        """Return the value of an entry before a change, of this or of another."""
        return next((earlier.value for earlier in self._was.get(key, ()) if earlier.until >= change), self.value(key))

    def _all(
        self, keys: set[EntryKey] | tuple[()], at: datetime, *, sure: bool
    ) -> Iterator[ReplayedRole | ReplayedSubstitution]:
        for key in keys:
            values = self._values(key, at)
            good = [
                value for value in values if isinstance(value, ReplayedRole | ReplayedSubstitution) and value.holds(at)
            ]
            if not sure or len(good) == len(values):
                yield from good

    def _roles(self, person: PersonId, at: datetime, *, sure: bool) -> Iterator[ReplayedRole]:
        if self._has_left(person, at, sure=not sure):
            return
        for role in self._all(self._of.get(person, ()), at, sure=sure):
            if isinstance(role, ReplayedRole) and role.person == person:
                yield role

    def _has_left(self, person: PersonId, at: datetime, *, sure: bool) -> bool:
        values = self._values(EntryKey(EntryKind.LEFT, person), at)
        return all(values) if sure else any(values)

    def _is_alone(self, organisation: OrganisationId, at: datetime) -> bool:
        roles = self._all(self._in.get(organisation, ()), at, sure=True)
        people = {role.person for role in roles if isinstance(role, ReplayedRole) and role.role in COUNTED}
        return sum(not self._has_left(person, at, sure=False) for person in people) <= ALONE


def assignment(agent: str, service: str) -> EntryKey:
    """Return the key of an agent's assignment for a service, of which there is one."""
    return EntryKey(EntryKind.ASSIGNMENT, f"{agent} {service}")


def _grant(held: ReplayedRole) -> Grant:
    return Grant(held.person, held.organisation, held.role, held.limit_ore, held.service)


def _amount(value: Value) -> int | None:
    return value if isinstance(value, int) else None


def _tiers(value: Value) -> tuple[Tier, ...]:
    return value if isinstance(value, tuple) else ()
