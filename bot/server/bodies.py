"""Reads the body of a request, and no more of it than is asked for."""

from fastapi import Request

DIGITS = 18


class BodyTooLarge(Exception):
    """The body passes the limit."""


async def read_body(request: Request, limit: int) -> bytes:
    """The whole body, whatever the request says about its length. Raises BodyTooLarge."""
    declared = request.headers.get("content-length", "0")
    # A number with as many digits as a header may have is none that Python reads.
    if not declared.isdecimal() or len(declared) > DIGITS or int(declared) > limit:
        raise BodyTooLarge
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise BodyTooLarge
        parts.append(part)
    return b"".join(parts)
