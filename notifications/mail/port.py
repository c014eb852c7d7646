"""The port to a mail server, and what a mail is."""

from dataclasses import dataclass, field
from email.utils import parseaddr
from typing import Protocol

from core.api import Language
from notifications.slack.slack_errors import Never

# The "workspace" of cards that go by mail: its row says that mail is on, and what keeps it from being sent.
MAIL = "mail"
# Why a mail is given up that no program would read as it is meant, or that holds what no mail can.
NOT_WRITTEN = "mail_not_written"


@dataclass(frozen=True)
class Attachment:
    """A file in a mail: its name, of plain letters, its media type and its bytes."""

    name: str
    media_type: str
    content: bytes = field(repr=False)

    @property
    def content_id(self) -> str:
        """What a mail's HTML shows it by, behind `cid:`. It has the form of an address (RFC 2392)."""
        return f"{self.name}@kundportalen"


@dataclass(frozen=True)
class Letter:
    """A mail to one reader. `message_id` and `thread` stand between angle brackets; `thread` is that of the case.

    `pictures` are shown where the HTML names their `content_id`.
    """

    to: str
    subject: str
    text: str
    html: str
    language: Language
    message_id: str
    thread: str | None = None
    attachments: tuple[Attachment, ...] = ()
    pictures: tuple[Attachment, ...] = ()


@dataclass(frozen=True)
class Sender:
    """Whom mail is from: `address` with a name or without, and where what cannot be delivered is sent back to."""

    address: str
    bounce: str

    @property
    def name(self) -> str:
        """What stands before the address, empty where nothing does."""
        return parseaddr(self.address)[0]

    @property
    def mailbox(self) -> str:
        """The address alone."""
        return parseaddr(self.address)[1]

    @property
    def domain(self) -> str:
        """What stands behind the @ of the address."""
        return self.mailbox.rpartition("@")[2]


class MailStopped(Never):
    """No mail goes out until somebody mends how it is sent: the password, the sender's address, the encryption."""

    @property
    def is_of_the_workspace(self) -> bool:
        """True: no other mail goes well either."""
        return True


class Mail(Protocol):
    """A server that takes mail. Each raises TryLater, MailStopped or, for one mail alone, Never (SlackProblem)."""

    async def send(self, letter: Letter) -> None:
        """Hand a mail over. When it returns, the server has promised to deliver it."""
        ...

    async def check(self) -> None:
        """See whether the server would take mail, without sending any."""
        ...
