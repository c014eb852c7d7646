"""The doorbell: lets relays of other processes look at once for what this one, which has none, has committed."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

# Commits that come as close together as this are one ring.
BREATH_SECONDS = 0.01

log = logging.getLogger(__name__)


class Doorbell:
    """Rings once for all that came since the last ring.

    A ring that is lost delays what is owed until a relay looks by itself, and loses nothing.
    """

    def __init__(self, ring: Callable[[], Awaitable[None]]) -> None:
        self._ring = ring
        self._woken = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def wake(self) -> None:
        """Something was committed that Slack must show. Cheap, and safe from any thread."""
        if self._loop is not None and not self._woken.is_set():
            self._loop.call_soon_threadsafe(self._woken.set)

    async def run(self) -> None:
        """Ring until cancelled, first for what was committed before anybody could."""
        self._loop = asyncio.get_running_loop()
        self._woken.set()
        try:
            while True:
                await self._woken.wait()
                await asyncio.sleep(BREATH_SECONDS)
                self._woken.clear()
                try:
                    await self._ring()
                except Exception:
                    # The database may be away for a while.
                    log.exception("doorbell_not_rung")
        finally:
            self._loop = None
