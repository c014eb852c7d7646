"""One listener for every button, select and menu: our own actions by name, the others by the table of flows."""

from dataclasses import dataclass

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.after_commit import AfterCommit, PressedCards
from bot.slack.answers import Replies
from bot.slack.identity import People
from bot.slack.listeners.orders.modals import ModalOpening
from bot.slack.listeners.orders.reading import Reading
from bot.slack.payloads import Payload
from bot.slack.pressed import OwnAction, OwnActions, Pressed, Wish, drawn_in, pressed, wish_of
from bot.slack.refusal_answers import ButtonIsGone, OtherEnvironment
from core.api import FLOWS, Action, Asks, Orders

# Actions that no row asks anything for happen at the press; for the others a modal opens.
AT_ONCE = frozenset(Action) - {row.does for row in FLOWS if row.asks is not Asks.NOTHING}


@dataclass(frozen=True)
class PressShown:
    """Shows whoever pressed that it counted, where no card of theirs does."""

    people: People
    reading: Reading
    answers: Replies

    def counted(self, press: Pressed) -> None:
        """Begin to say so, where nothing can be shown; draw the open order anew, where it was pressed in one."""
        if self.answers.is_silenced(press.by.workspace):
            self.answers.beside(self._say_saved(press))
        elif press.view is not None:
            self.answers.beside(self.reading.show_anew(press.by, press.view))

    async def _say_saved(self, press: Pressed) -> None:
        await self.answers.say_saved(press.where, await self.people.reader(press.by))


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
        self.after_commit.of(press.by, wish.pointer, press.place, done)
        self.shown.counted(press)

    async def _ask(self, press: Pressed, wish: Wish) -> None:
        now, row = await self.orders.consider(wish.command(press.by))
        self.opening.open_beside(press, wish, now, row)
        self.after_commit.pressed.noticed(wish.pointer, press.place, now.card)


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
            self.cards.noticed(press.pointer, press.place, None)


def _environments(press: Pressed) -> set[str]:
    """Where the element was drawn, and the view that it stands in, as far as they say so."""
    of_element = None if press.pointer is None else press.pointer.environment
    of_view = None if press.view is None else drawn_in(press.view)
    return {each for each in (of_element, of_view) if each is not None}


async def links_out(press: Pressed) -> None:
    """A button that opens an address in the browser; Slack tells of it all the same."""


LINKS_OUT: OwnActions = {"kp.open_portal": links_out, "kp.terms": links_out}
