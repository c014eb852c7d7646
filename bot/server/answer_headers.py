"""Headers of every answer: take it for nothing else, keep no copy, and come back encrypted."""

from collections.abc import Mapping

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    # Pages say more of their own; what a program asks for is drawn by nobody.
    "Content-Security-Policy": "base-uri 'none'; frame-ancestors 'none'",
}
# A year, as browsers ask for; of this host alone, since its neighbours are not ours.
ENCRYPTED = "max-age=31536000"


class AnswerHeaders:
    """Adds headers to whatever an application answers, where it says nothing else itself.

    A browser believes Strict-Transport-Security over https alone, so it is said there alone: where the request came
    encrypted, to us or to a proxy that is believed (FORWARDED_ALLOW_IPS) and says so in X-Forwarded-Proto.
    """

    def __init__(self, app: ASGIApp, added: Mapping[str, str] = EVERYWHERE) -> None:
        self._app = app
        self._added = added

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._added.items():
                    headers.setdefault(name, value)
                if scope["scheme"] == "https":
                    headers.setdefault("Strict-Transport-Security", ENCRYPTED)
            await send(message)

        await self._app(scope, receive, with_headers)


class WebApplication(FastAPI):
    """A web application whose every answer has these headers; middleware would not meet that to a fault of ours."""

    def build_middleware_stack(self) -> ASGIApp:
        """See fastapi.FastAPI."""
        return AnswerHeaders(super().build_middleware_stack())
