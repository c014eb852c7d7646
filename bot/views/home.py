"""The home tab: what waits for me, what I have ordered, a new order, my language, and help."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.api import CardId, CaseId, CaseView, Language, Part, Role, Seen
from notifications.blocks.choices import choices
from notifications.blocks.parts import (
    Block,
    Element,
    actions,
    bold,
    button,
    divider,
    header,
    on_one_line,
    plain,
    primary,
    rich,
    small,
    url_button,
    woven,
)
from notifications.blocks.parts import words as literal
from notifications.blocks.words import CaseWords
from notifications.buttons import Pointer
from notifications.texts import say, when

# So many of each list are drawn: with all else, well within the hundred blocks that Slack takes.
WAITING_SHOWN, ORDERED_SHOWN = 10, 15
# People with roles in more organisations than this read that there are more.
ROLES_SHOWN = 5

# The name of an organisation, None for Inera itself, and what somebody is there.
Held = tuple[str | None, Sequence[Role]]


@dataclass(frozen=True)
class HomeItem:
    """A case in a list, seen from the side of the part the reader plays in it."""

    view: CaseView
    part: Part


@dataclass(frozen=True)
class HomeFacts:
    """What the home tab of a reader shows.

    `reader` is the person's name, None for an account that is not linked; `offer_link_to` then names the person
    with the account's e-mail address, if there is one. Give one item more than is shown (WAITING_SHOWN,
    ORDERED_SHOWN) and there will be a button for the next page; `is_later_page` adds one back to the start.
    """

    environment: str
    reader: str | None
    roles: Sequence[Held] = ()
    waiting: Sequence[HomeItem] = ()
    ordered: Sequence[HomeItem] = ()
    portal_url: str = ""
    offer_link_to: str | None = None
    is_later_page: bool = False

    @property
    def may_order(self) -> bool:
        """True for an orderer of some organisation."""
        return any(Role.ORDERER in roles for _, roles in self.roles)

    def pointer(self, case: str = "", seen: Seen | None = None) -> str:
        """A button's value on the home tab, where there is no card."""
        return Pointer(self.environment, CardId(""), CaseId(case), seen or Seen(0, 0)).value()


def build(home: HomeFacts, language: Language) -> dict[str, object]:
    """The home tab as Slack's view."""
    blocks = [*_greeting(home, language), *(_unlinked if home.reader is None else _lists)(home, language)]
    return {"type": "home", "blocks": [*blocks, divider(), *_foot(home, language)]}


def _greeting(home: HomeFacts, language: Language) -> Iterator[Block]:
    yield header(say(language, "home.title"))
    if home.reader is not None:
        hello = "home.hello_orderer" if home.may_order else "home.hello"
        yield rich(woven(language, hello, {"name": on_one_line(home.reader)}), [literal(roles_held(home, language))])


def roles_held(home: HomeFacts, language: Language) -> str:
    """What the reader is and where; what to do for somebody who is nothing anywhere."""
    if not home.roles:
        return say(language, "home.no_role")
    said = [_held(each, language) for each in home.roles[:ROLES_SHOWN]]
    more = len(home.roles) - len(said)
    return " ".join([*said, say(language, "value.more", count=more)] if more else said)


def _held(held: Held, language: Language) -> str:
    organisation, roles = held
    named = _together([say(language, f"role.{each}") for each in roles], language)
    if organisation is None:
        return say(language, "home.roles_at_inera", roles=named)
    return say(language, "home.roles", roles=named, organisation=on_one_line(organisation))


def _together(listed: Sequence[str], language: Language) -> str:
    *first, last = listed
    return say(language, "value.and", first=", ".join(first), last=last) if first else last


def _unlinked(home: HomeFacts, language: Language) -> Iterator[Block]:
    yield rich([bold(say(language, "home.unlinked"))])
    if home.offer_link_to is None:
        yield rich([literal(say(language, "home.unlinked_todo"))])
        return
    yield rich(woven(language, "home.unlinked_offer", {"name": on_one_line(home.offer_link_to)}))
    value = home.pointer()
    yield from actions([primary(button(language, "link_yes", value)), button(language, "link_no", value)])


def _lists(home: HomeFacts, language: Language) -> Iterator[Block]:
    if home.may_order:
        yield from actions([button(language, "new_order", home.pointer())])
    yield divider()
    yield header(say(language, "home.waiting"))
    for item in home.waiting[:WAITING_SHOWN]:
        yield from _waiting(home, item, language)
    if not home.waiting:
        yield rich([literal(say(language, "home.waiting_none"))])
    yield from _paging(home, language, "waiting", home.waiting, WAITING_SHOWN)
    if home.may_order or home.ordered:
        yield from _orders(home, language)


def _orders(home: HomeFacts, language: Language) -> Iterator[Block]:
    yield divider()
    yield header(say(language, "home.ordered"))
    for item in home.ordered[:ORDERED_SHOWN]:
        yield _ordered(home, item, language)
    if not home.ordered:
        yield rich([literal(say(language, "home.ordered_none"))])
    yield from _paging(home, language, "ordered", home.ordered, ORDERED_SHOWN)


def _waiting(home: HomeFacts, item: HomeItem, language: Language) -> Iterator[Block]:
    words = CaseWords(item.view, language)
    part = words.say(f"home.part.{item.part}")
    line = words.say("home.waiting_part", part=part, since=words.since())
    yield rich([bold(words.say("home.waiting_line"))], [literal(line)])
    yield from choices(language, item.part, item.view.offers.get(item.part, ()), _pointer(home, item), words.about)


def _ordered(home: HomeFacts, item: HomeItem, language: Language) -> Block:
    words = CaseWords(item.view, language)
    since = when(language, item.view.closed_at or item.view.waiting_since)
    state = say(language, f"state.{item.view.state}")
    key = "home.ordered_line" if item.view.is_open else "home.ordered_line_over"
    title, line = words.say("home.waiting_line"), words.say(key, state=state, since=since)
    show = button(language, "details", _pointer(home, item).value(), words.about)
    show["text"] = plain(say(language, "btn.show"))
    return {"type": "section", "text": plain(f"{title}\n{line}"), "accessory": show}


def _pointer(home: HomeFacts, item: HomeItem) -> Pointer:
    seen = Seen(item.view.step, item.view.content_version)
    return Pointer(home.environment, CardId(""), item.view.case, seen)


def _paging(home: HomeFacts, language: Language, name: str, items: Sequence[HomeItem], shown: int) -> Iterator[Block]:
    buttons: list[Element] = []
    if len(items) > shown:
        more = button(language, "more", home.pointer(items[shown - 1].view.case))
        buttons.append(more | {"action_id": f"kp.more.{name}"})
    if home.is_later_page:
        buttons.append(button(language, "home", home.pointer()))
    if buttons:
        yield small(say(language, "home.page"))
    yield from actions(buttons)


def _foot(home: HomeFacts, language: Language) -> Iterator[Block]:
    yield small(say(language, "home.help_orderer" if home.may_order else "home.help"))
    buttons = [button(language, "help", home.pointer()), *url_button(language, "open_portal", home.portal_url)]
    yield from actions([*buttons, _languages(language)])


def _languages(language: Language) -> Element:
    options = {each: {"text": plain(say(language, f"language.{each}")), "value": each.value} for each in Language}
    return {
        "type": "static_select",
        "action_id": "kp.language",
        "placeholder": plain(say(language, "language.label")),
        "options": list(options.values()),
        "initial_option": options[language],
    }
