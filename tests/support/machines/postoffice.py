"""A real SMTP server for tests: takes mail into memory, and answers otherwise when it is told to."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from tests.support.machines.product import PATIENCE, free_port

HOST = "127.0.0.1"


@dataclass
class Taken:
    """A mail as it came in: who handed it over, to whom, what it says, and the same as it was sent."""

    sender: str
    to: list[str]
    message: EmailMessage
    raw: bytes

    def part(self, kind: str) -> str:
        """What stands in the part of a kind: "plain" or "html"."""
        body = self.message.get_body((kind,))
        assert body is not None
        return body.get_content()


@dataclass
class PostOffice:
    """What the server answers, by command ("MAIL", "RCPT", "DATA"), so many times; and every mail it has promised.

    `once_taken` happens once, when a mail has been taken and before that is said. Of whom it talks to are `sessions`:
    while there are none, nothing comes.
    """

    port: int = 0
    taken: list[Taken] = field(default_factory=list)
    answers: dict[str, list[str]] = field(default_factory=dict)
    sessions: set[SMTP] = field(default_factory=set[SMTP])
    slow_seconds: float = 0.0
    once_taken: Callable[[], object] | None = None

    def answer(self, command: str, answer: str, times: int = 1) -> None:
        """Say this instead of yes."""
        self.answers.setdefault(command, []).extend([answer] * times)

    def to(self, email: str) -> list[Taken]:
        """The mails to one address."""
        return [each for each in self.taken if email in each.to]

    def _next(self, command: str) -> str | None:
        waiting = self.answers.get(command)
        return waiting.pop(0) if waiting else None

    # --- aiosmtpd's hooks

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802 - theirs
        if (no := self._next("MAIL")) is not None:
            return no
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - theirs
        if (no := self._next("RCPT")) is not None:
            return no
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - theirs
        await asyncio.sleep(self.slow_seconds)
        if (no := self._next("DATA")) is not None:
            return no
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.taken.append(Taken(envelope.mail_from, list(envelope.rcpt_tos), message, envelope.content))
        if self.once_taken is not None:
            happens, self.once_taken = self.once_taken, None
            await asyncio.to_thread(happens)
        return "250 Promised"


class _Session(SMTP):
    def connection_made(self, transport):
        self.event_handler.sessions.add(self)
        super().connection_made(transport)

    def connection_lost(self, error):
        self.event_handler.sessions.discard(self)
        super().connection_lost(error)


class _Controller(Controller):
    def factory(self):
        return _Session(self.handler, hostname="post.example.org", enable_SMTPUTF8=True)


@contextmanager
def post_office(port: int = 0) -> Iterator[PostOffice]:
    """A server at a port of this machine, free again in the end."""
    office = PostOffice()
    controller = _Controller(office, hostname=HOST, port=port or free_port(), ready_timeout=PATIENCE)
    controller.start()
    office.port = controller.port
    try:
        yield office
    finally:
        controller.stop()
