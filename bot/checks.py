"""Checks that settings of several kinds share; what they raise, pydantic tells the operator."""

from urllib.parse import urlsplit


def must(what: str, *, holds: bool) -> None:
    """Raise a problem that says what a value must be or do, unless it does."""
    if not holds:
        raise ValueError("must " + what)


def web_address(text: str) -> str:
    """An address of the web."""
    parts = urlsplit(text)
    must("begin with https:// or http://", holds=parts.scheme in {"http", "https"} and bool(parts.hostname))
    return text


def base_address(text: str) -> str:
    """An address that paths are put behind."""
    return web_address(text).rstrip("/")
