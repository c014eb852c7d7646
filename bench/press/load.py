"""Presses over HTTP from outside: signs each request anew and keeps its connections, at little cost of its own."""

import asyncio
import time
from typing import cast

import httptools

from bench.press.child import Round, timed
from bench.press.payload import Submission
from bench.press.world import Press
from bot.slack.route import sign

SECRET = "signing-secret-of-the-benchmark"  # noqa: S105 - signs nothing that matters
HEAD = (
    "POST /slack/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-www-form-urlencoded\r\n"
    "x-slack-request-timestamp: {stamp}\r\nx-slack-signature: {signature}\r\ncontent-length: {length}\r\n\r\n"
)


class NotCounted(Exception):
    """The server answered something else than that the press counted."""


class Line(asyncio.Protocol):
    """One kept connection: a request goes out when the last one is answered."""

    async def post(self, body: bytes) -> tuple[int, bytes]:
        """Sign a body, send it, and wait for status and body of the answer."""
        stamp = str(int(time.time()))
        head = HEAD.format(stamp=stamp, signature=sign(SECRET, stamp, body), length=len(body))
        return await self.ask(head.encode() + body)

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send a request as it is, and wait for status and body of the answer."""
        self._parser = httptools.HttpResponseParser(self)
        self._parts: list[bytes] = []
        self._answer: asyncio.Future[tuple[int, bytes]] = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The server is there."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Some of the answer."""
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        """Called by the parser."""
        self._parts.append(body)

    def on_message_complete(self) -> None:
        """Called by the parser."""
        self._answer.set_result((self._parser.get_status_code(), b"".join(self._parts)))

    def connection_lost(self, exc: Exception | None) -> None:
        """The server went away, which no round outlives."""
        if not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError())

    def close(self) -> None:
        """Hang up."""
        self._transport.close()


async def over_http(presses: list[Press], lines: list[Line], submission: Submission, pid: int) -> Round:
    """Press everything, one line for each at once; processor time is the server's."""
    bodies = {press: submission.body(press) for press in presses}

    async def pressing(press: Press, number: int) -> None:
        status, body = await lines[number].post(bodies[press])
        if status != 200 or b'"clear"' not in body:
            raise NotCounted(status, body)

    return await timed(presses, len(lines), pressing, lambda: _cpu_of(pid))


def _cpu_of(pid: int) -> float:
    """Processor seconds of all threads of a process; Linux makes the clock's number from the process's."""
    return time.clock_gettime(~pid << 3 | 2)
