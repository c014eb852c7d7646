"""Agreements as documents: a numbered text with the application's facts filled in, its hash, and (in `pdf`) its PDF."""

from notifications.documents.agreement import Agreements, Document, Facts, draw_up, filled
from notifications.documents.library import Library
from notifications.documents.signed import SignedDocument
from notifications.documents.text import Kind, Part, read

__all__ = ["Agreements", "Document", "Facts", "Kind", "Library", "Part", "SignedDocument", "draw_up", "filled", "read"]
