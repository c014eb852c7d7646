"""The fields that a new order and a changed one share: built as far as they are filled in, and read back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from bot.forms.inputs import (
    OPTIONS_LIMIT,
    FieldErrors,
    Typed,
    asked,
    choice_in,
    day_in,
    line,
    lines,
    option,
    options,
    picker,
    select,
    text_in,
)
from bot.forms.orders.existing import existing_fields, existing_in, replaced_in
from bot.forms.orders.order_form_state import Named, OrderFormState
from bot.forms.orders.units import UNITS_FIELD_LIMIT, has_room, read_units
from core.api import (
    CONTACT_EMAIL_LIMIT,
    CONTACT_NAME_LIMIT,
    CONTACT_PHONE_LIMIT,
    TEXT_LIMITS,
    TRAITS,
    AgentField,
    Flow,
    Language,
    OrganisationId,
    Revision,
    TechnicalContact,
    phone_number_as_dialled,
)
from notifications.render.model import Block, Option
from notifications.render.pieces.parts import clean
from notifications.texts import day, keys, particular, say, say_first

# Block ids are the core's field names. Units that are more than a field of Slack takes go on in further fields.
AGENT, UNITS, INVOICE, START = "agent", "units", "invoice_ref", "desired_start"
CONTACT, COMMENT = "technical_contact", "comment"
CONTACT_NAME, CONTACT_EMAIL, CONTACT_PHONE = (f"{CONTACT}.{part}" for part in ("name", "email", "phone"))
CONTACT_FIELDS = (CONTACT_NAME, CONTACT_EMAIL, CONTACT_PHONE)
# What is asked whether or not something is ordered as an offer.
OF_ANY = frozenset({START, COMMENT})
# Action ids: agents may be asked for while typing; what is typed about care units is sent to us at once.
AGENTS, UNITS_TYPED = "kp.agents", "kp.units"
NO_FACTS: Mapping[str, object] = MappingProxyType({})
# Two hundred units with the longest names and HSA-ids take seventeen fields.
FIELDS_LIMIT = 20


@dataclass(frozen=True)
class Wanted:
    """What an offer asks for."""

    flow: Flow
    agent_field: AgentField
    needs_units: bool


def fields(form: OrderFormState, wanted: Wanted, language: Language) -> Iterator[Block]:
    """Return everything an order says besides what is ordered and for whom."""
    if wanted.agent_field is not AgentField.NONE and TRAITS[wanted.flow].is_offered:
        yield _agent(form, wanted.agent_field, language)
    if form.earlier or form.existing_offered:
        yield from existing_fields(form, language)
    if TRAITS[wanted.flow].asks_for_units and (wanted.needs_units or TRAITS[wanted.flow].is_offered):
        yield from _units(form, wanted, language)
    traits = TRAITS[wanted.flow]
    contact = form.technical_contact
    # Through an agent somebody must be there to ask about technology; a contact that stands may be a telephone alone.
    needs_email = traits.is_offered and traits.asks_for_agent and (form.offer is not None or bool(contact.email))
    for field, element, optional in (
        (INVOICE, line(INVOICE, form.invoice_ref, TEXT_LIMITS[INVOICE]), False),
        (START, picker(START, form.desired_start), True),
        (CONTACT_NAME, line(CONTACT_NAME, contact.name, CONTACT_NAME_LIMIT), True),
        (CONTACT_EMAIL, line(CONTACT_EMAIL, contact.email, CONTACT_EMAIL_LIMIT), not needs_email),
        (CONTACT_PHONE, line(CONTACT_PHONE, phone_number_as_dialled(contact.phone), CONTACT_PHONE_LIMIT), True),
        (COMMENT, lines(COMMENT, form.comment), True),
    ):
        if traits.is_offered or field in OF_ANY:
            name = say(language, particular(language, wanted.flow, _key(field)))
            yield asked(field, name, element, _hint(language, wanted.flow, field), optional=optional)


def agent_choices(agents: Sequence[Named]) -> list[Option]:
    """Return agents as options, also for a menu that asks while people type."""
    return options(agents)


def read_fields(values: Typed) -> Revision:
    """Return what the fields say, and which cannot be read. What else is wrong, the core finds."""
    units, start = read_units(units_in(values)), day_in(values, START, FieldErrors())
    agent = choice_in(values, AGENT)
    return Revision(
        units=() if isinstance(units, FieldErrors) else units,
        invoice_ref=text_in(values, INVOICE),
        agent=OrganisationId(agent) if agent else None,
        desired_start=start,
        technical_contact=_contact_in(values) or "",
        comment=text_in(values, COMMENT),
        existing=existing_in(values),
        replaces=replaced_in(values),
        unread=tuple(unread(values)),
    )


def unread(values: Typed) -> FieldErrors:
    """Return what cannot be read, by field."""
    units, problems = read_units(units_in(values)), FieldErrors()
    day_in(values, START, problems)
    return FieldErrors(problems | units) if isinstance(units, FieldErrors) else problems


def typed(values: Typed) -> dict[str, Any]:
    """Return what was typed so far, as the fields of an OrderFormState, whether or not it can be read."""
    start = day_in(values, START, FieldErrors())
    # A field that was not there yet says nothing: what it is filled in with then stands.
    texts: dict[str, Any] = {field: text_in(values, field) for field in (INVOICE, COMMENT) if field in values}
    if any(field in values for field in CONTACT_FIELDS):
        texts[CONTACT] = _contact_in(values)
    return {UNITS: tuple(units_in(values).values()), START: start, **texts}


def units_in(values: Typed) -> Mapping[str, str]:
    """Return the care units as they were typed, by field."""
    fields = (field for number in range(1, FIELDS_LIMIT + 1) if (field := _units_field(number)) in values)
    return {field: clean(choice_in(values, field)) for field in fields}


def errors(
    language: Language, problems: Mapping[str, str], values: Typed, facts: Mapping[str, object] = NO_FACTS
) -> dict[str, str]:
    """Return field name -> sentence, for field names and codes of the core's FormError; `facts` has days it names.

    What cannot be read of `values` is said of a field instead of what the core misses there.
    """
    days = {name: day(language, value) for name, value in facts.items() if isinstance(value, date)}
    said = unread(values)
    fields = {each.partition(".")[0] for each in said}
    core = {each: code for each, code in problems.items() if each.partition(".")[0] not in fields}
    return {_asked_at(each): _sentence(language, each, code, days) for each, code in core.items()} | said.in_words(
        language
    )


def _contact_in(values: Typed) -> TechnicalContact:
    return TechnicalContact(*(text_in(values, field) for field in CONTACT_FIELDS))


def _asked_at(field: str) -> str:
    """Return the field that a problem is said at: of a contact as a whole at the one that is needed."""
    return CONTACT_EMAIL if field == CONTACT else field


def _agent(form: OrderFormState, asks: AgentField, language: Language) -> Block:
    key = "order.agent" if asks is AgentField.REQUIRED else "order.agent_named"
    chosen = None if form.agent is None else option(*form.agent)
    listed = options(form.agents) if len(form.agents) <= OPTIONS_LIMIT else []
    menu = select(AGENTS, say(language, "order.choose"), listed, chosen)
    hint, optional = say(language, f"{key}_hint"), asks is AgentField.INFORMATION
    return asked(AGENT, say(language, key), menu, hint, optional=optional)


def _units(form: OrderFormState, wanted: Wanted, language: Language) -> Iterator[Block]:
    example, hint = say(language, "order.units_example"), _hint(language, wanted.flow, UNITS)
    texts = form.units or [""]
    # Where the offer is chosen too, its sum and the fields follow what is typed.
    told = True if form.offer is not None else None
    for number, text in enumerate(_with_room(texts) if TRAITS[wanted.flow].is_offered else texts, start=1):
        name, is_first = _units_field(number), number == 1
        label = say(language, particular(language, wanted.flow, "order.units" if is_first else "order.units_more"))
        field = lines(UNITS_TYPED if told else name, text, UNITS_FIELD_LIMIT, example if is_first else "")
        optional = not (wanted.needs_units and is_first)
        yield asked(name, label, field, hint if is_first else "", optional=optional, told_at_once=told)


def _with_room(texts: Sequence[str]) -> Sequence[str]:
    """Return what stands in the fields for care units, with an empty one after them for what will not fit."""
    return texts if has_room(texts) or len(texts) == FIELDS_LIMIT else [*texts, ""]


def _units_field(number: int) -> str:
    return UNITS if number == 1 else f"{UNITS}.{number}"


def _hint(language: Language, flow: Flow, field: str) -> str:
    key = particular(language, flow, f"{_key(field)}_hint")
    return say(language, key) if key in keys(language) else ""


def _key(field: str) -> str:
    """Return the text that names a field."""
    return f"order.{field.replace('.', '_')}"


def _sentence(language: Language, field: str, code: str, days: Mapping[str, str]) -> str:
    wanted = (f"field_error.{field}.{code}", f"field_error.{code}", "field_error.other")
    return say_first(language, wanted, **days)
