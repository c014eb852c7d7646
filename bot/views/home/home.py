"""The home tab, from top to bottom: a list, what others may need me for, what I have ordered, what I look after."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.forms.inputs import option, select
from bot.views.home.home_absences import NO_ABSENCES, AbsenceSection, absences
from bot.views.home.inbox import draw_page, headline, page_metadata, row, rows
from bot.views.organisations.administered import NOTHING_KEPT, AdministrationSection, administered
from bot.views.organisations.roles import Held, roles_held
from core.api import PART_WAITED_FOR, CaseList, InboxPage, InboxQuery, Language, LinkedSlack, ListedCase, Role
from notifications.render.button_values import Pointer
from notifications.render.model import Block, Bold, Element
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
from notifications.render.pieces.rows import reserve_line, show_button
from notifications.render.pieces.words import CaseWords
from notifications.texts import say

# Below what waits there is room for a few of each.
ORDERED_SHOWN, BLOCKED_SHOWN, RESERVED_SHOWN = 5, 5, 5
NOTHING_LISTED = InboxPage(InboxQuery())


@dataclass(frozen=True)
class HomeFacts:
    """What the home tab of a reader shows, at a time.

    `reader` is the person's name, None for an account that is not linked; `offer_link_to` then names the person
    with the account's e-mail address, if there is one; `is_barred`: it may not be linked yet; `is_guest`: an
    administrator is to say yes to it first; `is_unsure`: Slack does not say now who it is. `inbox` is the page of
    the list that the reader has chosen. What stands below it is there beside what waits for the reader alone:
    `ordered`, the latest that the reader has ordered; `blocked`, orders that nobody can decide, for their
    administrator; `reserved`, those that a reserve attestant (`is_reserve`) may attest in others' place; `slacks`,
    those that the reader is linked in.
    `has_commands` where something can be typed.
    """

    environment: str
    reader: str | None
    roles: Sequence[Held] = ()
    inbox: InboxPage = NOTHING_LISTED
    ordered: InboxPage | None = None
    portal_url: str = ""
    offer_link_to: str | None = None
    is_barred: bool = False
    is_unsure: bool = False
    is_guest: bool = False
    blocked: Sequence[ListedCase] = ()
    absences: AbsenceSection = NO_ABSENCES
    administration: AdministrationSection = NOTHING_KEPT
    reserved: Sequence[ListedCase] = ()
    is_reserve: bool = False
    slacks: Sequence[LinkedSlack] = ()
    at: datetime | None = None
    has_commands: bool = True

    @property
    def may_order(self) -> bool:
        """True for an orderer of some organisation."""
        return any(Role.ORDERER in roles for _, roles in self.roles)

    @property
    def pointer(self) -> Pointer:
        """Return what buttons carry that are about no case."""
        return Pointer(self.environment)

    @property
    def metadata(self) -> str:
        """Return what the tab carries, so that a press on it is known to have been on this page of this list."""
        return page_metadata(self.pointer, self.inbox.query)


def build(home: HomeFacts, language: Language) -> list[Block]:
    """Return the home tab from top to bottom."""
    blocks = [*_greeting(home, language), *(_unlinked if home.reader is None else _sections)(home, language)]
    return [*blocks, divider(), *_foot(home, language)]


def _greeting(home: HomeFacts, language: Language) -> Iterator[Block]:
    yield header(say(language, "home.title"))
    if home.reader is not None:
        hello = "home.hello_orderer" if home.may_order else "home.hello"
        yield rich(woven(language, hello, {"name": on_one_line(home.reader)}), [roles_held(home.roles, language)])


def _unlinked(home: HomeFacts, language: Language) -> Iterator[Block]:
    yield rich([Bold(say(language, "link.barred.title" if home.is_barred else "home.unlinked"))])
    if home.offer_link_to is None:
        yield rich([say(language, "home.unlinked_unsure" if home.is_unsure else "home.unlinked_todo")])
        return
    if home.is_barred:
        yield rich([say(language, "link.barred.body")])
        return
    name = {"name": on_one_line(home.offer_link_to)}
    if home.is_guest:
        yield rich(woven(language, "link.asked.text", name), [say(language, "link.asked.body")])
        return
    yield rich(woven(language, "home.unlinked_offer", name))
    value = home.pointer.value()
    yield from actions([primary(button(language, "link_yes", value)), button(language, "link_no", value)])


def _sections(home: HomeFacts, language: Language) -> Iterator[Block]:
    keeping = list(administered(home.administration, home.pointer, language))
    # What is missing before anything can be ordered stands first.
    if home.administration.lacks:
        yield from keeping
        yield divider()
    holds = any(name for name, _ in home.roles)
    first = ["new_order"] * home.may_order + ["holdings"] * holds + ["search"] * bool(home.roles)
    yield from actions([button(language, each, home.pointer.value()) for each in first])
    yield divider()
    yield from draw_page(home.inbox, home.pointer, language, home.at)
    if home.is_reserve:
        yield from _reserved(home, language)
    if home.blocked:
        yield from _stopped(home, language)
    if home.ordered is not None:
        yield from _orders(home, home.ordered, language)
    if not home.administration.lacks:
        yield from keeping
    yield from absences(home.absences, home.pointer, language)
    if len(home.slacks) > 1:
        yield from _slacks(home, language)


def _orders(home: HomeFacts, ordered: InboxPage, language: Language) -> Iterator[Block]:
    """Return the latest that the reader has ordered, and the way to the rest."""
    yield divider()
    yield header(headline(ordered, language))
    yield from rows(ordered.rows, CaseList.ORDERED, home.pointer, language, home.at)
    if not ordered.rows:
        yield rich([say(language, "inbox.nothing.ordered")])
    if ordered.has_more:
        yield from actions([button(language, "list.ordered", home.pointer.value(), label="more")])


def _reserved(home: HomeFacts, language: Language) -> Iterator[Block]:
    """Return what waits for others, which the reader may attest where it cannot wait for them."""
    yield divider()
    yield header(say(language, "home.reserved"))
    yield rich([say(language, "home.reserved_hint" if home.reserved else "home.reserved_none")])
    for item in home.reserved[:RESERVED_SHOWN]:
        yield row(item, reserve_line(item, language, home.at), home.pointer, language)
    yield from _and_more(home.reserved, RESERVED_SHOWN, language)


def _stopped(home: HomeFacts, language: Language) -> Iterator[Block]:
    """Return what nobody can decide, why, and what an administrator does about it."""
    yield divider()
    yield header(say(language, "home.blocked"))
    for item in home.blocked[:BLOCKED_SHOWN]:
        words = CaseWords(item.view, language)
        yield rich([Bold(_of_block(words, "why", item))], [_of_block(words, "todo", item)])
        yield from actions([show_button(item, home.pointer, language)])
    yield from _and_more(home.blocked, BLOCKED_SHOWN, language)


def _slacks(home: HomeFacts, language: Language) -> Iterator[Block]:
    """Return where the reader is linked, which of it gets the messages, and the button to choose another."""
    yield divider()
    yield header(say(language, "home.slacks"))
    yield rich([say(language, "home.slacks_hint")])
    for slack in home.slacks:
        name = on_one_line(slack.name)
        may_be_chosen = slack.is_reached and not slack.gets
        choosing = button(language, "send_here", home.pointer.option(slack.id), name) if may_be_chosen else None
        yield item_of(say(language, f"home.slack.{_standing(slack)}", slack=name), choosing)


def _standing(slack: LinkedSlack) -> str:
    if slack.is_reached:
        return "gets" if slack.gets else "linked"
    return "chosen_unreached" if slack.is_chosen else "unreached"


def _and_more(items: Sequence[ListedCase], shown: int, language: Language) -> Iterator[Block]:
    if len(items) > shown:
        yield rich([say(language, "home.more")])


def _of_block(words: CaseWords, kind: str, item: ListedCase) -> str:
    why, part = item.view.blocked, PART_WAITED_FOR[item.view.state]
    return words.say(f"blocked.{kind}.{why}.{part}", f"blocked.{kind}.{why}")


def _foot(home: HomeFacts, language: Language) -> Iterator[Block]:
    if home.has_commands:
        yield small(say(language, "home.help_orderer" if home.may_order else "home.help"))
    buttons = [button(language, "help", home.pointer.value()), *url_button(language, "open_portal", home.portal_url)]
    yield from actions([*buttons, _languages(language)])


def _languages(language: Language) -> Element:
    listed = {each: option(each.value, say(language, f"language.{each}")) for each in Language}
    return select("kp.language", say(language, "language.label"), list(listed.values()), listed[language])
