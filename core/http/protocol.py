"""What HTTP asks of every address: an answer to HEAD, bodies of a bounded size, no parameter given twice."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.http.access import AnyKey
from core.ports.case_lists import ListPlace
from core.shared.vocabulary import CaseId


class HeadAsGet:
    """Lets an application answer HEAD as it would GET; the server keeps the body back."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asks_for_headers = scope["type"] == "http" and scope["method"] == "HEAD"
        await self._app({**scope, "method": "GET"} if asks_for_headers else scope, receive, send)


class BodyLimit:
    """Counts what a request brings, whatever it says about its length."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._limit:
                # Raised where the body is read, so that it is answered like every other refusal.
                raise HTTPException(413)
            return message

        await self._app(scope, counted, send)


async def once_each(request: Request, _held: AnyKey) -> None:
    """Lets pass what gives each parameter once, after the key is seen. Raises Unauthorized, PersonInactive."""
    times = Counter(name for name, _ in request.query_params.multi_items())
    repeated = [{"type": "repeated", "loc": ("query", name)} for name, number in times.items() if number > 1]
    if repeated:
        raise RequestValidationError(repeated)


EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
# What an Idempotency-Key may be: printable, and no longer than anybody needs.
IDEMPOTENCY_KEY = r"^[!-~]{1,255}$"
CURSOR = r"^[0-9]{1,16}\.[A-Za-z0-9-]{1,40}$"


def place_of(text: str | None) -> ListPlace | None:
    """Where a page begins; None for the first."""
    if text is None:
        return None
    micros, _, case = text.partition(".")
    return ListPlace(EPOCH + int(micros) * MICROSECOND, CaseId(case))


def cursor(place: ListPlace) -> str:
    """The same as text."""
    return f"{(place.created_at - EPOCH) // MICROSECOND}.{place.case}"
