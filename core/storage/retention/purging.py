"""The purge: what is due of each kind, found by index, taken in batches that are transactions of their own."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection, text

from core.audit.retention import Personal, Policy
from core.storage.database.database import Database
from core.storage.database.locks import PURGE

log = logging.getLogger(__name__)

PurgeProgress = Callable[[str, int, int], None]


class Taker(Protocol):
    """Knows one kind of thing that is purged."""

    def count(self, connection: Connection, before: datetime) -> int:
        """Count what is due: everything counted from an instant before this one. Only reads."""
        ...

    def take(self, connection: Connection, before: datetime, at: datetime) -> int:
        """Take a batch of what is due, and return how much that was; zero when nothing is left."""
        ...


@dataclass(frozen=True)
class PurgeStep:
    """One kind of thing that goes by a policy, or `sooner`. `kind` is what an operator reads about."""

    kind: str
    what: Personal
    taker: Taker
    sooner: timedelta | None = None


def _untold(kind: str, done: int, size: int) -> None:
    """Ignore how far the purge has come."""


class Purge:
    """Every step, in order. Any number may run it: the batches take turns, and what is gone is gone."""

    def __init__(self, database: Database, steps: Sequence[PurgeStep], policies: Mapping[Personal, Policy]) -> None:
        # What is due is counted among all there is.
        self._database = database.unhurried()
        self._steps = steps
        self._policies = policies

    async def due(self, at: datetime) -> dict[str, int]:
        """Count what would go now, by kind. Changes nothing."""
        return {step.kind: await self._count(step, self._before(step, at)) for step in self._steps}

    async def run(self, at: datetime, progress: PurgeProgress = _untold) -> dict[str, int]:
        """Take everything that is due, and return how much went, by kind."""
        return {step.kind: await self._take(step, at, progress) for step in self._steps}

    async def _take(self, step: PurgeStep, at: datetime, progress: PurgeProgress) -> int:
        before, done = self._before(step, at), 0
        size = await self._count(step, before)
        while taken := await self._database.write(lambda connection: _batch(connection, step, before, at)):
            done += taken
            progress(step.kind, done, max(done, size))
        if done:
            log.info("purged kind=%s count=%s", step.kind, done)
        return done

    async def _count(self, step: PurgeStep, before: datetime) -> int:
        return await self._database.read(lambda connection: step.taker.count(connection, before))

    def _before(self, step: PurgeStep, at: datetime) -> datetime:
        return self._policies[step.what].before(at) if step.sooner is None else at - step.sooner


def _batch(connection: Connection, step: PurgeStep, before: datetime, at: datetime) -> int:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": PURGE})
    return step.taker.take(connection, before, at)
