"""The mails that were handed over to the sandbox by SMTP: everybody's, in one box, to be looked at beside Slack."""

import asyncio
import socket
from collections import deque
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session

from bot.sandbox.shapes import Json
from bot.sandbox.world.world import Clock

KEPT = 500
HOST = "sandbox.invalid"


class Mailbox:
    """Takes every mail; the oldest go when there are many. `is_open` once somebody listens."""

    def __init__(self, clock: Clock) -> None:
        self._now = clock
        self._mails: deque[Json] = deque(maxlen=KEPT)
        self._taken = 0
        self.is_open = False

    def take(self, sender: str, to: list[str], message: EmailMessage) -> None:
        """Keep a mail as it came."""
        self._taken += 1
        headers = {name: str(value) for name, value in message.items()}
        parts = {"text": _part(message, "plain"), "html": _part(message, "html")}
        mail = {"n": self._taken, "at": self._now(), "sender": sender, "to": to, "headers": headers}
        self._mails.append(mail | {"subject": headers.get("Subject", "")} | parts)

    def after(self, n: int) -> Json:
        """Return the mails that came after one, the oldest first."""
        return {"mails": [mail for mail in self._mails if mail["n"] > n]}

    def forget(self) -> None:
        """Empty it; the numbers go on."""
        self._mails.clear()

    async def listen(self, listening: socket.socket) -> asyncio.Server:
        """Take mail at a socket until the server is closed."""
        loop, handler = asyncio.get_running_loop(), _Handler(self)
        server = await loop.create_server(
            lambda: SMTP(handler, hostname=HOST, enable_SMTPUTF8=True, loop=loop), sock=listening
        )
        self.is_open = True
        return server


class _Handler:
    """What aiosmtpd calls for each mail."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802, ARG002 - theirs
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        message = message_from_bytes(content, policy=policy.default)
        self._mailbox.take(envelope.mail_from or "", [str(recipient) for recipient in envelope.rcpt_tos], message)
        return "250 Taken"


def _part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    return body.get_content() if body is not None else ""
