"""A document as a PDF. What draws it is loaded with the first one: it costs a sixth of a start, and of the memory."""

from core.api import Language
from notifications.documents.agreement import Document
from notifications.documents.signed import SignedDocument
from notifications.texts import say


def pdf_of(document: Document | SignedDocument, foot: str = "") -> bytes:
    """Draw the PDF, in Swedish, the language of what is signed; each page says at its foot which document it is of,
    by version and hash where nothing else is given.
    """
    from notifications.documents.pdf_layout import draw

    return draw(document, foot or say(Language.SV, "web.document.foot", version=document.version, hash=document.hash))
