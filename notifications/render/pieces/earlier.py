"""What units of an order have of its service in other ways: what the order replaces of that, and what stays."""

from collections.abc import Iterator, Sequence

from core.api import TRAITS, EarlierView, Language, Localised
from notifications.render.model import Line
from notifications.render.pieces.parts import on_one_line
from notifications.render.pieces.words import CaseWords, local
from notifications.texts import say

# So many ways are said on a card, and so many units of each by name.
WAYS_SHOWN, UNITS_SHOWN = 2, 2


def connection_name(language: Language, offer: Localised, agent: str | None) -> str:
    """Return a connection in a sentence: direct or through whom, and by which offer."""
    key = "earlier.direct" if agent is None else "earlier.via"
    return say(language, key, offer=on_one_line(local(offer, language)), agent=on_one_line(agent or ""))


def beside_what_is_there(words: CaseWords) -> Iterator[Line]:
    """Return what an order replaces, who is not told of that, and what it comes beside."""
    view = words.view
    if view.replaces_agent and not view.earlier and TRAITS[view.flow].is_offered:
        yield words.rich("summary.change_of_agent", replaced=on_one_line(view.replaces_agent))
    ended, stays = (tuple(held for held in view.earlier if held.ends is ends) for ends in (True, False))
    if ended:
        key = "summary.replaces_agent" if any(held.agent for held in ended) else "summary.replaces"
        yield words.rich(key, earlier=_some_of(words, ended))
    if stays:
        yield words.rich("summary.beside", earlier=_some_of(words, stays))


def whole_of_what_is_there(words: CaseWords) -> Iterator[tuple[str, str]]:
    """Return the same as facts, nothing left out."""
    view = words.view
    if view.replaces_agent and not view.earlier and TRAITS[view.flow].is_offered:
        yield words.field("replaces_agent"), on_one_line(view.replaces_agent)
    for held in view.earlier:
        yield words.field("replaces" if held.ends else "beside"), _named(words, held, len(held.units))


def _some_of(words: CaseWords, earlier: Sequence[EarlierView]) -> str:
    return words.some_of([_named(words, held, UNITS_SHOWN) for held in earlier], WAYS_SHOWN)


def _named(words: CaseWords, held: EarlierView, most: int) -> str:
    """Return a connection, and for which of the order's units where that is not all of them."""
    named = connection_name(words.language, held.offer, held.agent)
    if len(held.units) >= len(words.view.units):
        return named
    return say(words.language, "earlier.of_units", earlier=named, units=words.some_of(held.units, most))
