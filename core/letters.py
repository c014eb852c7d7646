"""The letters that an agreement is written in: what is filled in stands there as it was typed, or is refused."""

import re
from unicodedata import normalize

# Those of the fonts that documents are drawn with: Latin, Greek and Cyrillic ones, and what stands between words. Space
# of any kind is drawn as a space.
_LETTERS = re.compile(
    r"[\s\x20-\x7e\u00a0-\u024f\u0370-\u0377\u037a-\u037f\u0384-\u038a\u038c\u038e-\u03a1\u03a3-\u045f\u1e00-\u1efb"
    r"\u2010-\u2027\u2030-\u203a\u20ac\u2116\u2212]*"
)


def is_drawn(text: str) -> bool:
    """True for a text whose every letter stands in an agreement as it is."""
    return _LETTERS.fullmatch(normalize("NFC", text)) is not None
