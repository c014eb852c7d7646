"""Whether messages go out and the clock ticks."""

from dataclasses import dataclass
from datetime import timedelta

from core.api import HEALTHY, UNKNOWN, FaultCode, Now, PartFinding, failing
from notifications.outbox.leases import LATE
from notifications.outbox.relay import Relay
from notifications.outbox.scheduler import Scheduler

# The relay looks twice a minute at least, and so does the clock.
SILENT = timedelta(minutes=3)


@dataclass(frozen=True)
class RelayCheck:
    """Implements core.api.HealthCheck by looking at both, or at the one that this process has."""

    relay: Relay | None
    scheduler: Scheduler | None
    now: Now

    async def look(self) -> PartFinding:
        """See core.ports.health.HealthCheck."""
        return self._of_relay() or self._of_clock() or HEALTHY

    def _of_relay(self) -> PartFinding | None:
        if self.relay is None:
            return None
        pulse, at = self.relay.pulse, self.now()
        if pulse.began_at is None:
            return UNKNOWN
        if pulse.has_ended:
            return failing(FaultCode.RELAY_ENDED, pulse.about())
        if at - (pulse.looked_at or pulse.began_at) > SILENT:
            return failing(FaultCode.RELAY_SILENT, since=pulse.looked_at)
        if pulse.error is not None:
            return failing(FaultCode.RELAY_STUMBLES, pulse.about())
        if pulse.failures:
            return failing(FaultCode.RELAY_STUMBLES, pulse.failures)
        if pulse.behind_since is not None and at - pulse.behind_since > LATE:
            return failing(FaultCode.CARDS_LATE, since=pulse.behind_since)
        return None

    def _of_clock(self) -> PartFinding | None:
        if self.scheduler is None:
            return None
        pulse, at = self.scheduler.pulse, self.now()
        if not pulse.ended_at:
            return UNKNOWN
        if pulse.has_ended:
            return failing(FaultCode.CLOCK_ENDED)
        if silent := {job: since for job, since in pulse.ended_at.items() if at - since > SILENT}:
            return failing(FaultCode.CLOCK_SILENT, {"jobs": ",".join(sorted(silent))}, min(silent.values()))
        return failing(FaultCode.CLOCK_STUMBLES, pulse.errors) if pulse.errors else None
