"""What the database holds, for tests that look behind what Slack shows."""

import asyncio
import json
from dataclasses import dataclass

from sqlalchemy import func, select

from core import db
from core.storage.database import open_database

_REFUSALS = (
    select(db.persons.c.name, db.history.c.action, db.history.c.evidence)
    .join(db.persons, db.persons.c.id == db.history.c.person_id)
    .where(db.history.c.kind == "refusal")
    .order_by(db.history.c.id)
)


def _refusals(rows):
    return [(name, action, json.loads(evidence)["code"]) for name, action, evidence in rows]


@dataclass(frozen=True)
class Book:
    """Reads beside the running product."""

    url: str

    def state(self, case: str) -> str:
        """The state of a case."""
        return self._one(select(db.cases.c.state).where(db.cases.c.id == case))

    def lines(self, case: str | None = None) -> int:
        """How many changes history tells of, of one case or of all."""
        query = select(func.count()).select_from(db.history).where(db.history.c.kind == "change")
        return self._one(query if case is None else query.where(db.history.c.case_id == case))

    def refusals(self, case: str | None) -> list[tuple[str, str, str]]:
        """What was refused about a case, or about orders that became none: to whom, what, and by which rule."""
        return asyncio.run(self._read(_REFUSALS.where(db.history.c.case_id == case), _refusals))

    def undone(self) -> list[tuple[str, str, str]]:
        """Whose accounts stand for them no longer: who it was, from where that was said, and why."""
        history = db.history.c
        query = (
            select(db.persons.c.name, history.surface, history.evidence)
            .join(db.persons, db.persons.c.id == history.about_id)
            .where(history.kind == "identity", history.action == "unlinked")
            .order_by(history.id)
        )
        return asyncio.run(
            self._read(query, lambda rows: [(name, way, json.loads(said)["why"]) for name, way, said in rows])
        )

    def looks(self) -> int:
        """How many accounts have been looked at in Slack since they were confirmed."""
        return self._one(select(func.count()).select_from(db.identities).where(db.identities.c.seen_at.is_not(None)))

    def cases(self) -> int:
        """How many cases there are."""
        return self._one(select(func.count()).select_from(db.cases))

    def problem(self) -> str | None:
        """Why nothing is sent to the workspace, None when it is."""
        return self._one(select(db.workspaces.c.problem))

    def _one(self, query):
        return asyncio.run(self._read(query, lambda result: result.scalar_one()))

    async def _read(self, query, of):
        database = open_database(self.url)
        try:
            return await database.read(lambda connection: of(connection.execute(query)))
        finally:
            await database.close()
