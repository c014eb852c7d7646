"""Prices, when they hold, and what one payer pays for an order by them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from datetime import date, timedelta

from core.shared.value_objects import value
from core.shared.vocabulary import (
    Payer,
    Period,
    PriceKind,
    PriceUnit,
)

MONTHS = {Period.MONTH: 12, Period.YEAR: 1}


@value
class Cost:
    """What one payer pays, in öre excluding VAT, counted when the order was submitted."""

    startup_ore: int = 0
    recurring_ore: int = 0
    period: Period = Period.YEAR

    @property
    def first_year_ore(self) -> int:
        """What an amount limit and a tier are held against: the start-up cost and a year of the recurring one."""
        return self.startup_ore + MONTHS[self.period] * self.recurring_ore


Costs = Mapping[Payer, Cost]
NO_COST = Cost()


@value
class Reckoning:
    """What an order costs: `costs` at the prices of a day, `coming` from a later day, at the latest when it starts.

    `coming` is empty, and `coming_from` None, where the same is paid on the day it starts.
    """

    costs: Costs
    coming: Costs = field(default_factory=dict[Payer, Cost])
    coming_from: date | None = None

    def of(self, payer: Payer) -> tuple[Cost, Cost]:
        """What one payer pays on the day of the prices, and on the day the order starts."""
        today = self.costs.get(payer, NO_COST)
        return today, self.coming.get(payer, today)


def first_year_ore(payer: Payer, costs: Costs, coming: Costs) -> int:
    """The dearer first year of one payer: at a price, or at the one that holds when what is ordered begins."""
    return max(each.get(payer, NO_COST).first_year_ore for each in (costs, coming))


@value
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


def reckon(prices: Iterable[Price], *, units: int, today: date, start: date | None) -> Reckoning:
    """What an order of so many care units costs today and, where it is another amount, on the day it starts."""
    found = list(prices)
    costs = count_costs(found, units=units, day=today)
    days = [each.valid_from for each in found if start is not None and today < each.valid_from <= start]
    if start is None or not days:
        return Reckoning(costs)
    coming = count_costs(found, units=units, day=start)
    return Reckoning(costs) if coming == costs else Reckoning(costs, coming, max(days))


def count_costs(prices: Iterable[Price], *, units: int, day: date) -> dict[Payer, Cost]:
    """The price snapshot: what each payer pays on a day for so many care units. Payers without a price pay nothing."""
    costs = dict.fromkeys(Payer, NO_COST)
    for price in prices:
        if price.holds(day):
            costs[price.payer] = _add(costs[price.payer], price, units if price.unit is PriceUnit.CARE_UNIT else 1)
    return costs


def count_recurring(prices: Iterable[Price], *, units: int, day: date) -> dict[Payer, Cost]:
    """What each payer pays again and again on a day for so many care units; nobody who pays nothing.

    Where there are units, what is paid for the order as a whole is left out: others of its units may go on.
    """
    unit = PriceUnit.CARE_UNIT if units else PriceUnit.ORDER
    recurring = (each for each in prices if each.kind is PriceKind.RECURRING and each.unit is unit)
    costs = count_costs(recurring, units=units, day=day)
    return {payer: cost for payer, cost in costs.items() if cost.recurring_ore}


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


def rule_broken_by_prices(prices: Sequence[Price]) -> tuple[str, Price, Price] | None:
    """The code of the first rule that two prices of one offer break together, and the two."""
    for number, one in enumerate(prices):
        for other in prices[number + 1 :]:
            broken = _broken_by_two(one, other)
            if broken is not None:
                return broken, one, other
    return None


def _broken_by_two(one: Price, other: Price) -> str | None:
    if one.payer is not other.payer or one.kind is not other.kind or not _overlap(one, other):
        return None
    if one.unit is other.unit:
        return "price_overlap"
    # One payer's recurring cost is shown as one amount, so it has one period.
    return "mixed_periods" if one.kind is PriceKind.RECURRING and one.period is not other.period else None


def _overlap(one: Price, other: Price) -> bool:
    return one.valid_from <= (other.valid_to or date.max) and other.valid_from <= (one.valid_to or date.max)
