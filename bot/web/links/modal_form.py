"""A modal as a form on a page: what it says, what it asks for, and what was typed, as the modal reads it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from bot.slack.views.forms import TICKED, StateValues, View
from bot.web.fields import AskedField, Field, FieldLook
from core.api import Language
from notifications.render.mails import as_html
from notifications.texts import say

Pair = tuple[str, str]
# Buttons of a modal lead to other modals, which a page has none of.
LEFT_OUT = frozenset({"actions"})
LOOKS = {"checkboxes": FieldLook.TICK, "datepicker": FieldLook.DATE}


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
class ModalForm:
    """A modal's view; `listed` are the choices of a menu that Slack would ask for while people type."""

    view: View
    listed: Sequence[Pair]
    language: Language

    def pieces(self, filled: Filled) -> list[Piece]:
        """What stands on the page, in order."""
        return list(self._pieces(self.view["blocks"], filled))

    def state(self, values: Mapping[str, str]) -> StateValues:
        """What was sent, as Slack would tell of it; a field that was not sent is as it was, a box is empty."""
        inputs = ((block["block_id"], block["element"]) for block in self.view["blocks"] if block["type"] == "input")
        return {
            name: {element["action_id"]: _state(element, values.get(name, _unsent(element)))}
            for name, element in inputs
        }

    def _pieces(self, blocks: Iterable[dict[str, Any]], filled: Filled) -> Iterator[Piece]:
        for block in blocks:
            if block["type"] == "input":
                yield Piece(field=self._asked(block, filled))
            elif block["type"] not in LEFT_OUT:
                # What is written there is escaped where it is drawn.
                yield Piece(words=Markup(as_html([block])))  # noqa: S704 - our own drawing

    def _asked(self, block: dict[str, Any], filled: Filled) -> AskedField:
        element, name = block["element"], block["block_id"]
        label, hint = block["label"]["text"], block.get("hint", {}).get("text", "")
        value = filled.values.get(name, _initial(element))
        if element["type"] == "checkboxes":
            label, hint = element["options"][0]["text"]["text"], label
        if block.get("optional"):
            label = say(self.language, "deciding.optional", label=label)
        is_open = bool(block.get("optional")) or not value
        made = Field(name, "", _look(element), options=self._options(element, is_open=is_open))
        return AskedField(made, "", label, hint, value, filled.problems.get(name, ""))

    def _options(self, element: dict[str, Any], *, is_open: bool) -> tuple[Pair, ...]:
        """What there is to choose; nothing too, where that may be, or is so already."""
        listed = [_pair(each) for each in element.get("options", ())]
        if element["type"] == "external_select":
            listed = [*([_pair(element["initial_option"])] if "initial_option" in element else []), *self.listed]
        return tuple([("", say(self.language, "deciding.choose_one")), *listed] if is_open else listed)


def _look(element: dict[str, Any]) -> FieldLook:
    if element["type"] == "plain_text_input":
        return FieldLook.LONG if element.get("multiline") else FieldLook.TEXT
    return LOOKS.get(element["type"], FieldLook.CHOICE)


def _pair(option: dict[str, Any]) -> Pair:
    return option["value"], option["text"]["text"]


def _initial(element: dict[str, Any]) -> str:
    if "initial_option" in element:
        return element["initial_option"]["value"]
    return (
        element.get("initial_value", "")
        or element.get("initial_date", "")
        or (TICKED if element.get("initial_options") else "")
    )


def _unsent(element: dict[str, Any]) -> str:
    return "" if element["type"] == "checkboxes" else _initial(element)


def _state(element: dict[str, Any], value: str) -> dict[str, Any]:
    if element["type"] == "plain_text_input":
        return {"type": element["type"], "value": value}
    if element["type"] == "datepicker":
        return {"type": element["type"], "selected_date": value or None}
    if element["type"] == "checkboxes":
        return {"type": element["type"], "selected_options": [{"value": value}] if value else []}
    return {"type": element["type"], "selected_option": {"value": value} if value else None}
