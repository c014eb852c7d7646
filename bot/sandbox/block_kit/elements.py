"""Finding the interactive elements of blocks, and the state that a person's choices give them."""

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bot.sandbox.shapes import Json, State

# Element type -> the key of its value in a state, the key of its first value in the element, its value when empty.
STATEFUL: dict[str, tuple[str, str, Any]] = {
    "checkboxes": ("selected_options", "initial_options", []),
    "conversations_select": ("selected_conversation", "initial_conversation", None),
    "datepicker": ("selected_date", "initial_date", None),
    "email_text_input": ("value", "initial_value", None),
    "external_select": ("selected_option", "initial_option", None),
    "multi_external_select": ("selected_options", "initial_options", []),
    "multi_static_select": ("selected_options", "initial_options", []),
    "number_input": ("value", "initial_value", None),
    "plain_text_input": ("value", "initial_value", None),
    "radio_buttons": ("selected_option", "initial_option", None),
    "static_select": ("selected_option", "initial_option", None),
    "url_text_input": ("value", "initial_value", None),
    "users_select": ("selected_user", "initial_user", None),
}
INTERACTIVE = frozenset([*STATEFUL, "button", "overflow"])


def elements_of(block: Mapping[str, Any]) -> Iterator[Json]:
    """Return the interactive elements of one block, wherever the block keeps them."""
    if block["type"] not in ("section", "actions", "input"):
        return
    for element in (block.get("accessory"), block.get("element"), *block.get("elements", ())):
        if element and element["type"] in INTERACTIVE:
            yield element


def with_ids(blocks: list[Json], new_id: Callable[[], str]) -> list[Json]:
    """Copy blocks so that each has a block_id and every interactive element an action_id, as Slack fills them in."""
    filled = copy.deepcopy(blocks)
    for block in filled:
        if block["type"] != "markdown":
            block.setdefault("block_id", new_id())
        for element in elements_of(block):
            element.setdefault("action_id", new_id())
    return filled


# How many drawings ago a press may have been made: Slack, too, sends on what somebody saw when it was pressed.
FORMER = 3
Former = tuple[list[Json], ...]


def with_former(former: Former, blocks: list[Json]) -> Former:
    """Return what may still be pressed once blocks have given way to others."""
    return (blocks, *former)[:FORMER]


def find_element(blocks: list[Json], block_id: str, action_id: str) -> tuple[Json, Json] | None:
    for block in blocks:
        for element in elements_of(block):
            if (block.get("block_id"), element["action_id"]) == (block_id, action_id):
                return block, element
    return None


def first_state(blocks: list[Json]) -> State:
    """Return the state before anybody touched anything: what the elements begin with."""
    state: State = {}
    for block in blocks:
        for element in elements_of(block):
            if element["type"] in STATEFUL:
                state.setdefault(block["block_id"], {})[element["action_id"]] = _first_value(element)
    return state


def merged(state: State, newer: State) -> State:
    """State with newer values laid over it, where it has a place for them."""
    return {
        block_id: {action_id: newer.get(block_id, {}).get(action_id, value) for action_id, value in values.items()}
        for block_id, values in state.items()
    }


def chosen(element: Mapping[str, Any], value: str | None, selected: Mapping[str, Any] | None) -> Json:
    """Return what an action says was chosen: the page's state object, or the option or text that a plain value
    names.
    """
    if selected is not None:
        return {name: part for name, part in selected.items() if name != "type"}
    if value is None:
        return {}
    if element["type"] == "overflow":
        return {"selected_option": _option(element, value)}
    key, _, empty = STATEFUL[element["type"]]
    if key == "selected_option":
        return {key: _option(element, value)}
    return {key: [_option(element, value)] if empty == [] else value}


def offers(element: Mapping[str, Any], choice: Mapping[str, Any]) -> bool:
    """Say whether what was chosen stands in the element; where the app gives options on request, anything may."""
    if "options" not in element and "option_groups" not in element:
        return True
    one, many = choice.get("selected_option"), choice.get("selected_options") or []
    offered = options_of(element)
    return all(option in offered for option in [*many, *([one] if one else [])])


def options_of(element: Mapping[str, Any]) -> list[Json]:
    groups = element.get("option_groups", ())
    return [*element.get("options", ()), *(option for group in groups for option in group["options"])]


def _option(element: Mapping[str, Any], value: str) -> Json:
    options = (option for option in options_of(element) if option.get("value") == value)
    return next(options, {"text": {"type": "plain_text", "text": value}, "value": value})


def _first_value(element: Mapping[str, Any]) -> Json:
    key, first, empty = STATEFUL[element["type"]]
    return {"type": element["type"], key: copy.deepcopy(element.get(first, empty))}
