"""What the pages to sign in by do: ask for a mail at a pace, and begin a session in place of any before."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from fastapi import Request

from bot.server.background import Tasks
from bot.web.addresses import asked_language, leading_to, led_on
from bot.web.gate import Gate
from core.api import BegunSession, Language, Person, SigningIn, SignInLetter, language_for
from notifications.slack.pacing import Pace

LINK = "/i"
# To one address, whoever asks: somebody who waits for a mail asks again, and nobody's mailbox is filled.
TO_ONE = Pace(timedelta(minutes=3), 5)
# The first that is told counts: most browsers also tell the names of those before them.
BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"),
            ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))  # fmt: skip
SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
           ("CrOS", "ChromeOS"), ("Macintosh", "macOS"), ("Linux", "Linux"))  # fmt: skip


class SignInPost(Protocol):
    """Sends mails to sign in by."""

    async def are_sent(self) -> bool:
        """Say whether mail goes out."""
        ...

    async def send(self, letter: SignInLetter, path: str, language: Language) -> None:
        """Send one; `path` is where its link leads."""
        ...


@dataclass(frozen=True)
class SignInSteps:
    """`post` is None where mail is off."""

    signing_in: SigningIn
    post: SignInPost | None
    gate: Gate
    tasks: Tasks

    @property
    def has_mail(self) -> bool:
        """Say whether there is mail at all."""
        return self.post is not None

    async def can_ask(self) -> bool:
        """Say whether a mail that is asked for would go out."""
        return self.post is not None and await self.post.are_sent()

    async def ask(self, request: Request, email: str, place: Language | None) -> str:
        """Ask for a mail to an address, and return the secret of this browser. Raises Hindered for too many.

        The mail goes out beside the answer, which says nothing of it and waits for nothing: not even the time that it
        takes tells whether the address is somebody's.
        """
        await self.gate.pass_through(request)
        await self.gate.count("sign-in", email.lower(), TO_ONE)
        asked = await self.signing_in.ask(email)
        if asked.letter is not None and self.post is not None:
            spoken = language_for(asked.letter.to, place, Language.SV)
            # A language that was asked for on the way stays; the mail itself is in its reader's.
            read_in = asked_language(request) or spoken
            path = leading_to(f"{LINK}/{asked.letter.link}?lang={read_in}", led_on(request))
            self.tasks.start(self.post.send(asked.letter, path, spoken))
        return asked.browser

    async def holder(self, link: str) -> Person:
        """Return whom a link signs in, changing nothing. Raises SignInOver."""
        return await self.signing_in.holder(link)

    async def by_link(self, request: Request, link: str) -> BegunSession:
        """Sign in by a link. Raises SignInOver, and Hindered for too many."""
        await self.gate.pass_through(request)
        return await self.signing_in.by_link(link, _browser(request))

    async def by_code(self, request: Request, browser: str, code: str) -> BegunSession:
        """Sign in by a code in the browser that asked. Raises WrongCode, SignInOver, and Hindered for too many."""
        await self.gate.pass_through(request)
        return await self.signing_in.by_code(browser, code, _browser(request))


def _browser(request: Request) -> str:
    return browser_name(request.headers.get("user-agent", ""))


def browser_name(user_agent: str) -> str:
    """Return a browser's name, and nothing else of what it tells; nothing where it tells nothing that is known."""
    found = (next((name for mark, name in known if mark in user_agent), "") for known in (BROWSERS, SYSTEMS))
    return ", ".join(filter(None, found))
