"""What the database holds, for tests that look behind what Slack shows."""

import asyncio
from dataclasses import dataclass

from sqlalchemy import func, select

from core import db
from core.storage.database import open_database


@dataclass(frozen=True)
class Book:
    """Reads beside the running product."""

    url: str

    def state(self, case: str) -> str:
        """The state of a case."""
        return self._one(select(db.cases.c.state).where(db.cases.c.id == case))

    def lines(self, case: str | None = None) -> int:
        """How many lines of history there are, of one case or of all."""
        query = select(func.count()).select_from(db.history)
        return self._one(query if case is None else query.where(db.history.c.case_id == case))

    def cases(self) -> int:
        """How many cases there are."""
        return self._one(select(func.count()).select_from(db.cases))

    def problem(self) -> str | None:
        """Why nothing is sent to the workspace, None when it is."""
        return self._one(select(db.workspaces.c.problem))

    def _one(self, query):
        return asyncio.run(self._read(query))

    async def _read(self, query):
        database = open_database(self.url)
        try:
            return await database.read(lambda connection: connection.execute(query).scalar_one())
        finally:
            await database.close()
