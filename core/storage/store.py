"""The store of cases on a database: the port the use cases stand on."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from core.commands import PlaceOrder, Revision
from core.events import Change
from core.order import Case
from core.ports import Decide, DecideWithTerms, Look
from core.situation import Situation
from core.storage import clock, placing, press
from core.storage.database import Database
from core.words import CaseId


@dataclass(frozen=True)
class SqlStore:
    """Implements core.ports.Store on SQLite and PostgreSQL."""

    database: Database

    async def look(self, look: Look) -> Situation:
        """See core.ports.Store."""
        return await self.database.read(lambda connection: press.read(connection, look))

    async def act(self, begin: Callable[[], tuple[Look, Decide]]) -> Change:
        """See core.ports.Store."""
        return await self.database.press(lambda connection: press.act(connection, begin))

    async def place(self, wish: PlaceOrder, begin: Callable[[], tuple[datetime, DecideWithTerms]]) -> tuple[Case, bool]:
        """See core.ports.Store."""
        return await self.database.write(lambda connection: placing.place(connection, wish, begin))

    async def revise(
        self, case: CaseId, revision: Revision, begin: Callable[[], tuple[Look, DecideWithTerms]]
    ) -> Change:
        """See core.ports.Store. Other orders are read as well, so it is one transaction."""
        return await self.database.write(lambda connection: placing.revise(connection, case, revision, begin))

    async def due(self, at: datetime, limit: int) -> tuple[CaseId, ...]:
        """See core.ports.Store."""
        if await self.database.read(partial(clock.is_noted, at=at)):
            await self.database.write(partial(clock.take_notes, at=at))
        return await self.database.read(partial(clock.read_due, at=at, limit=limit))
