"""Slack's rate limits as token buckets: per method and workspace by tier, and one message a second in a channel."""

import math
from dataclasses import dataclass

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
        """Seconds until one more call fits; 0 when it fits now."""
        self.level = min(self.capacity, self.level + (now - self.at) * self.per_second)
        self.at = now
        return max(0.0, (1 - self.level) / self.per_second)


class Limits:
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
