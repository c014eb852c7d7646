"""Commits that fail as they do in life: everything went well, and what was to become durable does not."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from sqlalchemy import Connection, text
from sqlalchemy.util import await_

from core.storage.database.database import Database

# A row that nothing may refer to, which only the commit finds out.
DOOMED = "CREATE TABLE doomed (case_id VARCHAR REFERENCES cases (id) DEFERRABLE INITIALLY DEFERRED)"
ENTER = "INSERT INTO doomed VALUES ('nobody')"
FAIL = {
    "sqlite": [f"CREATE TRIGGER fails AFTER INSERT ON history WHEN NEW.action = '{{action}}' BEGIN {ENTER}; END"],
    "postgresql": [
        f"CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {ENTER}; RETURN NEW; END $$",
        "CREATE TRIGGER fails AFTER INSERT ON history FOR EACH ROW WHEN (NEW.action = '{action}')"
        " EXECUTE FUNCTION fails()",
    ],
}
HEAL = {
    "sqlite": ["DROP TRIGGER fails"],
    "postgresql": ["DROP TRIGGER fails ON history", "DROP FUNCTION fails"],
}


@asynccontextmanager
async def failing(database: Database, action: str) -> AsyncIterator[None]:
    """Meanwhile, no commit of anything that history calls so succeeds."""
    await _run(database, DOOMED, *(each.format(action=action) for each in FAIL[database.dialect]))
    yield
    await _run(database, *HEAL[database.dialect], "DROP TABLE doomed")


@asynccontextmanager
async def writing(database: Database, lock: Callable[[Connection], object]) -> AsyncIterator[None]:
    """Meanwhile somebody else is in the middle of writing: alone on SQLite, with what is locked on PostgreSQL."""
    holds, let_go = asyncio.Event(), threading.Event() if database.dialect == "sqlite" else asyncio.Event()
    loop = asyncio.get_running_loop()

    def work(connection: Connection) -> None:
        if isinstance(let_go, threading.Event):
            loop.call_soon_threadsafe(holds.set)
            let_go.wait()
            return
        lock(connection)
        holds.set()
        await_(let_go.wait())

    held = asyncio.create_task(database.write(work))
    await holds.wait()
    yield
    let_go.set()
    await held


async def _run(database: Database, *statements: str) -> None:
    def work(connection: Connection) -> None:
        for statement in statements:
            connection.execute(text(statement))

    await database.write(work)
