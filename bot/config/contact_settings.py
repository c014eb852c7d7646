"""The settings of contact: how people reach customer service, as every sentence that sends them there says."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from bot.config.checks import address, must
from bot.config.environment import EnvironmentSettings
from notifications.mail.envelopes.mime import is_address
from notifications.texts import ServiceContact

# +46 and others by E.164, or as Swedes write them.
PHONE = re.compile(r"(?:\+[1-9]|0)[0-9]{5,14}")
BETWEEN = re.compile(r"[ -]")
# What stands before a Swedish number, without the 0: mobiles, 077x and the area codes that are not of three digits.
SWEDISH = re.compile(
    r"(\+46|0)(8|7[02369]|10|20|1[136789]|2[136]|3[1356]|4[0246]|54|60|63|90|[1-9][0-9]{2})([0-9]{5,8})"
)
# How the rest of a number is read, by how long it is.
GROUPS = {5: (3, 2), 6: (2, 2, 2), 7: (3, 2, 2), 8: (3, 3, 2)}
EXAMPLES = "SUPPORT_EMAIL=kundservice@example.se or SUPPORT_URL=https://www.example.se/kundservice"
# Nothing that would end the link, in Slack or on a page.
LINKED = re.compile(r"""[^\s<>|"'`\\^{}]+""")


def _email(text: str) -> str:
    must("be an e-mail address alone, such as kundservice@example.se", holds=is_address(text))
    return text


def _url(text: str) -> str:
    parts = address(text)
    is_one = parts is not None and parts.scheme == "https" and parts.username is None and LINKED.fullmatch(text)
    must("begin with https:// and name a host, such as https://www.example.se/kundservice", holds=bool(is_one))
    return text


def _phone(text: str) -> str:
    digits, is_tidy = BETWEEN.sub("", text), "  " not in text
    is_one = is_tidy and PHONE.fullmatch(digits) is not None and text[-1:].isdecimal()
    must("be a phone number, such as 070-174 06 05 or +46701740605", holds=is_one)
    return readable(digits) if digits == text else text


def readable(digits: str) -> str:
    """Return a phone number in groups, as Swedish ones are read; those of other countries as they are."""
    found = SWEDISH.fullmatch(digits)
    if found is None:
        return digits
    country, area, rest = found.groups()
    groups, at = list[str](), 0
    for size in GROUPS[len(rest)]:
        groups.append(rest[at : at + size])
        at += size
    return f"{country} {area} {' '.join(groups)}" if country != "0" else f"0{area}-{' '.join(groups)}"


class ContactSettings(EnvironmentSettings):
    """SUPPORT_EMAIL or SUPPORT_URL is needed, or both; SUPPORT_PHONE is shown beside them."""

    support_url: Annotated[str, AfterValidator(_url)] | None = None
    support_phone: Annotated[str, AfterValidator(_phone)] | None = None
    support_email: Annotated[str, AfterValidator(_email)] | None = Field(default=None, validate_default=True)

    @field_validator("support_email")
    @classmethod
    def _reachable(cls, value: str | None, info: ValidationInfo) -> str | None:
        # One that is wrong is not among the data, and is told of by itself.
        is_reached = value is not None or info.data.get("support_url", "wrong") is not None
        must(f"be given, or SUPPORT_URL, for people to reach customer service: {EXAMPLES}", holds=is_reached)
        return value

    def contact(self) -> ServiceContact:
        """Return how people reach customer service."""
        return ServiceContact(self.support_email or "", self.support_url or "", self.support_phone or "")
