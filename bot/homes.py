"""Home tabs: drawn when they are opened, and again while somebody who opened one lately has news in it."""

import logging
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from bot.desk import Desk
from bot.identity import Caller, reader
from bot.views import home
from bot.views.home import ORDERED_SHOWN, WAITING_SHOWN, HomeFacts, HomeItem
from bot.views.roles import Held
from bot.views.status import SHOWN
from core.api import SIDE_OF, CaseId, OrganisationKind, Part, Person, Role, Waiting, disclose
from notifications.card import Card
from notifications.slack_errors import SlackProblem

log = logging.getLogger(__name__)

# Whose tab is redrawn unasked. Whoever is forgotten sees the tab redrawn when it is opened next.
REMEMBERED = 1_000


@dataclass(frozen=True)
class Turn:
    """Which page of the lists is shown: after which case."""

    waiting: CaseId | None = None
    ordered: CaseId | None = None

    @property
    def is_later(self) -> bool:
        """True when something came before."""
        return self.waiting is not None or self.ordered is not None


FIRST = Turn()


class Homes:
    """Remembers, in this process only, who has opened a tab lately; a tab that is not redrawn is merely older."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._opened: OrderedDict[tuple[str, str], Caller] = OrderedDict()
        self._awaited: set[tuple[str, str]] = set()

    def opened(self, by: Caller) -> None:
        """Somebody looks at the tab."""
        self._opened[by.workspace.id, by.user] = by
        self._opened.move_to_end((by.workspace.id, by.user))
        while len(self._opened) > REMEMBERED:
            self._opened.popitem(last=False)
        self._redraw((by.workspace.id, by.user))

    def redraw(self, by: Caller) -> None:
        """Something changed for somebody; nothing happens unless the tab was opened lately."""
        self._redraw((by.workspace.id, by.user))

    def card_shown(self, card: Card) -> None:
        """A card was posted or edited, so its reader's lists may have changed."""
        self._redraw((card.workspace or "", card.address or ""))

    def turn(self, by: Caller, turn: Turn) -> None:
        """Show another page."""
        self._desk.tasks.start(self._show(by, turn))

    async def short(self, person: Person) -> HomeFacts:
        """The same in short, for an answer in a conversation."""
        at = self._desk.now()
        waiting = await self._desk.queries.waiting_for(person.id, at, None, SHOWN + 1)
        return HomeFacts(
            environment=self._desk.environment,
            reader=person.name,
            roles=await self._roles(person),
            waiting=await items(self._desk, waiting),
        )

    def _redraw(self, key: tuple[str, str]) -> None:
        # Several changes before the tab is drawn are one drawing.
        if key in self._opened and key not in self._awaited:
            self._awaited.add(key)
            self._desk.tasks.start(self._show_once(key))

    async def _show_once(self, key: tuple[str, str]) -> None:
        self._awaited.discard(key)
        if key in self._opened:
            await self._show(self._opened[key], FIRST)

    async def _show(self, by: Caller, turn: Turn) -> None:
        who = await reader(self._desk.queries, by)
        facts = await (self._unlinked(by) if who.person is None else self._linked(who.person, turn))
        try:
            await self._desk.gateway.publish(by.workspace.token, by.user, home.build(facts, who.language))
        except SlackProblem as problem:
            log.info("home_not_shown error=%s", problem.error)

    async def _linked(self, person: Person, turn: Turn) -> HomeFacts:
        queries, at = self._desk.queries, self._desk.now()
        waiting = await queries.waiting_for(person.id, at, turn.waiting, WAITING_SHOWN + 1)
        ordered = await queries.ordered_by(person.id, turn.ordered, ORDERED_SHOWN + 1)
        return HomeFacts(
            environment=self._desk.environment,
            reader=person.name,
            roles=await self._roles(person),
            waiting=await items(self._desk, waiting),
            ordered=await items(self._desk, [Waiting(case, Part.ORDERER) for case in ordered]),
            portal_url=self._desk.portal_url,
            is_later_page=turn.is_later,
        )

    async def _roles(self, person: Person) -> list[Held]:
        held = await self._desk.queries.roles_of(person.id, self._desk.now())
        return [
            (None if OrganisationKind.INERA in where.kinds else where.name, [each for each in Role if each in roles])
            for where, roles in held.values()
            if roles
        ]

    async def _unlinked(self, by: Caller) -> HomeFacts:
        person = await offer_link(self._desk, by)
        return HomeFacts(
            environment=self._desk.environment,
            reader=None,
            portal_url=self._desk.portal_url,
            offer_link_to=person and person.name,
        )


async def items(desk: Desk, listed: Sequence[Waiting]) -> list[HomeItem]:
    """Cases in a list, each as the side of the part played in it may see it."""
    dossiers = await desk.queries.dossiers([each.case for each in listed])
    return [HomeItem(disclose(dossiers[each.case], SIDE_OF[each.part]), each.part) for each in listed]


async def offer_link(desk: Desk, by: Caller) -> Person | None:
    """Ask the holder of an account whether it is the person's with the same e-mail address; None when nobody has it."""
    try:
        person = await desk.directory.find_by_slack_user(by.workspace, by.user)
    except SlackProblem as problem:
        log.info("account_not_read error=%s", problem.error)
        return None
    if person is not None and await desk.directory.offer_link(person, by.workspace, by.user):
        desk.relay.wake()
    return person
