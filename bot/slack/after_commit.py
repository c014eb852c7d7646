"""What follows a press, counted or refused: the relay wakes, copies are adopted, the presser's home tab is redrawn."""

from dataclasses import dataclass

from bot.server.follow_up import CaseFollowUp, Wake
from bot.server.tasks import Tasks
from bot.slack.homes import Homes
from bot.slack.identity import Caller
from core.api import CardId, CardPlace, CaseAdvanced
from notifications.outbox.repository import CardStore
from notifications.render.buttons import Pointer
from notifications.slack.port import MessagePlace


@dataclass(frozen=True)
class PressedCards:
    """Looks after the messages that were pressed, beside the acknowledgement."""

    cards: CardStore
    wake: Wake
    tasks: Tasks

    def noticed(self, pointer: Pointer, place: MessagePlace | None, known: CardPlace | None) -> None:
        """Adopt a card that was pressed at a place, and show it the truth, unless it is known to stand there."""
        if place is None or not pointer.card or _stands_at(known, place):
            return
        self.tasks.start(self._adopt(pointer.card, place))

    def refused(self, pointer: Pointer, place: MessagePlace | None) -> None:
        """Paint a card anew that was pressed and does not show the truth."""
        if place is not None and pointer.card:
            self.tasks.start(self._mend(pointer.card, place))

    async def _adopt(self, card: CardId, place: MessagePlace) -> None:
        if await self.cards.adopt(card, place.channel, place.ts):
            self.wake()

    async def _mend(self, card: CardId, place: MessagePlace) -> None:
        if not await self.cards.adopt(card, place.channel, place.ts):
            await self.cards.repaint(card)
        self.wake()


@dataclass(frozen=True)
class AfterCommit:
    """Everything here runs beside the acknowledgement."""

    follow_up: CaseFollowUp
    homes: Homes
    pressed: PressedCards

    def of(self, by: Caller, pointer: Pointer, place: MessagePlace | None, done: CaseAdvanced) -> None:
        """Follow a press that counted."""
        self.follow_up.moved(done)
        self.homes.redraw(by)
        self.pressed.noticed(pointer, place, done.pressed)

    def accounts_changed(self, by: Caller) -> None:
        """Follow a change of whose an account is: what waits comes to whom it is for."""
        self.follow_up.wake()
        self.homes.redraw(by)

    def register_changed(self, by: Caller) -> None:
        """Follow a change of people, roles or rules: whom it concerns is told, and who is asked is looked at anew."""
        self.follow_up.wake()
        self.rights_changed(by)

    def rights_changed(self, by: Caller) -> None:
        """Follow a change of who may do what: who is asked is looked at anew."""
        self.homes.redraw(by)
        self.follow_up.look_again_beside()


def _stands_at(known: CardPlace | None, place: MessagePlace) -> bool:
    return known is not None and (known.channel, known.ts) == (place.channel, place.ts)
