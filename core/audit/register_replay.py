"""Who may do what by history: the register as its lines tell it, entry by entry. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from core.register.administration_rules import ALONE, ORDER_OR_DECIDE, RESERVES
from core.register.organisations import Rules, Tier
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


class Of(StrEnum):
    """What an entry of the register is of."""

    ROLE = "role"
    SUBSTITUTION = "substitution"
    SELF_ATTEST = "self_attest_allowed"
    EID = "eid_from_ore"
    TIERS = "tiers"
    LEFT = "left"
    PRICE = "price"
    AGREEMENT = "agreement"
    ASSIGNMENT = "assignment"
    OFFER = "offer"


# What history began to hold by a later upgrade than the rest.
LATER = frozenset({Of.AGREEMENT, Of.ASSIGNMENT, Of.OFFER})


class Key(NamedTuple):
    """Which entry: of what, and its number, its ids or its codes."""

    of: Of
    id: str


class Lasting:
    """What holds from an instant until another, or on."""

    since: datetime
    until: datetime | None

    def holds(self, at: datetime) -> bool:
        """True at an instant of its days."""
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
class Lent:
    """Somebody decides in an absent person's place."""

    absent: PersonId
    substitute: PersonId
    organisation: OrganisationId
    role: Role
    since: datetime
    until: datetime

    def holds(self, at: datetime) -> bool:
        """True at an instant of its days."""
        return self.since <= at < self.until


@dataclass(frozen=True)
class Priced:
    """What something costs; `until` is the last day, YYYY-MM-DD."""

    amount_ore: int
    period: str
    until: str | None


@dataclass(frozen=True)
class Agreed(Lasting):
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
class Assigned(Lasting):
    """An agent may convey a service."""

    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class Offered:
    """What may be ordered of a service, by whom and by which route; its names and texts aside."""

    service: str
    flow: Flow
    agent_field: AgentField
    needs_units: bool
    categories: tuple[str, ...]
    active: bool
    sole_traders_only: bool
    terms_url: str


Value = ReplayedRole | Lent | Priced | Agreed | Assigned | Offered | tuple[Tier, ...] | bool | int | None
# What stands where nobody has said anything.
NOTHING_SAID: dict[Of, Value] = {Of.SELF_ATTEST: False, Of.TIERS: (), Of.LEFT: False}


class ReplayedEntry(NamedTuple):
    """An entry of the register as it stands, or as a line leaves it."""

    key: Key
    value: Value


class Was(NamedTuple):
    """What an entry said before, and when it was changed."""

    value: Value
    until: datetime


@dataclass
class Rights:
    """The register, entry by entry; it grows with the register, whatever becomes of it.

    What a moment allows is asked in two ways: `grants` are those that may have held, whichever of two changes that
    went on at once was first, and what is `sure` held however it was.
    """

    entries: dict[Key, Value] = field(default_factory=dict[Key, Value])
    _was: dict[Key, list[Was]] = field(default_factory=dict[Key, list[Was]])
    _of: dict[PersonId, set[Key]] = field(default_factory=dict[PersonId, set[Key]])
    _in: dict[OrganisationId, set[Key]] = field(default_factory=dict[OrganisationId, set[Key]])
    _agreed: dict[OrganisationId, set[Key]] = field(default_factory=dict[OrganisationId, set[Key]])
    # False until the walk has come to where history begins to hold what organisations have agreed.
    knows_agreements: bool = True

    def stand(self, entry: ReplayedEntry) -> None:
        """Take an entry as it stands at the beginning."""
        self.entries[entry.key] = entry.value
        self._find_again(entry)

    def change(self, entry: ReplayedEntry, at: datetime) -> None:
        """Follow a change of an entry. Whether what was signed is kept whole, or its hash alone, stays as it was."""
        before = self.said(entry.key)
        if isinstance(before, Agreed) and isinstance(entry.value, Agreed) and before.document == entry.value.document:
            entry = entry._replace(value=replace(entry.value, text=before.text))
        was = [each for each in self._was.get(entry.key, ()) if each.until + LATE >= at]
        self._was[entry.key] = [*was, Was(self.said(entry.key), at)]
        self.stand(entry)

    def said(self, key: Key) -> Value:
        """What an entry says now."""
        return self.entries.get(key, NOTHING_SAID.get(key.of))

    def grants(self, person: PersonId, at: datetime, *, sure: bool = False) -> Iterator[Grant]:
        """A person's roles, own and as substitute."""
        yield from (_grant(each) for each in self._roles(person, at, sure=sure))
        lent = (each for each in self._all(self._of.get(person, ()), at, sure=sure) if isinstance(each, Lent))
        for each in lent:
            is_there = any(own.organisation == each.organisation for own in self._roles(person, at, sure=sure))
            if each.substitute != person or not is_there:
                continue
            for right in self._roles(each.absent, at, sure=sure):
                if (right.organisation, right.role) == (each.organisation, each.role):
                    yield Grant(person, right.organisation, right.role, right.limit_ore, right.service, each.absent)

    def has(self, person: PersonId, organisation: OrganisationId, roles: frozenset[Role], at: datetime) -> bool:
        """True where a person surely has one of some roles, of her own."""
        mine = self._roles(person, at, sure=True)
        return any(each.organisation == organisation and each.role in roles for each in mine)

    def may_keep(self, person: PersonId, organisation: OrganisationId, at: datetime) -> bool:
        """True for an administrator there, and for Inera's customer service."""
        return any(
            each.role in ROLES_OF[Part.CUSTOMER_SERVICE]
            or (each.role is Role.ADMINISTRATOR and each.organisation == organisation)
            for each in self._roles(person, at, sure=False)
        )

    def rules(self, organisation: OrganisationId | None, at: datetime) -> Sequence[Rules]:
        """What an organisation may have declared; what one person may do alone, only where there is but one."""
        if organisation is None:
            return [Rules()]
        keys = [Key(of, organisation) for of in (Of.SELF_ATTEST, Of.EID, Of.TIERS)]
        changes = {each.until for key in keys for each in self._lately(key, at)}
        declared = [[self.said(key) for key in keys], *([self._before(key, one) for key in keys] for one in changes)]
        return [
            Rules(bool(alone) and self._is_alone(organisation, at), _amount(eid), _tiers(tiers))
            for alone, eid, tiers in declared
        ]

    def agreed(self, organisation: OrganisationId, type_: AgreementType, at: datetime) -> bool:
        """True where an organisation may have had an agreement in force."""
        values = (value for key in self._agreed.get(organisation, ()) for value in self._values(key, at))
        return any(
            isinstance(each, Agreed) and (each.organisation, each.type) == (organisation, type_) and each.holds(at)
            for each in values
        )

    def assigned(self, agent: OrganisationId, service: str, at: datetime) -> bool:
        """True where an agent may have been assigned a service."""
        values = self._values(assignment(agent, service), at)
        return any(isinstance(each, Assigned) and each.holds(at) for each in values)

    def services(self, offer: OfferId, at: datetime) -> Sequence[str]:
        """Which services an offer may have been of; none where there is no such offer."""
        values = self._values(Key(Of.OFFER, offer), at)
        return list(dict.fromkeys(each.service for each in values if isinstance(each, Offered)))

    # --- helpers

    def _find_again(self, entry: ReplayedEntry) -> None:
        if isinstance(entry.value, ReplayedRole):
            self._of.setdefault(entry.value.person, set()).add(entry.key)
            self._in.setdefault(entry.value.organisation, set()).add(entry.key)
        elif isinstance(entry.value, Lent):
            self._of.setdefault(entry.value.substitute, set()).add(entry.key)
        elif isinstance(entry.value, Agreed):
            self._agreed.setdefault(entry.value.organisation, set()).add(entry.key)

    def _values(self, key: Key, at: datetime) -> list[Value]:
        """What an entry says, and what it may have said still."""
        return [self.said(key), *(each.value for each in self._lately(key, at))]

    def _lately(self, key: Key, at: datetime) -> list[Was]:
        return [each for each in self._was.get(key, ()) if at <= each.until + LATE]

    def _before(self, key: Key, change: datetime) -> Value:
        """What an entry said before a change, of this or of another."""
        return next((each.value for each in self._was.get(key, ()) if each.until >= change), self.said(key))

    def _all(self, keys: set[Key] | tuple[()], at: datetime, *, sure: bool) -> Iterator[ReplayedRole | Lent]:
        for key in keys:
            values = self._values(key, at)
            good = [each for each in values if isinstance(each, ReplayedRole | Lent) and each.holds(at)]
            if not sure or len(good) == len(values):
                yield from good

    def _roles(self, person: PersonId, at: datetime, *, sure: bool) -> Iterator[ReplayedRole]:
        if self._has_left(person, at, sure=not sure):
            return
        for each in self._all(self._of.get(person, ()), at, sure=sure):
            if isinstance(each, ReplayedRole) and each.person == person:
                yield each

    def _has_left(self, person: PersonId, at: datetime, *, sure: bool) -> bool:
        values = self._values(Key(Of.LEFT, person), at)
        return all(values) if sure else any(values)

    def _is_alone(self, organisation: OrganisationId, at: datetime) -> bool:
        there = self._all(self._in.get(organisation, ()), at, sure=True)
        people = {each.person for each in there if isinstance(each, ReplayedRole) and each.role in COUNTED}
        return sum(not self._has_left(each, at, sure=False) for each in people) <= ALONE


def assignment(agent: str, service: str) -> Key:
    """The entry of an agent's assignment for a service, of which there is one."""
    return Key(Of.ASSIGNMENT, f"{agent} {service}")


def _grant(held: ReplayedRole) -> Grant:
    return Grant(held.person, held.organisation, held.role, held.limit_ore, held.service)


def _amount(value: Value) -> int | None:
    return value if isinstance(value, int) else None


def _tiers(value: Value) -> tuple[Tier, ...]:
    return value if isinstance(value, tuple) else ()
