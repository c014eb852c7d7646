"""Slack's limits as the tests hold drawings against them: what slack_sdk's models let through (slack.md 4.1)."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

BLOCKS = {"message": 50, "modal": 100, "home": 100}
# All blocks of a message together; Slack refuses somewhere above 13,200.
MESSAGE_CHARACTERS = 13_000
VIEW_BYTES = 250_000
TITLE = 24
METADATA = 3_000
TEXT, FIELD_TEXT = 3_000, 2_000
ALT_TEXT = 2_000
ID = 255
OPTIONS, OPTION_TEXT, OPTION_VALUE = 5, 75, 150  # of an overflow menu
# Our own: more buttons than these crowd a card.
BUTTONS = 3
MESSAGE_TEXT = 4_000

IN_VIEWS = frozenset({"actions", "context", "divider", "header", "input", "rich_text", "section"})
IN_MESSAGES = IN_VIEWS - {"input"} | {"image"}

Drawn = Mapping[str, Any]


def broken(kind: str, drawn: Drawn) -> list[str]:
    """What a message, modal or home tab breaks of Slack's limits; nothing when it is fit to be sent."""
    blocks = drawn["blocks"]
    found = [*_frame(kind, drawn, blocks), *_ids(blocks)]
    return [*found, *(f"block {place}: {wrong}" for place, block in enumerate(blocks) for wrong in _block(kind, block))]


def _frame(kind: str, drawn: Drawn, blocks: list[Drawn]) -> Iterator[str]:
    if not 0 < len(blocks) <= BLOCKS[kind]:
        yield f"{len(blocks)} blocks"
    if kind == "message":
        if characters(blocks) > MESSAGE_CHARACTERS:
            yield f"{characters(blocks)} characters"
        if not 0 < len(drawn["text"]) <= MESSAGE_TEXT:
            yield "no text, or a very long one"
        return
    if len(json.dumps(drawn).encode()) > VIEW_BYTES:
        yield "too large a view"
    if kind == "modal":
        yield from _modal(drawn, blocks)


def _modal(drawn: Drawn, blocks: list[Drawn]) -> Iterator[str]:
    for name in ("title", "submit", "close"):
        if name in drawn and not 0 < len(drawn[name]["text"]) <= TITLE:
            yield f"{name}: {drawn[name]['text']!r}"
    if "submit" not in drawn and any(block["type"] == "input" for block in blocks):
        yield "inputs without a way to submit them"
    if len(drawn["private_metadata"]) > METADATA:
        yield "too much metadata"


def _ids(blocks: list[Drawn]) -> Iterator[str]:
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    if len(set(ids)) < len(ids):
        yield "a block id used twice"
    if any(len(each) > ID for each in ids):
        yield "a long block id"


def _block(kind: str, block: Drawn) -> Iterator[str]:
    if block["type"] not in (IN_MESSAGES if kind == "message" else IN_VIEWS):
        yield f"{block['type']} in a {kind}"
    if block["type"] in {"actions", "context"} and not block["elements"]:
        yield "empty"
    if block["type"] == "section" and not (block.get("text") or block.get("fields")):
        yield "a section of nothing"
    if any(len(field["text"]) > FIELD_TEXT for field in block.get("fields", ())):
        yield "a long field"
    actions = [element["action_id"] for element in block.get("elements", ()) if "action_id" in element]
    if len(set(actions)) < len(actions):
        yield "an action id used twice"
    for element in block.get("elements", ()):
        if element["type"] == "overflow":
            yield from _menu(element["options"])
    yield from _picture(block)
    yield from (f"text of {len(text)} characters" for text in texts(block) if not 0 < len(text) <= TEXT)


def _picture(block: Drawn) -> Iterator[str]:
    if block["type"] == "image" and not 0 < len(block["alt_text"]) <= ALT_TEXT:
        yield "a picture that nobody hears of whole"


def _menu(options: list[Drawn]) -> Iterator[str]:
    if not 0 < len(options) <= OPTIONS:
        yield f"a menu of {len(options)}"
    if any(len(each["text"]["text"]) > OPTION_TEXT or len(each["value"]) > OPTION_VALUE for each in options):
        yield "a long option"
    if len({each["value"] for each in options}) < len(options):
        yield "an option twice"


def crowded(drawn: Drawn) -> list[str]:
    """The rows of a card that hold more buttons than people can take in."""
    rows = [block["elements"] for block in drawn["blocks"] if block["type"] == "actions"]
    found = [sum(element["type"] == "button" for element in row) for row in rows]
    return [f"{count} buttons" for count in found if count > BUTTONS] + (
        ["two rows of buttons"] if len(rows) > 1 else []
    )


def texts(drawn: object) -> Iterator[str]:
    """The text of every text object and rich text element."""
    if isinstance(drawn, dict):
        if isinstance(drawn.get("text"), str):
            yield drawn["text"]
        for part in drawn.values():
            yield from texts(part)
    elif isinstance(drawn, list):
        for part in drawn:
            yield from texts(part)


def characters(blocks: list[Drawn]) -> int:
    """The size of a message's blocks as Slack seems to count it."""
    return len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":")))
