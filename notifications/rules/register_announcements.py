"""The table of what is told when an organisation's people, rules or invoices change: who gets which card."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.api import (
    CardId,
    ChangeContext,
    Happened,
    LineKind,
    NewCard,
    NewId,
    OrganisationKind,
    Part,
    PersonId,
    RegisterChanged,
    Role,
)
from notifications.rules.announcements import CardKind

TOLD_AT_MOST = 20
DECIDERS_AT_MOST = 5


class RegisterChange(StrEnum):
    """What a change may be, in the eyes of those who hear of it; one change may be several of these."""

    ROLE = "role"  # somebody got, or lost, a role, or holds it otherwise
    ADMINISTRATOR = "administrator"  # who administers the organisation is another
    AUTHORITY = "authority"  # somebody may decide more than before, by another's change
    OWN_AUTHORITY = "own_authority"  # somebody has let themselves decide more
    SERVES = "serves"  # somebody at customer service has got a role, which keeps her from the organisation's cases
    OWN_SUBSTITUTE = "own_substitute"  # an administrator has let herself decide in somebody's place
    RULES = "rules"
    INVOICES = "invoices"
    CHANNELS = "channels"  # those who have a role are asked somewhere else
    READY = "ready"  # the organisation can order since then
    UNLINKED = "unlinked"  # a Slack account stands for the person no longer
    GUEST = "guest"  # a guest's account waits for an administrator's yes
    RENAMED = "renamed"  # a person is called otherwise
    OWN_NAME = "own_name"  # somebody has let herself be called otherwise


class Hearer(StrEnum):
    """Whom a row means; whoever made the change is never told of it."""

    HOLDER = "holder"  # whose role, account or name it is
    ADMINISTRATORS = "administrators"  # the organisation's other administrators
    SECOND_EYES = "second_eyes"  # the other administrators; where there are none, customer service's channel
    DECIDERS = "deciders"  # people who decide in the organisation, at most five
    CHANNEL = "channel"  # customer service's channel
    ORDERERS = "orderers"  # people who order, at most five


@dataclass(frozen=True)
class RegisterAnnouncement:
    """When a change is made, a hearer gets a card."""

    change: RegisterChange
    hearer: Hearer
    card: CardKind


row = RegisterAnnouncement
# fmt: off
REGISTER_ANNOUNCEMENTS: tuple[RegisterAnnouncement, ...] = (
    row(RegisterChange.ROLE,          Hearer.HOLDER,         CardKind.ROLE),
    row(RegisterChange.ADMINISTRATOR, Hearer.ADMINISTRATORS, CardKind.COLLEAGUE_ROLE),
    row(RegisterChange.AUTHORITY,     Hearer.SECOND_EYES,    CardKind.COLLEAGUE_ROLE),
    row(RegisterChange.SERVES,        Hearer.CHANNEL,        CardKind.COLLEAGUE_ROLE),
    row(RegisterChange.OWN_AUTHORITY, Hearer.SECOND_EYES,    CardKind.OWN_AUTHORITY),
    row(RegisterChange.OWN_SUBSTITUTE, Hearer.SECOND_EYES,   CardKind.OWN_SUBSTITUTE),
    row(RegisterChange.RULES,         Hearer.SECOND_EYES,    CardKind.RULES),
    row(RegisterChange.RULES,         Hearer.DECIDERS,       CardKind.RULES),
    row(RegisterChange.INVOICES,      Hearer.ADMINISTRATORS, CardKind.INVOICES),
    row(RegisterChange.CHANNELS,      Hearer.ADMINISTRATORS, CardKind.CHANNELS),
    row(RegisterChange.CHANNELS,      Hearer.DECIDERS,       CardKind.CHANNELS),
    row(RegisterChange.READY,         Hearer.ORDERERS,       CardKind.READY),
    row(RegisterChange.UNLINKED,      Hearer.HOLDER,         CardKind.UNLINKED),
    row(RegisterChange.UNLINKED,      Hearer.SECOND_EYES,    CardKind.UNLINKED),
    row(RegisterChange.GUEST,         Hearer.SECOND_EYES,    CardKind.GUEST),
    row(RegisterChange.RENAMED,       Hearer.HOLDER,         CardKind.RENAMED),
    row(RegisterChange.OWN_NAME,      Hearer.SECOND_EYES,    CardKind.OWN_NAME),
)
# fmt: on


class RegisterAnnouncements:
    """Implements core's Crier port by the table."""

    def announce(self, change: RegisterChanged, context: ChangeContext, new_id: NewId) -> tuple[NewCard, ...]:
        """See core.ports.register.Crier."""
        changes = frozenset(_changes(change, context))
        rows = [each for each in REGISTER_ANNOUNCEMENTS if each.change in changes]
        pairs = [(person, each.card) for each in rows for person in _HEARERS[each.hearer](change, context)]
        return tuple(
            NewCard(id=CardId(new_id("C")), kind=card, part=_part(change, person), person=person)
            for person, card in dict.fromkeys(pairs)
        )


def _changes(change: RegisterChanged, context: ChangeContext) -> list[RegisterChange]:
    widens = change.widens and change.kind is LineKind.ROLE
    marks = {
        RegisterChange.ROLE: change.kind is LineKind.ROLE,
        RegisterChange.ADMINISTRATOR: change.kind is LineKind.ROLE and change.role is Role.ADMINISTRATOR,
        RegisterChange.AUTHORITY: widens and not change.is_own,
        RegisterChange.OWN_AUTHORITY: widens and change.is_own,
        RegisterChange.SERVES: _is_given(change) and change.about in context.serving and not _is_ineras(change),
        RegisterChange.OWN_SUBSTITUTE: change.widens and change.kind is LineKind.SUBSTITUTION,
        RegisterChange.RULES: change.kind is LineKind.ORGANISATION and change.happened is Happened.CHANGED,
        RegisterChange.INVOICES: change.happened is Happened.INVOICED,
        RegisterChange.CHANNELS: change.happened is Happened.CHANNELLED,
        RegisterChange.READY: change.made_ready,
        RegisterChange.UNLINKED: change.kind is LineKind.IDENTITY and change.happened is Happened.UNLINKED,
        RegisterChange.GUEST: change.kind is LineKind.IDENTITY and change.happened is Happened.ASKED,
        RegisterChange.RENAMED: change.kind is LineKind.PERSON,
        RegisterChange.OWN_NAME: change.kind is LineKind.PERSON and change.is_own,
    }
    return [mark for mark, is_so in marks.items() if is_so]


def _is_given(change: RegisterChanged) -> bool:
    return change.kind is LineKind.ROLE and change.happened is Happened.GRANTED


def _is_ineras(change: RegisterChanged) -> bool:
    return OrganisationKind.INERA in change.keeper.kinds


def _part(change: RegisterChanged, person: PersonId | None) -> Part:
    if person is None or _is_ineras(change):
        return Part.CUSTOMER_SERVICE
    is_customer = OrganisationKind.CUSTOMER in change.keeper.kinds
    return Part.CUSTOMER_ADMINISTRATOR if is_customer else Part.AGENT_ADMINISTRATOR


People = tuple[PersonId | None, ...]


def _others(people: Sequence[PersonId], change: RegisterChanged, most: int) -> People:
    told = [each for each in people if each not in {change.keeper.person, change.about}]
    return tuple(told[:most])


def _holder(change: RegisterChanged, context: ChangeContext) -> People:  # noqa: ARG001 - one signature
    return () if change.about is None or change.is_own else (change.about,)


def _administrators(change: RegisterChanged, context: ChangeContext) -> People:
    return _others(context.administrators, change, TOLD_AT_MOST)


def _second_eyes(change: RegisterChanged, context: ChangeContext) -> People:
    return _administrators(change, context) or (None,)


def _channel(change: RegisterChanged, context: ChangeContext) -> People:  # noqa: ARG001 - one signature
    return (None,)


def _deciders(change: RegisterChanged, context: ChangeContext) -> People:
    return _others(context.deciders, change, DECIDERS_AT_MOST)


def _orderers(change: RegisterChanged, context: ChangeContext) -> People:
    # Whoever has just become an orderer hears of it too.
    return tuple(each for each in context.orderers if each != change.keeper.person)[:DECIDERS_AT_MOST]


_HEARERS: dict[Hearer, Callable[[RegisterChanged, ChangeContext], People]] = {
    Hearer.HOLDER: _holder,
    Hearer.ADMINISTRATORS: _administrators,
    Hearer.SECOND_EYES: _second_eyes,
    Hearer.DECIDERS: _deciders,
    Hearer.CHANNEL: _channel,
    Hearer.ORDERERS: _orderers,
}
