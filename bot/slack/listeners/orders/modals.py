"""Modals: opened for what a row of the flows table asks, and submitted as a press with answers."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.forms.choosing import choices
from bot.forms.inputs import FieldErrors
from bot.forms.orders.by_row import BY_CALLBACK, modal_of
from bot.slack.after_commit import AfterCommit
from bot.slack.answers import NothingShown, Replies, updated
from bot.slack.identity import Caller, People, reader
from bot.slack.payloads import Payload, typed_in
from bot.slack.pressed import Pressed, Wish, drawn_in, wish_in
from bot.slack.refusal_answers import ButtonIsGone, OtherEnvironment
from core.api import SIDE_OF, DecisionContext, OnSide, Orders, Queries, Transition
from notifications.render.model import Dialog

Submitted = Callable[[AsyncAck, Payload, Caller], Awaitable[None]]


@dataclass(frozen=True)
class ModalOpening:
    """Opens what rows of the table ask for."""

    queries: Queries
    answers: Replies

    def open_beside(self, press: Pressed, wish: Wish, now: DecisionContext, row: Transition) -> None:
        """Begin to open what a row asks for, beside the acknowledgement. Raises NothingShown where nothing can be."""
        if press.where.response_url is None and self.answers.is_silenced(press.by.workspace):
            raise NothingShown
        failed = partial(self.answers.say_failed, press.where)
        self.answers.beside(self.open(press, wish, now, row), otherwise=failed)

    async def open(self, press: Pressed, wish: Wish, now: DecisionContext, row: Transition) -> None:
        """Open what a row asks for, with the case as it stands now."""
        who = await reader(self.queries, press.by)
        views = await self.queries.views([wish.pointer.case], OnSide(SIDE_OF[row.who]))
        # Each modal takes the choices of what its row asks.
        build: Callable[..., Dialog] = modal_of(row).build
        view, chosen = views[wish.pointer.case], await choices(self.queries, now, row)
        drawn = build(view, row, wish.metadata(), who.language, **chosen)
        await self.answers.open(press.where, who, drawn)


@dataclass(frozen=True)
class ModalDecisions:
    """Takes a submission for a press with answers: judged anew, and answered in its own reply."""

    orders: Orders
    people: People
    answers: Replies
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
        self.after_commit.of(by, wish.pointer, wish.place, done)
        await self._close(ack, by)

    async def _close(self, ack: AsyncAck, by: Caller) -> None:
        if not self.answers.is_silenced(by.workspace):
            await ack(response_action="clear")
            return
        # No message will show it, and the answer to a submission needs no token.
        await ack(**updated(self.answers.saved(await self.people.reader(by))))


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
