"""Who presses during a drill: people who do whatever their messages offer, at once and without thinking twice.

They press in the small Slack, which signs what they do and sends it as Slack would. What they were told is kept, to be
held against the database afterwards.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import aiohttp

from bot.acts.press import OpenForm, Wish, meaning_of, wish_in
from bot.drill.stack import PATIENCE_SECONDS
from bot.sandbox.block_kit.elements import STATEFUL, elements_of, options_of
from bot.sandbox.box import Box
from bot.sandbox.interactions import commands_and_events, presses, submissions
from bot.sandbox.interactions.presses import PressSpot
from bot.sandbox.refusals import NotThere
from bot.sandbox.shapes import Json
from bot.sandbox.world.views import View
from bot.sandbox.world.world import Conversation, PostedMessage
from core.api import Action
from notifications.render.button_values import action_of

# How many of somebody's latest messages are looked at.
LATEST = 12
# So often out of a hundred somebody orders; and so often somebody looks at their home tab instead of pressing.
ORDERS, HOME = 12, 4
# Nobody has anything to press before somebody has ordered.
FIRST_ORDERS = 12
# So often out of a hundred somebody sends the form that is open, and fills in what may be left out.
SENDS, FILLS_ALL = 90, 30
# What moves an order on, is asked about or only looked at, and what ends it: of each so much is pressed.
MOVES, ASKS, LOOKS, ENDS = 12, 4, 2, 1
MOVING = frozenset({Action.APPROVE, Action.ATTEST, Action.ANSWER, Action.CLAIM, Action.RESUME, Action.CONFIRM_END})
MOVING |= {Action.SEND_INSTRUCTIONS, Action.INFORM_AGENT, Action.CONFIRM_CONNECTION, Action.KEEP}
ENDING = frozenset({Action.WITHDRAW, Action.CANCEL, Action.REJECT})
# Whoever says so gets no more messages.
NOT_ME = "kp.link_no"
# How often somebody who places an order asks for an answer, and for how long somebody waits before that.
TRIES, PAUSE_SECONDS = 40, 0.25


@dataclass(frozen=True)
class CrowdMember:
    """Somebody in a workspace of the small Slack."""

    team: str
    user: str


@dataclass(frozen=True)
class SentForm:
    """A form that somebody sent, about an order: what it wished for, and whether the answer said that it counts."""

    by: CrowdMember
    wish: Wish
    is_acknowledged: bool


@dataclass(frozen=True)
class OrderWish:
    """What somebody may order over HTTP: by which key, which offer, through which agent."""

    api_key: str
    offer: str
    agent: str | None


@dataclass
class CrowdTold:
    """What people did, and what they were told. `wishes` are what was pressed, whatever came of it.

    `orders` are those that were placed, by the key that each was sent with; `counted_at` the moments at which somebody
    was told that something counts, from the first second to the last.
    """

    presses: int = 0
    unanswered: int = 0
    counted_at: list[float] = field(default_factory=list[float])
    orders: dict[str, str] = field(default_factory=dict[str, str])
    wishes: list[tuple[CrowdMember, Wish]] = field(
        default_factory=list[tuple[CrowdMember, Wish]]
    )  # whatever was pressed
    forms: list[SentForm] = field(default_factory=list[SentForm])

    @property
    def acknowledged(self) -> list[SentForm]:
        """The forms that were answered as counting."""
        return [each for each in self.forms if each.is_acknowledged]

    @property
    def longest_silence(self) -> float:
        """For how many seconds at most nobody was told that anything counts."""
        return max((later - one for one, later in pairwise(self.counted_at)), default=0.0)


@dataclass(frozen=True)
class Offered:
    """An element that somebody can press, and where it stands; of a menu also which option."""

    where: Conversation
    message: PostedMessage
    block_id: str
    element: Json
    option: Json | None = None

    @property
    def wish(self) -> Wish | None:
        """What it does to an order, or begins to; None for anything that only looks."""
        return _wish(self.element, self.option)

    @property
    def weight(self) -> int:
        """How much it is pressed, among what else is offered."""
        if self.wish is None:
            return LOOKS
        return MOVES if self.wish.action in MOVING else ENDS if self.wish.action in ENDING else ASKS

    def spot(self, by: CrowdMember) -> PressSpot:
        """Where somebody presses it."""
        ids = {"block_id": self.block_id, "action_id": self.element["action_id"]}
        return PressSpot(team=by.team, user=by.user, channel=self.where.id, ts=self.message.ts, **ids)


@dataclass(frozen=True)
class Crowd:
    """Everybody in the small Slack, and what they may order. `site` is where the product answers."""

    box: Box
    page: str
    site: str
    wishes: Sequence[OrderWish]
    draw: Callable[[str], random.Random]
    told: CrowdTold = field(default_factory=CrowdTold)

    async def begin(self) -> None:
        """Order something, and wait until there is as much to press."""
        async with aiohttp.ClientSession(timeout=_AS_SLACK) as http:
            await asyncio.gather(*(self._order(http, self.draw(f"first {number}")) for number in range(FIRST_ORDERS)))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while self._offers() < FIRST_ORDERS:  # noqa: ASYNC110 - other processes show it
                await asyncio.sleep(0.1)

    async def act_for(self, seconds: float, rate: float) -> None:
        """Let so many things be done a second, each by somebody who does nothing else just then."""
        accounts = [*self._accounts()]
        busy = dict[CrowdMember, asyncio.Task[None]]()
        loop, order = asyncio.get_running_loop(), self.draw("people")
        began = loop.time()
        self.told.counted_at.append(began)
        # Whatever somebody has begun they finish.
        async with aiohttp.ClientSession(timeout=_AS_SLACK) as http, asyncio.TaskGroup() as acting:
            for number in range(int(seconds * rate)):
                await asyncio.sleep(max(0.0, began + number / rate - loop.time()))
                if loop.time() >= began + seconds:
                    break
                draw = self.draw(f"act {number}")
                if draw.randrange(100) < ORDERS:
                    acting.create_task(self._order(http, draw))
                elif idle := [each for each in accounts if each not in busy or busy[each].done()]:
                    who = order.choice([each for each in idle if any(self._offered_to(each))] or idle)
                    busy[who] = acting.create_task(self._act(who, draw))
        self.told.counted_at.append(loop.time())

    async def look_at(self, where: Conversation, message: PostedMessage) -> bool:
        """Let a reader press the first button of a message; False where there is none."""
        offered = next(_offered(where, message), None)
        if offered is None:
            return False
        by = CrowdMember(self.box.world.home_team[where.members[0]], where.members[0])
        with suppress(NotThere):
            await self._press(by, offered)
        await self._close_all(by)
        return True

    def _offers(self) -> int:
        return sum(1 for each in self._accounts() for _ in self._offered_to(each))

    def _accounts(self) -> Iterator[CrowdMember]:
        installed = (each for each in self.box.config.workspaces if each.installed)
        return (CrowdMember(team.id, user.id) for team in installed for user in team.users)

    async def _act(self, by: CrowdMember, draw: random.Random) -> None:
        # What somebody looks at may become something else under their hands.
        with suppress(NotThere):
            if draw.randrange(100) < HOME:
                await commands_and_events.open_home(self.box, by.team, by.user)
            else:
                await self._press_something(by, draw)

    async def _press_something(self, by: CrowdMember, draw: random.Random) -> None:
        await self._close_all(by)
        offered = [*self._offered_to(by)]
        if not offered:
            return
        await self._press(by, draw.choices(offered, [each.weight for each in offered])[0])
        for _ in range(2):
            if not (stack := self.box.views.stacks[by.user]) or draw.randrange(100) >= SENDS:
                return
            await self._send(by, stack[-1], draw)

    def _offered_to(self, by: CrowdMember) -> Iterator[Offered]:
        for where in self.box.world.of_person(by.user):
            for message in [*where.messages.values()][-LATEST:]:
                if message.only_for in (None, by.user):
                    yield from _offered(where, message)

    async def _press(self, by: CrowdMember, offered: Offered) -> None:
        self.told.presses += 1
        if offered.wish is not None:
            self.told.wishes.append((by, offered.wish))
        value = None if offered.option else offered.element.get("value")
        chosen = None if offered.option is None else {"type": "overflow", "selected_option": offered.option}
        said = await presses.press(self.box, offered.spot(by), self.page, value=value, selected=chosen, values=None)
        self.told.unanswered += not said["ok"]

    async def _send(self, by: CrowdMember, view: View, draw: random.Random) -> None:
        values = {block["block_id"]: said async for block, said in self._filled(by, view, draw)}
        wish = wish_in(OpenForm("", view.sent.get("private_metadata", ""), {}, "", ""))
        self.told.presses += 1
        said = await submissions.submit(self.box, by.team, by.user, view.id, values)
        # What Slack itself would not let through was not sent.
        was_sent = said["status"] > 0 or "error" in said
        self.told.unanswered += "error" in said
        if wish is not None and was_sent:
            counts = said["status"] == 200 and said["response_action"] == "clear"
            self.told.forms.append(SentForm(by, wish, counts))
            if counts:
                self.told.counted_at.append(asyncio.get_running_loop().time())

    async def _filled(self, by: CrowdMember, view: View, draw: random.Random) -> AsyncIterator[tuple[Json, Json]]:
        for block in view.blocks:
            if block["type"] != "input" or (block.get("optional") and draw.randrange(100) >= FILLS_ALL):
                continue
            element = block["element"]
            options = options_of(element)
            if element["type"].endswith("external_select"):
                spot = {"view_id": view.id, "block_id": block["block_id"], "action_id": element["action_id"]}
                found = await presses.search(self.box, PressSpot(team=by.team, user=by.user, **spot), "")
                options = options_of(found)
            key, _, _ = STATEFUL[element["type"]]
            said = _said(element, options, draw)
            if said is not None:
                yield block, {element["action_id"]: {"type": element["type"], key: said}}

    async def _close_all(self, by: CrowdMember) -> None:
        for view in reversed(self.box.views.stacks[by.user]):
            await submissions.close(self.box, by.team, by.user, view.id)

    async def _order(self, http: aiohttp.ClientSession, draw: random.Random) -> None:
        """Order as a program does: with a key of its own for the order, until it hears that it is placed."""
        wish, key = draw.choice(self.wishes), f"drill-{draw.getrandbits(64):016x}"
        body = {
            "offer": wish.offer,
            "agent": wish.agent,
            "units": [{"name": key}],
            "invoice_ref": key,
            "terms_accepted": True,
            "technical_contact": "Drift, 08-465 004 05",
            "external_case_ref": key,
        }
        headers = {"Authorization": f"Bearer {wish.api_key}", "Idempotency-Key": key}
        for _ in range(TRIES):
            with suppress(aiohttp.ClientError, TimeoutError):
                async with http.post(f"{self.site}/api/v1/orders", json=body, headers=headers) as answer:
                    if answer.status == 201:
                        self.told.orders[key] = (await answer.json())["id"]
                        self.told.counted_at.append(asyncio.get_running_loop().time())
                        return
                    if answer.status < 500:
                        raise OrderRefused(answer.status, await answer.text())
            await asyncio.sleep(PAUSE_SECONDS)


class OrderRefused(Exception):
    """An order of the drill's own was refused: status and answer."""


_AS_SLACK = aiohttp.ClientTimeout(total=3)


def wishes_in(blocks: Iterable[Json]) -> Iterator[Wish]:
    """Yield everything that blocks let somebody do to an order."""
    return (wish for _, element, option in _elements(blocks) if (wish := _wish(element, option)) is not None)


def _offered(where: Conversation, message: PostedMessage) -> Iterator[Offered]:
    return (Offered(where, message, *each) for each in _elements(message.blocks or ()))


def _elements(blocks: Iterable[Json]) -> Iterator[tuple[str, Json, Json | None]]:
    for block in blocks:
        for element in elements_of(block):
            if element["type"] == "overflow":
                yield from ((block["block_id"], element, each) for each in element["options"])
            elif element["type"] == "button" and "url" not in element and element["action_id"] != NOT_ME:
                yield block["block_id"], element, None


def _wish(element: Json, option: Json | None) -> Wish | None:
    meant = meaning_of(element["action_id"], (option or element).get("value", ""))
    action = action_of(meant.action_id)
    return None if meant.pointer is None or action is None else Wish(meant.pointer, action, None)


def _said(element: Mapping[str, Any], options: Sequence[Json], draw: random.Random) -> Any:
    """What somebody fills in, without thinking; None where there is nothing to choose."""
    kind = element["type"]
    if kind in _TYPED:
        return _TYPED[kind](draw)
    if not options:
        return None
    chosen = draw.choice(options)
    return [chosen] if kind in {"checkboxes", "multi_static_select", "multi_external_select"} else chosen


_TYPED: Mapping[str, Callable[[random.Random], str]] = {
    "plain_text_input": lambda draw: f"drill-{draw.getrandbits(32):08x}",
    "email_text_input": lambda draw: f"drill-{draw.getrandbits(32):08x}@example.org",
    "url_text_input": lambda draw: f"https://example.org/{draw.getrandbits(32):08x}",
    "number_input": lambda _: "1",
    "datepicker": lambda draw: f"{datetime.now(UTC) + timedelta(days=draw.randint(1, 60)):%Y-%m-%d}",
}
