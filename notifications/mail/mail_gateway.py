"""Mail through an SMTP server: a connection for each, and every failure classified by what it asks for."""

import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiosmtplib
from aiosmtplib import errors

from notifications.mail.envelopes import envelope
from notifications.mail.port import NOT_WRITTEN, Letter, MailStopped, Sender
from notifications.slack.slack_errors import Never, SlackProblem, TryLater

# For each thing that is said before the mail itself.
TIMEOUT_SECONDS = 10.0
# A server that has the whole mail and has not answered may deliver it all the same: it is not asked again too soon.
DATA_TIMEOUT_SECONDS = 120.0
# The answers that asking again would not change.
FINAL = range(500, 600)


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed over. `tls` from the first byte, or `starttls` before anything that matters is said."""

    host: str
    port: int
    user: str | None = None
    password: str | None = None
    tls: bool = False
    starttls: bool = False


@dataclass(frozen=True)
class MailGateway:
    """Implements notifications.mail.port.Mail."""

    server: MailServer
    sender: Sender
    timeout: float = TIMEOUT_SECONDS
    data_timeout: float = DATA_TIMEOUT_SECONDS

    async def send(self, letter: Letter) -> None:
        """See notifications.mail.port.Mail."""
        if not letter.to.isascii():
            # Few servers take other letters in an address, and none can be asked with them.
            raise Never("recipient_refused")
        message = _written(letter, self.sender)
        async with self._connected() as client, _classified():
            await client.mail(self.sender.bounce)
            await client.rcpt(letter.to)
            await client.data(message, timeout=self.data_timeout)

    async def check(self) -> None:
        """See notifications.mail.port.Mail."""
        async with self._connected() as client, _classified():
            await client.noop()

    @asynccontextmanager
    async def _connected(self) -> AsyncGenerator[aiosmtplib.SMTP]:
        client = aiosmtplib.SMTP(
            hostname=self.server.host,
            port=self.server.port,
            username=self.server.user,
            password=self.server.password,
            use_tls=self.server.tls,
            start_tls=self.server.starttls,
            timeout=self.timeout,
        )
        async with _classified():
            await client.connect()
        try:
            yield client
        finally:
            # The server has promised or refused by now; whether it hears the farewell matters to nobody.
            client.close()


def _written(letter: Letter, sender: Sender) -> bytes:
    try:
        return envelope(letter, sender)
    except ValueError as problem:
        # What keeps a mail from being written keeps it for ever.
        raise Never(NOT_WRITTEN) from problem


@asynccontextmanager
async def _classified() -> AsyncGenerator[None]:
    try:
        yield
    except (errors.SMTPException, OSError) as problem:
        raise classify(problem) from problem


def classify(problem: Exception) -> SlackProblem:
    """Classify a failure: a no (5xx) is about this mail alone or stops them all; anything else passes."""
    match problem:
        case errors.SMTPResponseException():
            return _of_answer(problem)
        case errors.SMTPException() if type(problem) in {errors.SMTPException, errors.SMTPNotSupported}:
            # The first is how aiosmtplib says that a server offers no encryption, or no way to log in that we know.
            return MailStopped("smtp_not_offered")
        case TimeoutError():
            return TryLater("smtp_timeout")
        case _:
            return MailStopped("smtp_tls") if _is_about_trust(problem) else TryLater("smtp_connection")


def _of_answer(problem: errors.SMTPResponseException) -> SlackProblem:
    error = f"smtp_{problem.code}"
    if problem.code not in FINAL:
        # 4xx asks for patience; what is no answer of SMTP at all (aiosmtplib's -1) says nothing about tomorrow.
        return TryLater(error if problem.code > 0 else "smtp_malformed")
    if isinstance(problem, errors.SMTPRecipientRefused):
        return Never("recipient_refused")
    return Never(error) if isinstance(problem, errors.SMTPDataError) else MailStopped(error)


def _is_about_trust(problem: Exception) -> bool:
    return (
        isinstance(problem, ssl.SSLError)
        or isinstance(problem.__cause__, ssl.SSLError)
        or "CERTIFICATE_VERIFY_FAILED" in str(problem)
    )
