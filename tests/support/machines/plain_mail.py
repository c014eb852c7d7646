"""Reads a mail as the plainest of programs does: lines, names and encoded words, and nothing of Python's own."""

import re
from base64 import b64decode
from quopri import decodestring

WORD = re.compile(r"=\?([^?*]+)(?:\*[^?]*)?\?([bBqQ])\?([^?]*)\?=")


def read_headers(mail: bytes) -> list[tuple[str, str]]:
    """Names and values, in order, with encoded words as they are shown; an odd line has no name."""
    above = mail.partition(b"\r\n\r\n")[0].decode("latin-1")
    unfolded = re.sub(r"\r\n(?=[ \t])", "", above)
    return [(name, shown(value.strip())) for name, _, value in (each.partition(":") for each in unfolded.split("\r\n"))]


def shown(value: str) -> str:
    """A value with its encoded words decoded once, those side by side as one."""
    return WORD.sub(_decoded, re.sub(r"(?<=\?=)[ \t]+(?==\?)", "", value))


def _decoded(word: re.Match[str]) -> str:
    charset, kind, said = word.groups()
    octets = b64decode(said) if kind in "bB" else decodestring(said.replace("_", " ").encode(), header=False)
    return octets.decode(charset)
