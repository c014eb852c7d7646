"""Entries of the register: their fields and checks, in the loading file and over HTTP alike."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeVar, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    StrictBool,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import CoreSchema, PydanticCustomError
from pydantic_core.core_schema import int_schema, no_info_before_validator_function

from core.register.organisations import (
    EARLIEST_REMINDER_HOUR,
    EMAIL,
    FEWEST_REMINDER_DAYS,
    LATEST_REMINDER_HOUR,
    MOST_REMINDER_DAYS,
    REMINDER_DAYS,
    REMINDER_HOUR,
    clean_org_number,
)
from core.register.role_channels import Notified, RoleChannel, channel_in
from core.shared.characters import HIDDEN, NOT_IN_EMOJI, emoji_apart, persons_holds_address
from core.shared.errors import RegisterError
from core.shared.traits import OFFERED_FLOWS
from core.shared.vocabulary import AgentField, CustomerCategory, Flow, Language, OrganisationKind, Role

if TYPE_CHECKING:
    OfferedFlow = Flow
else:
    # A type checker knows no literals that are computed.
    OfferedFlow = Literal[OFFERED_FLOWS]

# Validated with this context, numbers that YAML has read as such count as text.
FROM_FILE: Final = "file"
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
LARGEST_ORE = 10**12
# What pydantic calls the problem of a number that is not whole, or beyond its bounds.
NO_WHOLE_NUMBER: Final = "whole_number"
MOST_TIERS, MOST_ATTESTS = 10, 10
# Spaces and control characters; U+0085 is named because engines do not agree on what it is.
GAPS = r"\s\x00-\x1f\x85"
# What `clean_text` and `_said` let pass, for whoever reads the OpenAPI document.
UNFIT = rf"\x00-\x08\x0b-\x1f{NOT_IN_EMOJI}"
CLEAN = rf"[^{UNFIT}]*"
SAID = rf"{CLEAN}[^{GAPS}{HIDDEN}]{CLEAN}"


_UNFIT = re.compile(f"[{UNFIT}]")


def _clean_number(text: str) -> str:
    digits = clean_org_number(text)
    if digits is None:
        raise PydanticCustomError("org_number", "org_number")
    return digits


def _text_from_file(value: object, info: ValidationInfo) -> object:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_number and info.context == FROM_FILE else value


def _day(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        if isinstance(value, str) and DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise PydanticCustomError("day", "day")


@dataclass(frozen=True)
class Whole:
    """Takes whole numbers within bounds, however JSON wrote them; an annotation, which the OpenAPI document shows.

    Anything else is a problem of the type `whole_number`, which names the bounds.
    """

    low: int
    high: int

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """See pydantic."""
        return no_info_before_validator_function(self.read, int_schema(ge=self.low, le=self.high))

    def read(self, value: object) -> int:
        """Return the number. Raise PydanticCustomError."""
        # JSON has one kind of number: 1500.0 is whole, "1500" and true are not numbers.
        # The infinite is no number of JSON, though 1e400 is read as such.
        number = int(value) if isinstance(value, float) and value.is_integer() else value
        if isinstance(number, int) and not isinstance(number, bool) and self.low <= number <= self.high:
            return number
        raise PydanticCustomError(NO_WHOLE_NUMBER, NO_WHOLE_NUMBER, {"low": self.low, "high": self.high})


def clean_text(text: str) -> str:
    """Return the text without space around it. Refuse control characters and hidden ones: no database takes a zero.

    What joins and draws emoji is taken out: whoever calls often hands on what somebody typed on a telephone.
    """
    _refuse_unfit(text)
    return emoji_apart(text).strip()


def _refuse_unfit(text: str) -> None:
    if _UNFIT.search(text):
        raise PydanticCustomError("invalid", "invalid")


def _said(text: str) -> str:
    if not text:
        raise PydanticCustomError("required", "required")
    return text


def _channel(text: str) -> str:
    channel = channel_in(text)
    if channel is None:
        raise PydanticCustomError("channel", "channel")
    return channel


def _leads_nowhere(name: str) -> str:
    if persons_holds_address(name):
        raise PydanticCustomError("address_in_name", "address_in_name")
    return name


OrgNumber = Annotated[
    str,
    BeforeValidator(_text_from_file),
    AfterValidator(_clean_number),
    Field(
        description="Organisationsnummer: ten digits with a valid check digit, or twelve that begin with 16; "
        "a hyphen is optional. Answers hold ten digits.",
        examples=["555555-5555"],
        max_length=20,
    ),
]
Day = Annotated[date, BeforeValidator(_day)]
Ore = Annotated[int, Whole(0, LARGEST_ORE)]
Attests = Annotated[int, Whole(1, MOST_ATTESTS)]
ReminderDays = Annotated[int, Whole(FEWEST_REMINDER_DAYS, MOST_REMINDER_DAYS)]
ReminderHour = Annotated[int, Whole(EARLIEST_REMINDER_HOUR, LATEST_REMINDER_HOUR)]
Text = Annotated[
    str,
    Field(max_length=200, json_schema_extra={"pattern": f"^{SAID}$"}),
    AfterValidator(clean_text),
    AfterValidator(_said),
]
PersonName = Annotated[Text, AfterValidator(_leads_nowhere)]
LongText = Annotated[
    str, Field(max_length=2_000, json_schema_extra={"pattern": f"^{CLEAN}$"}), AfterValidator(clean_text)
]
InvoiceReference = Annotated[
    str, Field(max_length=100, json_schema_extra={"pattern": f"^{CLEAN}$"}), AfterValidator(clean_text)
]
Code = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$", description="Letters a-z, digits, hyphen and underscore."),
]
Email = Annotated[
    str,
    Field(
        pattern=f"^{EMAIL}$",
        max_length=254,
        description="A personal e-mail address; the key to a person, kept in small letters.",
        examples=["anna.berg@example.org"],
    ),
    AfterValidator(clean_text),
    AfterValidator(str.lower),
]
TermsUrl = Annotated[
    str,
    Field(
        pattern=rf"^https?://[^{GAPS}{HIDDEN}]+$",
        max_length=1_000,
        description="Where the terms of the service are read.",
    ),
    AfterValidator(clean_text),
]


Channel = Annotated[
    str,
    Field(
        max_length=200,
        examples=["C0123456789"],
        json_schema_extra={"pattern": rf"^(https://[^{GAPS}{HIDDEN}]+/)?[CG][A-Z0-9]{{8,20}}$"},
    ),
    AfterValidator(_channel),
]


class Entry(BaseModel):
    """Fields that are not named are refused; fields that are not given are left alone when an entry is updated."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    @field_validator("*", mode="after")
    @classmethod
    def _fit(cls, value: object) -> object:
        """Refuse text that a database does not take, whatever else a field asks of it."""
        texts = cast(list[object], value) if isinstance(value, list) else [value]
        for text in texts:
            if isinstance(text, str):
                _refuse_unfit(text)
        return texts if isinstance(value, list) else value


class Words(Entry):
    """A name in both languages."""

    sv: Text = Field(description="In Swedish.", examples=["Journalen"])
    en: Text = Field(description="In English.", examples=["Journal"])


class LongWords(Entry):
    """A longer text in both languages."""

    sv: LongText = Field(description="In Swedish, at most 2,000 characters.")
    en: LongText = Field(description="In English, at most 2,000 characters.")


class ServiceEntry(Entry):
    """A service; found again by its code."""

    name: Words = Field(description="What people read.")
    handles_personal_data: StrictBool = Field(
        default=False, description="Whether an agent needs a data processing agreement with its customer."
    )


class RoutineEntry(Entry):
    """A routine of an offer, where it is read."""

    title: Words = Field(description="What the link says.")
    url: Annotated[
        str,
        Field(
            pattern=rf"^https://[^{GAPS}{HIDDEN}]+$",
            # Five of these stand in one message, beside instructions of the longest kind.
            max_length=300,
            description="Where the routine is read; https alone.",
            examples=["https://www.example.org/rutiner/npo"],
        ),
        AfterValidator(clean_text),
    ]


class OfferEntry(Entry):
    """An offer of a service; found again by its code."""

    name: Words = Field(description="What people read.")
    flow: OfferedFlow = Field(description="The route an order takes: direct, via_agent, or agent_assignment.")
    agent: AgentField | None = Field(
        default=None,
        description="What the order form asks about an agent. Direct offers: none (default) or information; "
        "offers via an agent: required (default); agents' assignments: none.",
    )
    needs_units: StrictBool = Field(default=False, description="Whether care units must be stated.")
    categories: list[CustomerCategory] = Field(
        min_length=1,
        max_length=10,
        description="The customer categories that may order. An agent's assignment is for every agent.",
    )
    terms_url: TermsUrl
    template: LongWords = Field(description="What customer service starts from when an order is done.")
    active: StrictBool = Field(default=True, description="False takes the offer out of the form.")
    sole_traders_only: StrictBool = Field(default=False, description="Whether only sole traders may order.")
    routines: list[RoutineEntry] = Field(
        default=[],
        max_length=5,
        description="The routines that whoever has ordered follows; links beside the terms and the instructions.",
    )


class OrganisationEntry(Entry):
    """An organisation; found again by its number."""

    org_number: OrgNumber
    name: Text = Field(description="The organisation's name.", examples=["Region Exempel"])
    kinds: list[OrganisationKind] = Field(
        min_length=1, max_length=3, description="What it is to Inera; one may be both customer and agent."
    )
    category: CustomerCategory | None = Field(
        default=None, description="The customer category, needed for customers: it decides what may be ordered."
    )
    self_attest_allowed: StrictBool = Field(
        default=False,
        description="Whether one person may both order and attest. Only for organisations of a single person.",
    )
    eid_from_ore: Ore | None = Field(
        default=None,
        description="From which amount, in öre excluding VAT, an attest needs e-identification; null: never.",
    )
    reminder_days: ReminderDays = Field(
        default=REMINDER_DAYS,
        description="After how many working days whoever has not answered is reminded: again after twice as many, "
        "others who may answer with them, and after three times as many the administrators and whoever ordered.",
    )
    reminder_hour: ReminderHour = Field(
        default=REMINDER_HOUR, description="At which hour of a working day, in Sweden, its people are reminded."
    )
    language: Language | None = Field(
        default=None,
        description="The language of messages and pages for its people who have chosen none, and whose Slack or "
        "browser says none; null: nobody has said.",
    )


class PersonEntry(Entry):
    """A person; found again by e-mail address."""

    email: Email
    name: PersonName = Field(
        description="The person's name, without anything that mail programs make a link of: no `@`, no `www.`, no dot "
        "between words.",
        examples=["Anna Berg"],
    )
    language: Language | None = Field(default=None, description="The language the person reads; null until known.")
    active: StrictBool = Field(
        default=True,
        description="False when the person has left: past decisions stay, every role and substitution ends for good.",
    )


class InvoiceEntry(Entry):
    """Where invoices go and what they are marked with; empty where nothing is said."""

    address: Annotated[LongText, Field(max_length=500)] = Field(description="The invoice address.")
    reference: InvoiceReference = Field(description="The reference on invoices.")
    service_reference: InvoiceReference = Field(default="", description="The reference on invoices of one service.")


class Holding(Entry):
    """From when to when something holds, in Swedish days."""

    from_: Day = Field(alias="from", description="The first day it holds, YYYY-MM-DD.")
    ended: Day | None = Field(default=None, description="The first day it no longer holds; null while it goes on.")


class RoleChange(Entry):
    """What may be changed of a role assignment: fields not given are left alone."""

    from_: Day | None = Field(
        default=None, alias="from", description="The first day it holds, while that has not come."
    )
    ended: Day | None = Field(default=None, description="The first day it no longer holds; null: it goes on.")
    attest_limit_ore: Ore | None = Field(
        default=None,
        description="The highest amount that an attestant attests, in öre excluding VAT: the start-up cost and a year "
        "of the recurring one. Null: any.",
    )


class RoleEntry(RoleChange):
    """A role of a person in an organisation; found again by its service and its days."""

    role: Role
    service: Code | None = None


class ChannelEntry(Entry):
    """Where an organisation asks those who have a role; found again by the role."""

    channel: Channel | None = Field(
        description="The id of a channel in the organisation's own Slack, or a link to it; null: each by themselves. "
        "Nobody looks at it first: invite the app, and see whether others' people read it too."
    )
    notified: Notified = Field(default=Notified.ASKED, description="Whom a message there calls.")
    asked_only: StrictBool = Field(
        default=False, description="Whether those alone decide there who are asked; else anybody who may."
    )

    def chosen(self, role: Role, stored: RoleChannel | None) -> RoleChannel:
        """The choice as the core knows it: what is not given stays as it is stored."""
        given = self.model_fields_set
        notified = self.notified if stored is None or "notified" in given else stored.notified
        asked_only = self.asked_only if stored is None or "asked_only" in given else stored.asked_only
        return RoleChannel(role, self.channel or "", notified, asked_only)


class SubstitutionEntry(Entry):
    """Somebody decides in an absent person's place; found again by the people, the role and the first day."""

    role: Role = Field(description="In which role: attestant or agent_handler.")
    from_: Day = Field(alias="from", description="The first day, YYYY-MM-DD.")
    to: Day = Field(description="The last day, YYYY-MM-DD.")


E = TypeVar("E", bound=Entry)


def entry(kind: type[E], **values: object) -> E:
    """Make an entry of the fields that are given. Raise RegisterError with the first problem and its field."""
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        raise RegisterError(problem=problem_code(first), field=str(first["loc"][0])) from None


CODES = {
    "missing": "required",
    "string_too_short": "required",
    "extra_forbidden": "unknown_field",
    "string_too_long": "too_long",
    "too_long": "too_many",
    "too_short": "required",
}
OWN_CODES = frozenset({"org_number", "day", "amount", "invalid", "required", "repeated", "address_in_name", "channel"})


def problem_code(error: Mapping[str, Any]) -> str:
    """Return our code for a problem that pydantic reports; its sentence is `field_error.<code>`."""
    kind: str = error["type"]
    return kind if kind in OWN_CODES else CODES.get(kind, "invalid")
