"""Faults that the sandbox makes on request: late, refused, lost and doubled calls and deliveries."""

import math
from collections import deque
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
    LATE = "late"  # it happens, and is answered `seconds` later
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
    seconds: float = 10.0

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
MINUTE = 60.0
# A channel takes a message a second; this many may come at once.
CHANNEL_BURST = 3


@dataclass
class Bucket:
    capacity: float
    per_second: float
    level: float
    at: float

    def wait(self, now: float) -> float:
        """Return the seconds until one more message fits; 0 when it fits now."""
        self.level = min(self.capacity, self.level + (now - self.at) * self.per_second)
        self.at = now
        return max(0.0, (1 - self.level) / self.per_second)


class RateLimits:
    """Slack does not say how it counts a minute; here no sixty seconds hold more than a minute may."""

    def __init__(self) -> None:
        self._lately: dict[tuple[str, str], deque[float]] = {}
        self._channels: dict[tuple[str, str], Bucket] = {}

    def take(self, team: str, method: str, tier: str | None, channel: str | None, now: float) -> int | None:
        """Count one call. Gives the seconds to wait when it is one too many, and counts nothing then."""
        lately = self._lately.setdefault((team, method), deque())
        bucket = None
        wait = _over(lately, PER_MINUTE[tier], now) if tier else 0.0
        if method == "chat.postMessage" and channel:
            bucket = self._channels.setdefault((team, channel), Bucket(CHANNEL_BURST, 1.0, CHANNEL_BURST, now))
            wait = max(wait, bucket.wait(now))
        if wait:
            return math.ceil(wait)
        lately.append(now)
        if bucket is not None:
            bucket.level -= 1
        return None


def _over(lately: deque[float], most: int, now: float) -> float:
    """Return the seconds until one more call fits within any minute; 0 when it fits now."""
    while lately and lately[0] + MINUTE <= now:
        lately.popleft()
    return lately[-most] + MINUTE - now if len(lately) >= most else 0.0
