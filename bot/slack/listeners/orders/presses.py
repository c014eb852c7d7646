"""One listener for every button, select and menu: our own actions by name, the others by the table of flows."""

from dataclasses import dataclass
from functools import partial

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.after_commit import AfterCommit
from bot.slack.answers import NothingShown
from bot.slack.dependencies import Dependencies
from bot.slack.identity import reader
from bot.slack.listeners.orders.modals import Modals
from bot.slack.listeners.orders.reading import Reading
from bot.slack.payloads import Payload
from bot.slack.pressed import OwnAction, OwnActions, Pressed, Wish, drawn_in, pressed, wish_of
from bot.slack.refusal_answers import ButtonIsGone, OtherEnvironment
from core.api import FLOWS, Action, Asks

# Actions that no row asks anything for happen at the press; for the others a modal opens.
AT_ONCE = frozenset(Action) - {row.does for row in FLOWS if row.asks is not Asks.NOTHING}


@dataclass(frozen=True)
class Presses:
    """`own` holds the bot's own actions by action id; everything else is an action of the flows table, or gone."""

    desk: Dependencies
    modals: Modals
    reading: Reading
    aftermath: AfterCommit
    own: OwnActions

    async def on_press(self, ack: AsyncAck, body: Payload, context: AsyncBoltContext) -> None:
        """Judge the press, let it happen or open what it asks for, then acknowledge."""
        press = pressed(body, context["caller"])
        if not _environments(press) <= {self.desk.environment}:
            raise OtherEnvironment
        own = self.own.get(press.action_id)
        await (self._decide(press) if own is None else self._do(own, press))
        await ack()

    async def _do(self, own: OwnAction, press: Pressed) -> None:
        await own(press)
        # Asked beside the acknowledgement whether its message is known, since no own action reads where a card stands.
        if press.pointer is not None:
            self.aftermath.noticed(press.pointer, press.place, None)

    async def _decide(self, press: Pressed) -> None:
        wish = wish_of(press)
        if wish is None:
            raise ButtonIsGone
        await (self._act(press, wish) if wish.action in AT_ONCE else self._ask(press, wish))

    async def _act(self, press: Pressed, wish: Wish) -> None:
        done = await self.desk.orders.act(wish.command(press.by))
        self.aftermath.of(press.by, wish.pointer, press.place, done)
        if self.desk.is_silenced(press.by.workspace):
            self.desk.tasks.start(self._say_saved(press))
        elif press.view is not None:
            self.desk.tasks.start(self.reading.show_anew(press.by, press.view))

    async def _ask(self, press: Pressed, wish: Wish) -> None:
        now, row = await self.desk.orders.consider(wish.command(press.by))
        if press.where.response_url is None and self.desk.is_silenced(press.by.workspace):
            raise NothingShown
        failed = partial(self.modals.answers.say_failed, press.where)
        self.desk.tasks.start(self.modals.open(press, wish, now, row), otherwise=failed)
        self.aftermath.noticed(wish.pointer, press.place, now.card)

    async def _say_saved(self, press: Pressed) -> None:
        await self.modals.answers.say_saved(press.where, await reader(self.desk.queries, press.by))


def _environments(press: Pressed) -> set[str]:
    """Where the element was drawn, and the view that it stands in, as far as they say so."""
    of_element = None if press.pointer is None else press.pointer.environment
    of_view = None if press.view is None else drawn_in(press.view)
    return {each for each in (of_element, of_view) if each is not None}


async def links_out(press: Pressed) -> None:
    """A button that opens an address in the browser; Slack tells of it all the same."""


LINKS_OUT: OwnActions = {"kp.open_portal": links_out, "kp.terms": links_out}
