"""Rules about who may change an organisation's people and rules: conditions that answer with a refusal."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from core.register.administration import Capacity, HeldRole, Keeper
from core.shared.errors import (
    InerasOwn,
    LastAdministrator,
    NameOfOthers,
    NoRole,
    NotForOneself,
    OrderError,
    PersonHasLeft,
    SelfAttestForOne,
)
from core.shared.vocabulary import DECIDING, ROLES_OF, OrganisationKind, Part, PersonId, Role

FOREVER = datetime.max.replace(tzinfo=UTC)
# Among so many, who each order, approve or attest, one may do both.
ALONE = 1
RESERVES = (Part.CUSTOMER_EMERGENCY, Part.AGENT_EMERGENCY)
ORDER_OR_DECIDE = frozenset(role for part in (*DECIDING, *RESERVES, Part.ORDERER) for role in ROLES_OF[part])
# By which one decides, for an organisation or for Inera.
DECIDING_ROLES = frozenset(role for part in (*DECIDING, *RESERVES, Part.CUSTOMER_SERVICE) for role in ROLES_OF[part])


@dataclass(frozen=True)
class ProposedRole:
    """A role as somebody wishes it to be. `before` None: it is granted; `after` None: it never holds.

    `administered_until` is until when somebody else administers the organisation, without a gap from now; None: nobody.
    `is_lent` when the keeper stands in for the person in that role, now or later.
    """

    keeper: Keeper
    person: PersonId
    is_active: bool
    before: HeldRole | None
    after: HeldRole | None
    administered_until: datetime | None
    is_lent: bool = False

    @property
    def is_ones_own(self) -> bool:
        """True where the keeper decides by the role: it is her own, or she stands in for whose it is."""
        return self.is_lent or self.keeper.person == self.person


@dataclass(frozen=True)
class ProposedRules:
    """Rules as somebody wishes them. `decides` when the keeper orders or decides by them, also in another's place.

    `people` are how many order or decide there, where self-attest is to be allowed; else none.
    """

    keeper: Keeper
    decides: bool
    people: int


@dataclass(frozen=True)
class ProposedName:
    """A person whom somebody wishes to be called otherwise. `is_of_others` when she has or had a role elsewhere."""

    keeper: Keeper
    person: PersonId
    is_of_others: bool


def may_keep(keeper: Keeper) -> None:
    """Raise NoRole for somebody who does not keep the organisation."""
    if keeper.capacity is None:
        is_agents = OrganisationKind.CUSTOMER not in keeper.kinds
        part = Part.AGENT_ADMINISTRATOR if is_agents else Part.CUSTOMER_ADMINISTRATOR
        raise NoRole(part=part, organisation=keeper.organisation)


def refusal(proposal: ProposedRole) -> OrderError | None:
    """Return the refusal of the first condition that a role does not meet; None when it meets them all."""
    return next((error for condition in ROLE_CONDITIONS if (error := condition(proposal)) is not None), None)


def has_not_left(proposal: ProposedRole) -> OrderError | None:
    """Refuse a role for who has left: customer service, which knows of every organisation of theirs, brings them
    back.
    """
    is_gone = not proposal.is_active and proposal.before is None
    return (
        PersonHasLeft(person=proposal.person)
        if is_gone and proposal.keeper.capacity is Capacity.ADMINISTRATOR
        else None
    )


def keeps_an_administrator(proposal: ProposedRole) -> OrderError | None:
    """Refuse that an organisation's last administrator ends the own role, or sets an end for it."""
    if proposal.keeper.capacity is not Capacity.ADMINISTRATOR or proposal.before is None:
        return None
    if proposal.before.role is not Role.ADMINISTRATOR or _end(proposal.after) >= _end(proposal.before):
        return None
    is_followed = proposal.administered_until is not None and proposal.administered_until > _end(proposal.after)
    return None if is_followed else LastAdministrator(organisation=proposal.keeper.organisation)


def keeps_ineras_own(proposal: ProposedRole) -> OrderError | None:
    """Refuse customer service changes of its own organisation, whose roles let decide everywhere."""
    is_inera = OrganisationKind.INERA in proposal.keeper.kinds
    return InerasOwn() if is_inera and proposal.keeper.capacity is Capacity.CUSTOMER_SERVICE else None


def grants_no_own_role(proposal: ProposedRole) -> OrderError | None:
    """Refuse that customer service widens what it decides by itself: a colleague or the operator does; ending is
    free.
    """
    is_own = proposal.keeper.capacity is Capacity.CUSTOMER_SERVICE and proposal.is_ones_own
    return NotForOneself() if is_own and _widens(proposal.before, proposal.after) else None


def may_unlink(keeper: Keeper) -> None:
    """Raise InerasOwn for Inera's own people, whom their own administrators look after."""
    if OrganisationKind.INERA in keeper.kinds and keeper.capacity is Capacity.CUSTOMER_SERVICE:
        raise InerasOwn


def may_rename(proposal: ProposedName) -> None:
    """Raise NameOfOthers where the person has roles elsewhere too: customer service corrects the name then."""
    may_unlink(proposal.keeper)
    if proposal.keeper.capacity is Capacity.ADMINISTRATOR and proposal.is_of_others:
        raise NameOfOthers(person=proposal.person)


ROLE_CONDITIONS: tuple[Callable[[ProposedRole], OrderError | None], ...] = (
    keeps_ineras_own,
    has_not_left,
    keeps_an_administrator,
    grants_no_own_role,
)


def may_self_attest(people: int) -> bool:
    """Say whether self-attest may be allowed: one person orders, approves and attests (domain: 4.4)."""
    return people <= ALONE


def self_attest_is_for_one(keeper: Keeper, people: int) -> None:
    """Raise SelfAttestForOne where more than one person orders, approves or attests."""
    if not may_self_attest(people):
        raise SelfAttestForOne(organisation=keeper.organisation)


def may_set_rules(proposal: ProposedRules) -> None:
    """Raise NotForOneself or SelfAttestForOne, what keeps somebody from setting an organisation's rules."""
    if proposal.decides and proposal.keeper.capacity is Capacity.CUSTOMER_SERVICE:
        raise NotForOneself
    self_attest_is_for_one(proposal.keeper, proposal.people)


def widens_authority(proposal: ProposedRole) -> bool:
    """Say whether somebody may decide more, or longer, than before."""
    after = proposal.after
    return after is not None and after.role in DECIDING_ROLES and _widens(proposal.before, after)


def _widens(before: HeldRole | None, after: HeldRole | None) -> bool:
    if after is None or before is None:
        return after is not None
    return _limit(after) > _limit(before) or _end(after) > _end(before) or after.since < before.since


def _end(held: HeldRole | None) -> datetime:
    if held is None:
        return datetime.min.replace(tzinfo=UTC)
    return held.until or FOREVER


def _limit(held: HeldRole) -> float:
    return float("inf") if held.limit_ore is None else held.limit_ore
