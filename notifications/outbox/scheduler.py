"""The clock's tick: it remembers nothing, since every due time is a column."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler  # pyright: ignore[reportMissingTypeStubs] - it has none

from core.api import STOCKHOLM, Orders

EVERY_SECONDS = 30
# How long a job that runs when the clock is stopped may take to its end.
END_SECONDS = 10.0
# When people sleep, and an hour that every night has once, also when clocks change.
NIGHT = {"hour": 3, "minute": 10, "timezone": STOCKHOLM}
# When people are reminded too.
WORKING_MORNING = {"hour": 9, "minute": 10, "timezone": STOCKHOLM}
# When those who run this come to work.
MORNING = {"hour": 8, "minute": 0, "timezone": STOCKHOLM}
# An interval counts from so long ago that no clock is set back further.
A_CENTURY = timedelta(days=36_500)
Job = Callable[[], Awaitable[None]]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ClockPulse:
    """How the clock does: when each job that ticks has ended last, or began, and what those met that failed then.

    Times are of a clock that nobody can set: seconds since some moment.
    """

    ended_at: Mapping[str, float] = field(default_factory=dict[str, float])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    has_ended: bool = False


class Scheduler:
    """Ticks every half minute, once a night and once a morning.

    APScheduler runs the jobs. A wall clock that is set back would leave it asleep until the old time comes
    (docs/adr/0036): `_bring_forward` looks at that, by a clock that nobody can set.

    Two schedulers never act twice: a due case is claimed by its revision.

    `tell` owes cards about what has changed beside cases, and says how many; `seal` seals what history has gained
    since, and says how many rows that was; `purge` takes what is kept no longer; `warn` warns of keys that
    are about to expire; `offer` owes the cards by which orderers may remind from today on, and says how many; `rotate`
    gets the next tokens of Slack, and says how many; `report` owes the cards about the week that ended, and says how
    many; `reconcile` owes again what Slack has lost. All may be run by several at once.
    `ran` hears of each job that has ended, and of what; `around` is held around each, by its name.
    """

    def __init__(
        self,
        orders: Orders,
        wake: Callable[[], None],
        *,
        tell: Callable[[], Awaitable[int]],
        seal: Callable[[], Awaitable[int]],
        purge: Callable[[], Awaitable[object]],
        warn: Callable[[], Awaitable[object]],
        offer: Callable[[], Awaitable[int]],
        rotate: Callable[[], Awaitable[int]],
        report: Callable[[], Awaitable[int]],
        reconcile: Callable[[], Awaitable[object]],
        every_seconds: float = EVERY_SECONDS,
        ran: Callable[[str, Exception | None], None] = lambda _job, _error: None,
        around: Callable[[str], AbstractContextManager[object]] = nullcontext,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._orders = orders
        self._wake = wake
        self._tell = tell
        self._seal = seal
        self._purge = purge
        self._warn = warn
        self._offer = offer
        self._rotate = rotate
        self._report = report
        self._reconcile = reconcile
        self._ran = ran
        self._around = around
        self._every_seconds = every_seconds
        self._elapsed = elapsed
        self.pulse = ClockPulse()
        # Any: APScheduler 3 has no types. Its store is in memory, and a late tick counts once.
        self._ticker: Any = AsyncIOScheduler(timezone=UTC)
        once: dict[str, Any] = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        every = {"seconds": every_seconds, "start_date": datetime.now(UTC) - A_CENTURY}
        for job, trigger, when in (
            *((tick, "interval", every) for tick in self._ticks()),
            *((self.purge, "cron", NIGHT), (self.reconcile, "cron", WORKING_MORNING)),
            *((job, "cron", MORNING) for job in (self.warn, self.offer)),
        ):
            self._ticker.add_job(self._run, trigger, (job,), id=job.__name__, **when, **once)
        self._bringing_forward: asyncio.Task[None] | None = None
        self._at_work: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin to tick on the running event loop."""
        self.pulse = ClockPulse(dict.fromkeys((tick.__name__ for tick in self._ticks()), self._elapsed()))
        self._ticker.start()
        self._bringing_forward = asyncio.create_task(self._bring_forward(), name="clock")

    async def stop(self) -> None:
        """Tick no more; what runs ends first, for APScheduler would cut it off."""
        if self._bringing_forward is not None:
            self._bringing_forward.cancel()
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

    async def offer(self) -> None:
        """Paint anew the cards by which orderers may remind from today on."""
        if await self._offer():
            self._wake()

    async def _bring_forward(self) -> None:
        """Let no job wait longer than its trigger says from now; to modify one wakes APScheduler."""
        while True:
            await asyncio.sleep(self._every_seconds)
            for job in self._ticker.get_jobs():
                # The clock that APScheduler reads.
                due = job.trigger.get_next_fire_time(None, datetime.now(UTC))
                if due < job.next_run_time:
                    job.modify(next_run_time=due)

    async def _run(self, job: Job) -> None:
        if (task := asyncio.current_task()) is not None:
            self._at_work.add(task)
            task.add_done_callback(self._at_work.discard)
        name, failure = job.__name__, None
        try:
            with self._around(name):
                await job()
        except Exception as error:
            log.exception("clock_job_failed job=%s", name)
            failure = error
        self._note(name, failure)

    def _note(self, job: str, error: Exception | None) -> None:
        self._ran(job, error)
        errors = {name: met for name, met in self.pulse.errors.items() if name != job}
        if error is not None:
            errors[job] = type(error).__name__
        at = self.pulse.ended_at
        # What runs once a night is silent all day.
        self.pulse = replace(self.pulse, errors=errors, ended_at={**at, job: self._elapsed()} if job in at else at)

    def _ticks(self) -> Sequence[Job]:
        return self.tick, self.tell, self.seal, self.rotate, self.report


JOBS = tuple(
    job.__name__
    for job in (
        *(Scheduler.tick, Scheduler.tell, Scheduler.seal, Scheduler.rotate, Scheduler.report),
        *(Scheduler.purge, Scheduler.warn, Scheduler.reconcile),
    )
)
