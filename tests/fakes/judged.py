"""A repository that loads and saves nothing: shows what a press would save."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from core.api import ActOnCase, CaseId, CaseQuery, CaseRepository, Change, DecisionContext, Orders
from core.ports.cases import UnitOfWork

T = TypeVar("T")


@dataclass(frozen=True)
class Judged:
    """Reads from a real repository and keeps the changes that would have been saved."""

    cases: CaseRepository
    changes: list[Change] = field(default_factory=list)

    async def press(self, use_case: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        """See CaseRepository."""
        return await use_case(self)

    async def load(self, query: CaseQuery) -> DecisionContext:
        """See UnitOfWork."""
        return await self.cases.look(query)

    async def save(self, change: Change) -> bool:
        """See UnitOfWork."""
        self.changes.append(change)
        return True

    async def due(self, at: datetime, limit: int) -> tuple[CaseId, ...]:
        """See CaseRepository."""
        return await self.cases.due(at, limit)


async def change_of(orders: Orders, command: ActOnCase) -> Change:
    """What a press would save."""
    judging, judged = _judging(orders)
    await judging.act(command)
    return judged.changes[0]


async def ticks_of(orders: Orders) -> list[Change]:
    """What the clock would save."""
    judging, judged = _judging(orders)
    await judging.run_clock()
    return judged.changes


def _judging(orders: Orders) -> tuple[Orders, Judged]:
    judged = Judged(orders.engine.cases)
    return replace(orders, engine=replace(orders.engine, cases=judged)), judged
