"""The clock's tick: it remembers nothing, since every due time is a column."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler  # pyright: ignore[reportMissingTypeStubs] - it has none

from core.api import STOCKHOLM, Orders

EVERY_SECONDS = 30
# When people sleep, and an hour that every night has once, also when clocks change.
NIGHT = {"hour": 3, "minute": 10, "timezone": STOCKHOLM}

log = logging.getLogger(__name__)


class Scheduler:
    """Ticks every half minute, and once a night. Two schedulers never act twice: a due case is claimed by its revision.

    `tell` owes cards about what has changed beside cases, and says how many; `seal` seals what history has gained
    since, and says how many rows that was; `purge` takes what is kept no longer. All may be run by several at once.
    """

    def __init__(
        self,
        orders: Orders,
        wake: Callable[[], None],
        *,
        tell: Callable[[], Awaitable[int]],
        seal: Callable[[], Awaitable[int]],
        purge: Callable[[], Awaitable[object]],
    ) -> None:
        self._orders = orders
        self._wake = wake
        self._tell = tell
        self._seal = seal
        self._purge = purge
        # Any: APScheduler 3 has no types. Its store is in memory, and a late tick counts once.
        self._ticker: Any = AsyncIOScheduler(timezone="UTC")
        once: dict[str, Any] = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        for tick in (self.tick, self.tell, self.seal):
            self._ticker.add_job(tick, "interval", seconds=EVERY_SECONDS, **once)
        self._ticker.add_job(self.purge, "cron", **NIGHT, **once)

    def start(self) -> None:
        """Begin to tick on the running event loop."""
        self._ticker.start()

    def stop(self) -> None:
        """Tick no more."""
        self._ticker.shutdown(wait=False)

    async def tick(self) -> None:
        """Run the clock's rows that are due, and have Slack told."""
        changed = await self._orders.run_clock()
        if changed:
            self._wake()
            log.info("clock_ticked changed=%s", changed)

    async def tell(self) -> None:
        """Owe cards about what has changed beside cases."""
        if await self._tell():
            self._wake()

    async def seal(self) -> None:
        """Seal the rows of history since the last time; apart from `tick`, so that neither fails with the other."""
        sealed = await self._seal()
        if sealed:
            log.info("history_sealed rows=%s", sealed)

    async def purge(self) -> None:
        """Take what is kept no longer, and have Slack show less."""
        await self._purge()
        self._wake()
