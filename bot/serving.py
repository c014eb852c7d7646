"""How the product is served: one process, an event loop and a parser in C, and no pauses for what is never garbage."""

import gc
from typing import Literal, TypedDict


class Options(TypedDict):
    """What uvicorn is told, wherever it listens."""

    loop: Literal["uvloop"]
    http: Literal["httptools"]
    access_log: bool
    lifespan: Literal["on"]


OPTIONS = Options(loop="uvloop", http="httptools", access_log=False, lifespan="on")


def settle() -> None:
    """Let the collector pass over what was imported, now and for ever: a full collection stopped us for 0.1 s."""
    gc.collect()
    gc.freeze()
