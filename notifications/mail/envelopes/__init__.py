"""A mail as it is handed over, with headers that are built here and nowhere else."""

from collections.abc import Iterator
from email.utils import formatdate

from notifications.mail.envelopes.written import Header, address, body, free, identifier, mailbox, written
from notifications.mail.port import Letter, Sender


def envelope(letter: Letter, sender: Sender) -> bytes:
    """A mail as it goes to a server. Raises ValueError for one that nobody would read as it is meant."""
    return written(_headers(letter, sender)) + body(letter.text, letter.html)


def _headers(letter: Letter, sender: Sender) -> Iterator[Header]:
    yield mailbox("From", sender.name, sender.mailbox)
    yield address("To", letter.to)
    yield free("Subject", letter.subject)
    yield free("Date", formatdate(usegmt=True))
    yield identifier("Message-ID", letter.message_id)
    if letter.thread is not None:
        yield identifier("In-Reply-To", letter.thread)
        yield identifier("References", letter.thread)
    yield free("List-Id", f"Kundportalen <kundportalen.{sender.domain}>")
    # These tell programs that no person wrote it.
    yield free("Auto-Submitted", "auto-generated")
    yield free("X-Auto-Response-Suppress", "All")
    yield free("Content-Language", letter.language)
