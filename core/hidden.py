"""The characters that nobody sees: with one in it, a text looks like another, and is none."""

import re

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
    """True for a character that nobody sees."""
    return not letter.isascii() and _HIDDEN.match(letter) is not None


def without_hidden(text: str) -> str:
    """The text as it is seen."""
    return _HIDDEN.sub("", text)


def emoji_apart(text: str) -> str:
    """The text with its emoji as the characters that they are made of."""
    return _IN_EMOJI.sub("", text)
