"""Which characters people may write: none that nobody sees, those of agreements' fonts alone, no addresses in names.

Names stand in mails to people who know nothing of it, and are to lead them nowhere.
"""

import re
from unicodedata import normalize

# What makes one emoji of several characters, or says how one is drawn: telephones type it, and nothing is said by it.
IN_EMOJI = r"\u200d\ufe0e\ufe0f"
# The others of Unicode's Default_Ignorable_Code_Point: what has no width, and what turns the reading direction around
# (Bidi_Control). Those above U+FFFF stand as themselves, since engines do not agree on how to escape them.
NOT_IN_EMOJI = (
    r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164"
    r"\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# For the brackets of a regular expression, as the two above.
HIDDEN = IN_EMOJI + NOT_IN_EMOJI

_HIDDEN, _IN_EMOJI = re.compile(f"[{HIDDEN}]"), re.compile(f"[{IN_EMOJI}]")


def is_hidden(letter: str) -> bool:
    """Say whether a character is one that nobody sees."""
    return not letter.isascii() and _HIDDEN.match(letter) is not None


def without_hidden(text: str) -> str:
    """Return the text without characters that nobody sees."""
    return _HIDDEN.sub("", text)


def folded(text: str) -> str:
    """Return the text as it is compared: one space between words, in small letters, without what nobody sees."""
    return " ".join(normalize("NFKC", without_hidden(text)).split()).casefold()


def emoji_apart(text: str) -> str:
    """Return the text with its emoji taken apart into the characters that they are made of."""
    return _IN_EMOJI.sub("", text)


# Those of the fonts that documents are drawn with: Latin, Greek and Cyrillic ones, and what stands between words. Space
# of any kind is drawn as a space.
_LETTERS = re.compile(
    r"[\s\x20-\x7e\u00a0-\u024f\u0370-\u0377\u037a-\u037f\u0384-\u038a\u038c\u038e-\u03a1\u03a3-\u045f\u1e00-\u1efb"
    r"\u2010-\u2027\u2030-\u203a\u20ac\u2116\u2212]*"
)


def is_drawn(text: str) -> bool:
    """Say whether every letter of a text can be drawn in an agreement."""
    return _LETTERS.fullmatch(normalize("NFC", text)) is not None


# What mail programs make a link of: what has a scheme, begins with www., has an @, or is a domain with more behind it.
_ADDRESS = re.compile(r"://|www\.|@|\w[.。]\w{2,}[/?#:]\S", re.IGNORECASE)
# And of a bare domain, as it ends: in small letters or in two. An initial's dot (J.Berg) and a title's (Dr.Berg) are
# none's. Organisations are called so.
_DOMAIN = re.compile(r"\w[\w-]+[.。](?:[^\W\d_A-ZÅÄÖ]{2,}|[^\W\d_]{2}|(?i:com|net|org|info))\b")

# No name is longer, and looking takes its time: nobody looks at more of a text that a stranger may have made.
LOOKED_AT = 200


def holds_address(name: str) -> bool:
    """Say whether an organisation's name has an address in it; a bare domain may be its name."""
    return _ADDRESS.search(_plain(name)) is not None


def persons_holds_address(name: str) -> bool:
    """Say whether a person's name has an address in it, a bare domain too."""
    return holds_address(name) or _DOMAIN.search(_plain(name)) is not None


def _plain(name: str) -> str:
    return normalize("NFKC", name[:LOOKED_AT])
