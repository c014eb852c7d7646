"""Answers HEAD wherever GET is answered, with the same headers (RFC 9110)."""

from starlette.types import ASGIApp, Receive, Scope, Send


class HeadAsGet:
    """Lets an application answer HEAD as it would GET; the server keeps the body back."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asks_for_headers = scope["type"] == "http" and scope["method"] == "HEAD"
        await self._app({**scope, "method": "GET"} if asks_for_headers else scope, receive, send)
