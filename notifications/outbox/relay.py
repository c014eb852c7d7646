"""The relay: makes what Slack shows catch up with what the database says, and sleeps when nothing is owed."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from core.api import Now
from notifications.outbox.leases import CardLeases, Owing
from notifications.outbox.slack_delivery import Delivery

# What another process left behind is found this often; otherwise nothing is asked while nothing is owed.
SWEEP = timedelta(seconds=30)
STUMBLE = timedelta(seconds=5)
FAREWELL_SECONDS = 15.0
# Commits that come as close together as this are looked at together.
BREATH_SECONDS = 0.01
# Looking and claiming are writes beside those of the presses: while presses stream in, two looks a second are enough.
REST_SECONDS = 0.25
# Whoever has pressed waits for an answer, all this for Slack's pace: presses go first, for so long at a time.
LETS_BY_SECONDS = 0.25
# What those cards are called together whose readers have not been found yet.
NO_WORKSPACE = "readers"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RelayPulse:
    """How a relay does: when it began, when it looked last, and what was wrong then.

    `failures` has the error of each workspace that was not worked on to the end last time, until it is or owes nothing.
    `busy_since` is when it began to find something due each time it looked; `behind_since` is since when that which is
    due has waited for a relay that was there. Times are of a clock that nobody can set: seconds since some moment.
    """

    began_at: float | None = None
    looked_at: float | None = None
    error: str | None = None
    failures: Mapping[str, str] = field(default_factory=dict[str, str])
    busy_since: float | None = None
    behind_since: float | None = None
    has_ended: bool = False

    def found(self, owing: Sequence[Owing], at: datetime, elapsed: float) -> "RelayPulse":
        """The pulse after a look that found this."""
        waited = [(at - each.at).total_seconds() for each in owing if each.at <= at]
        busy_since = (elapsed if self.busy_since is None else self.busy_since) if waited else None
        behind_since = None if busy_since is None else max(elapsed - max(waited), busy_since)
        owed = {_name(each.workspace) for each in owing}
        return replace(
            self,
            looked_at=elapsed,
            error=None,
            failures={name: error for name, error in self.failures.items() if name in owed},
            busy_since=busy_since,
            behind_since=behind_since,
        )

    def failed(self, workspace: str | None, error: Exception) -> "RelayPulse":
        """The pulse after work on a workspace has failed."""
        return replace(self, failures={**self.failures, _name(workspace): type(error).__name__})

    def delivered(self, workspace: str | None) -> "RelayPulse":
        """The pulse after some of what a workspace is owed was delivered."""
        name = _name(workspace)
        return replace(self, failures={other: error for other, error in self.failures.items() if other != name})

    def about(self) -> Mapping[str, str]:
        """The error, where there is one."""
        return {} if self.error is None else {"error": self.error}


def _name(workspace: str | None) -> str:
    return workspace or NO_WORKSPACE


class Relay:
    """One task per workspace with something owed, so that a slow workspace delays nobody else.

    Several relays may run on one PostgreSQL; each is woken by the commits of its own process. `worked` hears of each
    look, and of what fails; `no_press` returns once no press is being answered in this process.
    """

    def __init__(
        self,
        leases: CardLeases,
        delivery: Delivery,
        now: Now,
        worked: Callable[[Exception | None], None] = lambda _: None,
        no_press: Callable[[], Awaitable[None]] | None = None,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._leases = leases
        self._delivery = delivery
        self._now = now
        self._worked = worked
        self._no_press = no_press
        self._elapsed = elapsed
        self._woken = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._at_work: dict[str | None, asyncio.Task[None]] = {}
        self.pulse = RelayPulse()

    def wake(self) -> None:
        """Something was committed that Slack must show. Cheap, and safe from any thread."""
        if self._loop is not None and not self._woken.is_set():
            self._loop.call_soon_threadsafe(self._woken.set)

    async def run(self) -> None:
        """Work until cancelled, then let what is on its way to Slack arrive."""
        self._loop = asyncio.get_running_loop()
        self.pulse = RelayPulse(began_at=self._elapsed())
        try:
            while True:
                self._woken.clear()
                await self._let_presses_by()
                until = await self._begin()
                await asyncio.sleep(REST_SECONDS)
                await self._sleep(until=until)
                await asyncio.sleep(BREATH_SECONDS)
        except Exception as error:
            log.exception("relay_ended")
            self.pulse = replace(self.pulse, error=type(error).__name__)
        finally:
            self._loop = None
            self.pulse = replace(self.pulse, has_ended=True)
            await self._finish()

    async def drain(self) -> None:
        """Work until nothing is due now."""
        await self._set_to_work()
        while self._at_work:
            await asyncio.wait(self._at_work.values())
            await self._set_to_work()

    async def _begin(self) -> datetime:
        try:
            return await self._set_to_work()
        except Exception as error:
            # The database may be away for a while; the relay outlives it.
            log.exception("relay_stumbled")
            self._worked(error)
            self.pulse = replace(self.pulse, looked_at=self._elapsed(), error=type(error).__name__)
            return self._now() + STUMBLE

    async def _set_to_work(self) -> datetime:
        """Begin on every workspace with something due and nobody at work; answers when to look again."""
        at = self._now()
        owing = await self._leases.owing(at)
        self._worked(None)
        self.pulse = self.pulse.found(owing, at, self._elapsed())
        idle = [each for each in owing if each.workspace not in self._at_work]
        for each in idle:
            if each.at <= at:
                self._start(each.workspace)
        return min([each.at for each in idle if each.at > at], default=at + SWEEP)

    def _start(self, workspace: str | None) -> None:
        task = asyncio.create_task(self._work_on(workspace), name=f"relay {workspace}")
        self._at_work[workspace] = task
        task.add_done_callback(lambda _: self._at_work.pop(workspace))
        # What came in while it finished must not wait for the next sweep.
        task.add_done_callback(lambda _: self._woken.set())

    async def _work_on(self, workspace: str | None) -> None:
        try:
            await (self._seek() if workspace is None else self._serve(workspace))
        except Exception as error:
            # What was leased is free again when the lease ends; until the pause is over nobody else begins here.
            log.exception("relay_stumbled workspace=%s", workspace)
            self._worked(error)
            self.pulse = self.pulse.failed(workspace, error)
            await asyncio.sleep(STUMBLE.total_seconds())

    async def _serve(self, workspace: str) -> None:
        while batch := await self._leases.claim(workspace):
            await self._delivery.deliver(workspace, batch)
            self.pulse = self.pulse.delivered(workspace)
            await self._let_presses_by()
            # To ask is a statement, and to claim in vain a transaction of several.
            if not await self._leases.is_owed(workspace):
                return

    async def _seek(self) -> None:
        while batch := await self._leases.claim_homeless():
            await self._delivery.seek(batch)
            self.pulse = self.pulse.delivered(None)
            await self._let_presses_by()

    async def _let_presses_by(self) -> None:
        if self._no_press is None:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(LETS_BY_SECONDS):
                await self._no_press()

    async def _sleep(self, *, until: datetime) -> None:
        seconds = min(until - self._now(), SWEEP).total_seconds()
        try:
            async with asyncio.timeout(max(seconds, 0)):
                await self._woken.wait()
        except TimeoutError:
            return

    async def _finish(self) -> None:
        if not self._at_work:
            return
        _, late = await asyncio.wait(self._at_work.values(), timeout=FAREWELL_SECONDS)
        for task in late:
            task.cancel()
