"""Drawings of the same thing, one at a time, so that the last to arrive is the one that was begun last."""

from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

Key = TypeVar("Key")
Wish = TypeVar("Wish")
Work = Coroutine[Any, Any, None]


class Newest(Generic[Key, Wish]):
    """Draws wishes by key. What is wished for while a drawing is on its way is one drawing more, of the newest wish."""

    def __init__(self, start: Callable[[Work], object], draw: Callable[[Wish], Work]) -> None:
        self._start = start
        self._draw = draw
        self._wished: dict[Key, Wish] = {}
        self._at_work: set[Key] = set()

    def draw(self, key: Key, wish: Wish) -> None:
        """Draw this, instead of what waits to be drawn."""
        self._wished[key] = wish
        self._begin(key)

    def draw_anew(self, key: Key, wish: Wish) -> None:
        """Draw this, unless something waits to be drawn: that will be up to date as well."""
        self._wished.setdefault(key, wish)
        self._begin(key)

    def _begin(self, key: Key) -> None:
        if key not in self._at_work:
            self._at_work.add(key)
            self._start(self._work(key))

    async def _work(self, key: Key) -> None:
        try:
            while key in self._wished:
                await self._draw(self._wished.pop(key))
        finally:
            self._at_work.discard(key)
            # What failed keeps nobody from what was wished for meanwhile.
            if key in self._wished:
                self._begin(key)
