"""The ports to agreements' documents: their stored texts, and how they are drawn."""

from typing import Protocol

from core.views.holdings import HeldDocument


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
