"""The home tab: what waits for me, what I have ordered, who decides in my place, my language, and help."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.forms.inputs import option, select
from bot.slack.views.home.home_absences import NO_ABSENCES, AbsenceSection, absences
from bot.slack.views.organisations.administered import NOTHING_KEPT, AdministrationSection, administered
from bot.slack.views.organisations.roles import Held, roles_held
from core.api import PART_WAITED_FOR, CaseView, Language, Part, Role, Seen
from notifications.render.buttons import Pointer
from notifications.render.model import Block, Bold, Element, Line
from notifications.render.pieces.choices import choices
from notifications.render.pieces.parts import (
    actions,
    button,
    divider,
    header,
    item_of,
    on_one_line,
    primary,
    rich,
    small,
    url_button,
    woven,
)
from notifications.render.pieces.words import CaseWords
from notifications.texts import say, when

# So many of each list are drawn: with all else, well within the hundred blocks that Slack takes.
WAITING_SHOWN, ORDERED_SHOWN, BLOCKED_SHOWN, RESERVED_SHOWN = 10, 15, 5, 5

HOLD_SHOWN = 200


@dataclass(frozen=True)
class HomeItem:
    """A case in a list, seen from the side of the part the reader plays in it, as substitute for somebody `absent`."""

    view: CaseView
    part: Part
    absent: str | None = None


@dataclass(frozen=True)
class HomeFacts:
    """What the home tab of a reader shows.

    `reader` is the person's name, None for an account that is not linked; `offer_link_to` then names the person
    with the account's e-mail address, if there is one; `is_barred`: it may not be linked
    yet. Give one item more than is shown (WAITING_SHOWN, ORDERED_SHOWN) and there will be a button for the next page;
    `is_later_page` adds one back to the start. `blocked` are orders that nobody can decide, for their administrator;
    `reserved` those that a reserve attestant (`is_reserve`) may attest in others' place.
    """

    environment: str
    reader: str | None
    roles: Sequence[Held] = ()
    waiting: Sequence[HomeItem] = ()
    ordered: Sequence[HomeItem] = ()
    portal_url: str = ""
    offer_link_to: str | None = None
    is_barred: bool = False
    is_later_page: bool = False
    blocked: Sequence[HomeItem] = ()
    absences: AbsenceSection = NO_ABSENCES
    administration: AdministrationSection = NOTHING_KEPT
    reserved: Sequence[HomeItem] = ()
    is_reserve: bool = False

    @property
    def may_order(self) -> bool:
        """True for an orderer of some organisation."""
        return any(Role.ORDERER in roles for _, roles in self.roles)

    @property
    def pointer(self) -> Pointer:
        """Return what buttons carry that are about no case."""
        return Pointer(self.environment)

    def pointer_to(self, item: HomeItem) -> Pointer:
        """Return what the buttons of a case carry; no card, since it stands in a list."""
        return Pointer(self.environment, case=item.view.case, seen=Seen(item.view.step, item.view.content_version))


def build(home: HomeFacts, language: Language) -> list[Block]:
    """Return the home tab from top to bottom."""
    blocks = [*_greeting(home, language), *(_unlinked if home.reader is None else _lists)(home, language)]
    return [*blocks, divider(), *_foot(home, language)]


def _greeting(home: HomeFacts, language: Language) -> Iterator[Block]:
    yield header(say(language, "home.title"))
    if home.reader is not None:
        hello = "home.hello_orderer" if home.may_order else "home.hello"
        yield rich(woven(language, hello, {"name": on_one_line(home.reader)}), [roles_held(home.roles, language)])


def _unlinked(home: HomeFacts, language: Language) -> Iterator[Block]:
    yield rich([Bold(say(language, "link.barred.title" if home.is_barred else "home.unlinked"))])
    if home.offer_link_to is None:
        yield rich([say(language, "home.unlinked_todo")])
        return
    if home.is_barred:
        yield rich([say(language, "link.barred.body")])
        return
    yield rich(woven(language, "home.unlinked_offer", {"name": on_one_line(home.offer_link_to)}))
    value = home.pointer.value()
    yield from actions([primary(button(language, "link_yes", value)), button(language, "link_no", value)])


def _lists(home: HomeFacts, language: Language) -> Iterator[Block]:
    first = ["new_order"] * home.may_order + ["holdings"] * any(name for name, _ in home.roles)
    yield from actions([button(language, each, home.pointer.value()) for each in first])
    yield divider()
    yield header(say(language, "home.waiting"))
    for item in home.waiting[:WAITING_SHOWN]:
        yield from _waiting(home, item, language)
    if not home.waiting:
        yield rich([say(language, "home.waiting_none")])
    yield from _paging(home, language, "waiting", home.waiting, WAITING_SHOWN)
    if home.is_reserve:
        yield from _reserved(home, language)
    if home.blocked:
        yield from _stopped(home, language)
    if home.may_order or home.ordered:
        yield from _orders(home, language)
    yield from administered(home.administration, home.pointer, language)
    yield from absences(home.absences, home.pointer, language)


def _orders(home: HomeFacts, language: Language) -> Iterator[Block]:
    yield divider()
    yield header(say(language, "home.ordered"))
    for item in home.ordered[:ORDERED_SHOWN]:
        yield _ordered(home, item, language)
    if not home.ordered:
        yield rich([say(language, "home.ordered_none")])
    yield from _paging(home, language, "ordered", home.ordered, ORDERED_SHOWN)


def _waiting(home: HomeFacts, item: HomeItem, language: Language) -> Iterator[Block]:
    words = CaseWords(item.view, language)
    part = words.say(f"home.part.{item.part}")
    line = words.say("home.waiting_part", part=part, since=words.since())
    place = [] if item.absent is None else words.rich("home.as_substitute", absent=on_one_line(item.absent))
    yield rich([Bold(words.say("home.waiting_line"))], place, [line])
    yield from choices(language, item.part, item.view.offers.get(item.part, ()), home.pointer_to(item), words.about)


def _reserved(home: HomeFacts, language: Language) -> Iterator[Block]:
    """Return what waits for others, which the reader may attest where it cannot wait for them."""
    yield divider()
    yield header(say(language, "home.reserved"))
    yield rich([say(language, "home.reserved_hint" if home.reserved else "home.reserved_none")])
    for item in home.reserved[:RESERVED_SHOWN]:
        words = CaseWords(item.view, language)
        line = words.say("home.waiting_part", part=words.say(f"home.part.{item.part}"), since=words.since())
        yield rich([Bold(words.say("home.waiting_line"))], [line], *_waited_on(words))
        offers = [each for each in item.view.offers.get(item.part, ()) if each.who is item.part]
        yield from choices(language, item.part, offers, home.pointer_to(item), words.about)
    yield from _and_more(home.reserved, RESERVED_SHOWN, language)


def _waited_on(words: CaseWords) -> Iterator[Line]:
    if words.view.asked:
        yield words.rich("chain.waits_on", people=words.together(words.view.asked))


def _stopped(home: HomeFacts, language: Language) -> Iterator[Block]:
    """Return what nobody can decide, why, and what an administrator does about it."""
    yield divider()
    yield header(say(language, "home.blocked"))
    for item in home.blocked[:BLOCKED_SHOWN]:
        words = CaseWords(item.view, language)
        yield rich([Bold(_of_block(words, "why", item))], [_of_block(words, "todo", item)])
        yield from actions([button(language, "details", home.pointer_to(item).value(), words.about)])
    yield from _and_more(home.blocked, BLOCKED_SHOWN, language)


def _and_more(items: Sequence[HomeItem], shown: int, language: Language) -> Iterator[Block]:
    if len(items) > shown:
        yield rich([say(language, "home.more")])


def _of_block(words: CaseWords, kind: str, item: HomeItem) -> str:
    why, part = item.view.blocked, PART_WAITED_FOR[item.view.state]
    return words.say(f"blocked.{kind}.{why}.{part}", f"blocked.{kind}.{why}")


def _ordered(home: HomeFacts, item: HomeItem, language: Language) -> Block:
    words = CaseWords(item.view, language)
    since = when(language, item.view.closed_at or item.view.waiting_since)
    key = "home.ordered_line" if item.view.is_open else "home.ordered_line_over"
    title, line = words.say("home.waiting_line"), words.say(key, state=words.state, since=since)
    show = button(language, "details", home.pointer_to(item).value(), words.about)
    text = "\n".join((title, line, *_standing_still(words)))
    return item_of(text, show._replace(text=say(language, "btn.show")))


def _standing_still(words: CaseWords) -> Iterator[str]:
    """That an order waits for nobody's decision now, and why, as far as it is the reader's side's matter."""
    if words.view.blocked is not None:
        yield words.say(f"blocked.told.{words.view.blocked}")
    if words.view.hold:
        yield words.say("home.held", reason=on_one_line(words.view.hold, HOLD_SHOWN))


def _paging(home: HomeFacts, language: Language, name: str, items: Sequence[HomeItem], shown: int) -> Iterator[Block]:
    buttons: list[Element] = []
    if len(items) > shown:
        more = button(language, "more", home.pointer_to(items[shown - 1]).value())
        buttons.append(more._replace(action_id=f"kp.more.{name}"))
    if home.is_later_page:
        buttons.append(button(language, "home", home.pointer.value()))
    if buttons:
        yield small(say(language, "home.page"))
    yield from actions(buttons)


def _foot(home: HomeFacts, language: Language) -> Iterator[Block]:
    yield small(say(language, "home.help_orderer" if home.may_order else "home.help"))
    buttons = [button(language, "help", home.pointer.value()), *url_button(language, "open_portal", home.portal_url)]
    yield from actions([*buttons, _languages(language)])


def _languages(language: Language) -> Element:
    listed = {each: option(each.value, say(language, f"language.{each}")) for each in Language}
    return select("kp.language", say(language, "language.label"), list(listed.values()), listed[language])
