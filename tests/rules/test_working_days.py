"""Working days are Swedish: public holidays and the three eves are free, bridge days are not."""

from datetime import UTC, date, datetime

import pytest

from core.shared.vocabulary import State
from core.shared.working_days import LAST_INSTANT, add_working_days, end_of, is_working_day, working_days_between
from core.workflow.deadlines import WaitingStep


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 1, 6),
        date(2026, 4, 3),
        date(2026, 4, 6),
        date(2026, 5, 14),
        date(2026, 6, 19),
        date(2026, 12, 24),
        date(2026, 12, 31),
        date(2026, 11, 28),
    ],
)
def test_holidays_eves_and_saturdays_are_free(day):
    assert not is_working_day(day)


@pytest.mark.parametrize("day", [date(2026, 1, 5), date(2026, 4, 2), date(2026, 5, 15), date(2026, 12, 23)])
def test_days_before_holidays_and_bridge_days_are_working_days(day):
    assert is_working_day(day)


@pytest.mark.parametrize(("year", "count"), [(2024, 251), (2025, 249), (2026, 251), (2027, 253)])
def test_a_year_has_as_many_working_days_as_the_law_leaves(year, count):
    assert working_days_between(date(year - 1, 12, 31), date(year, 12, 31)) == count


def test_three_working_days_at_christmas_span_ten_calendar_days():
    assert add_working_days(date(2025, 12, 23), 3) == date(2026, 1, 2)


def test_an_unanswered_order_expires_ten_working_days_after_a_month():
    since = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)

    expires = WaitingStep(State.AWAITING_CUSTOMER_ATTEST, since).closes

    assert expires == datetime(2027, 1, 14, 15, 30, tzinfo=UTC)


def test_customer_service_is_reminded_the_next_working_day():
    friday = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
    assert WaitingStep(State.AWAITING_CUSTOMER_SERVICE, friday).due == datetime(2026, 11, 30, 15, 30, tzinfo=UTC)


def test_nothing_is_due_once_an_order_is_closed():
    assert WaitingStep(State.REJECTED, datetime(2026, 11, 25, tzinfo=UTC)).due is None


def test_the_last_day_of_the_calendar_ends_with_the_calendar():
    assert end_of(date.max) == LAST_INSTANT
    assert end_of(date(2026, 12, 31)) == datetime(2026, 12, 31, 23, 0, tzinfo=UTC)
