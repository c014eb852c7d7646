"""The clock's tick: it remembers nothing, since every due time is a column."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from core.api import STOCKHOLM, Now, Orders

EVERY_SECONDS = 30
# How long a job that runs when the clock is stopped may take to its end.
END_SECONDS = 10.0
# Hours and minutes in Stockholm. At night people sleep, and each night has this time once, also when clocks change.
NIGHT = (3, 10)
# When people are reminded too.
WORKING_MORNING = (9, 10)
# When those who run this come to work.
MORNING = (8, 0)
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

    It sleeps by a clock that nobody can set (`elapsed`), half a minute at most, and looks at the time of day (`now`)
    anew each time it wakes: whichever way that is set, nothing waits for the old time to come.

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
        elapsed: Callable[[], float] = time.monotonic,
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
        self._every_seconds = every_seconds
        self._elapsed = elapsed
        self.pulse = ClockPulse()
        self._looking: asyncio.Task[None] | None = None
        self._at_work: dict[str, asyncio.Task[None]] = {}

    def start(self) -> None:
        """Begin to tick on the running event loop."""
        self.pulse = ClockPulse(dict.fromkeys((tick.__name__ for tick in self._ticks()), self._elapsed()))
        self._looking = asyncio.create_task(self._look(), name="clock")

    async def stop(self) -> None:
        """Tick no more; what runs ends first."""
        if self._looking is not None:
            self._looking.cancel()
        if self._at_work:
            _, late = await asyncio.wait(self._at_work.values(), timeout=END_SECONDS)
            for job in late:
                job.cancel()
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

    async def _look(self) -> None:
        times = ((self.purge, NIGHT), (self.reconcile, WORKING_MORNING), (self.warn, MORNING))
        due = {job: next_at(hour, self._now()) for job, hour in times}
        while True:
            await asyncio.sleep(self._every_seconds)
            at = self._now()
            for tick in self._ticks():
                self._begin(tick)
            for job, hour in times:
                if due[job] <= at:
                    self._begin(job)
                    due[job] = next_at(hour, at)
                # A clock that was set back comes to the time of day sooner than was thought.
                due[job] = min(due[job], next_at(hour, at))

    def _begin(self, job: Job) -> None:
        if job.__name__ not in self._at_work:
            self._at_work[job.__name__] = asyncio.create_task(self._run(job), name=f"clock {job.__name__}")

    async def _run(self, job: Job) -> None:
        name, failure = job.__name__, None
        try:
            with self._around(name):
                await job()
        except Exception as error:
            log.exception("clock_job_failed job=%s", name)
            failure = error
        finally:
            del self._at_work[name]
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


def next_at(hour: tuple[int, int], at: datetime) -> datetime:
    """Return when it is so much o'clock in Stockholm next, later than an instant."""
    today = datetime(*at.astimezone(STOCKHOLM).timetuple()[:3], *hour, tzinfo=STOCKHOLM)
    return today if today > at else today + timedelta(days=1)


JOBS = tuple(
    job.__name__
    for job in (
        *(Scheduler.tick, Scheduler.tell, Scheduler.seal, Scheduler.rotate, Scheduler.report),
        *(Scheduler.purge, Scheduler.warn, Scheduler.reconcile),
    )
)
