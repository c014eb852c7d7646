"""A client that hangs up before it has sent all that it began on."""

from starlette.types import ASGIApp, Message, Scope


async def hang_up(app: ASGIApp, path: str, **headers: str) -> None:
    """Begin a POST and be gone; raises what the application raises."""
    arriving: list[Message] = [{"type": "http.request", "body": b"a=", "more_body": True}, {"type": "http.disconnect"}]
    named = {"content-length": "10", "content-type": "application/x-www-form-urlencoded"} | headers
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in named.items()],
        "client": ("127.0.0.1", 1),
        "server": ("kundportal.test", 80),
    }

    async def receive() -> Message:
        return arriving.pop(0) if arriving else {"type": "http.disconnect"}

    async def send(_: Message) -> None: ...

    await app(scope, receive, send)
