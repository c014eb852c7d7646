"""What a card, a modal or a form says and asks, as frozen values; Slack's blocks, HTML and text are drawn from them.

They hold text that is fit to be shown: `notifications.render.pieces.parts` makes them, and cleans and cuts it.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import chain, groupby
from typing import NamedTuple

from notifications.documents.chart import Chart


class Bold(NamedTuple):
    """Words that stand out."""

    text: str


class Hyperlink(NamedTuple):
    """Words that lead to an address of the web."""

    text: str
    url: str


class Asked(NamedTuple):
    """The names of those who are asked: a message that calls them mentions them in their place."""

    text: str


class Called(NamedTuple):
    """Somebody whom a message calls: the account there, and the name as it is shown."""

    account: str
    name: str


# Words are literal: nothing in them is read as markup, whatever people have written.
Run = str | Bold | Hyperlink | Asked
Line = list[Run]


class Heading(NamedTuple):
    """A headline."""

    text: str


class Paragraphs(NamedTuple):
    """Lines of text, each by itself."""

    lines: Sequence[Line]


class Quote(NamedTuple):
    """What somebody wrote, set apart under words that say what it is."""

    about: str
    text: str


class FactRows(NamedTuple):
    """Facts in two columns: what it is, and what it says."""

    rows: Sequence[tuple[str, str]]


class SmallPrint(NamedTuple):
    """Small print, of one or more lines."""

    text: str


class Divider(NamedTuple):
    """A line across."""


class Option(NamedTuple):
    """Something to choose, and the value that says that it was."""

    text: str
    value: str


class OptionGroup(NamedTuple):
    """Options under a label."""

    label: str
    options: Sequence[Option]


class Confirmation(NamedTuple):
    """A question that is asked before a press counts."""

    title: str
    text: str
    confirm: str
    deny: str


class Button(NamedTuple):
    """A button that says what it does: `value` tells what to, or `url` where it leads.

    `spoken` is what screen readers say where the text alone does not tell it from others.
    """

    action_id: str
    text: str
    value: str = ""
    spoken: str = ""
    url: str = ""
    is_primary: bool = False
    is_danger: bool = False
    confirmation: Confirmation | None = None


class MoreMenu(NamedTuple):
    """The menu of what does not fit beside the buttons; each option does something at once."""

    action_id: str
    options: Sequence[Option]


class TextInput(NamedTuple):
    """A field for a line of text, or for several; `most` is its longest text.

    Where a change of it is sent without waiting for the form, that is so at each character.
    """

    action_id: str
    most: int
    initial: str | None = None
    is_long: bool = False
    example: str = ""


class DayInput(NamedTuple):
    """A calendar to choose a day from."""

    action_id: str
    initial: date | None = None


class BoxInput(NamedTuple):
    """Boxes to tick, and those that are ticked beforehand."""

    action_id: str
    boxes: Sequence[Option]
    ticked: Sequence[Option] = ()


class ChoiceInput(NamedTuple):
    """A menu to choose one of several from; it asks for them while people type where there are too many to list.

    `groups` stands in the place of `options` where these stand under labels. `label` is what it is about, where that
    is not what stands in it while nothing is chosen.
    """

    action_id: str
    placeholder: str
    options: Sequence[Option]
    chosen: Option | None = None
    groups: Sequence[OptionGroup] | None = None
    label: str = ""

    @property
    def is_searched(self) -> bool:
        """Say whether what there is to choose is asked for while people type."""
        return not self.options and self.groups is None


class ChannelInput(NamedTuple):
    """A channel of the Slack in which the form is open: out of those that its reader sees, from Slack's own list."""

    action_id: str
    placeholder: str
    initial: str | None = None


Entry = TextInput | DayInput | BoxInput | ChoiceInput | ChannelInput
Element = Button | MoreMenu | ChoiceInput


class Picture(NamedTuple):
    """A chart, and what it says in words; `url` is where its picture lies, empty where it lies nowhere."""

    alt: str
    chart: Chart
    url: str = ""


class Actions(NamedTuple):
    """A row of buttons and menus."""

    elements: Sequence[Element]


class Item(NamedTuple):
    """A text with what can be done about it beside it, where there is something."""

    text: str
    beside: Element | None = None


class Input(NamedTuple):
    """A question of a form: its name, its label and hint, and the entry that takes the answer.

    `is_optional` and `is_told_at_once` (a change of it is sent without waiting for the form) are None where nothing is
    said of them, which means no.
    """

    name: str
    label: str
    entry: Entry
    hint: str = ""
    is_optional: bool | None = None
    is_told_at_once: bool | None = None


Block = Heading | Paragraphs | Quote | FactRows | SmallPrint | Divider | Picture | Actions | Item | Input


class CardMessage(NamedTuple):
    """A card or another message: a sentence that says it in a line, and its blocks from top to bottom.

    `mark` tells a drawing from an earlier one of the same card, so that no program keeps what was typed in that.
    """

    text: str
    blocks: Sequence[Block]
    mark: object = 0


class Dialog(NamedTuple):
    """A modal, or a form on a page: its title, its blocks, and the words on the buttons that send it and close it.

    `name` says which of the forms it is, `metadata` what it is about. Without `submit` it can only be closed.
    """

    name: str
    title: str
    metadata: str
    blocks: Sequence[Block]
    close: str
    submit: str = ""


def picture_in(card: CardMessage) -> Picture | None:
    """Return the picture of a card, None for one that has none."""
    return next((block for block in card.blocks if isinstance(block, Picture)), None)


def with_picture_at(card: CardMessage, url: str) -> CardMessage:
    """Return a card whose picture lies at an address; empty: nowhere."""
    blocks = [block._replace(url=url) if isinstance(block, Picture) else block for block in card.blocks]
    return card._replace(blocks=blocks)


def said_in(line: Line) -> str:
    """Return what a line says, without what stands out or leads on."""
    return "".join(run if isinstance(run, str) else run.text for run in line)


def with_facts_together(blocks: Iterable[Block]) -> Iterator[Block]:
    """Return the blocks with the facts that stand below each other in one table."""
    for kind, run in groupby(blocks, key=type):
        if kind is FactRows:
            yield FactRows(tuple(chain.from_iterable(block.rows for block in run if isinstance(block, FactRows))))
        else:
            yield from run
