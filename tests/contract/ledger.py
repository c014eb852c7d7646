"""A history of made-up rows with a sealer and a verifier at it, and somebody who takes the guards down."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, event, insert, text

from core.audit.seals import Head, Seal, SealKey
from core.storage import tables
from core.storage.audit.findings import Report
from core.storage.audit.sealing import Sealer
from core.storage.audit.verifying import verify
from core.storage.database.database import Database, open_database
from tests.fakes.clock import FakeClock
from tests.support.machines.copies import PATIENT, migrated
from tests.support.world.seed import NOW

SECRET = "a secret that the operator has in the environment"
GUARDED = ("history", "seals", "checkpoints", "history_purges")
GUARDS = {
    "sqlite": [
        f"DROP TRIGGER IF EXISTS {table}_no_{what}" for table in GUARDED for what in ("update", "delete", "replace")
    ],
    "postgresql": [
        f"ALTER TABLE {table} DISABLE TRIGGER {table}_no_{what}" for table in GUARDED for what in ("change", "truncate")
    ],
}
# What makes a row one of another kind.
CHANGE: Mapping[str, object] = {}
REFUSAL = {"kind": "refusal", "from_state": None, "to_state": None, "revision": None}
ROLE = REFUSAL | {"kind": "role", "case_id": None, "part": None, "step": None, "content_version": None}


@dataclass
class Ledger:
    """One process at the history."""

    url: str
    database: Database
    clock: FakeClock
    secret_key: str = SECRET
    earlier: tuple[str, ...] = ()
    made: int = 0
    writes: list[object] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sealer = Sealer(Watched(self.database, self.writes), self.secret_key, self.clock, earlier=self.earlier)

    async def another(self, *, secret_key: str = SECRET, earlier: tuple[str, ...] = ()) -> "Ledger":
        """Another process on the same database and clock."""
        return Ledger(self.url, open_database(self.url, limits=PATIENT), self.clock, secret_key, earlier)

    async def add(self, count: int, at: datetime = NOW, like: Mapping[str, object] = CHANGE) -> None:
        """So many more rows, from then, of some kind."""
        rows = [line(self.made + number) | {"at": at} | like for number in range(100, 100 + count)]
        self.made += count
        await self.database.write(lambda connection: connection.execute(insert(tables.history), rows))

    async def add_with_ids(self, *ids: int) -> None:
        """Rows that were given these ids, whatever the order in which they are committed."""
        rows = [line(id_) | {"id": id_} for id_ in ids]
        await self.database.write(lambda connection: connection.execute(insert(tables.history), rows))

    async def seal(self) -> int:
        return await self.sealer.seal()

    async def seal_as_at_first(self) -> int:
        """Seal in the form that there was before history had other lines than changes."""
        sealer = Sealer(self.database, self.secret_key, self.clock)
        sealer._key = FirstForm(self.secret_key)
        return await sealer.seal()

    async def verify(self, **given) -> Report:
        return await verify(self.database, self.secret_key, self.clock(), earlier=self.earlier, **given)

    async def checkpoint(self) -> tuple[int, str]:
        """What is kept outside."""
        ((number, chain),) = await self.rows("SELECT number, chain FROM checkpoints ORDER BY number DESC LIMIT 1")
        return number, chain

    async def rows(self, sql: str) -> list[tuple]:
        return [tuple(row) for row in await self.database.read(lambda c: c.execute(text(sql)).all())]

    async def tamper(self, *statements: str) -> None:
        """Do something that the guards forbid."""

        def work(connection: Connection) -> None:
            for statement in (*GUARDS[connection.dialect.name], *statements):
                connection.execute(text(statement))

        await self.database.write(work)


class FirstForm(SealKey):
    """Seals as the first version did."""

    def seal(self, row: Mapping[Any, Any], number: int, after: Seal | Head, form: int = 1) -> Seal:
        return super().seal(row, number, after, form)


@dataclass
class Watched:
    """A database that notes what is asked to be written."""

    database: Database
    writes: list[object]

    @property
    def dialect(self) -> str:
        return self.database.dialect

    async def read(self, work):
        return await self.database.read(work)

    async def write(self, work):
        self.writes.append(work)
        return await self.database.write(work)


async def open_ledger(url: str) -> Ledger:
    """An empty history in a database of the newest schema."""
    return Ledger(url, await migrated(url), FakeClock(NOW))


def line(number: int) -> dict[str, object]:
    """A row of history; no two are alike."""
    return {
        "case_id": f"B{number:07}", "at": NOW, "action": "attest", "from_state": "awaiting_customer_attest",
        "to_state": "awaiting_customer_service", "step": 1, "revision": 2, "content_version": 1,
        "part": "customer_attestant", "person_id": "P-bo", "organisation_id": "O-region", "surface": "slack",
        "assurance": "click_confirm", "evidence": "{}", "kind": "change", "about_id": f"P-{number}",
    }  # fmt: skip


def statements_of(database: Database) -> list[str]:
    """What the database is asked from now on, as it is asked."""
    engine = database._engine
    asked: list[str] = []
    event.listen(getattr(engine, "sync_engine", engine), "before_cursor_execute", lambda *each: asked.append(each[2]))
    return asked
