"""Modals: opened for what a row of the flows table asks, and submitted as a press with answers."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.aftermath import Aftermath
from bot.answers import Answers as WaysToAnswer
from bot.desk import Desk
from bot.identity import Caller, reader
from bot.payloads import Payload, state_values
from bot.pressed import Pressed, Wish, wish_in
from bot.refusals import ButtonIsGone, OtherEnvironment
from bot.views.modals import ApproveModal, ConfirmModal, FieldErrors, InstructionsModal, MessageModal, RejectModal
from core.api import SIDE_OF, Asks, PersonId, Situation, Transition, disclose, may_attest_after

Submitted = Callable[[AsyncAck, Payload, Caller], Awaitable[None]]
ModalClass = type[ConfirmModal | RejectModal | ApproveModal | InstructionsModal]

MODALS: Mapping[Asks, ModalClass] = {
    Asks.CONFIRMATION: ConfirmModal,
    Asks.REASON: RejectModal,
    Asks.CERTIFICATE: ApproveModal,
    Asks.INSTRUCTIONS: InstructionsModal,
    Asks.MESSAGE: MessageModal,
}
BY_CALLBACK: Mapping[str, ModalClass] = {modal.CALLBACK: modal for modal in MODALS.values()}


@dataclass(frozen=True)
class Modals:
    """`own` holds what to do with the bot's own modals, by callback id; the others belong to rows of the table."""

    desk: Desk
    answers: WaysToAnswer
    aftermath: Aftermath
    own: Mapping[str, Submitted]

    async def open(self, press: Pressed, wish: Wish, now: Situation, row: Transition) -> None:
        """Open what a row asks for, with the case as it stands now."""
        who = await reader(self.desk.queries, press.by)
        dossiers = await self.desk.queries.dossiers([wish.pointer.case])
        view = disclose(dossiers[wish.pointer.case], SIDE_OF[row.who])
        choices = {"attestants": await attestants(self.desk, now)} if row.asks is Asks.CERTIFICATE else {}
        # Only the modal of an approval takes choices.
        build: Callable[..., dict[str, Any]] = MODALS[row.asks].build
        await self.answers.open(press.where, who, build(view, row, wish.metadata(), who.language, **choices))

    async def on_submit(self, ack: AsyncAck, body: Payload, context: AsyncBoltContext) -> None:
        """A submission is a press with answers: judged anew, and answered in its own reply."""
        view = body["view"]
        await self.own.get(view["callback_id"], self._decide)(ack, view, context["caller"])

    async def _decide(self, ack: AsyncAck, view: Payload, by: Caller) -> None:
        wish, modal = wish_in(view), BY_CALLBACK.get(view["callback_id"])
        if wish is None or modal is None:
            raise ButtonIsGone
        if wish.pointer.environment != self.desk.environment:
            raise OtherEnvironment
        read = modal.read(state_values(view))
        if isinstance(read, FieldErrors):
            who = await reader(self.desk.queries, by)
            await ack(response_action="errors", errors=read.in_words(who.language))
            return
        done = await self.desk.orders.act(wish.command(by, read))
        self.aftermath.of(by, wish.pointer, wish.place, done.pressed)
        await ack(response_action="clear")


async def attestants(desk: Desk, now: Situation) -> list[tuple[PersonId, str]]:
    """Those whom an approval may choose to attest after it, by name."""
    people = may_attest_after(now)
    names, _ = await desk.queries.names(people, [])
    return sorted(((each, names[each]) for each in people), key=lambda pair: pair[1].casefold())
