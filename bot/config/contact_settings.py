"""The settings of contact: how people reach customer service, as every sentence that sends them there says."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from bot.config.checks import address, must
from bot.config.environment import EnvironmentSettings
from core.api import clean_phone_number, phone_number_as_dialled
from notifications.mail.envelopes.mime import is_address
from notifications.texts import ServiceContact

# As somebody types a number who wants it shown so: digits from + or 0 on, in groups or not.
TIDY = re.compile(r"[+0][0-9]+(?:[ -][0-9]+)*")
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
    """Return a number as it is shown: as its owner groups it, and in the usual groups where it is written in one.

    An owner's own groups are easier to remember than those that the plan of numbers has: 0771-25 10 10.
    """
    is_one = TIDY.fullmatch(text) is not None and clean_phone_number(text) is not None
    must("be a phone number, such as 070-174 06 05 or +46701740605", holds=is_one)
    in_groups = not text.removeprefix("+").isdecimal()
    return text if in_groups else phone_number_as_dialled(text)


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
