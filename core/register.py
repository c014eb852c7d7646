"""Organisations, people and offers as the core knows them, and the checks of their identifiers."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from stdnum.se import orgnr

from core.order import Cost
from core.words import (
    AgentField,
    CustomerCategory,
    Flow,
    Language,
    OfferId,
    OrganisationId,
    OrganisationKind,
    Payer,
    Period,
    PersonId,
    PriceKind,
    PriceUnit,
)

# An address as HTML defines one, with a dot in its domain: what every mail server can be told.
EMAIL = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+"
WORD = re.compile(r"\w+")
# Twelve digits, with space to spare.
ORG_NUMBER_LIMIT = 40
# SE + the catalogue owner's number + 1-18 letters or digits, 31 characters at most (domain: 4.2).
HSA_ID = re.compile(r"SE[0-9]{10}-[A-Za-z0-9]{1,18}")


@dataclass(frozen=True)
class Organisation:
    """A customer, an agent, Inera; `org_number` ten digits, hidden wherever `org_number_is_personal`."""

    id: OrganisationId
    name: str
    org_number: str
    org_number_is_personal: bool
    kinds: frozenset[OrganisationKind]
    category: CustomerCategory | None = None
    self_attest_allowed: bool = False


@dataclass(frozen=True)
class Person:
    """Somebody who acts; `language` None until known."""

    id: PersonId
    name: str
    email: str
    language: Language | None = None
    active: bool = True


@dataclass(frozen=True)
class Price:
    """A price in öre excluding VAT, valid from a day up to and including another."""

    payer: Payer
    kind: PriceKind
    unit: PriceUnit
    amount_ore: int
    period: Period
    valid_from: date
    valid_to: date | None = None

    def holds(self, day: date) -> bool:
        """True on the days the price is valid."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class OfferTerms:
    """An offer as an order needs it: its flow, what it asks for, and its prices."""

    id: OfferId
    service: str
    flow: Flow
    agent_field: AgentField
    needs_units: bool
    categories: tuple[CustomerCategory, ...]
    prices: tuple[Price, ...]


def count_costs(prices: Iterable[Price], *, units: int, day: date) -> dict[Payer, Cost]:
    """The price snapshot: what each payer pays on a day for so many care units. Payers without a price pay nothing."""
    costs = dict.fromkeys(Payer, Cost())
    for price in prices:
        if price.holds(day):
            costs[price.payer] = _add(costs[price.payer], price, units if price.unit is PriceUnit.CARE_UNIT else 1)
    return costs


def has_price_gap(prices: Iterable[Price], day: date) -> bool:
    """True when what somebody pays is not known on a day: a price has ended without another, or none has begun yet.

    A fee that is yet to come, beside others that hold, is none today.
    """
    found = list(prices)
    has_begun = any(each.valid_from <= day for each in found)
    return unpriced_since(found, day) is not None or (bool(found) and not has_begun)


def unpriced_since(prices: Iterable[Price], day: date, *, units: int | None = None) -> date | None:
    """Since when a price is missing on a day: one has ended and none of the same has followed. None while all hold.

    What has become free has a price of nothing. An order without `units` pays nothing for each, at any price; None of
    them is of any order.
    """
    begun = [each for each in prices if each.valid_from <= day and (units != 0 or each.unit is PriceUnit.ORDER)]
    holding = {_what(each) for each in begun if each.holds(day)}
    ended = {_what(each): each.valid_to for each in sorted(begun, key=_beginning) if each.valid_to is not None}
    missing = [last + timedelta(days=1) for what, last in ended.items() if what not in holding]
    return min(missing, default=None)


def _what(price: Price) -> tuple[Payer, PriceKind, PriceUnit]:
    return price.payer, price.kind, price.unit


def _beginning(price: Price) -> date:
    return price.valid_from


def _add(cost: Cost, price: Price, count: int) -> Cost:
    amount = price.amount_ore * count
    if price.kind is PriceKind.STARTUP:
        return Cost(cost.startup_ore + amount, cost.recurring_ore, cost.period)
    return Cost(cost.startup_ore, cost.recurring_ore + amount, price.period)


def is_hsa_id(text: str) -> bool:
    """True for a well-formed HSA-id. Its number need not be the customer's own (domain: 4.2)."""
    return HSA_ID.fullmatch(text) is not None


def words_of(name: str) -> frozenset[str]:
    """The words that an organisation is found by, in small letters."""
    return frozenset(WORD.findall(name.casefold()))


def clean_org_number(text: str) -> str | None:
    """Ten digits, or None when the number is not valid. Accepts a hyphen and a leading 16."""
    digits = re.sub(r"[\s-]", "", text) if len(text) <= ORG_NUMBER_LIMIT else ""
    if len(digits) == 12 and digits.startswith("16"):
        digits = digits[2:]
    return digits if len(digits) == 10 and orgnr.is_valid(digits) else None


def is_personal(org_number: str) -> bool:
    """A number whose third digit is below 2 is a personnummer: a sole trader's (domain: 4.1)."""
    return org_number[2:3] < "2"
