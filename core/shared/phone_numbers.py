"""Telephone numbers: read as Swedes write them or as E.164, kept as E.164, shown as they are dialled."""

import re

SWEDEN = "+46"
MOBILE_DIGITS = 9
# Area codes without their zero; of those that are not here, 8 has one digit and all others three.
_OF_TWO_DIGITS = (
    *("10", "11", "13", "16", "18", "19", "20", "21", "23", "26", "31", "33", "35", "36", "40", "42"),
    *("44", "46", "54", "60", "63", "70", "71", "72", "73", "74", "75", "76", "77", "78", "79", "90"),
)
_OF_MOBILES = ("70", "72", "73", "76", "79")
# How the digits after an area code stand together, by how many they are.
_GROUPS = {5: (3, 2), 6: (2, 2, 2), 7: (3, 2, 2), 8: (3, 3, 2)}
# The zero that is dialled at home, after the code of a country; and what people type between digits, any hyphen too.
_ZERO_AT_HOME = re.compile(r"(?<=\d)\s*\(0\)")
_BETWEEN = re.compile(r"[\s().,/\-\u00ad\u2010-\u2015\u2212]")
_ABROAD = re.compile(r"\+[1-9][0-9]{6,14}")
_SWEDISH = re.compile(r"[1-9][0-9]{6,9}")


def clean_phone_number(text: str) -> str | None:
    """Return a number as E.164; None where it is neither that nor a Swedish one with its area code."""
    digits = _from_abroad(_BETWEEN.sub("", _ZERO_AT_HOME.sub("", text)))
    if digits.startswith(SWEDEN):
        at_home = digits.removeprefix(SWEDEN).removeprefix("0")
        return f"{SWEDEN}{at_home}" if _is_swedish(at_home) else None
    return digits if _ABROAD.fullmatch(digits) else None


def phone_number_as_dialled(number: str) -> str:
    """Return a Swedish number as it is dialled at home, in groups; any other as E.164."""
    if not number.startswith(SWEDEN):
        return number
    digits = number.removeprefix(SWEDEN)
    area, rest = _parted(digits)
    groups, at = list[str](), 0
    for length in _GROUPS.get(len(rest), (len(rest),)):
        groups.append(rest[at : at + length])
        at += length
    return f"0{area}-{' '.join(groups)}"


def _from_abroad(digits: str) -> str:
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    return f"{SWEDEN}{digits[1:]}" if digits.startswith("0") else digits


def _is_swedish(digits: str) -> bool:
    is_mobile = digits.startswith(_OF_MOBILES)
    return bool(_SWEDISH.fullmatch(digits)) and (not is_mobile or len(digits) == MOBILE_DIGITS)


def _parted(digits: str) -> tuple[str, str]:
    length = 1 if digits.startswith("8") else 2 if digits[:2] in _OF_TWO_DIGITS else 3
    return digits[:length], digits[length:]
