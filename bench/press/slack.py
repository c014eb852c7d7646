"""A Slack that swallows what it is sent, so that the relay works at its pace and disturbs nothing."""

import asyncio
from typing import cast

import httptools

ANSWER = (
    b'{"ok": true, "team": "Exempel", "team_id": "T0INERA001", "user_id": "U0BENCHBOT", '
    b'"channel": "D0BENCH001", "ts": "1.000001"}'
)
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"


class Swallow(asyncio.Protocol):
    """Answers every request with the same words."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody calls."""
        self._transport = cast(asyncio.Transport, transport)
        self._parser = httptools.HttpRequestParser(self)

    def data_received(self, data: bytes) -> None:
        """Some of a request."""
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        """Called by the parser."""
        self._transport.write(HEAD % len(ANSWER) + ANSWER)


async def swallowing() -> asyncio.Server:
    """A server on a port of its own."""
    return await asyncio.get_running_loop().create_server(Swallow, "127.0.0.1", 0)
