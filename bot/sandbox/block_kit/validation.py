"""Whether Slack would take these blocks or this view: the table's checks, and the few rules that span blocks."""

import json
from collections.abc import Iterator
from typing import Any

from bot.sandbox.block_kit.blocks import BLOCKS, OPTIONS_ANSWER, SURFACES, VIEWS
from bot.sandbox.block_kit.checks import BlockProblem, Problems, items, typed
from bot.sandbox.block_kit.elements import elements_of
from bot.sandbox.refusals import SlackRefusal, invalid_arguments
from bot.sandbox.shapes import Json

# Found by users, not documented: all blocks of a message together, as JSON.
MESSAGE_CHARACTERS = 13_200
MARKDOWN_CHARACTERS = 12_000
VIEW_BYTES = 250_000


def check_message_blocks(blocks: Any) -> None:
    """Refuse a message's blocks with invalid_blocks_format, invalid_blocks or msg_blocks_too_long."""
    if not isinstance(blocks, list):
        raise SlackRefusal("invalid_blocks_format")
    if problems := block_problems(blocks, "message"):
        raise invalid_blocks(problems)
    if len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":"))) > MESSAGE_CHARACTERS:
        raise SlackRefusal("msg_blocks_too_long")


def check_view(view: Any, *surfaces: str) -> None:
    """Refuse a view with view_too_large, or with invalid_arguments and pointers that begin with /view."""
    if len(json.dumps(view, ensure_ascii=False).encode()) > VIEW_BYTES:
        raise SlackRefusal("view_too_large")
    if problems := view_problems(view, surfaces, at="/view"):
        raise invalid_arguments(problem.in_words() for problem in problems)


def invalid_blocks(problems: Problems) -> SlackRefusal:
    words = [problem.in_words() for problem in problems]
    messages = [f"[ERROR] {text}" for text in words]
    return SlackRefusal("invalid_blocks", errors=words, response_metadata={"messages": messages})


def options_problems(answer: Any) -> Problems:
    """Return what is wrong with an app's answer to a search in an external select."""
    problems: Problems = []
    OPTIONS_ANSWER(answer, "", problems)
    return problems


def block_problems(blocks: Any, surface: str, at: str = "/blocks") -> Problems:
    problems: Problems = []
    kinds, most = SURFACES[surface]
    items(typed(BLOCKS, kinds), most, least=0)(blocks, at, problems)
    if not problems:
        problems += _twice_used_ids(blocks, at)
        problems += _too_much_markdown(blocks, at)
    return problems


def view_problems(view: Any, surfaces: tuple[str, ...], at: str = "") -> Problems:
    problems: Problems = []
    given = {name: part for name, part in view.items() if part is not None} if isinstance(view, dict) else view
    typed(VIEWS, surfaces)(given, at, problems)
    if problems:
        return problems
    problems += block_problems(given["blocks"], given["type"], f"{at}/blocks")
    return problems or list(_inputs_without_submit(given, at))


def _twice_used_ids(blocks: list[Json], at: str) -> Iterator[BlockProblem]:
    block_ids: set[str] = set()
    for index, block in enumerate(blocks):
        yield from _seen("block_id", block, block_ids, f"{at}/{index}")
        action_ids: set[str] = set()
        for place, element in enumerate(elements_of(block)):
            where = f"{at}/{index}/elements/{place}" if "elements" in block else f"{at}/{index}/accessory"
            yield from _seen("action_id", element, action_ids, where)


def _seen(name: str, thing: Json, before: set[str], at: str) -> Iterator[BlockProblem]:
    value = thing.get(name)
    if value in before:
        yield BlockProblem(f"{at}/{name}", f'`{name}` "{value}" already exists', "unique", value)
    if value is not None:
        before.add(value)


def _too_much_markdown(blocks: list[Json], at: str) -> Iterator[BlockProblem]:
    if sum(len(block["text"]) for block in blocks if block["type"] == "markdown") > MARKDOWN_CHARACTERS:
        message = f"must be less than {MARKDOWN_CHARACTERS + 1} characters"
        yield BlockProblem(at, message, "max_length", MARKDOWN_CHARACTERS)


def _inputs_without_submit(view: Json, at: str) -> Iterator[BlockProblem]:
    if view["type"] != "modal" or "submit" in view:
        return
    for index, block in enumerate(view["blocks"]):
        if block["type"] == "input":
            message = "must define `submit` to use an `input` block in modals"
            yield BlockProblem(f"{at}/blocks/{index}/input", message, "required", "submit")
