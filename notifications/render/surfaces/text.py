"""Cards as plain text: what they say, in the same order. What can be pressed stays behind."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from notifications.render.model import (
    Block,
    FactRows,
    Heading,
    Hyperlink,
    Item,
    Line,
    Paragraphs,
    Picture,
    Quote,
    Run,
    SmallPrint,
    with_facts_together,
)


def as_text(blocks: Iterable[Block]) -> str:
    """Return what blocks say, with an empty line between them."""
    said = (_BLOCKS[type(block)](block).strip() for block in with_facts_together(blocks) if type(block) in _BLOCKS)
    return "\n".join(line.rstrip() for line in "\n\n".join(filter(None, said)).splitlines())


def _heading(block: Heading) -> str:
    return block.text.upper()


def _paragraphs(block: Paragraphs) -> str:
    return "\n".join(map(_line, block.lines))


def _line(line: Line) -> str:
    return "".join(map(_run, line))


def _run(run: Run) -> str:
    if isinstance(run, str):
        return run
    if isinstance(run, Hyperlink) and run.text != run.url:
        return f"{run.text} ({run.url})"
    return run.text


def _quote(block: Quote) -> str:
    return f"{block.about}\n> " + block.text.replace("\n", "\n> ")


def _facts(block: FactRows) -> str:
    return "\n".join(f"{label}: {value}" for label, value in block.rows)


def _item(block: Item) -> str:
    return block.text


def _small(block: SmallPrint) -> str:
    return block.text


def _picture(block: Picture) -> str:
    return block.alt


_BLOCKS: Mapping[type[object], Callable[[Any], str]] = {
    Heading: _heading,
    Paragraphs: _paragraphs,
    Quote: _quote,
    FactRows: _facts,
    Item: _item,
    SmallPrint: _small,
    Picture: _picture,
}
