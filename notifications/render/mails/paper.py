"""Block Kit as plain text and as HTML: what a card says, in the same order. Buttons stay behind."""

import re
from collections.abc import Callable, Iterable, Iterator
from html import escape
from itertools import chain, groupby
from operator import itemgetter
from typing import Any

from notifications.render.pieces.parts import Block, Element

# A section's label and its value stand beside each other.
PAIR = 2


def as_text(blocks: Iterable[Block]) -> str:
    """What blocks say, as plain text with an empty line between them."""
    said = "\n\n".join(filter(None, (_TEXT.get(each["type"], _nothing)(each).strip() for each in _merged(blocks))))
    return "\n".join(line.rstrip() for line in said.splitlines())


def as_html(blocks: Iterable[Block]) -> str:
    """What blocks say, as HTML without any style of its own; everything that people wrote is literal."""
    return "\n".join(filter(None, (_HTML.get(each["type"], _nothing)(each) for each in _merged(blocks))))


def _merged(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks with the facts that stand below each other as one; Slack takes ten cells at a time."""
    for kind, run in groupby(blocks, key=itemgetter("type")):
        if kind == "section":
            yield {"type": kind, "fields": list(chain.from_iterable(each.get("fields") or [] for each in run))}
        else:
            yield from run


def _nothing(block: Block) -> str:  # noqa: ARG001 - one signature
    return ""


# --- text


def _header_text(block: Block) -> str:
    return block["text"]["text"].upper()


def _section_text(block: Block) -> str:
    return "\n".join(f"{name}: {value}" for name, value in _pairs(block))


def _rich_text(block: Block) -> str:
    return "\n".join("".join(_elements_text(each)) for each in block["elements"])


def _elements_text(part: Element) -> Iterator[str]:
    if part["type"] == "rich_text_quote":
        yield "> " + "".join(map(_said, part["elements"])).replace("\n", "\n> ")
        return
    yield from map(_said, part["elements"])


def _said(element: Element) -> str:
    if element["type"] == "link" and element["text"] != element["url"]:
        return f"{element['text']} ({element['url']})"
    return element["text"]


def _small_text(block: Block) -> str:
    return "\n".join(each["text"] for each in block["elements"])


# --- HTML


def _header_html(block: Block) -> str:
    return f"<h1>{_lines(block['text']['text'])}</h1>"


def _section_html(block: Block) -> str:
    rows = "".join(
        f'<tr><th scope="row" align="left" valign="top">{_lines(name)}</th><td valign="top">{_lines(value)}</td></tr>'
        for name, value in _pairs(block)
    )
    return f'<table class="facts" cellpadding="4">{rows}</table>' if rows else ""


def _rich_html(block: Block) -> str:
    return "\n".join(_part_html(each) for each in block["elements"])


def _part_html(part: Element) -> str:
    inner = "".join(map(_shown, part["elements"]))
    return f"<blockquote>{inner}</blockquote>" if part["type"] == "rich_text_quote" else f"<p>{inner}</p>"


def _shown(element: Element) -> str:
    if element["type"] == "link":
        return f'<a href="{escape(element["url"])}">{_lines(element["text"])}</a>'
    text = _lines(element["text"])
    return f"<strong>{text}</strong>" if element.get("style", {}).get("bold") else text


def _small_html(block: Block) -> str:
    return "".join(f'<p class="small"><small>{_lines(each["text"])}</small></p>' for each in block["elements"])


def _divider_html(block: Block) -> str:  # noqa: ARG001 - one signature
    return "<hr>"


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")


# --- both


def _pairs(block: Block) -> Iterator[tuple[str, str]]:
    cells: list[Any] = block.get("fields") or []
    for place in range(0, len(cells) - 1, PAIR):
        name, value = cells[place : place + PAIR]
        yield _plain(name), _plain(value)


def _plain(cell: Element) -> str:
    """A cell's text; a label is the one thing that is written as mrkdwn."""
    return re.sub(r"^\*(.*)\*$", r"\1", cell["text"]) if cell["type"] == "mrkdwn" else cell["text"]


_TEXT: dict[str, Callable[[Block], str]] = {
    "header": _header_text,
    "section": _section_text,
    "rich_text": _rich_text,
    "context": _small_text,
}
_HTML: dict[str, Callable[[Block], str]] = {
    "header": _header_html,
    "section": _section_html,
    "rich_text": _rich_html,
    "context": _small_html,
    "divider": _divider_html,
}
