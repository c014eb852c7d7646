"""What keeps somebody from changing an organisation's people and rules: named conditions that answer with a reason."""

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
class RoleWish:
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
class RulesWish:
    """Rules as somebody wishes them. `decides` when the keeper orders or decides by them, also in another's place.

    `people` are how many order or decide there, where self-attest is to be allowed; else none.
    """

    keeper: Keeper
    decides: bool
    people: int


@dataclass(frozen=True)
class NameWish:
    """A person whom somebody wishes to be called otherwise. `is_of_others` when she has or had a role elsewhere."""

    keeper: Keeper
    person: PersonId
    is_of_others: bool


def may_keep(keeper: Keeper) -> None:
    """Raise what keeps somebody from an organisation altogether."""
    if keeper.capacity is None:
        is_agents = OrganisationKind.CUSTOMER not in keeper.kinds
        part = Part.AGENT_ADMINISTRATOR if is_agents else Part.CUSTOMER_ADMINISTRATOR
        raise NoRole(part=part, organisation=keeper.organisation)


def refusal(wish: RoleWish) -> OrderError | None:
    """The first condition that a wish about a role does not meet."""
    return next((found for each in ROLE_CONDITIONS if (found := each(wish)) is not None), None)


def has_not_left(wish: RoleWish) -> OrderError | None:
    """Who has left comes back by customer service, which knows of every organisation where the person was."""
    is_gone = not wish.is_active and wish.before is None
    return PersonHasLeft(person=wish.person) if is_gone and wish.keeper.capacity is Capacity.ADMINISTRATOR else None


def keeps_an_administrator(wish: RoleWish) -> OrderError | None:
    """The last administrator of an organisation does not end, or foresee the end of, the own role."""
    if wish.keeper.capacity is not Capacity.ADMINISTRATOR or wish.before is None:
        return None
    if wish.before.role is not Role.ADMINISTRATOR or _end(wish.after) >= _end(wish.before):
        return None
    is_followed = wish.administered_until is not None and wish.administered_until > _end(wish.after)
    return None if is_followed else LastAdministrator(organisation=wish.keeper.organisation)


def keeps_ineras_own(wish: RoleWish) -> OrderError | None:
    """Customer service serves every organisation but its own, whose roles let decide everywhere."""
    is_inera = OrganisationKind.INERA in wish.keeper.kinds
    return InerasOwn() if is_inera and wish.keeper.capacity is Capacity.CUSTOMER_SERVICE else None


def grants_no_own_role(wish: RoleWish) -> OrderError | None:
    """Nobody at customer service widens what she decides by: a colleague or the operator does; ending is free."""
    is_own = wish.keeper.capacity is Capacity.CUSTOMER_SERVICE and wish.is_ones_own
    return NotForOneself() if is_own and _widens(wish.before, wish.after) else None


def may_unlink(keeper: Keeper) -> None:
    """Raise where Inera's own people are concerned, whom their own administrators look after."""
    if OrganisationKind.INERA in keeper.kinds and keeper.capacity is Capacity.CUSTOMER_SERVICE:
        raise InerasOwn


def may_rename(wish: NameWish) -> None:
    """Raise where others have a say in what somebody is called: customer service corrects the name then."""
    may_unlink(wish.keeper)
    if wish.keeper.capacity is Capacity.ADMINISTRATOR and wish.is_of_others:
        raise NameOfOthers(person=wish.person)


ROLE_CONDITIONS: tuple[Callable[[RoleWish], OrderError | None], ...] = (
    keeps_ineras_own,
    has_not_left,
    keeps_an_administrator,
    grants_no_own_role,
)


def may_self_attest(people: int) -> bool:
    """True where one person orders, approves and attests; among more, nobody need do both (domain: 4.4)."""
    return people <= ALONE


def self_attest_is_for_one(keeper: Keeper, people: int) -> None:
    """Raise where more than one person orders, approves or attests."""
    if not may_self_attest(people):
        raise SelfAttestForOne(organisation=keeper.organisation)


def may_set_rules(wish: RulesWish) -> None:
    """Raise what keeps somebody from setting the rules of an organisation."""
    if wish.decides and wish.keeper.capacity is Capacity.CUSTOMER_SERVICE:
        raise NotForOneself
    self_attest_is_for_one(wish.keeper, wish.people)


def widens_authority(wish: RoleWish) -> bool:
    """True when somebody may decide more, or longer, than before."""
    after = wish.after
    return after is not None and after.role in DECIDING_ROLES and _widens(wish.before, after)


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
