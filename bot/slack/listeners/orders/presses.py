"""Presses, and the modals that they open: our own by name, the others by the table of flows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.forms.inputs import FieldErrors
from bot.forms.orders.modals import BY_CALLBACK, choices, modal_of
from bot.slack.identity import Caller, People, reader
from bot.slack.listeners.orders.reading import Reading
from bot.slack.payloads import Payload, typed_in
from bot.slack.press import (
    AfterCommit,
    OwnAction,
    OwnActions,
    Pressed,
    PressedCards,
    Submitted,
    Wish,
    drawn_in,
    pressed,
    wish_in,
    wish_of,
)
from bot.slack.refusal_replies import ButtonIsGone, OtherEnvironment
from bot.slack.replies import Replies, updated
from core.api import FLOWS, SIDE_OF, Action, Asks, DecisionContext, OnSide, Orders, Queries, Transition
from notifications.render.model import Dialog


@dataclass(frozen=True)
class ModalOpening:
    """Opens what rows of the table ask for."""

    queries: Queries
    replies: Replies

    def open_beside(self, press: Pressed, wish: Wish, now: DecisionContext, row: Transition) -> None:
        """Begin to open what a row asks for, beside the acknowledgement. Raises NothingShown where nothing can be."""
        self.replies.check_shown(press.where)
        failed = partial(self.replies.say_failed, press.where)
        self.replies.beside(self.open(press, wish, now, row), otherwise=failed)

    async def open(self, press: Pressed, wish: Wish, now: DecisionContext, row: Transition) -> None:
        """Open what a row asks for, with the case as it stands now."""
        who = await reader(self.queries, press.by)
        views = await self.queries.views([wish.pointer.case], OnSide(SIDE_OF[row.who]))
        # Each modal takes the choices of what its row asks.
        build: Callable[..., Dialog] = modal_of(row).build
        view, chosen = views[wish.pointer.case], await choices(self.queries, now, row)
        drawn = build(view, row, wish.metadata(), who.language, **chosen)
        await self.replies.open(press.where, who, drawn)


@dataclass(frozen=True)
class ModalDecisions:
    """Takes a submission for a press with answers: judged anew, and answered in its own reply."""

    orders: Orders
    people: People
    replies: Replies
    after_commit: AfterCommit

    async def decide(self, ack: AsyncAck, view: Payload, by: Caller) -> None:
        """Do what the modal's row says. Raises ButtonIsGone where there is no such modal any more."""
        wish, modal = wish_in(view), BY_CALLBACK.get(view["callback_id"])
        if wish is None or modal is None:
            raise ButtonIsGone
        read = modal.read(typed_in(view))
        if isinstance(read, FieldErrors):
            who = await self.people.reader(by)
            await ack(response_action="errors", errors=read.in_words(who.language))
            return
        done = await self.orders.act(wish.command(by, read))
        self.after_commit.follow_press(by, wish.pointer, wish.place, done)
        await self._close(ack, by)

    async def _close(self, ack: AsyncAck, by: Caller) -> None:
        if not self.replies.is_silenced(by.workspace):
            await ack(response_action="clear")
            return
        # No message will show it, and the answer to a submission needs no token.
        await ack(**updated(self.replies.saved(await self.people.reader(by))))


@dataclass(frozen=True)
class Modals:
    """`own` holds what to do with the bot's own modals, by callback id; the others belong to rows of the table."""

    environment: str
    own: Mapping[str, Submitted]
    decisions: ModalDecisions

    async def on_submit(self, ack: AsyncAck, body: Payload, context: AsyncBoltContext) -> None:
        """Hand a submission to whoever its modal belongs to. Raises OtherEnvironment."""
        view = body["view"]
        if drawn_in(view) != self.environment:
            raise OtherEnvironment
        await self.own.get(view["callback_id"], self.decisions.decide)(ack, view, context["caller"])


# Actions that no row asks anything for happen at the press; for the others a modal opens.
AT_ONCE = frozenset(Action) - {row.does for row in FLOWS if row.asks is not Asks.NOTHING}


@dataclass(frozen=True)
class PressShown:
    """Shows whoever pressed that it counted, where no card of theirs does."""

    people: People
    reading: Reading
    replies: Replies

    def show_it_counted(self, press: Pressed) -> None:
        """Begin to say so, where nothing can be shown; draw the open order anew, where it was pressed in one."""
        if self.replies.is_silenced(press.by.workspace):
            self.replies.beside(self._say_saved(press))
        elif press.view is not None:
            self.replies.beside(self.reading.show_anew(press.by, press.view))

    async def _say_saved(self, press: Pressed) -> None:
        await self.replies.say_saved(press.where, await self.people.reader(press.by))


@dataclass(frozen=True)
class PressDecisions:
    """Lets an action of the flows table happen, or opens what its row asks for."""

    orders: Orders
    opening: ModalOpening
    shown: PressShown
    after_commit: AfterCommit

    async def decide(self, press: Pressed) -> None:
        """Do what the button stands for. Raises ButtonIsGone where it stands for nothing any more."""
        wish = wish_of(press)
        if wish is None:
            raise ButtonIsGone
        await (self._act(press, wish) if wish.action in AT_ONCE else self._ask(press, wish))

    async def _act(self, press: Pressed, wish: Wish) -> None:
        done = await self.orders.act(wish.command(press.by))
        self.after_commit.follow_press(press.by, wish.pointer, press.place, done)
        self.shown.show_it_counted(press)

    async def _ask(self, press: Pressed, wish: Wish) -> None:
        now, row = await self.orders.consider(wish.command(press.by))
        self.opening.open_beside(press, wish, now, row)
        self.after_commit.pressed.adopt_unknown(wish.pointer, press.place, now.card)


@dataclass(frozen=True)
class Presses:
    """`own` holds the bot's own actions by action id; everything else is an action of the flows table, or gone."""

    environment: str
    own: OwnActions
    decisions: PressDecisions
    cards: PressedCards

    async def on_press(self, ack: AsyncAck, body: Payload, context: AsyncBoltContext) -> None:
        """Judge the press, let it happen or open what it asks for, then acknowledge. Raises OtherEnvironment."""
        press = pressed(body, context["caller"])
        if not _environments(press) <= {self.environment}:
            raise OtherEnvironment
        own = self.own.get(press.action_id)
        await (self.decisions.decide(press) if own is None else self._do(own, press))
        await ack()

    async def _do(self, own: OwnAction, press: Pressed) -> None:
        await own(press)
        # Asked beside the acknowledgement whether its message is known, since no own action reads where a card stands.
        if press.pointer is not None:
            self.cards.adopt_unknown(press.pointer, press.place, None)


def _environments(press: Pressed) -> set[str]:
    """Where the element was drawn, and the view that it stands in, as far as they say so."""
    of_element = None if press.pointer is None else press.pointer.environment
    of_view = None if press.view is None else drawn_in(press.view)
    return {each for each in (of_element, of_view) if each is not None}


async def links_out(press: Pressed) -> None:
    """A button that opens an address in the browser; Slack tells of it all the same."""


LINKS_OUT: OwnActions = {"kp.open_portal": links_out, "kp.terms": links_out}
