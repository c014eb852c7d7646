"""Home tabs: drawn when they are opened, and again while somebody who opened one lately has news in it."""

import logging
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from bot.slack.dependencies import Dependencies
from bot.slack.identity import Caller, reader
from bot.slack.views.home import home
from bot.slack.views.home.home import BLOCKED_SHOWN, ORDERED_SHOWN, RESERVED_SHOWN, WAITING_SHOWN, HomeFacts, HomeItem
from bot.slack.views.home.home_absences import Absence
from bot.slack.views.home.home_absences import AbsenceSection as OnTab
from bot.slack.views.home.status import SHOWN
from bot.slack.views.organisations.administered import (
    ORGANISATIONS_SHOWN,
    AdministeredOrganisation,
    AdministrationSection,
)
from bot.slack.views.organisations.roles import Held
from core.api import (
    ROLES_OF,
    SUBSTITUTED,
    CaseId,
    Organisation,
    OrganisationId,
    OrganisationKind,
    Part,
    Person,
    Role,
    Substitution,
    Waiting,
)
from notifications.cards.card import Card
from notifications.render.surfaces import block_kit
from notifications.slack.slack_errors import SlackProblem

log = logging.getLogger(__name__)

Roles = Mapping[OrganisationId, tuple[Organisation, frozenset[Role]]]

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
# Whose tab it is (workspace and user), and what is drawn there.
Account = tuple[str, str]
Drawing = tuple[Caller, Turn]


class Homes:
    """Remembers, in this process only, who has opened a tab lately; a tab that is not redrawn is merely older."""

    def __init__(self, desk: Dependencies) -> None:
        self._desk = desk
        self._opened: OrderedDict[Account, Caller] = OrderedDict()
        self._drawings = Newest[Account, Drawing](desk.tasks.start, self._show)

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
        self._drawings.draw((by.workspace.id, by.user), (by, turn))

    async def short(self, person: Person) -> HomeFacts:
        """The same in short, for an answer in a conversation."""
        at = self._desk.now()
        waiting = await self._desk.queries.waiting_for(person.id, at, None, SHOWN + 1)
        return HomeFacts(
            environment=self._desk.environment,
            reader=person.name,
            roles=list(_held(await self._desk.queries.roles_of(person.id, at))),
            waiting=await items(self._desk, waiting),
        )

    def _redraw(self, key: Account) -> None:
        # Several changes before the tab is drawn are one drawing.
        if key in self._opened:
            self._drawings.draw_anew(key, (self._opened[key], FIRST))

    async def _show(self, drawing: Drawing) -> None:
        by, turn = drawing
        who = await reader(self._desk.queries, by)
        facts = await (self._unlinked(by) if who.person is None else self._linked(who.person, turn))
        try:
            await self._desk.gateway.publish(
                by.workspace.token, by.user, block_kit.home(home.build(facts, who.language))
            )
        except SlackProblem as problem:
            log.info("home_not_shown error=%s", problem.error)

    async def _linked(self, person: Person, turn: Turn) -> HomeFacts:
        queries, at = self._desk.queries, self._desk.now()
        waiting = await queries.waiting_for(person.id, at, turn.waiting, WAITING_SHOWN + 1)
        ordered = await queries.ordered_by(person.id, at, turn.ordered, ORDERED_SHOWN + 1)
        roles = await queries.roles_of(person.id, at)
        return HomeFacts(
            environment=self._desk.environment,
            reader=person.name,
            roles=list(_held(roles)),
            waiting=await items(self._desk, waiting),
            ordered=await items(self._desk, [Waiting(case, Part.ORDERER) for case in ordered]),
            portal_url=self._desk.portal_url,
            is_later_page=turn.is_later,
            blocked=await self._blocked(person),
            reserved=await items(self._desk, await queries.for_reserves(person.id, at, RESERVED_SHOWN + 1)),
            is_reserve=any(Role.EMERGENCY_ATTESTANT in held for _, held in roles.values()),
            absences=await self._absences(person, roles),
            administration=await self._administration(person, roles),
        )

    async def _blocked(self, person: Person) -> list[HomeItem]:
        found = await self._desk.queries.blocked_for(person.id, self._desk.now(), BLOCKED_SHOWN + 1)
        # What hinders the other side is that side's matter.
        return [each for each in await items(self._desk, found) if each.view.blocked is not None]

    async def _absences(self, person: Person, roles: Roles) -> OnTab:
        mine = await self._desk.absences.mine(person.id)
        others = await self._desk.absences.administered_by(person.id)
        return OnTab(
            listed=await self._listed(person, list({each.id: each for each in (*mine, *others)}.values())),
            may_be_away=any(held & SUBSTITUTED for _, held in roles.values()),
            administers=any(Role.ADMINISTRATOR in held for _, held in roles.values()),
        )

    async def _administration(self, person: Person, roles: Roles) -> AdministrationSection:
        kept = {id_: each for id_, (each, held) in roles.items() if Role.ADMINISTRATOR in held}
        shown = list(kept)[: ORGANISATIONS_SHOWN + 1]
        ready = await self._desk.administration.readiness(person.id, shown) if shown else {}
        return AdministrationSection(
            kept=[AdministeredOrganisation(id_, kept[id_].name, ready.get(id_)) for id_ in shown],
            serves=any(held & ROLES_OF[Part.CUSTOMER_SERVICE] for _, held in roles.values()),
        )

    async def _listed(self, person: Person, found: Sequence[Substitution]) -> list[Absence]:
        people = {one for each in found for one in each.people}
        names, places = await self._desk.queries.names(sorted(people), sorted({each.organisation for each in found}))
        return [
            Absence(
                id=each.id,
                absent=None if each.absent == person.id else names.get(each.absent, ""),
                substitute=None if each.substitute == person.id else names.get(each.substitute, ""),
                role=each.role,
                organisation=places.get(each.organisation, ""),
                first=each.first_day,
                last=each.last_day,
            )
            for each in found
        ]

    async def _unlinked(self, by: Caller) -> HomeFacts:
        return replace(await offer_link(self._desk, by), portal_url=self._desk.portal_url)


async def items(desk: Dependencies, listed: Sequence[Waiting]) -> list[HomeItem]:
    """Cases in a list, each as the side of the part played in it may see it."""
    views = await desk.queries.listed(listed)
    names, _ = await desk.queries.names([row.absent for row in listed if row.absent], [])
    return [
        HomeItem(view, row.part, None if row.absent is None else names.get(row.absent))
        for row, view in zip(listed, views, strict=True)
    ]


def _held(roles: Roles) -> Iterator[Held]:
    """What somebody is where, organisation by organisation."""
    for organisation, held in roles.values():
        if held:
            name = None if OrganisationKind.INERA in organisation.kinds else organisation.name
            yield name, [each for each in Role if each in held]


async def offer_link(desk: Dependencies, by: Caller) -> HomeFacts:
    """Ask the holder of an account whether it is the person's with the same e-mail address; what the answer shows."""
    nobody = HomeFacts(environment=desk.environment, reader=None)
    try:
        person = await desk.directory.find_by_slack_user(by.workspace, by.user)
    except SlackProblem as problem:
        log.info("account_not_read error=%s", problem.error)
        return nobody
    if person is None:
        return nobody
    if await desk.directory.offer_link(person, by.workspace, by.user):
        desk.relay.wake()
    return replace(nobody, offer_link_to=person.name, is_barred=await desk.directory.is_barred(by.account))


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
