"""The part of the home tab about absence: who decides in whose place, and the buttons to name and end substitutes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from core.api import Language, Role
from notifications.render.button_values import Pointer
from notifications.render.model import Block
from notifications.render.pieces.parts import actions, button, divider, header, item_of, on_one_line, rich
from notifications.texts import say, span

ABSENCES_SHOWN = 10


@dataclass(frozen=True)
class Absence:
    """A substitution as one reader sees it. A name is None where it is the reader; `id` is what a button ends."""

    id: int
    absent: str | None
    substitute: str | None
    role: Role
    organisation: str
    first: date
    last: date

    @property
    def key(self) -> str:
        """Return which sentence tells of it."""
        if self.substitute is None:
            return "home.substituting_line"
        return "home.substitute_line" if self.absent is None else "home.substitute_line_for"


@dataclass(frozen=True)
class AbsenceSection:
    """What goes on or is to come, and what the reader may do about it."""

    listed: Sequence[Absence] = ()
    may_be_away: bool = False
    administers: bool = False


NO_ABSENCES = AbsenceSection()


def absences(about: AbsenceSection, pointer: Pointer, language: Language) -> Iterator[Block]:
    """Return the list and the buttons; nothing for somebody whom it does not concern."""
    if not (about.listed or about.may_be_away or about.administers):
        return
    yield divider()
    yield header(say(language, "home.substitutes"))
    for each in about.listed[:ABSENCES_SHOWN]:
        yield _line(each, pointer, language)
    if len(about.listed) > ABSENCES_SHOWN:
        yield rich([say(language, "value.more", count=len(about.listed) - ABSENCES_SHOWN)])
    if about.may_be_away and not any(each.absent is None for each in about.listed):
        yield rich([say(language, "home.substitutes_none")])
    names = ["substitute"] * about.may_be_away + ["substitute_for"] * about.administers
    yield from actions([button(language, name, pointer.value()) for name in names])


def _line(absence: Absence, pointer: Pointer, language: Language) -> Block:
    first, last = span(language, absence.first, absence.last)
    said = {
        "absent": on_one_line(absence.absent or ""),
        "substitute": on_one_line(absence.substitute or ""),
        "role": say(language, f"role.{absence.role}"),
        "organisation": on_one_line(absence.organisation),
        "from": first,
        "to": last,
    }
    text = say(language, absence.key, **said)
    # A substitute asks the absent person, or an administrator, to end it.
    if absence.substitute is None:
        return item_of(text)
    return item_of(text, button(language, "end_substitute", pointer.option(str(absence.id))))
