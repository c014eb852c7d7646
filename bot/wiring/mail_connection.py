"""The mail server we were given: mail is on while there is one, and goes out again once what was wrong is mended."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from core.api import Language, Now
from notifications.database import Transactions
from notifications.mail import mail_switch
from notifications.mail.mail_watch import MailWatch
from notifications.slack.slack_errors import SlackProblem

PAUSE_SECONDS = 60.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class MailConnection:
    """Keeps mail on, or off where there is no server. `wake` is called when mail may be sent again."""

    database: Transactions
    mail: MailWatch | None
    language: Language
    now: Now
    wake: Callable[[], None]

    async def keep(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Look after it until cancelled; `sleep` takes seconds."""
        while True:
            try:
                await self.look()
            except Exception:
                # The database may be away for a while.
                log.exception("postman_stumbled")
            await sleep(PAUSE_SECONDS)

    async def begin(self) -> None:
        """Say whether there is mail: before anybody looks for a way to a reader."""
        at = self.now()
        if self.mail is None:
            await self.database.write(lambda connection: mail_switch.turn_off(connection, at))
        else:
            await self.database.write(lambda connection: mail_switch.turn_on(connection, self.language, at))
        self.wake()

    async def look(self) -> None:
        """See whether what kept mail from going out is mended, or how the server is where that is asked."""
        if self.mail is None:
            return
        problem = await self.database.read(mail_switch.problem_of_mail)
        if problem is None and not self.mail.is_due:
            return
        try:
            await self.mail.check()
        except SlackProblem as still:
            log.warning("mail_not_reached error=%s", still.error)
            return
        if problem is not None:
            await self.begin()
            log.info("mail_goes_again")
