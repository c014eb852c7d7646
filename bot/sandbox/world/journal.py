"""What each person's page has been told: numbered changes that a stream can take up again after any of them."""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator
from typing import Any

from bot.sandbox.shapes import Json

KEPT = 5_000
HEARTBEAT = 15.0


class Journal:
    def __init__(self) -> None:
        self.seq = 0
        self._told: dict[str, deque[Json]] = defaultdict(lambda: deque(maxlen=KEPT))
        self._news: dict[str, asyncio.Event] = {}
        self._closed = False

    def tell(self, user: str, kind: str, **facts: Any) -> None:
        self.seq += 1
        self._told[user].append({"seq": self.seq, "type": kind, **facts})
        self._wake(user)

    def last(self, user: str) -> int:
        """Return the number of the last thing a person was told."""
        entries = self._told[user]
        return entries[-1]["seq"] if entries else 0

    def since(self, user: str, after: int) -> list[Json]:
        return [change for change in self._told[user] if change["seq"] > after]

    async def follow(self, user: str, after: int) -> AsyncIterator[Json | None]:
        """Yield what came after, then what comes; None now and then, so that a lost reader is noticed."""
        while not self._closed:
            news = self._news.setdefault(user, asyncio.Event())
            for change in self.since(user, after):
                after = change["seq"]
                yield change
            try:
                await asyncio.wait_for(news.wait(), HEARTBEAT)
            except TimeoutError:
                yield None

    def forget(self) -> None:
        """Drop what was told and say so; the numbers go on, so that an open stream stays in order."""
        users = list(self._told)
        self._told.clear()
        for user in users:
            self.tell(user, "reset")

    def close(self) -> None:
        self._closed = True
        for user in list(self._news):
            self._wake(user)

    def _wake(self, user: str) -> None:
        if news := self._news.pop(user, None):
            news.set()
