"""Finding a personnummer in what somebody typed: patients and colleagues do not belong in an order (domain: 8, 44)."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from unicodedata import decimal

from stdnum import luhn

from core.shared.characters import is_hidden

# Six or eight digits of a birth date, four more, and between them what people type: spaces of any kind, tabs, a dot, a
# slash, a low line, a hyphen or plus of any kind with spaces around it, or nothing. Digits before or after make it
# another number, and so does being one for VAT: ten between SE and 01.
_DATE = r"(?<!\d)(?!(?<=\bSE)\d{10}01(?!\d))((?:1[89]|20)?\d{6})"
_SPACES = r"[^\S\n\r\v\f]*"
_HYPHEN = r"\u2010-\u2015\u2212\ufe58\ufe63\uff0d-"
_BETWEEN = rf"{_SPACES}(?:[+\uff0b{_HYPHEN}]{_SPACES})?|[.\uff0e\u00b7/\uff0f_\uff3f]"
_NUMBER = re.compile(rf"{_DATE}(?:{_BETWEEN})(\d{{4}})(?!\d)", re.IGNORECASE)
# A date written with hyphens, and a hyphen before the four: a space would let dates with a time of day be numbers, and
# what goes on after another hyphen is a stretch of days, or a telephone number.
_HYPHENED = re.compile(
    rf"(?<![\d{_HYPHEN}])((?:1[89]|20)?\d\d[{_HYPHEN}]\d\d[{_HYPHEN}]\d\d)[{_HYPHEN}](\d{{4}})(?![{_HYPHEN}]?\d)"
)
# A sole trader's VAT number is the personnummer between SE and 01.
_VAT_NUMBER = re.compile(r"(?<![A-Za-z])SE(\d{6})(\d{4})01(?!\d)", re.IGNORECASE)
# The day of a samordningsnummer is raised by so much.
_COORDINATION = 60
_LEAP_YEAR = 2000


def find_personal_number(text: str) -> str | None:
    """Return the first personnummer or samordningsnummer in a text, as it was typed; None where there is none.

    It begins with a day of the calendar and ends with Luhn's check digit. An organisationsnummer has no month there
    (its third digit is 2 or more), so neither that nor an HSA-id with one in it is taken for a person's.
    """
    visible = [place for place, letter in enumerate(text) if not is_hidden(letter)]
    plain = _plain_digits(text[place] for place in visible)
    match = next((match for match in _candidates(plain) if _is_personal(match[1] + match[2])), None)
    return None if match is None else text[visible[match.start()] : visible[match.end() - 1] + 1]


def _plain_digits(letters: Iterable[str]) -> str:
    """Write the digits of every script as 0 to 9."""
    return "".join(str(decimal(letter, letter)) for letter in letters)


def _candidates(text: str) -> Iterator[re.Match[str]]:
    for pattern in (_NUMBER, _HYPHENED, _VAT_NUMBER):
        yield from pattern.finditer(text)


def _is_personal(number: str) -> bool:
    ten = "".join(filter(str.isdigit, number))[-10:]
    return _is_day(ten[2:4], ten[4:6]) and luhn.is_valid(ten)


def _is_day(month: str, day: str) -> bool:
    """Say whether some year has the day, or the same one in a samordningsnummer."""
    number = int(day)
    try:
        date(_LEAP_YEAR, int(month), number - _COORDINATION if number > _COORDINATION else number)
    except ValueError:
        return False
    return True
