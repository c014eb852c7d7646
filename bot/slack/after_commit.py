"""What follows a press, counted or refused: the relay wakes, copies are adopted, the presser's home tab is redrawn."""

from dataclasses import dataclass

from bot.slack.dependencies import Dependencies
from bot.slack.homes import Homes
from bot.slack.identity import Caller
from core.api import CardId, CardPlace, CaseAdvanced
from notifications.render.buttons import Pointer
from notifications.slack.port import MessagePlace


@dataclass(frozen=True)
class AfterCommit:
    """Everything here runs beside the acknowledgement."""

    desk: Dependencies
    homes: Homes

    def of(self, by: Caller, pointer: Pointer, place: MessagePlace | None, done: CaseAdvanced) -> None:
        """After a press that counted."""
        self.desk.moved(done)
        self.homes.redraw(by)
        self.noticed(pointer, place, done.pressed)

    def noticed(self, pointer: Pointer, place: MessagePlace | None, known: CardPlace | None) -> None:
        """A card was pressed at a place: unless it is known to stand there, it is adopted and shown the truth."""
        if place is None or not pointer.card or _stands_at(known, place):
            return
        self.desk.tasks.start(self._adopt(pointer.card, place))

    def refused(self, pointer: Pointer, place: MessagePlace | None) -> None:
        """A press came from a card that does not show the truth: it is painted anew."""
        if place is not None and pointer.card:
            self.desk.tasks.start(self._mend(pointer.card, place))

    async def _adopt(self, card: CardId, place: MessagePlace) -> None:
        if await self.desk.cards.adopt(card, place.channel, place.ts):
            self.desk.relay.wake()

    async def _mend(self, card: CardId, place: MessagePlace) -> None:
        if not await self.desk.cards.adopt(card, place.channel, place.ts):
            await self.desk.cards.repaint(card)
        self.desk.relay.wake()


def _stands_at(known: CardPlace | None, place: MessagePlace) -> bool:
    return known is not None and (known.channel, known.ts) == (place.channel, place.ts)
