"""Processes that a test waits for."""

import subprocess
import time
from collections.abc import Callable

import httpx

PATIENCE = 90.0
# Where packages come over a network.
INSTALLING = 1_800


def until(answers: Callable[[], bool], process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> None:
    """Wait until something answers, as long as its process runs."""
    deadline = time.monotonic() + PATIENCE
    while not answers():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.1)


def is_there(url: str) -> bool:
    """Say whether somebody answers at an address, and not with an error."""
    try:
        return httpx.get(url, timeout=1).status_code < 400
    except httpx.TransportError:
        return False
