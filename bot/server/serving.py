"""How the product is served over HTTP: uvicorn's options, limits of connections and bodies, headers of every answer.

Uvicorn's parser in C keeps whatever it is sent as a header for as long as it comes, and waits for ever. Uvicorn itself
keeps every request that comes before an answer.
"""

import asyncio
import gc
import resource
import sys
from collections import Counter
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar, Literal, TypedDict

from fastapi import FastAPI, Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from core.api import networks_of, new_press_id, under_press

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


class InTurn:
    """Begins requests one by one, so many seconds apart: pages may not take all the time that presses need.

    A thread that draws pages without a pause keeps those of the database waiting. Measured by `bench.load`.
    """

    def __init__(self, app: ASGIApp, apart: float) -> None:
        self._app = app
        self._apart = apart
        self._turn = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._turn.acquire()
        asyncio.get_running_loop().call_later(self._apart, self._turn.release)
        await self._app(scope, receive, send)


class PressIds:
    """Gives every request an id that log lines, and what it comes to, are known by; what runs beside them has none."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with under_press(new_press_id() if scope["type"] == "http" else None):
            await self._app(scope, receive, send)


class WebApplication(FastAPI):
    """A web application whose every answer has these headers; middleware would not meet that to a fault of ours."""

    def build_middleware_stack(self) -> ASGIApp:
        """See fastapi.FastAPI."""
        return PressIds(AnswerHeaders(super().build_middleware_stack()))


# Address and headers of one request, together; the trailers of its body count too. Ours are below two thousand bytes.
HEAD_BYTES = 32_768
FIELDS = 100
# Requests that may wait behind the one being answered. Whoever reads an answer before asking again has none, or one.
WAITING = 3
# Connections at once; fewer where the system allows a process few files, since Slack and the database need some.
CONNECTIONS = 1_000
OTHER_FILES = 200


# What a slow telephone sends, 160 kbit/s; nobody is held to it before so many seconds.
LEAST_A_SECOND = 20_000
SLOW_SECONDS = 15.0


def places() -> int:
    """Count the connections that there is room for."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = CONNECTIONS + OTHER_FILES if soft == resource.RLIM_INFINITY else soft
    return min(CONNECTIONS, max(files // 2, files - OTHER_FILES))


class TooMuch(Exception):
    """More is sent before a body, or before an answer, than anybody needs."""


class BoundedProtocol(HttpToolsProtocol):
    """Uvicorn's protocol with an end to everything that a client may draw out."""

    # From the first byte (or the connection) to the end of the headers, and from there to the end of the body; this
    # has a second more for each LEAST_A_SECOND bytes of it that came.
    head_seconds: ClassVar[float] = 10.0
    body_seconds: ClassVar[float] = 30.0
    # How long an answer may wait for somebody who does not read it.
    read_seconds: ClassVar[float] = 30.0

    def __init__(self, *args: Any, **named: Any) -> None:  # Any: uvicorn's own
        super().__init__(*args, **named)
        self._places = places()
        self._since = 0.0
        self._head_bytes = self._fields = self._body_bytes = self._unread = 0
        self._is_whole = self._has_head = self._is_too_much = False
        self._deadline: asyncio.TimerHandle | None = None
        self._deadline_of_body = False
        self._reading: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - uvicorn's
        """Take a place; where all are taken, that of somebody who keeps us waiting."""
        super().connection_made(transport)
        self._since = self.loop.time()
        self._set_deadline(self.head_seconds)
        if len(self.connections) > self._places:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget every deadline."""
        super().connection_lost(exc)
        self._clear_deadline()
        if self._reading is not None:
            self._reading.cancel()

    def data_received(self, data: bytes) -> None:
        """Read on, and see that what was begun ends in time."""
        self._unread += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._unread > HEAD_BYTES:
            self._is_too_much = True
            self.send_400_response("")
        elif not self._is_whole:
            self._expect_the_rest()
        elif self._is_answering():
            self._clear_deadline()
        elif self._deadline is None or self._deadline_of_body:
            # The end of a body that was answered before, or a few bytes that uvicorn takes for the next request.
            self._set_deadline(self.head_seconds)

    def on_message_begin(self) -> None:
        """Count anew: another request begins."""
        super().on_message_begin()
        self._head_bytes = self._fields = 0
        self._is_whole = self._has_head = False

    def on_url(self, url: bytes) -> None:
        """Count its bytes."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count it and its bytes."""
        self._fields += 1
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Wait for the body from now on; or for the answers before it, by a few requests."""
        if self._is_answering() and len(self.pipeline) >= WAITING:
            raise TooMuch
        self._unread = 0
        super().on_headers_complete()
        # Not before: of an address that cannot be read no request is made.
        self._has_head = True

    def on_body(self, body: bytes) -> None:
        """Count its bytes while somebody reads it, who limits it."""
        self._unread = 0
        self._body_bytes += len(body) if self._is_answering() else 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Note that all is there: whoever is waited for now is us."""
        self._unread, self._is_whole = 0, True
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Wait for the next request, as long as connections are kept open."""
        self._since = self.loop.time()
        super().on_response_complete()
        self._see_it_closed()

    def shutdown(self) -> None:
        """Close as uvicorn does. Nobody keeps a server from stopping."""
        super().shutdown()
        self._see_it_closed()

    def pause_writing(self) -> None:
        """Give the reader of an answer so long to read it."""
        super().pause_writing()
        self._let_read()

    def resume_writing(self) -> None:
        """Take that deadline away: it was read."""
        super().resume_writing()
        if self._reading is not None and not self.transport.is_closing():
            self._reading.cancel()
            self._reading = None

    def timeout_keep_alive_handler(self) -> None:
        """See uvicorn; what was not read by now is given up."""
        super().timeout_keep_alive_handler()
        self._see_it_closed()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's signature
        """Answer what is no request that is read here, as every answer of ours, and end the connection."""
        self._end_with(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE if self._is_too_much else HTTPStatus.BAD_REQUEST)

    def keeps_us_waiting(self) -> bool:
        """Say whether it is the client's turn: to send a request, the rest of one, or to read."""
        return not self._is_whole or not self._is_answering() or self.flow.write_paused

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _count(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > HEAD_BYTES or self._fields > FIELDS:
            self._is_too_much = True
            raise TooMuch

    def _expect_the_rest(self) -> None:
        # Set once for the head and once for the body: a byte now and then puts nothing off.
        if self._deadline is None or self._has_head is not self._deadline_of_body:
            self._set_deadline(self.body_seconds if self._has_head else self.head_seconds)

    def _set_deadline(self, seconds: float) -> None:
        self._clear_deadline()
        self._deadline_of_body = self._has_head and not self._is_whole
        self._body_bytes = 0
        self._deadline = self.loop.call_later(seconds, self._out_of_time)

    def _out_of_time(self) -> None:
        came, self._body_bytes = self._body_bytes, 0
        if self._deadline_of_body and came:
            self._deadline = self.loop.call_later(came / LEAST_A_SECOND, self._out_of_time)
        else:
            self.transport.abort()

    def _clear_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _let_read(self) -> None:
        if self._reading is None:
            self._reading = self.loop.call_later(self.read_seconds, self.transport.abort)

    def _see_it_closed(self) -> None:
        # A transport that is closed still waits for its reader.
        if self.transport.is_closing():
            self._let_read()

    def _make_room(self) -> None:
        others = (
            connection
            for connection in self.connections
            if isinstance(connection, BoundedProtocol) and connection is not self
        )
        waiting = [connection for connection in others if connection.keeps_us_waiting()]
        if not waiting:
            self._end_with(HTTPStatus.SERVICE_UNAVAILABLE)
            return
        # Of whoever has most of them, for the network's width, the one that has had it for longest.
        held = Counter(network for connection in waiting for network in _networks(connection))
        share = {each: max(held[network] / n for n, network in enumerate(_networks(each), 1)) for each in waiting}
        last = max(waiting, key=lambda connection: (share[connection], -connection._since))
        self.connections.discard(last)
        last.transport.abort()

    def _end_with(self, status: HTTPStatus) -> None:
        # Where the head of this request has come, the answer on its way is this one's, unless others wait before it.
        is_its_own = self._has_head and not self.pipeline and not self.cycle.response_started
        if self._is_answering() and not is_its_own:
            self.transport.abort()
            return
        headers = {**EVERYWHERE, "Content-Length": "0", "Connection": "close"}
        lines = [f"HTTP/1.1 {status.value} {status.phrase}", *(f"{name}: {value}" for name, value in headers.items())]
        self.transport.write("\r\n".join([*lines, "", ""]).encode())
        self.transport.close()
        self._see_it_closed()


def _networks(connection: BoundedProtocol) -> tuple[str, ...]:
    return networks_of(connection.client[0] if connection.client else "")


DIGITS = 18


class BodyTooLarge(Exception):
    """The body passes the limit."""


class BodyTooSlow(Exception):
    """The body comes more slowly than it must."""


async def read_body(request: Request, limit: int, *, hurries: bool = False) -> bytes:
    """The whole body, whatever the request says about its length. Raises BodyTooLarge.

    Raises BodyTooSlow for one that holds a place and comes at less than the least rate, where it `hurries`.
    """
    declared = request.headers.get("content-length", "0")
    # A number with as many digits as a header may have is none that Python reads.
    if not declared.isdecimal() or len(declared) > DIGITS or int(declared) > limit:
        raise BodyTooLarge
    parts, size, began = [], 0, asyncio.get_running_loop().time()
    try:
        async with asyncio.timeout(SLOW_SECONDS if hurries else None) as patience:
            async for part in request.stream():
                size += len(part)
                if size > limit:
                    raise BodyTooLarge
                parts.append(part)
                if hurries:
                    patience.reschedule(began + SLOW_SECONDS + size / LEAST_A_SECOND)
    except TimeoutError:
        raise BodyTooSlow from None
    return b"".join(parts)


class ServerOptions(TypedDict):
    """What uvicorn is told, wherever it listens."""

    loop: Literal["uvloop"]
    http: type[BoundedProtocol]
    ws: Literal["none"]
    access_log: bool
    lifespan: Literal["on"]
    timeout_keep_alive: int


# A proxy that keeps connections open for as long as proxies do never sends a press down one that is closing.
KEEP_ALIVE_SECONDS = 75
OPTIONS = ServerOptions(
    loop="uvloop",
    http=BoundedProtocol,
    # Nothing here speaks it, and its connections would be held to no limit.
    ws="none",
    access_log=False,
    lifespan="on",
    timeout_keep_alive=KEEP_ALIVE_SECONDS,
)


# How long a thread waits for the interpreter; those of the database ask for it at every row.
SWITCH_SECONDS = 0.0001


def settle() -> None:
    """Let threads take turns quickly, and the collector pass over what was imported: that stopped us for 0.1 s."""
    gc.collect()
    gc.freeze()
    sys.setswitchinterval(SWITCH_SECONDS)
