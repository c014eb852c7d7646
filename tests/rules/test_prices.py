"""What an offer costs is known on every day that it can be ordered, or it is not ordered."""

from datetime import UTC, date, datetime

import pytest

from core.api import (
    AgentField,
    Asking,
    CaseId,
    Flow,
    OfferId,
    OfferTerms,
    Payer,
    PlaceOrder,
    PriceKind,
    PriceUnit,
    Surface,
)
from core.catalogue.prices import count_recurring, has_price_gap, unpriced_since
from core.workflow.order_rules import draft
from tests.support.world import builders
from tests.support.world.builders import CUSTOMER, ORDERER, price

TODAY = date(2026, 11, 25)
LAST_YEAR = {"valid_from": date(2025, 1, 1), "valid_to": date(2025, 12, 31)}
THIS_YEAR = {"valid_from": date(2026, 1, 1), "valid_to": date(2026, 12, 31)}
NEXT_YEAR = {"valid_from": date(2027, 1, 1), "valid_to": None}


@pytest.mark.parametrize(
    "prices",
    [
        [price(**LAST_YEAR)],
        [price(**LAST_YEAR), price(**NEXT_YEAR)],
        [price(**NEXT_YEAR)],
        [price(**LAST_YEAR, payer=Payer.AGENT), price(**THIS_YEAR, payer=Payer.CUSTOMER)],
        [price(**LAST_YEAR, kind=PriceKind.RECURRING), price(**THIS_YEAR, kind=PriceKind.STARTUP)],
        [price(**LAST_YEAR, unit=PriceUnit.ORDER), price(**THIS_YEAR, unit=PriceUnit.CARE_UNIT)],
    ],
    ids=[
        *("ended", "ended, and another to come", "yet to come"),
        *("one payer's has ended", "one kind has ended", "one for each order has ended"),
    ],
)
def test_a_price_that_has_ended_without_another_is_a_gap(prices):
    assert has_price_gap(prices, TODAY)


@pytest.mark.parametrize(
    "prices",
    [
        [],
        [price(**LAST_YEAR), price(**THIS_YEAR)],
        [price(**LAST_YEAR), price(**THIS_YEAR, amount_ore=0)],
        [price(**THIS_YEAR, kind=PriceKind.STARTUP), price(**NEXT_YEAR, kind=PriceKind.RECURRING)],
    ],
    ids=["never priced", "followed by another", "free from this year", "a fee to come beside one that holds"],
)
def test_what_is_free_or_yet_to_come_is_no_gap(prices):
    assert not has_price_gap(prices, TODAY)


@pytest.mark.parametrize(
    ("prices", "since"),
    [
        ([price(**LAST_YEAR)], date(2026, 1, 1)),
        ([price(**LAST_YEAR), price(**LAST_YEAR, kind=PriceKind.RECURRING)], date(2026, 1, 1)),
        ([price(valid_from=date(2024, 1, 1), valid_to=date(2024, 12, 31)), price(**LAST_YEAR)], date(2026, 1, 1)),
        ([price(**LAST_YEAR), price(**THIS_YEAR)], None),
        ([price(**THIS_YEAR)], None),
        ([price(**NEXT_YEAR)], None),
    ],
    ids=["one", "two", "one after another", "followed", "holds", "yet to come"],
)
def test_a_price_is_missing_since_the_day_after_the_last_of_it(prices, since):
    assert unpriced_since(prices, TODAY) == unpriced_since(prices[::-1], TODAY) == since


def ordered(*prices):
    """The order of today's wish to begin next year."""
    terms = OfferTerms(
        OfferId("npo"), "npo", Flow.DIRECT, AgentField.NONE, needs_units=False, categories=(), prices=prices
    )
    wish = PlaceOrder(
        Asking(ORDERER),
        CUSTOMER,
        terms.id,
        (),
        "4711-A",
        True,
        key="1",
        surface=Surface.API,
        desired_start=date(2027, 1, 15),
    )
    at = datetime(2026, 11, 25, 9, tzinfo=UTC)
    return draft(builders.draft(), wish, terms, CaseId("B-2345678"), at).order


def test_the_price_that_will_hold_at_the_desired_start_is_told_from_the_day_it_comes():
    since = date(2026, 12, 1)
    order = ordered(
        price(unit=PriceUnit.ORDER, valid_to=date(2026, 11, 30)),
        price(unit=PriceUnit.ORDER, amount_ore=200_000, valid_from=since),
    )

    assert (order.coming_from, order.coming_costs[Payer.CUSTOMER].startup_ore) == (since, 200_000)


def test_a_price_that_began_today_is_the_price_now_and_not_one_to_come():
    order = ordered(price(unit=PriceUnit.ORDER, valid_from=TODAY, valid_to=date(2026, 12, 31)))

    assert (order.coming_from, order.coming_costs) == (None, {})


@pytest.mark.parametrize(("units", "ends"), [(3, {Payer.CUSTOMER: 30}), (0, {Payer.AGENT: 500})])
def test_of_what_ends_the_fee_is_that_of_its_units_or_where_there_are_none_of_the_whole(units, ends):
    recurring = {"kind": PriceKind.RECURRING, "valid_from": TODAY}
    prices = [
        price(unit=PriceUnit.CARE_UNIT, amount_ore=10, **recurring),
        price(unit=PriceUnit.ORDER, amount_ore=500, payer=Payer.AGENT, **recurring),
        price(unit=PriceUnit.CARE_UNIT, amount_ore=9_000, kind=PriceKind.STARTUP, valid_from=TODAY),
    ]

    costs = count_recurring(prices, units=units, day=TODAY)

    assert {payer: (cost.startup_ore, cost.recurring_ore) for payer, cost in costs.items()} == {
        payer: (0, fee) for payer, fee in ends.items()
    }
