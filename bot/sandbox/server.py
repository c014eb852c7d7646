"""Running a sandbox on this machine: loopback only, in a thread for tests or as a process of its own."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LOOPBACK = "127.0.0.1"


class DroppableProtocol(HttpToolsProtocol):
    """Lets the application reach its connection, so that a fault can drop it without an answer."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class Server(uvicorn.Server):
    """A server that ends the open streams before it waits for connections to end."""

    def __init__(self, app: FastAPI, port: int) -> None:
        super().__init__(
            uvicorn.Config(app, host=LOOPBACK, port=port, http=DroppableProtocol, log_level="warning", lifespan="on")
        )
        self._app = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if box := getattr(self._app.state, "box", None):
            box.journal.close()
        await super().shutdown(sockets)


@contextmanager
def serve(app: FastAPI, port: int = 0) -> Iterator[str]:
    """Run an app in a thread and give its base URL; port 0 takes a free one."""
    with socket.create_server((LOOPBACK, port)) as listening:
        server = Server(app, port)
        thread = threading.Thread(target=asyncio.run, args=(server.serve([listening]),), daemon=True)
        started = _tell_when_started(server)
        thread.start()
        try:
            if not started.wait(timeout=10):
                raise TimeoutError
            yield f"http://{LOOPBACK}:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=10)


def _tell_when_started(server: Server) -> threading.Event:
    started, startup = threading.Event(), server.startup

    async def startup_and_tell(sockets: list[socket.socket] | None = None) -> None:
        await startup(sockets)
        started.set()

    server.startup = startup_and_tell
    return started
