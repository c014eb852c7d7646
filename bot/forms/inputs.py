"""What forms are made of, and what is read back from them; nothing here fails on answers that lack a name."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Protocol

from core.api import ANSWER_LIMITS, Language
from notifications.render.model import (
    Block,
    BoxInput,
    ChoiceInput,
    DayInput,
    Dialog,
    Entry,
    Input,
    Option,
    TextInput,
)
from notifications.render.pieces.parts import clean, fit, on_one_line
from notifications.texts import say

# What a form was filled in with, by the names of its inputs: text, the value of a choice, a day (2026-03-12), or the
# values of several. Every input of the form is there, also an empty one.
Typed = Mapping[str, str | Sequence[str]]

TITLE_LIMIT = 24
OPTION_LIMIT = 75
OPTIONS_LIMIT = 100
EXAMPLE_LIMIT = 150
TEXT_LIMIT = 2_000
TICKED = "yes"


@dataclass(frozen=True)
class InputProblem:
    """What is wrong with a field: the key of a sentence, and what the sentence names."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict[str, object])

    def in_words(self, language: Language) -> str:
        """Return the sentence, in a language."""
        return say(language, self.key, **self.values)


class InWords(Protocol):
    """What is wrong with a field, to be said in a language."""

    def in_words(self, language: Language) -> str: ...


class FieldErrors(dict[str, InWords]):
    """Name of an input -> what is wrong there."""

    def in_words(self, language: Language) -> dict[str, str]:
        """Name of an input -> sentence."""
        return {block: problem.in_words(language) for block, problem in self.items()}


# --- building


def modal(
    language: Language,
    callback: str,
    title: str,
    metadata: str,
    blocks: Iterable[Block],
    submit: str,
    *,
    close: str = "cancel_dialog",
) -> Dialog:
    """Return a form that can be submitted; `close` names the word on its other button."""
    frame = notice(language, callback, title, metadata, blocks)
    return frame._replace(submit=fit(submit, TITLE_LIMIT), close=fit(say(language, f"btn.{close}"), TITLE_LIMIT))


def notice(language: Language, callback: str, title: str, metadata: str, blocks: Iterable[Block]) -> Dialog:
    """Return what can only be read and closed."""
    close = fit(say(language, "btn.close"), TITLE_LIMIT)
    return Dialog(callback, fit(title, TITLE_LIMIT), metadata, list(blocks), close)


def asked(
    name: str,
    label: str,
    entry: Entry,
    hint: str = "",
    *,
    optional: bool | None = None,
    told_at_once: bool | None = None,
) -> Input:
    """Return a question with its label; a change of one that is told at once is sent without waiting for the form."""
    return Input(name, fit(label), entry, fit(hint) if hint else "", optional, told_at_once)


def line(action: str, value: str = "", most: int = TEXT_LIMIT) -> TextInput:
    """Return a field for a line of text."""
    return TextInput(action, most, clean(value)[:most] if value else None)


def lines(action: str, value: str = "", most: int = TEXT_LIMIT, example: str = "") -> TextInput:
    """Return a field for several lines of text; in Slack `example` stands in it while it is empty."""
    return line(action, value, most)._replace(is_long=True, example=fit(example, EXAMPLE_LIMIT) if example else "")


def answer_lines(name: str) -> TextInput:
    """Return a field for a text of an answer, of as many characters as the core keeps of that."""
    return lines(name, most=ANSWER_LIMITS[name])


def option(value: str, text: str) -> Option:
    """Return something to choose."""
    return Option(fit(on_one_line(text, OPTION_LIMIT)), value)


def options(pairs: Iterable[tuple[str, str]]) -> list[Option]:
    """Return values and what they are called; at most a hundred, which is what Slack takes."""
    return [option(value, text) for value, text in islice(pairs, OPTIONS_LIMIT)]


def select(action: str, placeholder: str, choices: Sequence[Option], chosen: Option | None) -> ChoiceInput:
    """Return a menu with these choices; one that asks us while people type when there are too many to list."""
    listed = choices if len(choices) <= OPTIONS_LIMIT else ()
    return ChoiceInput(action, fit(placeholder, EXAMPLE_LIMIT), listed, chosen)


def picker(action: str, chosen: date | None = None) -> DayInput:
    """Return a calendar to choose a day from."""
    return DayInput(action, chosen)


def tick(action: str, text: str, *chosen: str) -> BoxInput:
    """Return one box to tick; already ticked when TICKED is given."""
    one = [option(TICKED, text)]
    return BoxInput(action, one, one if TICKED in chosen else ())


# --- reading


def text_in(values: Typed, name: str) -> str:
    """Return what was typed, stripped, without what nobody sees."""
    return clean(choice_in(values, name)).strip()


def choice_in(values: Typed, name: str) -> str:
    """Return the value of what was chosen, empty when nothing was."""
    value = values.get(name, "")
    return value if isinstance(value, str) else ""


def choices_in(values: Typed, name: str) -> Sequence[str]:
    """Return the values of what was chosen where several may be."""
    value = values.get(name, ())
    return () if isinstance(value, str) else value


def is_ticked(values: Typed, name: str) -> bool:
    """Say whether the box is ticked."""
    return bool(values.get(name))


def day_in(values: Typed, name: str, problems: FieldErrors) -> date | None:
    """Return the day chosen, None when none was; what is no day is noted among the problems."""
    chosen = choice_in(values, name)
    try:
        return date.fromisoformat(chosen) if chosen else None
    except ValueError:
        problems[name] = InputProblem("field_error.date")
        return None


def missing(block: str, named: str = "") -> FieldErrors:
    """Return the answer to a field left empty that must not be; `named` where its sentence goes by another name."""
    return FieldErrors({block: InputProblem(f"field_error.{named or block}.required")})


def too_long(values: Typed, *blocks: str) -> FieldErrors:
    """Return the answer to texts that Slack should not have let through."""
    return _over(values, dict.fromkeys(blocks, TEXT_LIMIT))


def answers_too_long(values: Typed, *names: str) -> FieldErrors:
    """Return the same for texts of an answer, of which the core keeps so much."""
    return _over(values, {name: ANSWER_LIMITS[name] for name in names})


def _over(values: Typed, limits: Mapping[str, int]) -> FieldErrors:
    too_many = (block for block, most in limits.items() if len(text_in(values, block)) > most)
    return FieldErrors({block: InputProblem("field_error.too_long") for block in too_many})
