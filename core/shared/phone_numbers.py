"""Telephone numbers: read as Swedes write them or as E.164, kept as E.164, shown as they are dialled."""

from phonenumbers import (
    NumberParseException,
    PhoneNumber,
    PhoneNumberFormat,
    format_number,
    is_valid_number,
    parse,
)

HOME, HOME_CODE = "SE", 46


def clean_phone_number(text: str) -> str | None:
    """Return a number as E.164; None where it is neither that nor a Swedish one with its area code."""
    number = _read(text)
    return number and format_number(number, PhoneNumberFormat.E164)


def phone_number_as_dialled(text: str) -> str:
    """Return a Swedish number as it is dialled at home, any other as it is dialled abroad; what is none as it is."""
    number = _read(text)
    if number is None:
        return text
    at_home = number.country_code == HOME_CODE
    return format_number(number, PhoneNumberFormat.NATIONAL if at_home else PhoneNumberFormat.INTERNATIONAL)


def _read(text: str) -> PhoneNumber | None:
    # The library reads letters as the keys of a telephone, or as an extension, and neither is dialled from a link.
    if any(character.isalpha() for character in text):
        return None
    try:
        number = parse(text, HOME)
    except NumberParseException:
        return None
    return number if number.extension is None and is_valid_number(number) else None
