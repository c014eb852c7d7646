"""Carrying cards to Slack: one call each, and what its outcome means for the card."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from core.api import SLACK_OFF, Now, OrganisationId, PersonId, under_press
from notifications.accounts.directory import FIRST_LOOK, LOOK_AGAIN, Directory
from notifications.cards.card import Card
from notifications.cards.drawer import Batch, CardDrawer, DrawnCard
from notifications.mail.link_addresses import link_to_picture
from notifications.mail.port import MAIL
from notifications.outbox.card_relocation import CardRelocation
from notifications.outbox.delivery_results import CHANNEL_ATTEMPTS, DeliveryResults
from notifications.outbox.mail_delivery import AroundCard, MailDelivery
from notifications.outbox.role_channels import NOT_DRAWN
from notifications.render.model import picture_in, with_picture_at
from notifications.render.surfaces import block_kit
from notifications.reports.pictures import Pictures
from notifications.slack.port import MessagePlace, Slack
from notifications.slack.slack_errors import Gone, Never, SlackProblem, TryLater, Wait
from notifications.slack.workspaces import NO_CHANNEL, Workspace, Workspaces

AT_ONCE = 4
# What is on its way when a relay is killed, or hears nothing, may stand there without our knowing: so few are. In each
# workspace, and of all together.
POSTED_AT_ONCE = 2
POSTED_BY_A_RELAY = 8
# A call may take as long as its time-out; a lease that could end before it is not begun on.
CALL_TIME = timedelta(seconds=11)
# No workspace has customer service's channel: somebody must set it.
LOOK_FOR_CHANNEL = timedelta(minutes=1)
# Its token has run out, and the next is on its way.
AWAIT_TOKEN = timedelta(seconds=5)
AWAITING = "awaiting_link"
# What Slack says of blocks that it does not take, and where it cannot fetch what they show.
NOT_AS_IT_IS = "invalid_blocks"

log = logging.getLogger(__name__)


class LeaseEnds(Exception):
    """A call could outlive the lease of its card, which another relay takes then."""


@dataclass(frozen=True)
class Delivery:
    """Posts and edits cards, and looks for their readers. `chance` gives a number between 0 and 1.

    `shown` hears of each card that was posted or edited; it must not wait. `url` is where the pages of this product
    answer, empty where Slack cannot reach them; `pictures` draws what cards show from there.
    """

    results: DeliveryResults
    drawer: CardDrawer
    directory: Directory
    workspaces: Workspaces
    slack: Slack
    now: Now
    chance: Callable[[], float]
    shown: Callable[[Card], None] = lambda _: None
    around: AroundCard = nullcontext
    mails: MailDelivery | None = None
    relocation: CardRelocation | None = None
    pictures: Pictures | None = None
    url: str = ""
    seats: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(POSTED_BY_A_RELAY))

    async def deliver(self, workspace_id: str, batch: Sequence[Card]) -> None:
        """Carry a claimed batch to its workspace, a few cards at once."""
        if workspace_id == MAIL and self.mails is not None:
            await self.mails.deliver(batch)
            return
        workspace = await self.workspaces.by_id(workspace_id)
        if workspace is None or workspace.problem is not None:
            problem = (workspace and workspace.problem) or "unknown_workspace"
            await self._stop(workspace_id, problem, batch, workspace and workspace.token)
            return
        if workspace.has_expired(self.now()):
            for card in batch:
                await self.results.put_off(card, self.now() + AWAIT_TOKEN, card.last_error)
            return
        read = await self.drawer.read(batch, workspace.language, self.now())
        ways = _Ways(self.seats)
        await asyncio.gather(*(self._take_along(workspace, card, read, ways) for card in batch))

    async def seek(self, batch: Sequence[Card]) -> None:
        """Look for the readers of claimed cards that have no confirmed account, once a person and organisation."""
        for card in (each for each in batch if each.email is not None):
            # A contact whose mail would have found its way if there were any: no fault, but the letter is nobody's.
            with self._at_work(card):
                if await self.results.give_up(card, "mail_off"):
                    log.warning("letter_not_sent card=%s case=%s error=mail_off", card.id, card.case)
        sought = [card for card in batch if card.email is None]
        affairs = await self.directory.organisations_of([card.id for card in sought])
        together: dict[tuple[PersonId | None, OrganisationId | None], list[Card]] = {}
        for card in sought:
            together.setdefault((card.person, affairs.get(card.id)), []).append(card)
        await asyncio.gather(*(self._seek(*whom, cards) for whom, cards in together.items()))

    async def _take_along(self, workspace: Workspace, card: Card, read: Batch, ways: "_Ways") -> None:
        async with ways.of(card):
            if ways.is_silent(card):
                await self.results.release(card)
                return
            with self._at_work(card):
                try:
                    problem = await self._carry(workspace, card, read)
                except LeaseEnds:
                    await self.results.release(card)
                    return
            if isinstance(problem, Wait):
                ways.silence(card)

    @contextmanager
    def _at_work(self, card: Card) -> Generator[None]:
        with under_press(card.press_id), self.around(card):
            yield

    async def _carry(self, workspace: Workspace, card: Card, read: Batch) -> SlackProblem | None:
        """Show a card, or answer why Slack does not. Raise LeaseEnds where that could take too long."""
        self._check_lease(card)
        if await self._is_over(card, read):
            return None
        drawn = await self._draw(card, read)
        if drawn is None or (card.place is None and not await self.results.begin(card)):
            return None
        try:
            place = await self._send(workspace, card, drawn, read.known.threads.get(card.id))
        except SlackProblem as problem:
            await self._answer(workspace, card, problem)
            return problem
        await self.results.record(card, place, shown=drawn.revision)
        self.shown(card)
        log.info("card_shown card=%s case=%s revision=%s", card.id, card.case, drawn.revision)
        return None

    async def _is_over(self, card: Card, read: Batch) -> bool:
        """Let go of what is to stand nowhere, or not where it was to; False where it is to be shown."""
        if self.drawer.has_nothing_to_tell(card, read):
            await self.results.drop(card)
            return True
        # What others decided while nobody could be asked is no news to whom it was not told.
        is_too_late = card.place is None and self._has_waited(card) and self.drawer.asks_too_late(card, read)
        if is_too_late or self.drawer.is_to_an_outsider(card, read):
            await self.results.settle(card)
            return True
        return card.is_in_role_channel and card.place is None and await self.results.turn_back(card)

    def _has_waited(self, card: Card) -> bool:
        """True for a card whose reader could not be asked until now."""
        return card.last_error in {AWAITING, SLACK_OFF} or card.is_given_up

    async def _draw(self, card: Card, read: Batch) -> DrawnCard | None:
        try:
            return await self._pictured(card, self.drawer.drawn(card, read))
        except Exception:
            # One card that cannot be drawn must not hold up those behind it.
            log.exception("card_not_drawn card=%s case=%s", card.id, card.case)
            await self._try_later(card, error=NOT_DRAWN)
            return None

    async def _pictured(self, card: Card, drawn: DrawnCard) -> DrawnCard:
        """Return a card whose picture lies where Slack finds it."""
        picture = picture_in(drawn.message)
        if picture is None or self.pictures is None or not self.url or card.about is None:
            return drawn
        kept = await self.pictures.of(card.about, drawn.language, picture.chart)
        url = "" if kept is None else link_to_picture(self.url, kept.token)
        return replace(drawn, message=with_picture_at(drawn.message, url))

    async def _send(
        self, workspace: Workspace, card: Card, drawn: DrawnCard, thread: MessagePlace | None
    ) -> MessagePlace:
        message = block_kit.message(drawn.message, drawn.called)
        try:
            return await self._sent(workspace, card, message, thread)
        except Never as problem:
            bare = block_kit.message(with_picture_at(drawn.message, ""), drawn.called)
            if problem.error != NOT_AS_IT_IS or bare == message:
                raise
            # Slack takes no message with a picture that it cannot fetch.
            log.warning("picture_not_fetched card=%s error=%s", card.id, problem.error)
            return await self._sent(workspace, card, bare, thread)

    async def _sent(
        self, workspace: Workspace, card: Card, message: block_kit.Json, thread: MessagePlace | None
    ) -> MessagePlace:
        # A picture may have been drawn, or another call have failed, since it was asked last.
        self._check_lease(card)
        if card.place is not None:
            await self.slack.update(workspace.token, place=card.place, **message)
            return card.place
        if thread is not None:
            try:
                return await self.slack.post(workspace.token, channel=thread.channel, thread_ts=thread.ts, **message)
            except (Gone, Never) as problem:
                # Somebody has deleted what it was to stand below: it stands by itself.
                log.info("card_without_thread card=%s case=%s error=%s", card.id, card.case, problem.error)
                self._check_lease(card)
        return await self.slack.post(workspace.token, channel=card.address or "", **message)

    def _check_lease(self, card: Card) -> None:
        if not card.is_ours_for(CALL_TIME, self.now()):
            raise LeaseEnds

    async def _answer(self, workspace: Workspace, card: Card, problem: SlackProblem) -> None:
        log.info("card_not_shown card=%s case=%s error=%s", card.id, card.case, problem.error)
        match problem:
            case Wait():
                await self.results.hold(card, self.now() + timedelta(seconds=problem.seconds))
            case Never() if problem.is_of_the_workspace:
                await self._stop(workspace.id, problem.error, [card], workspace.token)
            case TryLater():
                await self._try_later(card, error=problem.error)
            case _ if card.is_reduced:
                await self.results.leave(card, problem.error)
            case Gone() if card.place is not None:
                await self.results.forget(card, problem.error)
            case _ if card.is_in_role_channel:
                await self._leave_channel(card, error=problem.error)
            case _ if card.is_of_a_channel:
                await self._unsettle(workspace, card, error=problem.error)
            case _:
                await self._give_up(card, error=problem.error)

    async def _stop(self, workspace: str, problem: str, batch: Sequence[Card], token: str | None = None) -> None:
        """Nothing goes to a workspace until somebody mends it; its cards wait as they are, or find another way."""
        await self.workspaces.note_problem(workspace, problem, token=token)
        for card in batch:
            await self.results.release(card)
        log.error("workspace_stopped workspace=%s error=%s", workspace, problem)
        if self.relocation is not None:
            await self.relocation.run()

    async def _seek(self, person: PersonId | None, affair: OrganisationId | None, batch: Sequence[Card]) -> None:
        first, *others = batch
        with self._at_work(first):
            let_go = await self._fate(person, affair)
            await let_go(first)
        for card in others:
            with self._at_work(card):
                await let_go(card)

    async def _fate(self, person: PersonId | None, affair: OrganisationId | None) -> Callable[[Card], Awaitable[None]]:
        """What becomes of cards whose reader has no confirmed account."""
        if person is None:
            # At the first start the workspace becomes known a moment after the relay has begun.
            pause = LOOK_FOR_CHANNEL if await self.workspaces.all() else FIRST_LOOK
            return partial(self._put_off, pause=pause, why=NO_CHANNEL)
        try:
            nobody = await self.directory.seek(person, affair)
        except Wait as problem:
            return partial(self._put_off, pause=timedelta(seconds=problem.seconds), why=problem.error)
        except SlackProblem as problem:
            return partial(self._try_later, error=problem.error)
        if nobody is None:
            return partial(self._await_link, await self.directory.asked_at(person))
        if nobody.reason == SLACK_OFF:
            return self._await_slack
        return partial(self._give_up, error=nobody.reason)

    async def _await_link(self, asked_at: datetime, card: Card) -> None:
        """Whoever has not said for a while whether the account is theirs gets the card by mail."""
        left = asked_at + LOOK_AGAIN - self.now()
        if left > timedelta(0) or not await self.results.redirect(card, AWAITING):
            await self._put_off(card, pause=left if left > timedelta(0) else LOOK_AGAIN, why=AWAITING)

    async def _await_slack(self, card: Card) -> None:
        """What is for an organisation's Slack that is off goes by mail; where there is none it waits for the app."""
        if not await self.results.redirect(card, SLACK_OFF):
            await self._put_off(card, pause=LOOK_AGAIN, why=SLACK_OFF)

    async def _put_off(self, card: Card, *, pause: timedelta, why: str) -> None:
        await self.results.put_off(card, self.now() + pause, why)

    async def _try_later(self, card: Card, *, error: str) -> None:
        is_asked_there = card.is_in_role_channel and card.place is None
        if is_asked_there and card.attempts + 1 >= CHANNEL_ATTEMPTS:
            await self._leave_channel(card, error=error)
        elif not await self.results.fail(card, error, chance=self.chance()):
            log.error("card_given_up card=%s case=%s error=%s", card.id, card.case, error)

    async def _leave_channel(self, card: Card, *, error: str) -> None:
        await self.results.leave_channel(card, error)
        log.warning("channel_left channel=%s error=%s case=%s", card.address, error, card.case)

    async def _unsettle(self, workspace: Workspace, card: Card, *, error: str) -> None:
        moves = card.place is None or card.address != workspace.channel
        await self.results.unsettle(card, error, chance=self.chance(), moves=moves)
        log.error("channel_unreachable channel=%s error=%s card=%s case=%s", card.address, error, card.id, card.case)

    async def _give_up(self, card: Card, *, error: str) -> None:
        if await self.results.give_up(card, error):
            log.error("card_given_up card=%s case=%s error=%s", card.id, card.case, error)


class _Ways:
    """How much of a batch is on its way at once: few, and in one conversation one message after the other.

    Once Slack has asked for silence, of edits or of what is posted, nothing more of that goes.
    """

    def __init__(self, seats: asyncio.Semaphore) -> None:
        self._edits, self._posts, self._seats = asyncio.Semaphore(AT_ONCE), asyncio.Semaphore(POSTED_AT_ONCE), seats
        # What is posted in one conversation stands there in the order in which it was taken.
        self._turns = defaultdict[str, asyncio.Lock](asyncio.Lock)
        self._silent = set[bool]()

    @asynccontextmanager
    async def of(self, card: Card) -> AsyncGenerator[None]:
        """Wait until a card may be on its way, and let it be until the end."""
        if card.place is not None:
            async with self._edits:
                yield
        else:
            async with self._turns[card.address or ""], self._posts, self._seats:
                yield

    def silence(self, card: Card) -> None:
        """Let nothing more go of what a card needs."""
        self._silent.add(card.place is None)

    def is_silent(self, card: Card) -> bool:
        """Say whether Slack asks for silence of what a card needs."""
        return (card.place is None) in self._silent
