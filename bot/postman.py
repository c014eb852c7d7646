"""The mail server we were given: mail is on while there is one, and goes out again once what was wrong is mended."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from core.api import Language, Now
from notifications import postal
from notifications.database import Database
from notifications.mail import Mail
from notifications.slack_errors import SlackProblem

PAUSE_SECONDS = 60.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Postman:
    """Keeps mail on, or off where there is no server. `wake` is called when mail may be sent again."""

    database: Database
    mail: Mail | None
    language: Language
    now: Now
    wake: Callable[[], None]

    async def keep(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Look after it until cancelled; `sleep` takes seconds."""
        while True:
            await sleep(PAUSE_SECONDS)
            try:
                await self.look()
            except Exception:
                # The database may be away for a while.
                log.exception("postman_stumbled")

    async def begin(self) -> None:
        """Say whether there is mail: before anybody looks for a way to a reader."""
        at = self.now()
        if self.mail is None:
            await self.database.write(lambda connection: postal.turn_off(connection, at))
        else:
            await self.database.write(lambda connection: postal.turn_on(connection, self.language, at))
        self.wake()

    async def look(self) -> None:
        """See whether what kept mail from going out is mended."""
        problem = await self.database.read(postal.problem_of_mail)
        if self.mail is None or problem is None:
            return
        try:
            await self.mail.check()
        except SlackProblem as still:
            log.warning("mail_not_reached error=%s", still.error)
        else:
            await self.begin()
            log.info("mail_goes_again")
