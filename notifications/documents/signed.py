"""Signed documents: an agreement's text with the signatures below it, which are no part of what was signed."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.api import HeldDocument, Language, Signature
from notifications.documents.agreement import Document, runs_of
from notifications.documents.markup import TextKind, TextPart
from notifications.texts import say, when


@dataclass(frozen=True)
class SignedDocument:
    """What is drawn of an agreement: its document, and then, in Swedish as well, who signed it."""

    held: HeldDocument

    @property
    def document(self) -> Document:
        """The document without the signatures."""
        return Document(self.held.version, self.held.text)

    @property
    def version(self) -> str:
        """The version of the document."""
        return self.held.version

    @property
    def hash(self) -> str:
        """The SHA-256 in hex of the document's text alone."""
        return self.held.hash

    @property
    def parts(self) -> tuple[TextPart, ...]:
        """The parts of the document, and then of the signatures below it."""
        return (*self.document.parts, *self._below())

    @property
    def runs(self) -> tuple[tuple[str, tuple[TextPart, ...]], ...]:
        """The parts, with facts and items that follow one another together, as `Document.runs` has them."""
        return runs_of(self.parts)

    def _below(self) -> Iterator[TextPart]:
        yield TextPart(TextKind.HEADING, say(Language.SV, "web.document.signatures"))
        key = "not_signed" if self.held.since is None else "signed"
        yield TextPart(TextKind.PARAGRAPH, say(Language.SV, f"web.document.{key}"))
        for signature in self.held.signatures:
            yield TextPart(TextKind.ITEM, _said(signature))
        yield TextPart(TextKind.PARAGRAPH, say(Language.SV, "web.document.below", hash=self.hash))


def _said(signature: Signature) -> str:
    method = say(Language.SV, f"web.document.method.{signature.method}")
    name = " ".join(signature.name.split())
    return say(Language.SV, "web.document.signature", name=name, at=when(Language.SV, signature.at), method=method)
