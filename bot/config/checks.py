"""Checks that settings of several kinds share; what they raise, pydantic tells the operator."""

import re
from collections.abc import Callable, Iterable
from urllib.parse import SplitResult, urlsplit

# What a path can be put behind, and what stands in a mail as it is: no user and password, no query, no fragment.
HOST_AND_PATH = re.compile(
    r"""https?://
    (?: \w(?:[\w-]*\w)?(?:\.\w(?:[\w-]*\w)?)* | \[[0-9a-f:.]+\] )
    (?::\d+)?
    (?:/[a-z0-9._~-]+)*/?""",
    re.IGNORECASE | re.VERBOSE,
)
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def must(what: str, *, holds: bool) -> None:
    """Raise ValueError saying what a value must be or do, unless it does."""
    if not holds:
        raise ValueError("must " + what)


def whole_number(low: int, high: int) -> Callable[[object], int]:
    """Return a check that takes whole numbers from one to another."""

    def check(value: object) -> int:
        text = str(value).strip()
        is_number = text.isascii() and text.isdecimal() and low <= int(text) <= high
        must(f"be a whole number from {low} to {high}", holds=is_number)
        return int(text)

    return check


def one_of(words: Iterable[str]) -> Callable[[str], str]:
    """Return a check that takes these words and no others."""
    allowed = tuple(map(str, words))

    def check(value: str) -> str:
        must(f"be one of {', '.join(allowed)}", holds=value in allowed)
        return value

    return check


def address(text: str) -> SplitResult | None:
    """Parse an address that names a host; None when it is none."""
    try:
        parts = urlsplit(text)
        # Reading the port is what finds a wrong one.
        is_one = parts.hostname is not None and (parts.port or 1) > 0 and not any(map(str.isspace, text))
    except ValueError:
        return None
    return parts if is_one else None


def web_address(text: str) -> str:
    """Check an address of the web. Raise ValueError."""
    parts = address(text)
    is_one = parts is not None and parts.scheme in {"http", "https"}
    must("begin with https:// or http://, and name a host", holds=is_one)
    return text


def base_address(text: str) -> str:
    """Check an address that paths are put behind, and return it without the last slash. Raise ValueError."""
    return _alone(web_address(text)).rstrip("/")


def public_address(text: str) -> str:
    """Check an address that browsers are sent to and paths are put behind: nothing in it is for others to read."""
    parts = address(text)
    is_one = parts is not None and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK))
    must("begin with https:// and name a host; http:// will do for this machine alone (http://localhost)", holds=is_one)
    return _alone(text).rstrip("/")


def server_address(text: str) -> str:
    """Check the address of a whole server that Slack reaches: paths of ours are put behind it."""
    parts = address(text)
    is_one = parts is not None and parts.scheme == "https" and parts.path in {"", "/"} and HOST_AND_PATH.fullmatch(text)
    must("begin with https:// and have no path, such as https://kundportal.example.se", holds=bool(is_one))
    return text


def _alone(text: str) -> str:
    must(
        "have a host and a path alone: no password, no ? or #, no sign that a path does not have",
        holds=HOST_AND_PATH.fullmatch(text) is not None,
    )
    return text
