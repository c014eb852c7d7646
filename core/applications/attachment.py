"""A file sent with an application, to prove that those named as signatories may sign for the organisation."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from core.shared.errors import ApplicationFormError
from core.shared.vocabulary import CaseId

# The field of the form that a file stands at.
AUTHORITY = "authority"
FILE_LIMIT = 5_000_000
# All files together that wait to be looked at, and those of them that came from one network, so that no visitor can
# take the room of all others; a wider network may take as much again. Those of applications that are over count no
# more.
ROOM = 1_000_000_000
# Operators are warned before no file fits any more.
NEARLY_FULL_PERCENT = 80
ROOM_OF_A_NETWORK = ROOM // 4
# What is wrong with a form whose file has given way to others, or was kept for long enough.
FILE_GONE = {AUTHORITY: "file_gone"}
# A file whose form was not sent in is kept for so long.
UNSENT_FOR = timedelta(days=1)


@dataclass(frozen=True)
class BroughtFile:
    """What an answer makes of the file of its application: that of the form takes its place, else it may take it away.

    `form` is the key of the form that a new one came with, if one did. `has_one` says that the form showed one.
    """

    form: str
    takes_away: bool
    has_one: bool


class FileKind(StrEnum):
    """What a file is by its first bytes, whatever its name says; the value is its media type."""

    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"

    @property
    def extension(self) -> str:
        """What the name of such a file ends with."""
        return self.name.lower()


_BEGINS: dict[bytes, FileKind] = {
    b"%PDF-": FileKind.PDF,
    b"\x89PNG\r\n\x1a\n": FileKind.PNG,
    b"\xff\xd8\xff": FileKind.JPEG,
}


@dataclass(frozen=True)
class AttachedFile:
    """What is told of a file without opening it: its kind, how many bytes it has, when it came."""

    kind: FileKind
    size: int
    sent_at: datetime


@dataclass(frozen=True)
class StoredFile:
    """A file as it came, byte for byte; nobody here opens it."""

    case: CaseId
    kind: FileKind
    content: bytes = field(repr=False)

    @property
    def name(self) -> str:
        """What it is saved as: never what somebody else called it."""
        return f"behorighet-{self.case}.{self.kind.extension}"


def check_file(content: bytes) -> FileKind:
    """Return what a file is. Raise ApplicationFormError for one that is empty, too large, or of another kind."""
    if not content:
        raise ApplicationFormError(fields={AUTHORITY: "file_empty"})
    if len(content) > FILE_LIMIT:
        raise ApplicationFormError(fields={AUTHORITY: "file_too_large"})
    found = next((kind for begins, kind in _BEGINS.items() if content.startswith(begins)), None)
    if found is None:
        raise ApplicationFormError(fields={AUTHORITY: "file_kind"})
    return found


def percent_taken(taken: int) -> int:
    """Return how much of the room so many bytes take."""
    return 100 * taken // ROOM


def is_nearly_full(taken: int) -> bool:
    """Say whether so many bytes take so much of the room that operators should know."""
    return percent_taken(taken) >= NEARLY_FULL_PERCENT


def rooms(networks: int) -> tuple[int, ...]:
    """Return how many bytes files from each of so many networks may take, narrowest first, and then all files."""
    return (*(ROOM_OF_A_NETWORK * n for n in range(1, networks + 1)), ROOM)


def check_room(missing: int) -> None:
    """Raise ApplicationFormError where a file lacks so much room beside those that there are."""
    if missing > 0:
        raise ApplicationFormError(fields={AUTHORITY: "file_no_room"})
