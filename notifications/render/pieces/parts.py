"""Makes the values that cards, modals and the home tab are put together from, each fit for text that people wrote.

What people wrote is literal on every surface; what hides or turns it is taken out here, and what is too long is cut.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from core.api import HIDDEN, Language
from notifications.render.button_values import MENU
from notifications.render.model import (
    Actions,
    Bold,
    Button,
    Confirmation,
    Divider,
    Element,
    FactRows,
    Heading,
    Hyperlink,
    Item,
    Line,
    MoreMenu,
    Option,
    Paragraphs,
    Quote,
    Run,
    SmallPrint,
)
from notifications.texts import particular, pieces, say

HEADER_LIMIT = 150
BUTTON_LIMIT = 75
FIELD_LIMIT = 2_000
TEXT_LIMIT = 3_000
NAME_LIMIT = 120
# Between the facts of a line.
BETWEEN = " · "

_URL = re.compile(r"https://[^\s<>|\"'`\\]+")
# Everything that is not to be seen as itself: controls, what has no width, and what turns the reading direction around.
_UNSEEN = re.compile(rf"[\x00-\x08\x0b-\x1f\x7f-\x9f{HIDDEN}\u2028\u2029\ud800-\udfff]")


def clean(text: str) -> str:
    """Return text without characters that hide or turn what is read."""
    return text if _is_seen_as_it_is(text) else _UNSEEN.sub("", text.replace("\r\n", "\n"))


def _is_seen_as_it_is(text: str) -> bool:
    return text.isprintable() and (text.isascii() or _UNSEEN.search(text) is None)


def cut(text: str, limit: int) -> str:
    """Return text of at most so many characters, with a mark where it was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def on_one_line(text: str, limit: int = NAME_LIMIT) -> str:
    """Return text as a name is shown: on one line, and not for ever."""
    is_tidy = "  " not in text and text[:1] != " " != text[-1:]
    if is_tidy and len(text) <= limit and _is_seen_as_it_is(text):
        return text
    return cut(" ".join(clean(text).split()), limit)


def fit(text: str, limit: int = TEXT_LIMIT) -> str:
    """Return text as it is shown: cleaned, and cut. Slack takes no empty text."""
    return cut(clean(text), limit) or "–"


def header(text: str) -> Heading:
    """Return a headline."""
    return Heading(fit(text, HEADER_LIMIT))


def facts(rows: Iterable[tuple[str, str]]) -> list[FactRows]:
    """Facts in two columns, what it is to the left and what it says to the right. Nothing when there are none."""
    pairs = tuple((name, fit(value, FIELD_LIMIT)) for name, value in rows)
    return [FactRows(pairs)] if pairs else []


def notes(*rows: tuple[str, str]) -> list[Paragraphs]:
    """Facts that want more room than a column: a line each, over the whole width. Nothing when there are none."""
    return [Paragraphs([[Bold(f"{name}: "), clean(value)] for name, value in rows])] if rows else []


def small(*lines: str) -> SmallPrint:
    """Return small print, a line each."""
    return SmallPrint(fit("\n".join(line for line in lines if line)))


def divider() -> Divider:
    """Return a line across."""
    return Divider()


def actions(elements: Sequence[Element]) -> list[Actions]:
    """Return a row of buttons, nothing at all when there are none."""
    return [Actions(elements)] if elements else []


def item_of(text: str, beside: Element | None = None, limit: int = TEXT_LIMIT) -> Item:
    """Return a text, and what can be done about it."""
    return Item(fit(text, limit), beside)


def link(text: str, url: str) -> Line:
    """Return a link of ours, nothing when the address is not one for the web."""
    return [Hyperlink(text, url)] if url.startswith(("https://", "http://")) else []


def rich(*lines: Line) -> Paragraphs:
    """Return lines of text, each on its own; empty ones are left out."""
    return Paragraphs([line for line in lines if line])


def paragraphs(lines: Iterable[str]) -> Paragraphs:
    """Return lines of literal text."""
    return Paragraphs([[line] for line in lines])


def quote(about: str, text: str, limit: int = TEXT_LIMIT) -> Quote:
    """Return what somebody wrote, literal, set apart under a line that says what it is."""
    return Quote(about, cut(clean(text), limit))


def linked(about: str, text: str, limit: int = TEXT_LIMIT) -> Paragraphs:
    """Return a text of customer service: literal, but addresses become links that show where they lead."""
    return rich([Bold(about)], list(_with_links(cut(clean(text), limit))))


def woven(language: Language, key: str, values: dict[str, str]) -> Line:
    """Return a sentence of the catalogue in which the values stand out in bold and stay literal."""
    line: Line = []
    for literal, value in pieces(language, key, values):
        if literal:
            line.append(literal)
        if value:
            line.append(Bold(value))
    return line


def button(
    language: Language,
    action: str,
    value: str,
    about: str = "",
    label: str = "",
    *,
    area: str = "",
    is_primary: bool = False,
    is_danger: bool = False,
) -> Button:
    """Return a button that says the act, or what `label` says, in the words of an `area` where it has its own.

    `about` tells screen readers which of several it is.
    """
    text = say(language, particular(language, area, f"btn.{label or action}"))
    spoken = cut(f"{text}: {about}", BUTTON_LIMIT) if about else ""
    return Button(f"kp.{action}", text, value, spoken, "", is_primary, is_danger)


def menu(language: Language, options: Iterable[tuple[str, str]], action_id: str = MENU, *, area: str = "") -> MoreMenu:
    """Return the menu beside the buttons, or another one: what each option does, and its value."""
    said = ((say(language, particular(language, area, f"btn.{action}")), value) for action, value in options)
    listed = [Option(fit(text, BUTTON_LIMIT), value) for text, value in said]
    return MoreMenu(action_id, listed)


def primary(made: Button) -> Button:
    """Return the one button of a card that is most likely meant."""
    return made._replace(is_primary=True)


def asking_first(language: Language, made: Button, key: str) -> Button:
    """Return a button that asks whether it is meant: `key` has its title, text, confirm and deny."""
    asks = (fit(say(language, f"{key}.{name}")) for name in Confirmation._fields)
    return made._replace(confirmation=Confirmation(*asks))


def url_button(language: Language, action: str, url: str) -> list[Button]:
    """Return a button that opens an address, nothing when there is none."""
    return [Button(f"kp.{action}", fit(say(language, f"btn.{action}")), url=url)] if url else []


def _with_links(text: str) -> Iterator[Run]:
    at = 0
    for found in _URL.finditer(text):
        url = found[0].rstrip(".,;:!?)")
        if found.start() > at:
            yield text[at : found.start()]
        yield Hyperlink(url, url)
        at = found.start() + len(url)
    if at < len(text):
        yield text[at:]
