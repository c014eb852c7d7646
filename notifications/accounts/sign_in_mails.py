"""The mail that somebody asked for to sign in on the web: sent at once, beside all cards, as it is old in minutes."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from core.api import Language, SignInLetter
from notifications.database import Transactions
from notifications.mail.mail_switch import problem_of_mail
from notifications.mail.port import MAIL, Letter, Mail, MailStopped
from notifications.render.mails import Enclosed, draw_mail
from notifications.render.model import Bold, CardMessage, Paragraphs
from notifications.slack.slack_errors import SlackProblem, TryLater
from notifications.slack.workspaces import Workspaces
from notifications.texts import say

# A server that asks for patience gets some; whoever waits longer asks for another mail.
PAUSES = (2.0, 10.0, 30.0, 60.0)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SignInMails:
    """Sends mails to sign in by. `url` is where the pages answer; `domain` stands in every Message-ID."""

    mail: Mail
    database: Transactions
    workspaces: Workspaces
    url: str
    domain: str
    sleep: Callable[[float], Awaitable[None]] = field(default=asyncio.sleep)

    async def are_sent(self) -> bool:
        """Say whether mail goes out, as far as is known: whoever asks for one is told before."""
        return await self.database.read(problem_of_mail) is None

    async def send(self, letter: SignInLetter, path: str, language: Language) -> None:
        """Send one, whose link leads to a path of the pages. What cannot be sent is told in the log alone."""
        for pause in (*PAUSES, None):
            try:
                await self.mail.send(self._written(letter, path, language))
            except SlackProblem as problem:
                if isinstance(problem, TryLater) and pause is not None:
                    await self.sleep(pause)
                    continue
                await self._not_sent(letter, problem)
                return
            log.info("sign_in_sent sign_in=%s", letter.id)
            return

    async def _not_sent(self, letter: SignInLetter, problem: SlackProblem) -> None:
        log.error("sign_in_not_sent sign_in=%s error=%s", letter.id, problem.error)
        if isinstance(problem, MailStopped):
            await self.workspaces.note_problem(MAIL, problem.error)

    def _written(self, letter: SignInLetter, path: str, language: Language) -> Letter:
        enclosed = Enclosed(
            letter.to.name,
            footer="mail.footer_sign_in",
            link=self.url + path,
            label="mail.sign_in.link",
            about_link="mail.sign_in.personal",
        )
        paper = draw_mail(_card(letter, language), enclosed, language)
        message_id = f"<{letter.id}@{self.domain}>"
        return Letter(letter.to.email, paper.subject, paper.text, paper.html, language, message_id)


def _card(letter: SignInLetter, language: Language) -> CardMessage:
    half = len(letter.code) // 2
    code = f"{letter.code[:half]} {letter.code[half:]}"
    lines: Sequence[Sequence[str | Bold]] = (
        [say(language, "mail.sign_in.lead")],
        [say(language, "mail.sign_in.code"), " ", Bold(code)],
        [say(language, "mail.sign_in.lasts")],
        [say(language, "mail.sign_in.not_you")],
    )
    return CardMessage(say(language, "mail.sign_in.subject"), [Paragraphs([list(line)]) for line in lines])
