"""How uvicorn serves the product: one process, an event loop and a parser in C, no pauses for what is never garbage."""

import gc
from typing import Literal, TypedDict

from bot.server.connections import BoundedProtocol


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


def settle() -> None:
    """Let the collector pass over what was imported, now and for ever: a full collection stopped us for 0.1 s."""
    gc.collect()
    gc.freeze()
