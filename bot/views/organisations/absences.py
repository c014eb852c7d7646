"""The modal in which a substitute is named: who decides in an absent person's place, and between which days."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from bot.forms.inputs import (
    OPTIONS_LIMIT,
    FieldErrors,
    InputProblem,
    Typed,
    asked,
    choice_in,
    day_in,
    missing,
    modal,
    notice,
    option,
    options,
    picker,
    select,
)
from core.api import Language, OrganisationId, PersonId, Role
from notifications.render.model import Block, Bold, Dialog, Option
from notifications.render.pieces.parts import rich
from notifications.texts import say

OWN, OTHERS = "own", "others"


@dataclass(frozen=True)
class AbsencePlace:
    """Where somebody is absent: an organisation, and the role there where it is the person's own absence."""

    organisation: OrganisationId
    role: Role | None = None

    @property
    def value(self) -> str:
        """Return the place in an option's value; read back by `place_in`."""
        return f"{self.organisation}|{self.role or ''}"


@dataclass(frozen=True)
class AbsenceForm:
    """What may be chosen. `places` with what they are called; `absent` None where it is the reader's own absence.

    `people` may be substitutes at the chosen place, more than a hundred become a menu that asks while people type.
    """

    places: Sequence[tuple[AbsencePlace, str]]
    today: date
    chosen: AbsencePlace | None = None
    absent: Sequence[tuple[PersonId, Role, str]] | None = None
    people: Sequence[tuple[PersonId, str]] = ()

    @property
    def place(self) -> AbsencePlace | None:
        """Return the place chosen, or the only one."""
        return self.chosen or (self.places[0][0] if len(self.places) == 1 else None)


@dataclass(frozen=True)
class AbsenceAnswers:
    """What the form says; `absent` None for the person who sends it."""

    organisation: OrganisationId
    role: Role
    substitute: PersonId
    first: date
    last: date
    absent: PersonId | None = None


class SubstituteModal:
    """The form. Its metadata holds a pointer, whose absence it is, and the place, each on a line."""

    CALLBACK = "kp.substitute"
    PLACE, ABSENT, SUBSTITUTE, FIRST, LAST = "organisation", "absent", "substitute", "first", "last"
    # Action ids: a change of the place is sent to us at once, and people may be asked for while typing.
    PLACES, PEOPLE = "kp.places", "kp.people"

    @classmethod
    def build(cls, form: AbsenceForm, pointer: str, language: Language) -> Dialog:
        """Return the form as far as it is chosen; the people of another place are another block."""
        whose = OWN if form.absent is None else OTHERS
        metadata = "\n".join((pointer, whose, form.place.value if form.place else ""))
        lead = say(language, "substitute.lead" if whose == OWN else "substitute.lead_for_others")
        blocks, title = [rich([lead]), *cls._place(form, language)], say(language, "substitute.title")
        if form.place is not None and _is_empty(form):
            blocks.append(rich([say(language, "substitute.nobody")]))
            return notice(language, cls.CALLBACK, title, metadata, blocks)
        if form.place is not None:
            blocks += [*cls._absent(form, form.place, language), cls._substitute(form, form.place, language)]
            blocks += [cls._day(cls.FIRST, "from", form.today, language), cls._day(cls.LAST, "to", None, language)]
        return modal(language, cls.CALLBACK, title, metadata, blocks, say(language, "substitute.submit"))

    @classmethod
    def read(cls, values: Typed, place: AbsencePlace) -> AbsenceAnswers | FieldErrors:
        """Return the wish, or what is missing by field. A place without a role gets it from who is absent."""
        absent, _, role = choice_in(values, block_of(values, cls.ABSENT)).partition("|")
        block = block_of(values, cls.SUBSTITUTE)
        substitute, problems = choice_in(values, block), FieldErrors()
        problems |= {} if substitute else missing(block, cls.SUBSTITUTE)
        problems |= {} if place.role or role in ROLES else missing(block_of(values, cls.ABSENT), cls.ABSENT)
        first, last = (_day_given(values, each, problems) for each in (cls.FIRST, cls.LAST))
        if problems or first is None or last is None:
            return problems
        return AbsenceAnswers(
            organisation=place.organisation,
            role=place.role or Role(role),
            substitute=PersonId(substitute),
            first=first,
            last=last,
            absent=PersonId(absent) if absent else None,
        )

    @classmethod
    def choices(cls, people: Sequence[tuple[PersonId, str]]) -> list[Option]:
        """Return people as options, also for a menu that asks while people type."""
        return options(people)

    @classmethod
    def _place(cls, form: AbsenceForm, language: Language) -> Iterator[Block]:
        listed = options((place.value, said) for place, said in form.places)
        label = say(language, "substitute.role" if form.absent is None else "order.organisation")
        if len(listed) == 1:
            yield rich([Bold(f"{label}: "), form.places[0][1]])
            return
        chosen = next((each for each in listed if form.chosen and each.value == form.chosen.value), None)
        menu = select(cls.PLACES, say(language, "order.choose"), listed, chosen)
        yield asked(cls.PLACE, label, menu, told_at_once=True)

    @classmethod
    def _absent(cls, form: AbsenceForm, place: AbsencePlace, language: Language) -> Iterator[Block]:
        if form.absent is None:
            return
        listed = [option(f"{person}|{role}", said) for person, role, said in form.absent[:OPTIONS_LIMIT]]
        menu = select(cls.ABSENT, say(language, "order.choose"), listed, None)
        yield asked(f"{cls.ABSENT}.{place.organisation}", say(language, "substitute.absent"), menu)

    @classmethod
    def _substitute(cls, form: AbsenceForm, place: AbsencePlace, language: Language) -> Block:
        listed = [] if len(form.people) > OPTIONS_LIMIT else cls.choices(form.people)
        menu = select(cls.PEOPLE, say(language, "order.choose"), listed, None)
        hint = say(language, "substitute.substitute_hint")
        return asked(f"{cls.SUBSTITUTE}.{place.organisation}", say(language, "substitute.substitute"), menu, hint)

    @staticmethod
    def _day(block: str, key: str, begins: date | None, language: Language) -> Block:
        return asked(block, say(language, f"substitute.{key}"), picker(block, begins))


def _is_empty(form: AbsenceForm) -> bool:
    return not form.people or (form.absent is not None and not form.absent)


def place_in(value: str) -> AbsencePlace | None:
    """Return the place in an option's value or in metadata, None when it is not one of ours."""
    organisation, _, role = value.partition("|")
    if not organisation or (role and role not in ROLES):
        return None
    return AbsencePlace(OrganisationId(organisation), Role(role) if role else None)


ROLES = frozenset(map(str, Role))


def block_of(values: Typed, name: str) -> str:
    """Return the block that a field stands in, whatever place its id names."""
    return next((block for block in values if block.partition(".")[0] == name), name)


def _day_given(values: Typed, block: str, problems: FieldErrors) -> date | None:
    found = day_in(values, block, problems)
    if found is None:
        problems[block] = InputProblem("field_error.date")
    return found
