"""The log of everything that went either way, bounded, with what is needed to send a delivery again."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.shapes import Json

KEPT = 20_000


@dataclass
class LoggedDelivery:
    """One request to the app: as it went out, and what came back (status 0: no answer)."""

    n: int
    at: float
    type: str
    team: str
    user: str
    body: Any
    raw: bytes
    headers: Mapping[str, str]
    status: int = 0
    ms: int = 0
    answer: Any = None
    failure: str = ""
    gives_up: bool = False

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def logged(self) -> Json:
        shown = ("n", "at", "type", "team", "user", "status", "ms", "body", "answer")
        return {name: getattr(self, name) for name in shown}


class Traffic:
    def __init__(self) -> None:
        self.n = 0
        self.calls: deque[Json] = deque(maxlen=KEPT)
        self.deliveries: deque[LoggedDelivery] = deque(maxlen=KEPT)

    def next(self) -> int:
        """Return the next number; calls and deliveries share one row of numbers, so that their order shows."""
        self.n += 1
        return self.n

    def delivery(self, n: int) -> LoggedDelivery | None:
        return next((one for one in self.deliveries if one.n == n), None)

    def after(self, n: int) -> dict[str, list[Json]]:
        deliveries: Iterable[LoggedDelivery] = (one for one in self.deliveries if one.n > n)
        return {
            "calls": [call for call in self.calls if call["n"] > n],
            "deliveries": [one.logged() for one in deliveries],
        }

    def forget(self) -> None:
        self.calls.clear()
        self.deliveries.clear()
