"""The clock's tick: it remembers nothing, since every due time is a column."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from apscheduler.events import (  # pyright: ignore[reportMissingTypeStubs] - it has none
    EVENT_JOB_ERROR,
    EVENT_JOB_EXECUTED,
)
from apscheduler.schedulers.asyncio import AsyncIOScheduler  # pyright: ignore[reportMissingTypeStubs] - it has none

from core.api import STOCKHOLM, Now, Orders

EVERY_SECONDS = 30
# How long a job that runs when the clock is stopped may take to its end.
END_SECONDS = 10.0
# When people sleep, and an hour that every night has once, also when clocks change.
NIGHT = {"hour": 3, "minute": 10, "timezone": STOCKHOLM}
# When people are reminded too.
WORKING_MORNING = {"hour": 9, "minute": 10, "timezone": STOCKHOLM}
# When those who run this come to work.
MORNING = {"hour": 8, "minute": 0, "timezone": STOCKHOLM}

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ClockPulse:
    """How the clock does: when each job that ticks has ended last, or began, and what those met that failed then."""

    ended_at: Mapping[str, datetime] = field(default_factory=dict[str, datetime])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    has_ended: bool = False


class Scheduler:
    """Ticks every half minute, once a night and once a morning.

    Two schedulers never act twice: a due case is claimed by its revision.

    `tell` owes cards about what has changed beside cases, and says how many; `seal` seals what history has gained
    since, and says how many rows that was; `purge` takes what is kept no longer; `warn` warns of keys that
    are about to expire; `rotate` gets the next tokens of Slack, and says how many; `report` owes the cards about the
    week that ended, and says how many; `reconcile` owes again what Slack has lost. All may be run by several at once.
    `ran` hears of each job that has ended, and of what; `around` is held around each, by its name.
    """

    def __init__(
        self,
        orders: Orders,
        wake: Callable[[], None],
        now: Now,
        *,
        tell: Callable[[], Awaitable[int]],
        seal: Callable[[], Awaitable[int]],
        purge: Callable[[], Awaitable[object]],
        warn: Callable[[], Awaitable[object]],
        rotate: Callable[[], Awaitable[int]],
        report: Callable[[], Awaitable[int]],
        reconcile: Callable[[], Awaitable[object]],
        every_seconds: float = EVERY_SECONDS,
        ran: Callable[[str, Exception | None], None] = lambda _job, _error: None,
        around: Callable[[str], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        self._orders = orders
        self._wake = wake
        self._now = now
        self._tell = tell
        self._seal = seal
        self._purge = purge
        self._warn = warn
        self._rotate = rotate
        self._report = report
        self._reconcile = reconcile
        self._ran = ran
        self._around = around
        # Any: APScheduler 3 has no types. Its store is in memory, and a late tick counts once.
        self._ticker: Any = AsyncIOScheduler(timezone="UTC")
        once: dict[str, Any] = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        for tick in self._ticks():
            self._ticker.add_job(self._run, "interval", (tick,), id=tick.__name__, seconds=every_seconds, **once)
        self._ticker.add_job(self._run, "cron", (self.purge,), id=self.purge.__name__, **NIGHT, **once)
        self._ticker.add_job(
            self._run, "cron", (self.reconcile,), id=self.reconcile.__name__, **WORKING_MORNING, **once
        )
        self._ticker.add_job(self._run, "cron", (self.warn,), id=self.warn.__name__, **MORNING, **once)
        self._ticker.add_listener(self._note, EVENT_JOB_EXECUTED | EVENT_JOB_ERROR)
        self.pulse = ClockPulse()
        self._at_work: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin to tick on the running event loop."""
        self.pulse = ClockPulse(dict.fromkeys((tick.__name__ for tick in self._ticks()), self._now()))
        self._ticker.start()

    async def stop(self) -> None:
        """Tick no more; what runs ends first, for APScheduler would cut it off."""
        self._ticker.pause()
        # What was due a moment ago begins.
        await asyncio.sleep(0)
        if self._at_work:
            await asyncio.wait(self._at_work, timeout=END_SECONDS)
        self._ticker.shutdown(wait=False)
        self.pulse = replace(self.pulse, has_ended=True)

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

    async def rotate(self) -> None:
        """Rotate tokens that are about to expire, and send what waited for the next."""
        if await self._rotate():
            self._wake()

    async def report(self) -> None:
        """Owe the cards about the week that ended, once its time has come."""
        if await self._report():
            self._wake()

    async def purge(self) -> None:
        """Take what is kept no longer, and have Slack show less."""
        await self._purge()
        self._wake()

    async def reconcile(self) -> None:
        """Look for what Slack has no more, and have it sent anew."""
        await self._reconcile()
        self._wake()

    async def warn(self) -> None:
        """Warn whoever runs this of what is about to expire."""
        await self._warn()

    async def _run(self, job: Callable[[], Awaitable[None]]) -> None:
        if (task := asyncio.current_task()) is not None:
            self._at_work.add(task)
            task.add_done_callback(self._at_work.discard)
        with self._around(job.__name__):
            await job()

    def _note(self, ended: Any) -> None:
        """APScheduler says how a job ended; it has logged what went wrong."""
        job, error = ended.job_id, ended.exception
        self._ran(job, error)
        errors = {name: met for name, met in self.pulse.errors.items() if name != job}
        if error is not None:
            errors[job] = type(error).__name__
        at = self.pulse.ended_at
        # What runs once a night is silent all day.
        self.pulse = replace(self.pulse, errors=errors, ended_at={**at, job: self._now()} if job in at else at)

    def _ticks(self) -> Sequence[Callable[[], Awaitable[None]]]:
        return self.tick, self.tell, self.seal, self.rotate, self.report


JOBS = tuple(
    job.__name__
    for job in (
        *(Scheduler.tick, Scheduler.tell, Scheduler.seal, Scheduler.rotate, Scheduler.report),
        *(Scheduler.purge, Scheduler.warn, Scheduler.reconcile),
    )
)
