"""Dates, times and money as each language writes them (domain: 11)."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache

from babel.dates import format_date
from babel.numbers import format_decimal

from core.api import STOCKHOLM, WORKING_DAY, Cost, Language, Period, Price, PriceKind
from notifications.texts.catalogue import counted, say

LOCALES = {Language.SV: "sv_SE", Language.EN: "en_GB"}
# The same dates and amounts come back in every copy of a card, and the library takes its time over them.
REMEMBERED = 4096
KILOBYTE, MEGABYTE = 1_000, 1_000_000
HOUR = timedelta(hours=1)


def day(language: Language, at: date | datetime) -> str:
    """Write a date, `12 mars 2026`; an instant's date in Stockholm."""
    return _date(language, at.astimezone(STOCKHOLM).date() if isinstance(at, datetime) else at)


def span(language: Language, first: date, last: date) -> tuple[str, str]:
    """Write two dates that a dash joins, `26 november` and `23 december 2026`: the year once where it is the same."""
    if first.year != last.year:
        return day(language, first), day(language, last)
    return _unbroken(format_date(first, "d MMMM", locale=LOCALES[language])), day(language, last)


def clock(language: Language, at: datetime) -> str:
    """Write a time of day in Stockholm, `kl. 14.32`."""
    return _clock(language, at.astimezone(STOCKHOLM).time())


def whole_hour(language: Language, hour: int) -> str:
    """Write a whole hour of the day, `kl. 14.00`."""
    return _clock(language, time(hour))


@lru_cache(REMEMBERED)
def when(language: Language, at: datetime) -> str:
    """Write a date and time in Stockholm, `12 mars 2026 kl. 14.32`."""
    return say(language, "format.when", day=day(language, at), clock=clock(language, at))


def money(language: Language, ore: int) -> str:
    """Write an amount of öre in kronor, `1 250 kr`; the decimals only where there are any."""
    return say(language, "format.money", amount=_number(language, ore))


def working_time(language: Language, time: timedelta) -> str:
    """Write for how long people were at work, `3 timmar` or, from a whole day on, `1,5 arbetsdagar`."""
    if time < HOUR:
        return say(language, "format.working.less")
    if time < WORKING_DAY:
        return counted(language, "format.working.hours", time // HOUR)
    days = format_decimal(time / WORKING_DAY, format="0.#", locale=LOCALES[language])
    return say(language, f"format.working.days.{'one' if days == '1' else 'other'}", count=days)


def size(language: Language, length: int) -> str:
    """Write how large a file is, `1,2 MB`; a small one in kB, at least one."""
    if length < MEGABYTE:
        return say(language, "format.kilobytes", number=str(max(1, round(length / KILOBYTE))))
    number = format_decimal(length / MEGABYTE, format="0.#", locale=LOCALES[language])
    return say(language, "format.megabytes", number=number)


def cost(language: Language, whole: Cost) -> str:
    """Write what the first year costs, what of it at the start, and each period; excluding VAT."""
    values = {
        "first_year": money(language, whole.first_year_ore),
        "startup": money(language, whole.startup_ore),
        "recurring": _per(language, whole.recurring_ore, whole.period),
    }
    return say(language, f"format.cost.{_paid(whole)}", **values)


def brief_cost(language: Language, whole: Cost) -> str:
    """Write the same as short as it gets, `12 000 kr en gång + 1 200 kr/år`."""
    startup, recurring = money(language, whole.startup_ore), _per(language, whole.recurring_ore, whole.period)
    if not whole.recurring_ore:
        return say(language, "format.brief_startup", startup=startup)
    return say(language, "format.brief_both", startup=startup, recurring=recurring) if whole.startup_ore else recurring


def price(language: Language, one: Price) -> str:
    """Write an item of a price list, `500 kr/år per vårdenhet`."""
    amount = money(language, one.amount_ore)
    if one.kind is PriceKind.RECURRING:
        amount = _per(language, one.amount_ore, one.period)
    return say(language, f"format.price.{one.kind}.{one.unit}", amount=amount)


def _clock(language: Language, at: time) -> str:
    return say(language, "format.clock", hour=f"{at.hour:02}", minute=f"{at.minute:02}")


def _paid(whole: Cost) -> str:
    if whole.startup_ore and whole.recurring_ore:
        return "both"
    if whole.startup_ore:
        return "startup"
    return "recurring" if whole.recurring_ore else "nothing"


def _per(language: Language, ore: int, period: Period) -> str:
    return say(language, f"format.per.{period}", amount=money(language, ore))


@lru_cache(REMEMBERED)
def _date(language: Language, at: date) -> str:
    return _unbroken(format_date(at, "d MMMM y", locale=LOCALES[language]))


def _unbroken(date_written: str) -> str:
    """Return a date whose parts stay on one line, as an amount's do."""
    return date_written.replace(" ", "\u00a0")


@lru_cache(REMEMBERED)
def _number(language: Language, ore: int) -> str:
    return format_decimal(ore / 100, format="#,##0" if ore % 100 == 0 else "#,##0.00", locale=LOCALES[language])
