"""A form as it stands on a page: what it says, what it asks for, and what was typed, by the names of its inputs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from bot.forms.inputs import TICKED, Typed
from bot.web.fields import AskedField, Field, FieldLook
from core.api import Language
from notifications.render.model import (
    BoxInput,
    ChannelInput,
    ChoiceInput,
    DayInput,
    Dialog,
    Entry,
    Input,
    Option,
    TextInput,
)
from notifications.render.surfaces.html import as_html
from notifications.texts import say

Pair = tuple[str, str]


@dataclass(frozen=True)
class Piece:
    """A stretch of a form: words, or a field."""

    words: Markup | None = None
    field: AskedField | None = None


@dataclass(frozen=True)
class Filled:
    """What was sent, and what is wrong with it, by field."""

    values: Mapping[str, str] = field(default_factory=dict[str, str])
    problems: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class DialogForm:
    """A form to draw; `listed` are the choices of a menu that would be asked for while people type, which pages list.

    Its buttons lead to other forms, which a page has none of.
    """

    dialog: Dialog
    listed: Sequence[Pair]
    language: Language

    def pieces(self, filled: Filled) -> list[Piece]:
        """Return what stands on the page, in order."""
        return list(self._pieces(filled))

    def typed(self, values: Mapping[str, str]) -> Typed:
        """Return what was sent; a field that was not sent is as it was, a box is empty."""
        asked = (block for block in self.dialog.blocks if isinstance(block, Input))
        return {block.name: values.get(block.name, _unsent(block.entry)) for block in asked}

    def _pieces(self, filled: Filled) -> Iterator[Piece]:
        for block in self.dialog.blocks:
            if isinstance(block, Input):
                yield Piece(field=self.asked(block, filled))
            elif said := as_html([block]):
                # What is written there is escaped where it is drawn.
                yield Piece(words=Markup(said))  # noqa: S704 - our own drawing

    def asked(self, asked: Input, filled: Filled) -> AskedField:
        """Return a question as it stands on the page."""
        label, hint = asked.label, asked.hint
        value = filled.values.get(asked.name, _initial(asked.entry))
        if isinstance(asked.entry, BoxInput):
            label, hint = asked.entry.boxes[0].text, label
        if asked.is_optional:
            label = say(self.language, "deciding.optional", label=label)
        is_open = bool(asked.is_optional) or not value
        made = Field(asked.name, "", _look(asked.entry), options=self._options(asked.entry, is_open=is_open))
        return AskedField(made, "", label, hint, value, filled.problems.get(asked.name, ""))

    def _options(self, entry: Entry, *, is_open: bool) -> tuple[Pair, ...]:
        """Return what there is to choose; nothing too, where that may be, or is so already."""
        listed = [_pair(option) for option in self._choices(entry)]
        if isinstance(entry, ChoiceInput) and entry.is_searched:
            listed += self.listed
        return tuple([("", say(self.language, "deciding.choose_one")), *listed] if is_open else listed)

    @staticmethod
    def _choices(entry: Entry) -> Sequence[Option]:
        if isinstance(entry, BoxInput):
            return entry.boxes
        if not isinstance(entry, ChoiceInput):
            return ()
        return [entry.chosen] if entry.is_searched and entry.chosen is not None else entry.options


def _pair(option: Option) -> Pair:
    return option.value, option.text


def _look(entry: Entry) -> FieldLook:
    match entry:
        case TextInput():
            return FieldLook.LONG if entry.is_long else FieldLook.TEXT
        case ChannelInput():
            return FieldLook.TEXT
        case BoxInput():
            return FieldLook.TICK
        case DayInput():
            return FieldLook.DATE
        case ChoiceInput():
            return FieldLook.CHOICE


def _initial(entry: Entry) -> str:
    match entry:
        case TextInput() | ChannelInput():
            return entry.initial or ""
        case BoxInput():
            return TICKED if entry.ticked else ""
        case DayInput():
            return "" if entry.initial is None else entry.initial.isoformat()
        case ChoiceInput():
            return "" if entry.chosen is None else entry.chosen.value


def _unsent(entry: Entry) -> str:
    return "" if isinstance(entry, BoxInput) else _initial(entry)
