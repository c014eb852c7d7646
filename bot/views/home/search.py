"""The modal in which cases are searched: one field, and below it what has been found."""

from collections.abc import Iterator
from datetime import datetime

from bot.forms.inputs import Typed, asked, line, modal, text_in
from bot.views.home.inbox import row
from core.api import FoundCases, Language, Part
from notifications.render.button_values import Pointer
from notifications.render.model import Block, Dialog
from notifications.render.pieces.parts import divider, rich, small
from notifications.render.pieces.rows import claimed_line, ordered_line
from notifications.texts import counted, say

MOST_TYPED = 100
# Cases that are shown of those found: who does not see the own one among these writes a word more.
MOST_FOUND = 20


class SearchModal:
    """Finds cases by number, customer, care unit and reference; what is found can be opened from it."""

    CALLBACK, SOUGHT = "kp.search", "sought"

    @classmethod
    def build(
        cls,
        environment: str,
        language: Language,
        typed: str = "",
        found: FoundCases | None = None,
        at: datetime | None = None,
    ) -> Dialog:
        """Return the field as it was filled in, and what was found by it; nothing before something was sought."""
        entry = line("sought", typed, MOST_TYPED)
        field = asked(cls.SOUGHT, say(language, "search.label"), entry, say(language, "search.hint"))
        pointer = Pointer(environment)
        shown = [] if found is None else _found(found, pointer, language, at)
        title, submit = say(language, "search.title"), say(language, "btn.search")
        return modal(language, cls.CALLBACK, title, pointer.value(), [field, *shown], submit, close="close")

    @classmethod
    def read(cls, values: Typed) -> str:
        """Return what was typed."""
        return text_in(values, cls.SOUGHT)


def _found(found: FoundCases, pointer: Pointer, language: Language, at: datetime | None) -> Iterator[Block]:
    yield divider()
    if not found.rows:
        yield rich([say(language, "search.nothing")])
        return
    of_more = say(language, "search.first", count=len(found.rows))
    yield small(of_more if found.has_more else counted(language, "search.found", len(found.rows)))
    for item in found.rows:
        line_of = claimed_line if item.part is Part.CUSTOMER_SERVICE else ordered_line
        yield row(item, line_of(item, language, at), pointer, language)
    if found.has_more:
        yield rich([say(language, "search.more")])
