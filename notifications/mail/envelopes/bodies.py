"""The body of a mail: the same as text and as HTML, read back before it is sent. The standard library alone."""

from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import SMTP, compat32

# Plain ASCII: every server takes it, and nothing in it is read as anything else.
ENCODING = "quoted-printable"


class BodyUnwritable(ValueError):
    """A body that would not be read as it was written."""


def body(text: str, html: str) -> bytes:
    """The body with the headers that say what it is. Raises ValueError (BodyUnwritable, UnicodeError)."""
    message = EmailMessage()
    message.set_content(text, cte=ENCODING)
    message.add_alternative(html, subtype="html", cte=ENCODING)
    written = message.as_bytes(policy=SMTP)
    meant = [("text/plain", _lines(text.encode())), ("text/html", _lines(html.encode()))]
    _, *parts = message_from_bytes(written, policy=compat32).walk()
    if [_said(each) for each in parts] != meant:
        raise BodyUnwritable
    return written


def _said(part: Message) -> tuple[str, list[bytes]]:
    said = part.get_payload(decode=True)
    return part.get_content_type(), _lines(said) if isinstance(said, bytes) else []


def _lines(text: bytes) -> list[bytes]:
    # Nothing is an empty line, once it has been written.
    return text.splitlines() or [b""]
