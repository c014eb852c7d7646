"""Agreements as documents: a numbered text with the application's facts filled in, its hash, and (in `pdf`) its PDF."""

from notifications.documents.agreement import Agreements, Document, Facts, draw_up, filled
from notifications.documents.library import Library
from notifications.documents.signed import SignedDocument
from notifications.documents.text import TextKind, TextPart, read

__all__ = [
    "Agreements",
    "Document",
    "Facts",
    "Library",
    "SignedDocument",
    "TextKind",
    "TextPart",
    "draw_up",
    "filled",
    "read",
]
