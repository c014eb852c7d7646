"""A mail as it is handed over, with headers that are built here and nowhere else."""

from collections.abc import Iterator
from email.utils import formatdate

from notifications.mail.envelopes.mime import Header, address, free_text, identifier, mailbox, write_body, write_headers
from notifications.mail.port import Letter, Sender


def envelope(letter: Letter, sender: Sender) -> bytes:
    """Write a mail as it goes to a server. Raise ValueError for one that nobody would read as it is meant."""
    return write_headers(_headers(letter, sender)) + write_body(
        letter.text, letter.html, letter.attachments, letter.pictures
    )


def _headers(letter: Letter, sender: Sender) -> Iterator[Header]:
    yield mailbox("From", sender.name, sender.mailbox)
    yield address("To", letter.to)
    yield free_text("Subject", letter.subject)
    yield free_text("Date", formatdate(usegmt=True))
    yield identifier("Message-ID", letter.message_id)
    if letter.thread is not None:
        yield identifier("In-Reply-To", letter.thread)
        yield identifier("References", letter.thread)
    yield free_text("List-Id", f"Kundportalen <kundportalen.{sender.domain}>")
    # These tell programs that no person wrote it.
    yield free_text("Auto-Submitted", "auto-generated")
    yield free_text("X-Auto-Response-Suppress", "All")
    yield free_text("Content-Language", letter.language)
