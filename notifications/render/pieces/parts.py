"""The pieces that cards, modals and the home tab are put together from, each safe for text that people wrote.

What people wrote goes into plain_text or rich_text elements, where Slack reads no markup; mrkdwn is for our own words.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from core.api import HIDDEN, Language
from notifications.render.buttons import MENU
from notifications.texts import pieces, say

Block = dict[str, Any]
Element = dict[str, Any]

HEADER_LIMIT = 150
BUTTON_LIMIT = 75
FIELD_LIMIT = 2_000
TEXT_LIMIT = 3_000
NAME_LIMIT = 120
FACTS_IN_A_SECTION = 5  # of Slack's ten fields: a label and a value each

_URL = re.compile(r"https://[^\s<>|\"'`\\]+")
# Everything that is not to be seen as itself: controls, what has no width, and what turns the reading direction around.
_UNSEEN = re.compile(rf"[\x00-\x08\x0b-\x1f\x7f-\x9f{HIDDEN}\u2028\u2029\ud800-\udfff]")


def escape(text: str) -> str:
    """Text for mrkdwn and for a message's `text`: nothing in it can mention, link or end an entity (slack.md 7.4)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def clean(text: str) -> str:
    """Text without characters that hide or turn what is read."""
    return text if text.isascii() and text.isprintable() else _UNSEEN.sub("", text.replace("\r\n", "\n"))


def cut(text: str, limit: int) -> str:
    """Text of at most so many characters, with a mark where it was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def on_one_line(text: str, limit: int = NAME_LIMIT) -> str:
    """Text as a name is shown: on one line, and not for ever."""
    return cut(" ".join(clean(text).split()), limit)


def plain(text: str, limit: int = TEXT_LIMIT) -> Element:
    """A text object that is shown as it was written; an emoji's code stays a code. Slack takes no empty text."""
    return {"type": "plain_text", "text": cut(clean(text), limit) or "–", "emoji": False}


def label(text: str) -> Element:
    """One of our own words, in bold."""
    return {"type": "mrkdwn", "text": f"*{text}*"}


def header(text: str) -> Block:
    """A headline."""
    return {"type": "header", "text": plain(text, HEADER_LIMIT)}


def facts(rows: Iterable[tuple[str, str]]) -> Iterator[Block]:
    """Facts in two columns, what it is to the left and what it says to the right."""
    pairs = list(rows)
    for start in range(0, len(pairs), FACTS_IN_A_SECTION):
        part = pairs[start : start + FACTS_IN_A_SECTION]
        cells = [cell for name, value in part for cell in (label(name), plain(value, FIELD_LIMIT))]
        yield {"type": "section", "fields": cells}


def notes(*rows: tuple[str, str]) -> Iterator[Block]:
    """Facts that want more room than a column: a line each, over the whole width. Nothing when there are none."""
    if rows:
        yield rich(*([bold(f"{name}: "), words(clean(value))] for name, value in rows))


def small(*lines: str) -> Block:
    """Small print, a line each."""
    return {"type": "context", "elements": [plain("\n".join(line for line in lines if line))]}


def divider() -> Block:
    """A line across."""
    return {"type": "divider"}


def actions(buttons: list[Element]) -> Iterator[Block]:
    """A row of buttons, nothing at all when there are none."""
    if buttons:
        yield {"type": "actions", "elements": buttons}


def words(text: str) -> Element:
    """Rich text, literal."""
    return {"type": "text", "text": text}


def bold(text: str) -> Element:
    """Rich text, literal, in bold."""
    return {"type": "text", "text": text, "style": {"bold": True}}


def link(text: str, url: str) -> list[Element]:
    """A link of ours, nothing when the address is not one for the web."""
    return [{"type": "link", "url": url, "text": text}] if url.startswith(("https://", "http://")) else []


def rich(*sections: list[Element]) -> Block:
    """A block of rich text whose sections each begin on a line of their own."""
    return {"type": "rich_text", "elements": [_section(each) for each in sections if each]}


def quote(about: str, text: str, limit: int = TEXT_LIMIT) -> Block:
    """What somebody wrote, literal, set apart under a line that says what it is."""
    quoted = {"type": "rich_text_quote", "elements": [words(cut(clean(text), limit))]}
    return {"type": "rich_text", "elements": [_section([bold(about)]), quoted]}


def linked(about: str, text: str, limit: int = TEXT_LIMIT) -> Block:
    """A text of customer service: literal, but addresses become links that show where they lead."""
    return rich([bold(about)], list(_with_links(cut(clean(text), limit))))


def woven(language: Language, key: str, values: dict[str, str]) -> list[Element]:
    """A sentence of the catalogue as rich text, in which the values stand out in bold and stay literal."""
    elements: list[Element] = []
    for literal, value in pieces(language, key, values):
        if literal:
            elements.append(words(literal))
        if value:
            elements.append(bold(value))
    return elements


def button(language: Language, action: str, value: str, about: str = "", label: str = "") -> Element:
    """A button that says the act, or what `label` says. `about` tells screen readers which of several it is."""
    text = say(language, f"btn.{label or action}")
    drawn: Element = {
        "type": "button",
        "action_id": f"kp.{action}",
        "text": {"type": "plain_text", "text": text, "emoji": False},
        "value": value,
    }
    if about:
        drawn["accessibility_label"] = cut(f"{text}: {about}", BUTTON_LIMIT)
    return drawn


def menu(language: Language, options: Iterable[tuple[str, str]], action_id: str = MENU) -> Element:
    """The menu beside the buttons, or another one: what each option does, and its value."""
    listed = [
        {"text": plain(say(language, f"btn.{action}"), BUTTON_LIMIT), "value": value} for action, value in options
    ]
    return {"type": "overflow", "action_id": action_id, "options": listed}


def primary(drawn: Element) -> Element:
    """The one button of a card that is most likely meant."""
    return {**drawn, "style": "primary"}


def asking_first(language: Language, drawn: Element, key: str) -> Element:
    """A button that asks whether it is meant, in a dialogue of Slack's: `key` has its title, text, confirm and deny."""
    asks = {each: plain(say(language, f"{key}.{each}")) for each in ("title", "text", "confirm", "deny")}
    return {**drawn, "confirm": {**asks, "style": "danger"}}


def url_button(language: Language, action: str, url: str) -> list[Element]:
    """A button that opens an address, nothing when there is none."""
    if not url:
        return []
    return [{"type": "button", "action_id": f"kp.{action}", "text": plain(say(language, f"btn.{action}")), "url": url}]


def numbered(blocks: Iterable[Block], mark: object) -> list[Block]:
    """The blocks with short ids that change with the mark, so that a client never keeps an older input."""
    listed = list(blocks)
    for place, block in enumerate(listed):
        block["block_id"] = f"{place}.{mark}"
    return listed


def _section(elements: list[Element]) -> Element:
    return {"type": "rich_text_section", "elements": elements}


def _with_links(text: str) -> Iterator[Element]:
    at = 0
    for found in _URL.finditer(text):
        url = found[0].rstrip(".,;:!?)")
        if found.start() > at:
            yield words(text[at : found.start()])
        yield {"type": "link", "url": url, "text": url}
        at = found.start() + len(url)
    if at < len(text):
        yield words(text[at:])
