"""The modal that shows a whole order with its whole history, nothing cut, and what its reader may do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.forms.inputs import notice
from bot.views.orders.timeline_lines import history
from core.api import Action, CaseView, Language, Part, SlackChangeView, StepView, Transition
from notifications.render.button_values import Pointer
from notifications.render.drawings.applications import warnings
from notifications.render.model import Block, Dialog
from notifications.render.pieces import summary, whole
from notifications.render.pieces.application_facts import application_rows
from notifications.render.pieces.card_buttons import VISIBLE, act_button, likeliest
from notifications.render.pieces.parts import (
    actions,
    button,
    divider,
    facts,
    header,
    menu,
    on_one_line,
    rich,
    small,
    url_button,
)
from notifications.render.pieces.talk import talk
from notifications.render.pieces.words import CaseWords
from notifications.texts import say, when


@dataclass(frozen=True)
class CaseReading:
    """What one reader sees and may do: `past` is the whole history, `page` which part of it, from the latest.

    `offers` holds what the reader may do, by the part played. Without a pointer nothing can be pressed. `kept_out` says
    why a reader whose role is asked may not decide. `slack` is why messages went another way. `can_fetch` where there
    are pages to fetch a file from.
    """

    past: Sequence[StepView] = ()
    page: int = 0
    offers: Sequence[tuple[Part, Sequence[Transition]]] = ()
    pointer: Pointer | None = None
    may_order_again: bool = False
    kept_out: str = ""
    can_fetch: bool = False
    slack: Sequence[SlackChangeView] = ()


NOTHING = CaseReading()


class DetailsModal:
    """The whole order as its reader may see it."""

    CALLBACK = "kp.details"

    @classmethod
    def build(cls, view: CaseView, language: Language, reading: CaseReading = NOTHING) -> Dialog:
        """Return what is decided by and the buttons, then every fact of the view, and a page of the history."""
        words = CaseWords(view, language)
        title = "details.title" if view.application is None else "applied.details"
        blocks = [
            header(words.names["service"]),
            *whole.decides(words),
            *cls._acts(words, reading),
            divider(),
            *(whole.ordered(words) if view.application is None else _application(words)),
            *cls._file(words, reading),
            divider(),
            *whole.stands(words),
            *history(words, reading.past, reading.slack, reading.page, reading.pointer),
            small(words.number(), words.reminder(), words.expiry()),
        ]
        metadata = "" if reading.pointer is None else reading.pointer.value()
        return notice(language, cls.CALLBACK, words.say(title), metadata, blocks)

    @staticmethod
    def _file(words: CaseWords, reading: CaseReading) -> Iterator[Block]:
        applied = words.view.application
        if applied is not None and applied.file is not None and reading.can_fetch and reading.pointer is not None:
            yield from actions([button(words.language, "file", reading.pointer.value(), words.about)])

    @staticmethod
    def _acts(words: CaseWords, reading: CaseReading) -> Iterator[Block]:
        if reading.kept_out:
            yield rich([reading.kept_out])
        if reading.pointer is None:
            return
        if any(row.does is Action.KEEP for _, rows in reading.offers for row in rows):
            yield rich(summary.to_keep(words))
        for part, offers in reading.offers:
            yield from _acts(words, part, offers, reading.pointer)
        if reading.may_order_again:
            yield from actions([button(words.language, "order_again", reading.pointer.value(), words.about)])


class FileLinkModal:
    """A link to the file that came with an application, made for its reader."""

    CALLBACK = "kp.file_link"

    @classmethod
    def build(cls, address: str, until: datetime, language: Language) -> Dialog:
        """Return the link as a button, until when it is good, whose it is, and that nobody has looked at the file."""
        about = say(language, "applied.file_link", until=when(language, until))
        blocks = [rich([about]), *actions(url_button(language, "fetch_file", address))]
        return notice(language, cls.CALLBACK, say(language, "btn.file"), "", blocks)


def _acts(words: CaseWords, part: Part, offers: Sequence[Transition], pointer: Pointer) -> Iterator[Block]:
    """As on a card; what only the menu of a card holds stands here as a button where there is room."""
    offered = likeliest(part, offers)
    shown, rest = offered[:VISIBLE], offered[VISIBLE:]
    buttons = [act_button(words, each, pointer) for each in shown]
    more = [menu(words.language, [(each, pointer.option(each)) for each in rest], area=words.view.flow)] if rest else []
    yield from actions([*buttons, *more])


def _application(words: CaseWords) -> Iterator[Block]:
    view = words.view
    stands = [(words.field("state"), words.state)]
    claimed = [(words.field("claimed"), on_one_line(view.claimed_by))] if view.claimed_by else []
    yield from facts([*stands, *claimed, *application_rows(words)])
    if told := list(warnings(words)):
        yield rich(*told)
    yield from talk(words)
