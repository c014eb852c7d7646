"""What can be pressed, chosen and filled in, as values that a template draws without scripts. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from markupsafe import Markup

from bot.acts.menu_searches import MOST
from bot.acts.press import Meaning, meaning_of
from bot.web.addresses import SAID
from bot.web.fields import AskedField, Field, FieldLook
from bot.web.links.dialog_form import DialogForm, Filled
from bot.web.working.visits import CASE, SEEK, VALUE, Place, link_to
from core.api import Language
from notifications.render.button_values import MENU, read_option
from notifications.render.model import (
    Actions,
    Block,
    BoxInput,
    Button,
    ChoiceInput,
    Dialog,
    Element,
    Heading,
    Input,
    Item,
    Line,
    MoreMenu,
    Option,
    OptionGroup,
    Paragraphs,
    with_facts_together,
)
from notifications.render.pieces.parts import small
from notifications.render.surfaces.html import as_html
from notifications.texts import counted, say

# Between the name of a question and one of several boxes of it.
BOX = ":"
# What a button of a form says that does an act instead of sending it.
DOES = "act "


@dataclass(frozen=True)
class Pressable:
    """A link (`href`), or a button: in a form of its own with `fields`, or in the form around it with `does`."""

    text: str
    spoken: str = ""
    href: str = ""
    fields: Mapping[str, str] = field(default_factory=dict[str, str])
    does: str = ""
    look: str = "quiet"
    sure: str = ""

    @property
    def heard(self) -> str:
        """Return what it says to those who hear it; that begins with what stands on it, and says it once."""
        return self.spoken if self.spoken.startswith(self.text) else f"{self.text}: {self.spoken}"


@dataclass(frozen=True)
class Seeking:
    """A field to seek in what a menu lists, by the beginning of a word: in a form of its own with `path`, or around it.

    `fields` are what the address of the page holds beside it; `beginning` is how many the menu lists, where there may
    be more.
    """

    id: str
    name: str
    label: str
    typed: str
    path: str = ""
    fields: Mapping[str, str] = field(default_factory=dict[str, str])
    beginning: int = 0


@dataclass(frozen=True)
class Choosing:
    """A menu in a form of its own; `posts` where what is chosen changes something."""

    id: str
    label: str
    options: Sequence[tuple[str, str]]
    chosen: str
    fields: Mapping[str, str]
    posts: bool
    seeking: Seeking | None = None


@dataclass(frozen=True)
class Stretch:
    """A stretch of a page: words, a heading, a row of elements beside a text, a field, or boxes under a legend.

    With `folded` the elements stand behind these words until they are asked for, or something is sought in one of them.
    What `is_row` is a line of a list, with its button beside it.
    """

    words: Markup | None = None
    heading: str = ""
    elements: Sequence[Pressable | Choosing | Sequence[Pressable]] = ()
    field: AskedField | None = None
    boxes: Sequence[AskedField] = ()
    legend: str = ""
    update: str = ""
    seeking: Seeking | None = None
    folded: str = ""
    is_row: bool = False

    @property
    def is_sought_in(self) -> bool:
        """True where something is sought in one of the menus."""
        return any(isinstance(each, Choosing) and each.seeking and each.seeking.typed for each in self.elements)


@dataclass(frozen=True)
class Drawing:
    """Draws blocks where they stand, `is_form` in a form around them; `is_shown` tells the acts that change nothing.

    `sought` is what is sought in which menus, by action id; `path` and `asked` are the address of the page.
    """

    place: Place
    language: Language
    is_shown: Callable[[Meaning], bool]
    is_form: bool = False
    sought: Mapping[str, str] = field(default_factory=dict[str, str])
    path: str = ""
    asked: Mapping[str, str] = field(default_factory=dict[str, str])

    def parts(
        self, blocks: Sequence[Block], form: DialogForm | None = None, filled: Filled | None = None
    ) -> list[Stretch]:
        """Return what stands on the page, in order."""
        filled = filled or Filled()
        return [part for block in with_facts_together(blocks) for part in self._part(block, form, filled)]

    def _part(self, block: Block, form: DialogForm | None, filled: Filled) -> Iterator[Stretch]:
        match block:
            case Heading():
                yield Stretch(heading=block.text)
            case Actions() if all(isinstance(each, ChoiceInput) for each in block.elements):
                yield from self._menus([each for each in block.elements if isinstance(each, ChoiceInput)])
            case Actions():
                yield Stretch(elements=list(self._elements(block.elements)))
            case Item():
                beside = [] if block.beside is None else list(self._elements([block.beside]))
                lines: list[Line] = [[line] for line in block.text.split("\n")]
                yield Stretch(words=_markup([Paragraphs(lines)]), elements=beside, is_row=True)
            case Input() if form is not None:
                yield self._question(block, form, filled)
            case _:
                yield Stretch(words=_markup([block]))

    def _menus(self, menus: Sequence[ChoiceInput]) -> Iterator[Stretch]:
        """Return menus alone, and what was chosen in those where that may be nothing.

        They are folded above what they change; one in which nothing is chosen yet is what its page is for.
        """
        is_first = [menu.chosen for menu in menus] == [None]
        folded = "" if is_first else counted(self.language, "work.choose", len(menus))
        yield Stretch(elements=list(self._elements(menus)), folded=folded)
        narrowed = [menu.chosen.text for menu in menus if menu.label and menu.chosen is not None]
        if narrowed:
            yield Stretch(words=_markup([small(say(self.language, "work.narrowed", to=", ".join(narrowed)))]))

    def _question(self, asked: Input, form: DialogForm, filled: Filled) -> Stretch:
        entry = asked.entry
        if isinstance(entry, BoxInput) and len(entry.boxes) > 1:
            return self._boxes(asked, entry, filled)
        update = f"{DOES}{entry.action_id} {asked.name}" if asked.is_told_at_once else ""
        seeking = self._seeking(entry, asked.label) if isinstance(entry, ChoiceInput) else None
        return Stretch(field=form.asked(asked, filled), update=update, seeking=seeking)

    def _seeking(self, menu: ChoiceInput, label: str) -> Seeking | None:
        action, listed = menu.action_id, len(menu.options)
        if action not in self.sought:
            return None
        name, typed = f"{SEEK}{action}", self.sought[action]
        said = say(self.language, "work.seek_in", label=label) if label else say(self.language, "work.seek")
        fields = {asked: value for asked, value in self.asked.items() if asked not in {name, SAID}}
        path, beginning = "" if self.is_form else self.path, listed if listed >= MOST else 0
        return Seeking(action.replace(".", "-"), name, said, typed, path, fields, beginning)

    def _boxes(self, asked: Input, entry: BoxInput, filled: Filled) -> Stretch:
        ticked = {option.value for option in entry.ticked}
        error = filled.problems.get(asked.name, "")
        boxes = [
            AskedField(
                Field(f"{asked.name}{BOX}{option.value}", "", FieldLook.TICK),
                "",
                option.text,
                "",
                "1"
                if (filled.values.get(f"{asked.name}{BOX}{option.value}") if filled.values else option.value in ticked)
                else "",
                error if option is entry.boxes[0] else "",
            )
            for option in entry.boxes
        ]
        return Stretch(boxes=boxes, legend=asked.label)

    def _elements(self, elements: Sequence[Element]) -> Iterator[Pressable | Choosing | Sequence[Pressable]]:
        for element in elements:
            match element:
                case Button():
                    yield self._button(element)
                case MoreMenu():
                    yield [self._button(each) for each in _menu_buttons(element)]
                case ChoiceInput():
                    yield self._choosing(element)

    def _button(self, button: Button) -> Pressable:
        look = "main" if button.is_primary else "quiet danger" if button.is_danger else "quiet"
        made = Pressable(button.text, button.spoken, look=look)
        if button.url:
            return replace(made, href=button.url if button.url.startswith(("https://", "http://", "/")) else "")
        meant = meaning_of(button.action_id, button.value)
        is_case = link_to(button.action_id, button.value, self.place).startswith(CASE)
        if self.is_form and not is_case:
            return replace(made, does=f"{DOES}{button.action_id} {button.value}")
        if self.is_shown(meant):
            return replace(made, href=link_to(button.action_id, button.value, self.place))
        sure = "" if button.confirmation is None else button.confirmation.text
        return replace(made, fields=self.place.fields(button.action_id, button.value), sure=sure)

    def _choosing(self, menu: ChoiceInput) -> Choosing:
        listed = [(option.value, option.text) for option in menu.options]
        chosen = "" if menu.chosen is None else menu.chosen.value
        if menu.chosen is not None and chosen not in dict(listed):
            listed.insert(0, (chosen, menu.chosen.text))
        fields = {name: said for name, said in self.place.fields(menu.action_id, "").items() if name != VALUE}
        shown = self.is_shown(Meaning(menu.action_id, "", None))
        return Choosing(
            menu.action_id.replace(".", "-"),
            menu.label or menu.placeholder,
            listed,
            chosen,
            fields,
            posts=not shown,
            seeking=self._seeking(menu, menu.label),
        )


def titled(dialog: Dialog) -> Dialog:
    """Return a dialog whose first heading, where it says what the title says, is left out."""
    return dialog._replace(blocks=[block for block in dialog.blocks if block != Heading(dialog.title)])


def with_choices(dialog: Dialog, found: Mapping[str, Sequence[Option]]) -> Dialog:
    """Return a dialog whose menus list what would be asked for while people type, and options under their labels."""

    def filled(block: Block) -> Block:
        if isinstance(block, Input) and isinstance(block.entry, ChoiceInput):
            return block._replace(entry=_listed(block.entry, found))
        if isinstance(block, Actions):
            return Actions([_listed(each, found) if isinstance(each, ChoiceInput) else each for each in block.elements])
        return block

    return dialog._replace(blocks=[filled(block) for block in dialog.blocks])


def flat(found: Sequence[Option] | Sequence[OptionGroup]) -> list[Option]:
    """Return options, those under a label with it before them."""
    return [
        option
        for each in found
        for option in (
            [each]
            if isinstance(each, Option)
            else [Option(f"{each.label}: {option.text}", option.value) for option in each.options]
        )
    ]


def sought_in(blocks: Sequence[Block]) -> list[str]:
    """Return the action ids of menus that ask for their choices while people type."""
    elements = [each for block in blocks if isinstance(block, Actions) for each in block.elements]
    entries = [block.entry for block in blocks if isinstance(block, Input)]
    return [each.action_id for each in (*elements, *entries) if isinstance(each, ChoiceInput) and each.is_searched]


def typed_from(values: Mapping[str, str]) -> dict[str, str | list[str]]:
    """Return what was filled in by the names of questions, of several boxes those that are ticked."""
    typed: dict[str, str | list[str]] = {name: said for name, said in values.items() if BOX not in name}
    for name in values:
        question, colon, value = name.partition(BOX)
        if colon:
            ticked = typed.get(question)
            typed[question] = [*(ticked if isinstance(ticked, list) else []), value]
    return typed


def _listed(menu: ChoiceInput, found: Mapping[str, Sequence[Option]]) -> ChoiceInput:
    options = flat(menu.groups) if menu.groups is not None else list(found.get(menu.action_id, menu.options))
    if menu.chosen is not None and menu.chosen.value not in {each.value for each in options}:
        options.insert(0, menu.chosen)
    return menu._replace(options=options, groups=None)


def _menu_buttons(menu: MoreMenu) -> Iterator[Button]:
    for option in menu.options:
        meant = read_option(option.value) if menu.action_id == MENU else None
        yield Button(
            menu.action_id if meant is None else meant[1],
            option.text,
            option.value if meant is None else meant[0].value(),
        )


def _markup(blocks: Sequence[Block]) -> Markup:
    # What is written there is escaped where it is drawn.
    return Markup(as_html(blocks))  # noqa: S704 - our own drawing
