"""What an offer costs is known on every day that it can be ordered, or it is not ordered."""

from datetime import date

import pytest

from core.api import Payer, PriceKind
from core.register import has_price_gap
from tests.builders import price

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
    ],
    ids=["ended", "ended, and another to come", "yet to come", "one payer's has ended", "one kind has ended"],
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
