"""A store that judges and writes nothing: shows what a press would write."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from core.api import ActOnCase, CaseId, CaseQuery, CaseRepository, Change, LinkId, Orders
from core.ports.cases import Decide


@dataclass(frozen=True)
class Judged:
    """Reads from a real store and keeps the changes it would have made."""

    store: CaseRepository
    changes: list[Change] = field(default_factory=list)

    async def act(self, begin: Callable[[], tuple[CaseQuery, Decide]], link: LinkId | None = None) -> Change:
        """See core.ports.cases.Store."""
        look, decide = begin()
        self.changes.append(decide(await self.store.look(look)))
        return self.changes[-1]

    async def due(self, at: datetime, limit: int) -> tuple[CaseId, ...]:
        """See core.ports.cases.Store."""
        return await self.store.due(at, limit)


async def change_of(orders: Orders, wish: ActOnCase) -> Change:
    """What a press would write."""
    judged = Judged(orders.store)
    await replace(orders, store=judged).act(wish)
    return judged.changes[0]


async def ticks_of(orders: Orders) -> list[Change]:
    """What the clock would write."""
    judged = Judged(orders.store)
    await replace(orders, store=judged).run_clock()
    return judged.changes
