"""Whether an account is a person's: asked by a card or on the home tab, answered by whoever holds the account."""

from dataclasses import dataclass

from bot.aftermath import Aftermath
from bot.desk import Desk
from bot.pressed import Pressed
from bot.refusals import LinkIsGone


@dataclass(frozen=True)
class Links:
    """Yes and no."""

    desk: Desk
    aftermath: Aftermath

    async def on_yes(self, press: Pressed) -> None:
        """It is me: what waits for the person comes here from now on."""
        await self._answer(press, yes=True)

    async def on_no(self, press: Pressed) -> None:
        """It is not me."""
        await self._answer(press, yes=False)

    async def _answer(self, press: Pressed, *, yes: bool) -> None:
        if await self.desk.directory.answer_link(press.by.account, yes=yes, at=self.desk.now()) is None:
            raise LinkIsGone
        self.desk.relay.wake()
        self.aftermath.homes.redraw(press.by)
        if press.pointer is not None:
            self.aftermath.noticed(press.pointer, press.place, None)
