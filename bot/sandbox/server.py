"""Running a sandbox on this machine: loopback only, in a thread for tests or as a process of its own."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LOOPBACK = "127.0.0.1"
# Only what never comes takes this long.
PATIENCE = 60
# As long as big servers do: a client that keeps its connections for a shorter time never meets one that is closing.
KEEP_ALIVE_SECONDS = 75


class DroppableProtocol(HttpToolsProtocol):
    """Lets the application reach its connection, so that a fault can drop it without an answer."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class Server(uvicorn.Server):
    """A server that says on which port it listens, and ends open streams before it waits for connections to end."""

    def __init__(self, app: FastAPI, port: int, listening: Callable[[int], object] = lambda _port: None) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=LOOPBACK,
                port=port,
                http=DroppableProtocol,
                ws="websockets-sansio",
                log_level="warning",
                lifespan="on",
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
            )
        )
        self._app = app
        self._listening = listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._listening(self.servers[0].sockets[0].getsockname()[1])

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if box := getattr(self._app.state, "box", None):
            box.journal.close()
        await super().shutdown(sockets)


@contextmanager
def serve(app: FastAPI, port: int = 0) -> Iterator[str]:
    """Run an app in a thread and give its base URL; port 0 takes a free one."""
    listening: Future[int] = Future()
    server = Server(app, port, listening.set_result)
    thread = threading.Thread(target=asyncio.run, args=(server.serve(),), daemon=True)
    thread.start()
    try:
        yield f"http://{LOOPBACK}:{listening.result(timeout=PATIENCE)}"
    finally:
        server.should_exit = True
        thread.join(timeout=PATIENCE)
