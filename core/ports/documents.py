"""Where the texts of documents live, and who draws them."""

from typing import Protocol

from core.views.holdings import HeldDocument


class Documents(Protocol):
    """Where the texts of documents live, from when an application is approved."""

    async def text(self, hash_: str) -> str:
        """The text behind a hash. Raises DocumentChanged when it is no longer there, or no longer the same."""
        ...


class Papers(Protocol):
    """Draws documents, in Swedish, with the signatures below them; the core keeps their text alone."""

    def page(self, document: HeldDocument) -> str:
        """As a page in HTML that needs nothing else."""
        ...

    async def pdf(self, document: HeldDocument) -> bytes:
        """As a PDF."""
        ...
