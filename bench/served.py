"""The product behind one of several servers, each with what it has that comes nearest to our limits."""

import asyncio
import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import uvloop

from bench.press.server import settings_of
from bot.main import build
from bot.server.serving import HEAD_BYTES, KEEP_ALIVE_SECONDS, OPTIONS, BoundedProtocol, settle

HOST = "127.0.0.1"
HEAD_SECONDS = int(BoundedProtocol.head_seconds)


def product() -> Any:  # Any: an application as servers take it
    """The application; a server that runs it in a process of its own calls this there."""
    made = build(settings_of(os.environ["BENCH_DATABASE"], os.environ["BENCH_SLACK"]))
    settle()
    return made


def with_uvicorn(port: int) -> None:
    """As `kundportal serve` does."""
    import uvicorn

    uvicorn.run(product(), host=HOST, port=port, log_level="warning", **OPTIONS)


def with_granian(port: int) -> None:
    """One worker, which is a process of its own."""
    granian, constants, http = (import_module(each) for each in ("granian", "granian.constants", "granian.http"))
    limits = http.HTTP1Settings(header_read_timeout=HEAD_SECONDS * 1_000, max_buffer_size=HEAD_BYTES)
    granian.Granian(
        "bench.served:product",
        factory=True,
        address=HOST,
        port=port,
        interface=constants.Interfaces.ASGI,
        loop=constants.Loops.uvloop,
        http1_settings=limits,
        log_access=False,
    ).serve()


def with_hypercorn(port: int) -> None:
    """In this process, on the same loop."""
    config = import_module("hypercorn.config").Config()
    config.bind = [f"{HOST}:{port}"]
    config.h11_max_incomplete_size = HEAD_BYTES
    config.read_timeout = HEAD_SECONDS
    config.keep_alive_timeout = KEEP_ALIVE_SECONDS
    config.keep_alive_max_requests = sys.maxsize
    serve = import_module("hypercorn.asyncio").serve
    uvloop.run(serve(product(), config, shutdown_trigger=asyncio.Event().wait))


SERVERS: dict[str, Callable[[int], None]] = {
    "uvicorn": with_uvicorn,
    "granian": with_granian,
    "hypercorn": with_hypercorn,
}


if __name__ == "__main__":
    SERVERS[sys.argv[1]](int(sys.argv[2]))
