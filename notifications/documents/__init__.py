"""Agreements as documents: a numbered text with the application's facts filled in, its hash, and (in `pdf`) its PDF."""

from notifications.documents.agreement import Agreements, Document, Facts, blank, draw_up, fill_in
from notifications.documents.library import Library
from notifications.documents.markup import TextKind, TextPart, read
from notifications.documents.signed import SignedDocument

__all__ = [
    "Agreements",
    "Document",
    "Facts",
    "Library",
    "SignedDocument",
    "TextKind",
    "TextPart",
    "blank",
    "draw_up",
    "fill_in",
    "read",
]
