"""Faults that the sandbox makes on request: late, refused, lost and doubled calls and deliveries."""

import math
from dataclasses import dataclass
from enum import StrEnum
from itertools import count

from pydantic import BaseModel


class FaultKind(StrEnum):
    RATELIMITED = "ratelimited"  # answered 429, nothing happens
    SERVER_ERROR = "server_error"  # answered 500 with a page, nothing happens
    TIMEOUT_BEFORE = "timeout_before"  # nothing happens, the connection hangs and drops
    TIMEOUT_AFTER = "timeout_after"  # it happens, the connection hangs and drops
    DROP_AFTER = "drop_after"  # it happens, the connection drops at once
    DUPLICATE_DELIVERY = "duplicate_delivery"  # the next press, submission or event is sent twice


CALL_KINDS = frozenset(FaultKind) - {FaultKind.DUPLICATE_DELIVERY}


class Fault(BaseModel):
    """A fault and whom it meets; `times` counts down, and without it the fault stays until it is removed."""

    id: str = ""
    kind: FaultKind
    method: str = "*"
    team: str | None = None
    channel: str | None = None
    times: int | None = None
    retry_after: int = 1

    def meets(self, method: str, team: str, channel: str | None) -> bool:
        return self.method in ("*", method) and self.team in (None, team) and (self.channel in (None, channel))


class Faults:
    def __init__(self) -> None:
        self.planned: list[Fault] = []
        self._ids = count(1)

    def plan(self, faults: list[Fault]) -> None:
        self.planned = [
            fault if fault.id else fault.model_copy(update={"id": f"f{next(self._ids)}"}) for fault in faults
        ]

    def take_call(self, method: str, team: str, channel: str | None) -> Fault | None:
        return self._take(CALL_KINDS, method, team, channel)

    def take_duplicate(self, team: str, channel: str | None) -> bool:
        return self._take({FaultKind.DUPLICATE_DELIVERY}, "*", team, channel) is not None

    def _take(
        self, kinds: frozenset[FaultKind] | set[FaultKind], method: str, team: str, channel: str | None
    ) -> Fault | None:
        for fault in self.planned:
            if fault.kind in kinds and fault.meets(method, team, channel):
                self._count_down(fault)
                return fault
        return None

    def _count_down(self, fault: Fault) -> None:
        if fault.times is None:
            return
        fault.times -= 1
        if fault.times < 1:
            self.planned.remove(fault)


# Calls per minute and workspace. Slack gives no figure for t5; its text says "hundreds".
PER_MINUTE = {"t1": 1, "t2": 20, "t3": 50, "t4": 100, "t5": 600}
# A channel takes a message a second; this many may come at once.
CHANNEL_BURST = 5


@dataclass
class Bucket:
    capacity: float
    per_second: float
    level: float
    at: float

    def wait(self, now: float) -> float:
        """Return the seconds until one more call fits; 0 when it fits now."""
        self.level = min(self.capacity, self.level + (now - self.at) * self.per_second)
        self.at = now
        return max(0.0, (1 - self.level) / self.per_second)


class RateLimits:
    def __init__(self) -> None:
        self._buckets: dict[tuple[str, str], Bucket] = {}

    def take(self, team: str, method: str, tier: str | None, channel: str | None, now: float) -> int | None:
        """Count one call. Gives the seconds to wait when it is one too many, and counts nothing then."""
        buckets = [self._tier(team, method, tier, now)] if tier else []
        if method == "chat.postMessage" and channel:
            buckets.append(self._bucket((team, channel), CHANNEL_BURST, 1.0, now))
        if wait := max((bucket.wait(now) for bucket in buckets), default=0.0):
            return math.ceil(wait)
        for bucket in buckets:
            bucket.level -= 1
        return None

    def _tier(self, team: str, method: str, tier: str, now: float) -> Bucket:
        return self._bucket((team, method), PER_MINUTE[tier], PER_MINUTE[tier] / 60, now)

    def _bucket(self, key: tuple[str, str], capacity: float, per_second: float, now: float) -> Bucket:
        return self._buckets.setdefault(key, Bucket(capacity, per_second, capacity, now))
