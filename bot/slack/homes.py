"""Home tabs: drawn when they are opened, and again while somebody who opened one lately has news in it."""

import logging
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from bot.acts.deployment import Deployment
from bot.acts.home_lists import PersonalHome
from bot.server.background import Tasks, Wake
from bot.slack.identity import Caller
from bot.views.home import home
from bot.views.home.home import HomeFacts
from core.api import InboxQuery, Person
from notifications.accounts.directory import Directory
from notifications.accounts.holder import Guest, NotSaid
from notifications.cards.card import Card
from notifications.render.surfaces import block_kit
from notifications.slack.slack_errors import SlackProblem
from notifications.slack.slack_gateway import Gateway

log = logging.getLogger(__name__)

# Whose tab is redrawn unasked. Whoever is forgotten sees the tab redrawn when it is opened next.
REMEMBERED = 1_000


FIRST = InboxQuery()
# Whose tab it is (workspace and user), and what is drawn there.
Account = tuple[str, str]
Drawing = tuple[Caller, InboxQuery]


@dataclass(frozen=True)
class LinkOffers:
    """Asks holders of accounts whether they are the people with the same e-mail addresses."""

    directory: Directory
    here: Deployment
    wake: Wake

    async def ask(self, by: Caller) -> HomeFacts:
        """Ask the holder of an account, once, in the Slack that it is of; return what the answer shows."""
        nobody = HomeFacts(environment=self.here.environment, reader=None)
        if not by.is_at_home:
            return nobody
        match await self.directory.find_by_slack_user(by.workspace, by.user):
            case None:
                return nobody
            case NotSaid():
                return replace(nobody, is_unsure=True)
            case Guest() as guest:
                await self.directory.ask_administrator(guest, by.workspace, by.user)
                self.wake()
                asked = replace(nobody, offer_link_to=guest.person.name, is_guest=True)
            case person:
                if await self.directory.offer_link(person, by.workspace, by.user):
                    self.wake()
                asked = replace(nobody, offer_link_to=person.name)
        return replace(asked, is_barred=await self.directory.is_barred(by.account))


@dataclass(frozen=True)
class HomeReads:
    """Reads everything that a tab shows."""

    personal: PersonalHome
    offers: LinkOffers

    async def facts(self, by: Caller, person: Person | None, query: InboxQuery) -> HomeFacts:
        """Return what the tab of an account shows; `person` None where nobody is linked to it."""
        if person is None:
            return replace(await self.offers.ask(by), portal_url=self.personal.lists.here.portal_url)
        return await self.personal.facts(person, query)


class Homes:
    """Remembers, in this process only, who has opened a tab lately; a tab that is not redrawn is merely older."""

    def __init__(self, reads: HomeReads, gateway: Gateway, tasks: Tasks) -> None:
        self._reads = reads
        self._gateway = gateway
        self._opened: OrderedDict[Account, Drawing] = OrderedDict()
        self._drawings = Newest[Account, Drawing](tasks.start, self._show)

    def opened(self, by: Caller) -> None:
        """Somebody looks at the tab: it begins with what waits."""
        self._remember(by, FIRST)
        self._redraw(_account(by))

    def redraw(self, by: Caller) -> None:
        """Something changed for somebody; nothing happens unless the tab was opened lately."""
        self._redraw(_account(by))

    def card_shown(self, card: Card) -> None:
        """A card was posted or edited, so its reader's lists may have changed."""
        self._redraw((card.workspace or "", card.address or ""))

    def turn(self, by: Caller, query: InboxQuery) -> None:
        """Show another page, or another list; what changes later is shown there."""
        self._remember(by, query)
        self._drawings.draw(_account(by), (by, query))

    def _remember(self, by: Caller, query: InboxQuery) -> None:
        self._opened[_account(by)] = by, query
        self._opened.move_to_end(_account(by))
        while len(self._opened) > REMEMBERED:
            self._opened.popitem(last=False)

    async def short(self, person: Person) -> HomeFacts:
        """Return the same in short, for an answer in a conversation."""
        return await self._reads.personal.lists.short(person)

    async def offer_link(self, by: Caller) -> HomeFacts:
        """Ask the holder of an account whose it is; return what the answer shows."""
        return await self._reads.offers.ask(by)

    def _redraw(self, key: Account) -> None:
        # Several changes before the tab is drawn are one drawing.
        if key in self._opened:
            self._drawings.draw_anew(key, self._opened[key])

    async def _show(self, drawing: Drawing) -> None:
        by, query = drawing
        who = await self._reads.personal.people.reader(by)
        facts = await self._reads.facts(by, who.person, query)
        view = block_kit.home(home.build(facts, who.language), facts.metadata)
        try:
            await self._gateway.publish(by.workspace.token, by.user, view)
        except SlackProblem as problem:
            log.info("home_not_shown error=%s", problem.error)


def _account(by: Caller) -> Account:
    return by.workspace.id, by.user


Key = TypeVar("Key")
Wish = TypeVar("Wish")
Work = Coroutine[Any, Any, None]


class Newest(Generic[Key, Wish]):
    """Draws wishes by key. What is wished for while a drawing is on its way is one drawing more, of the newest wish."""

    def __init__(self, start: Callable[[Work], object], draw: Callable[[Wish], Work]) -> None:
        self._start = start
        self._draw = draw
        self._wished: dict[Key, Wish] = {}
        self._at_work: set[Key] = set()

    def draw(self, key: Key, wish: Wish) -> None:
        """Draw this, instead of what waits to be drawn."""
        self._wished[key] = wish
        self._begin(key)

    def draw_anew(self, key: Key, wish: Wish) -> None:
        """Draw this, unless something waits to be drawn: that will be up to date as well."""
        self._wished.setdefault(key, wish)
        self._begin(key)

    def _begin(self, key: Key) -> None:
        if key not in self._at_work:
            self._at_work.add(key)
            self._start(self._work(key))

    async def _work(self, key: Key) -> None:
        try:
            while key in self._wished:
                await self._draw(self._wished.pop(key))
        finally:
            self._at_work.discard(key)
            # What failed keeps nobody from what was wished for meanwhile.
            if key in self._wished:
                self._begin(key)
