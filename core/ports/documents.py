"""The ports to documents: the stored texts of agreements, how they are drawn, and files sent with applications."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.applications.attachment import AttachedFile, FileKind, StoredFile
from core.shared.vocabulary import CaseId
from core.views.holdings import HeldDocument


@dataclass(frozen=True)
class FormKey:
    """A form that has not been sent in, by the key that lets it count once."""

    key: str


# Where a file is kept: with a form that is being filled in, or with an application.
Place = FormKey | CaseId


class Attachments(Protocol):
    """Where files sent with applications live, one for each form or application."""

    async def keep(
        self, place: Place, kind: FileKind, content: bytes, *, networks: Sequence[str], at: datetime
    ) -> None:
        """Keep a file in the place of the one before. Raise ApplicationFormError where there is no room.

        `networks` is where it came from, narrowest first. Files that were not sent in give way to it.
        """
        ...

    async def remove(self, place: Place) -> None:
        """Forget the file."""
        ...

    async def attached(self, place: Place) -> AttachedFile | None:
        """Return what is told of the file; None where there is none."""
        ...

    async def read(self, case: CaseId) -> StoredFile:
        """Return the file of an application. Raise NoDocument where there is none."""
        ...


class Documents(Protocol):
    """Where the texts of documents live, from when an application is approved."""

    async def text(self, hash_: str) -> str:
        """Return the text behind a SHA-256 hash. Raise DocumentChanged when it is gone, or no longer the same."""
        ...


class Papers(Protocol):
    """Draws documents, in Swedish, with the signatures below them; the core keeps their text alone."""

    def page(self, document: HeldDocument) -> str:
        """Draw a document as a page in HTML that needs nothing else."""
        ...

    async def pdf(self, document: HeldDocument) -> bytes:
        """Draw a document as a PDF."""
        ...
