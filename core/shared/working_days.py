"""Swedish working days: which days count, and the date so many of them later."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from holidays import country_holidays

STOCKHOLM = ZoneInfo("Europe/Stockholm")
# In the first and the last hours that a calendar knows, a time in Stockholm has none in UTC, or no day after it.
FIRST_INSTANT, LAST_INSTANT = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=STOCKHOLM)
# When people are reminded of what waits for them, unless their organisation says a later hour: once they have come.
MORNING = time(9)
OFFICE_CLOSES = time(16, 30)
# What is due when offices close is done in the half hour after that.
QUIET_FROM = time(17)
# From the morning until it is quiet.
WORKING_DAY = timedelta(hours=QUIET_FROM.hour - MORNING.hour)


def is_working_day(day: date) -> bool:
    """Say whether a day is Monday to Friday, no public holiday, and none of the three eves that Semesterlagen equates
    with Sundays.
    """
    return day.weekday() < 5 and day not in _holidays(day.year)


def next_working_day(day: date) -> date:
    """Return the day itself when it is a working day, else the first one after it."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def add_working_days(day: date, count: int) -> date:
    """Return the `count`-th working day after a day."""
    for _ in range(count):
        day = next_working_day(day + timedelta(days=1))
    return day


def working_days_between(start: date, end: date) -> int:
    """Count how many working days after `start`, up to and including `end`."""
    days = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
    return sum(map(is_working_day, days))


def working_time_between(start: datetime, end: datetime) -> timedelta:
    """Return for how long people were at work between two instants: from nine to five on working days."""
    first, last = day_of(start), day_of(end)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return sum((_at_work(day, start, end) for day in days if is_working_day(day)), timedelta())


def _at_work(day: date, start: datetime, end: datetime) -> timedelta:
    opens, closes = in_the_morning(day), datetime.combine(day, QUIET_FROM, STOCKHOLM)
    return max(min(end, closes) - max(start, opens), timedelta())


def beginning_of(day: date) -> datetime:
    """Return the instant a Swedish day begins."""
    return max(datetime.combine(day, time.min, STOCKHOLM), FIRST_INSTANT)


def end_of(day: date) -> datetime:
    """Return the first instant after a Swedish day."""
    return LAST_INSTANT if day == date.max else beginning_of(day + timedelta(days=1))


def day_of(at: datetime) -> date:
    """Return the Swedish day of an instant."""
    return at.astimezone(STOCKHOLM).date()


def week_of(at: datetime) -> str:
    """Return the Swedish week of an instant, as 2026-W07."""
    year, week, _ = day_of(at).isocalendar()
    return f"{year}-W{week:02}"


def last_day_before(until: datetime) -> date:
    """Return the last Swedish day of something that holds until an instant."""
    return day_of(until - timedelta(microseconds=1))


def in_the_morning(day: date) -> datetime:
    """Return when people have come on a day (09:00 in Stockholm)."""
    return at_hour(day, MORNING.hour)


def at_hour(day: date, hour: int) -> datetime:
    """Return a whole hour of a day in Stockholm."""
    return datetime.combine(day, time(hour), STOCKHOLM)


def is_quiet(at: datetime) -> bool:
    """Say whether nothing comes due now, and nobody is disturbed: in the evening, at night, on days that are free."""
    here = at.astimezone(STOCKHOLM)
    return not is_working_day(here.date()) or not MORNING <= here.time() < QUIET_FROM


def at_closing(day: date) -> datetime:
    """Return when offices close on a day (16:30 in Stockholm)."""
    return datetime.combine(day, OFFICE_CLOSES, STOCKHOLM)


@cache
def _holidays(year: int) -> frozenset[date]:
    # Both arguments are given because their defaults have changed between versions (domain: 4.3). The library's own
    # calendar fills itself when asked, which two threads must not see half done.
    return frozenset(country_holidays("SE", years=year, include_sundays=False, categories=("public", "de_facto")))
