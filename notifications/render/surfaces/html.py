"""Cards as HTML without any style of its own: what they say, in the same order. What can be pressed stays behind."""

from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import Any

from notifications.render.model import (
    Block,
    Bold,
    Divider,
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
from notifications.texts import around_contact


def as_html(blocks: Iterable[Block]) -> str:
    """Return what blocks say; everything that people wrote is literal."""
    return "\n".join(_BLOCKS[type(block)](block) for block in with_facts_together(blocks) if type(block) in _BLOCKS)


def words(text: str) -> str:
    """Return text as it is read, with the contact as a link."""
    return "".join(_link(said, url) if url else _plain(said) for said, url in around_contact(text))


def _heading(block: Heading) -> str:
    return f"<h1>{_plain(block.text)}</h1>"


def _paragraphs(block: Paragraphs) -> str:
    return "\n".join(map(_line, block.lines))


def _line(line: Line) -> str:
    return f"<p>{''.join(map(_run, line))}</p>"


def _run(run: Run) -> str:
    if isinstance(run, str):
        return words(run)
    if isinstance(run, Bold):
        return f"<strong>{_plain(run.text)}</strong>"
    return _link(run.text, run.url) if isinstance(run, Hyperlink) else words(run.text)


def _link(text: str, url: str) -> str:
    return f'<a href="{escape(url)}">{_plain(text)}</a>'


def _quote(block: Quote) -> str:
    return f"{_line([Bold(block.about)])}\n<blockquote>{_plain(block.text)}</blockquote>"


def _facts(block: FactRows) -> str:
    rows = "".join(
        f'<tr><th scope="row" align="left" valign="top">{_plain(label)}</th><td valign="top">{words(value)}</td></tr>'
        for label, value in block.rows
    )
    return f'<table class="facts" cellpadding="4">{rows}</table>'


def _item(block: Item) -> str:
    return f"<p>{words(block.text)}</p>"


def _small(block: SmallPrint) -> str:
    return f'<p class="small"><small>{words(block.text)}</small></p>'


def _divider(_: Divider) -> str:
    return "<hr>"


def _picture(block: Picture) -> str:
    return f'<p><img src="{escape(block.url)}" alt="{escape(block.alt)}" width="640"></p>' if block.url else ""


def _plain(text: str) -> str:
    return escape(text).replace("\n", "<br>")


_BLOCKS: Mapping[type[object], Callable[[Any], str]] = {
    Heading: _heading,
    Paragraphs: _paragraphs,
    Quote: _quote,
    FactRows: _facts,
    Item: _item,
    SmallPrint: _small,
    Divider: _divider,
    Picture: _picture,
}
