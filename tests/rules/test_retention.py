"""Each kind of personal data is kept for so long since something, counted on Stockholm's calendar."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.audit.retention import (
    KEPT_AS,
    RETENTION,
    Measure,
    Personal,
    Since,
    Stage,
    retention_out_of_order,
    retention_with,
)
from core.shared.working_days import STOCKHOLM

INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - made aware by the strategy


def stockholm(*day: int) -> datetime:
    return datetime(*day, tzinfo=STOCKHOLM)


def before(what: Personal, at: datetime, **periods: int) -> datetime:
    return retention_with({Personal(name): keep for name, keep in periods.items()})[what].before(at)


def test_every_kind_that_is_kept_for_so_long_goes_in_some_step():
    assert set(KEPT_AS.values()) == set(Personal)


def test_the_table_is_the_one_that_was_agreed():
    assert {each.what: (each.keep, each.measure, each.since) for each in RETENTION} == {
        "cards": (30, "days", "closed"),
        "slack_ids": (90, "days", "closed"),
        "free_texts": (24, "months", "closed"),
        "names": (24, "months", "last_order"),
        "agreements": (7, "years", "agreement_years_end"),
        "decisions": (7, "years", "years_end"),
    }


@pytest.mark.parametrize(
    ("at", "due"),
    [
        (stockholm(2033, 12, 31, 23, 59), stockholm(2026, 1, 1)),
        (stockholm(2034, 1, 1), stockholm(2027, 1, 1)),
        # New Year in Stockholm comes an hour before it comes in UTC.
        (datetime(2033, 12, 31, 23, 0, tzinfo=UTC), datetime(2026, 12, 31, 23, 0, tzinfo=UTC)),
    ],
)
def test_a_decision_stays_until_the_seventh_year_after_its_own_has_ended(at, due):
    assert before(Personal.DECISIONS, at) == due


@pytest.mark.parametrize(
    ("at", "due"),
    [
        (stockholm(2028, 11, 25, 3), stockholm(2026, 11, 25)),
        (stockholm(2026, 2, 28, 3), stockholm(2024, 2, 28)),
        (stockholm(2028, 2, 29, 3), stockholm(2026, 2, 28)),
    ],
)
def test_months_are_counted_on_the_calendar(at, due):
    assert before(Personal.FREE_TEXTS, at) == due


def test_days_are_counted_as_such():
    at = stockholm(2026, 11, 25, 3)

    assert before(Personal.CARDS, at) == at - timedelta(days=30)
    assert before(Personal.CARDS, at, cards=45) == at - timedelta(days=45)


@given(INSTANTS, st.timedeltas(timedelta(), timedelta(days=400)))
def test_nothing_that_was_due_is_ever_kept_again(at, later):
    for each in RETENTION:
        assert each.before(at) <= each.before(at + later)


@given(INSTANTS)
def test_nothing_goes_before_its_time(at):
    days = {Measure.DAYS: 1, Measure.MONTHS: 28, Measure.YEARS: 365}
    for each in RETENTION:
        assert at - each.before(at) >= timedelta(days=each.keep * days[each.measure])


def test_what_a_case_loses_goes_in_the_order_of_the_table():
    assert retention_out_of_order({}) is None
    assert retention_out_of_order({Personal.SLACK_IDS: 29}) == (Personal.CARDS, Personal.SLACK_IDS)
    assert retention_out_of_order({Personal.FREE_TEXTS: 2}) == (Personal.SLACK_IDS, Personal.FREE_TEXTS)
    assert retention_out_of_order({Personal.FREE_TEXTS: 60, Personal.DECISIONS: 5}) is None
    late = retention_out_of_order({Personal.FREE_TEXTS: 61, Personal.DECISIONS: 5})
    assert late == (Personal.FREE_TEXTS, Personal.DECISIONS)


def test_every_stage_of_a_case_is_a_row_of_the_table():
    assert len(Stage) - 1 == sum(each.since in {Since.CLOSED, Since.YEARS_END} for each in RETENTION)
