"""Whether messages go out and the clock ticks."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.api import HEALTHY, UNKNOWN, FaultCode, Now, PartFinding, failing
from notifications.outbox.leases import LATE
from notifications.outbox.relay import Relay
from notifications.outbox.scheduler import Scheduler

# The relay looks twice a minute at least, and so does the clock.
SILENT = timedelta(minutes=3)


@dataclass(frozen=True)
class RelayCheck:
    """Implements core.api.HealthCheck by looking at both, or at the one that this process has.

    How long something is silent is measured by `elapsed`, a clock that nobody can set.
    """

    relay: Relay | None
    scheduler: Scheduler | None
    now: Now
    elapsed: Callable[[], float] = time.monotonic

    async def look(self) -> PartFinding:
        """See core.ports.health.HealthCheck."""
        return self._of_relay() or self._of_clock() or HEALTHY

    def _of_relay(self) -> PartFinding | None:
        if self.relay is None:
            return None
        pulse = self.relay.pulse
        if pulse.began_at is None:
            return UNKNOWN
        if pulse.has_ended:
            return failing(FaultCode.RELAY_ENDED, pulse.about())
        looked_at = pulse.began_at if pulse.looked_at is None else pulse.looked_at
        if self._is_longer_than(SILENT, looked_at):
            return failing(FaultCode.RELAY_SILENT, since=None if pulse.looked_at is None else self._when(looked_at))
        if pulse.error is not None:
            return failing(FaultCode.RELAY_STUMBLES, pulse.about())
        if pulse.failures:
            return failing(FaultCode.RELAY_STUMBLES, pulse.failures)
        if pulse.behind_since is not None and self._is_longer_than(LATE, pulse.behind_since):
            return failing(FaultCode.CARDS_LATE, since=self._when(pulse.behind_since))
        return None

    def _of_clock(self) -> PartFinding | None:
        if self.scheduler is None:
            return None
        pulse = self.scheduler.pulse
        if not pulse.ended_at:
            return UNKNOWN
        if pulse.has_ended:
            return failing(FaultCode.CLOCK_ENDED)
        if silent := {job: since for job, since in pulse.ended_at.items() if self._is_longer_than(SILENT, since)}:
            jobs = ",".join(sorted(silent))
            return failing(FaultCode.CLOCK_SILENT, {"jobs": jobs}, self._when(min(silent.values())))
        return failing(FaultCode.CLOCK_STUMBLES, pulse.errors) if pulse.errors else None

    def _is_longer_than(self, limit: timedelta, since: float) -> bool:
        return self.elapsed() - since > limit.total_seconds()

    def _when(self, since: float) -> datetime:
        return self.now() - timedelta(seconds=self.elapsed() - since)
