"""What the database holds, for tests that look behind what Slack shows."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from core.storage import tables
from core.storage.database.database import open_database
from notifications.mail.port import MAIL

_REFUSALS = (
    select(tables.persons.c.name, tables.history.c.action, tables.history.c.evidence)
    .join(tables.persons, tables.persons.c.id == tables.history.c.person_id)
    .where(tables.history.c.kind == "refusal")
    .order_by(tables.history.c.id)
)


def _refusals(rows):
    return [(name, action, json.loads(evidence)["code"]) for name, action, evidence in rows]


@dataclass(frozen=True)
class Book:
    """Reads beside the running product."""

    url: str

    def state(self, case: str) -> str:
        """The state of a case."""
        return self._one(select(tables.cases.c.state).where(tables.cases.c.id == case))

    def newest(self) -> str:
        """The order that was placed last."""
        return self._one(select(tables.cases.c.id).order_by(tables.cases.c.created_at.desc()).limit(1))

    def lines(self, case: str | None = None) -> int:
        """How many changes history tells of, of one case or of all."""
        query = select(func.count()).select_from(tables.history).where(tables.history.c.kind == "change")
        return self._one(query if case is None else query.where(tables.history.c.case_id == case))

    def done(self, case: str) -> list[str]:
        """What people have done to a case, in order."""
        history = tables.history.c
        query = select(history.action).where(
            history.kind == "change", history.case_id == case, history.person_id.is_not(None)
        )
        return asyncio.run(self._read(query.order_by(history.id), lambda rows: [row.action for row in rows]))

    def refusals(self, case: str | None) -> list[tuple[str, str, str]]:
        """What was refused about a case, or about orders that became none: to whom, what, and by which rule."""
        return asyncio.run(self._read(_REFUSALS.where(tables.history.c.case_id == case), _refusals))

    def undone(self) -> list[tuple[str, str, str]]:
        """Whose accounts stand for them no longer: who it was, from where that was said, and why."""
        history = tables.history.c
        query = (
            select(tables.persons.c.name, history.surface, history.evidence)
            .join(tables.persons, tables.persons.c.id == history.about_id)
            .where(history.kind == "identity", history.action == "unlinked")
            .order_by(history.id)
        )
        return asyncio.run(
            self._read(query, lambda rows: [(name, way, json.loads(said)["why"]) for name, way, said in rows])
        )

    def looks(self) -> int:
        """How many accounts have been looked at in Slack since they were confirmed."""
        return self._one(
            select(func.count()).select_from(tables.identities).where(tables.identities.c.seen_at.is_not(None))
        )

    def cases(self) -> int:
        """How many cases there are."""
        return self._one(select(func.count()).select_from(tables.cases))

    def knows(self, message: Mapping[str, str]) -> bool:
        """Whether it is written down that a message stands in Slack: it is seen there a moment before."""
        cards = tables.cards.c
        query = select(func.count()).where(cards.ts == message["ts"], cards.leased_until.is_(None))
        return self._one(query) == 1

    def problem(self) -> str | None:
        """Why nothing is sent to Inera's workspace, None when it is."""
        inera = tables.workspaces.c.organisation_id.is_(None) & (tables.workspaces.c.id != MAIL)
        return self._one(select(tables.workspaces.c.problem).where(inera))

    def _one(self, query):
        return asyncio.run(self._read(query, lambda result: result.scalar_one()))

    async def _read(self, query, of):
        database = open_database(self.url)
        try:
            return await database.read(lambda connection: of(connection.execute(query)))
        finally:
            await database.close()
