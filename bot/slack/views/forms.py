"""What modals are made of, and what is read back from them; nothing here fails on a payload that lacks a key."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from core.api import Language
from notifications.render.pieces.parts import Block, Element, clean, on_one_line, plain
from notifications.texts import say

StateValues = Mapping[str, Any]
View = dict[str, Any]

TITLE_LIMIT = 24
OPTION_LIMIT = 75
OPTIONS_LIMIT = 100
TEXT_LIMIT = 2_000
TICKED = "yes"


@dataclass(frozen=True)
class InputProblem:
    """What is wrong with a field: the key of a sentence, and what the sentence names."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict[str, object])

    def in_words(self, language: Language) -> str:
        """The sentence, in a language."""
        return say(language, self.key, **self.values)


class FieldErrors(dict[str, InputProblem]):
    """Block id -> what is wrong there."""

    def in_words(self, language: Language) -> dict[str, str]:
        """Block id -> sentence, as Slack takes it in `response_action: errors`."""
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
) -> View:
    """A modal that can be submitted; `close` names the word on its other button."""
    frame = notice(language, callback, title, metadata, blocks)
    close = say(language, f"btn.{close}")
    return frame | {"submit": plain(submit, TITLE_LIMIT), "close": plain(close, TITLE_LIMIT)}


def notice(language: Language, callback: str, title: str, metadata: str, blocks: Iterable[Block]) -> View:
    """A modal that can only be closed."""
    return {
        "type": "modal",
        "callback_id": callback,
        "private_metadata": metadata,
        "title": plain(title, TITLE_LIMIT),
        "close": plain(say(language, "btn.close"), TITLE_LIMIT),
        "blocks": list(blocks),
    }


def asked(block: str, label: str, element: Element, hint: str = "", **more: bool) -> Block:
    """An input with its label; more may be optional=True, dispatch_action=True."""
    drawn: Block = {"type": "input", "block_id": block, "label": plain(label), "element": element, **more}
    return drawn | {"hint": plain(hint)} if hint else drawn


def line(action: str, value: str = "", most: int = TEXT_LIMIT) -> Element:
    """A field for a line of text."""
    drawn: Element = {"type": "plain_text_input", "action_id": action, "max_length": most}
    return drawn | {"initial_value": clean(value)[:most]} if value else drawn


def lines(action: str, value: str = "", most: int = TEXT_LIMIT) -> Element:
    """A field for several lines of text."""
    return line(action, value, most) | {"multiline": True}


def option(value: str, text: str) -> Element:
    """Something to choose."""
    return {"text": plain(on_one_line(text, OPTION_LIMIT)), "value": value}


def options(pairs: Iterable[tuple[str, str]]) -> list[Element]:
    """Values and what they are called, as Slack's options; at most a hundred, which is what Slack takes."""
    return [option(value, text) for value, text in pairs][:OPTIONS_LIMIT]


def select(action: str, placeholder: str, choices: Sequence[Element], chosen: Element | None) -> Element:
    """A menu with these choices; one that asks us while people type when there are too many to list."""
    drawn: Element = {"action_id": action, "placeholder": plain(placeholder, 150)}
    if chosen is not None:
        drawn["initial_option"] = chosen
    if 0 < len(choices) <= OPTIONS_LIMIT:
        return drawn | {"type": "static_select", "options": list(choices)}
    return drawn | {"type": "external_select", "min_query_length": 0}


def picker(action: str, chosen: date | None = None) -> Element:
    """A calendar to choose a day from."""
    drawn: Element = {"type": "datepicker", "action_id": action}
    return drawn if chosen is None else drawn | {"initial_date": chosen.isoformat()}


def tick(action: str, text: str, *chosen: str) -> Element:
    """One box to tick; already ticked when TICKED is given."""
    one = option(TICKED, text)
    drawn: Element = {"type": "checkboxes", "action_id": action, "options": [one]}
    return drawn | {"initial_options": [one]} if TICKED in chosen else drawn


# --- reading


def element_in(values: StateValues, block: str) -> Mapping[str, Any]:
    """The state of a block's only element, empty when there is none."""
    elements = values.get(block)
    if not isinstance(elements, Mapping):
        return {}
    return next((each for each in elements.values() if isinstance(each, Mapping)), {})


def text_in(values: StateValues, block: str) -> str:
    """What was typed, stripped, without what nobody sees."""
    typed = element_in(values, block).get("value")
    return clean(typed).strip() if isinstance(typed, str) else ""


def choice_in(values: StateValues, block: str) -> str:
    """The value of what was chosen, empty when nothing was."""
    chosen = element_in(values, block).get("selected_option")
    value = chosen.get("value") if isinstance(chosen, Mapping) else None
    return value if isinstance(value, str) else ""


def choices_in(values: StateValues, block: str) -> list[str]:
    """The values of what was chosen where several may be."""
    chosen = element_in(values, block).get("selected_options") or ()
    return [each["value"] for each in chosen if isinstance(each, Mapping) and isinstance(each.get("value"), str)]


def is_ticked(values: StateValues, block: str) -> bool:
    """True when the block's box is ticked."""
    return bool(element_in(values, block).get("selected_options"))


def day_in(values: StateValues, block: str, problems: FieldErrors) -> date | None:
    """The day chosen, None when none was; what is no day is noted among the problems."""
    chosen = element_in(values, block).get("selected_date")
    try:
        return date.fromisoformat(chosen) if isinstance(chosen, str) and chosen else None
    except ValueError:
        problems[block] = InputProblem("field_error.date")
        return None


def missing(block: str, named: str = "") -> FieldErrors:
    """The answer to a field left empty that must not be; `named` where its sentence goes by another name."""
    return FieldErrors({block: InputProblem(f"field_error.{named or block}.required")})


def too_long(values: StateValues, *blocks: str) -> FieldErrors:
    """The answer to texts that Slack should not have let through."""
    return FieldErrors(
        {each: InputProblem("field_error.too_long") for each in blocks if len(text_in(values, each)) > TEXT_LIMIT}
    )
