"""Brings a database to the newest schema, and says whether it is there."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from core.storage.database.database import Database, open_database
from core.storage.database.locks import MIGRATIONS
from core.storage.database.timeouts import UNHURRIED


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database at a URL to a revision. Nothing changes when it is there already; all or nothing else.

    Waits, in a thread of its own, so that it may also be called where an event loop runs.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="migrations") as thread:
        thread.submit(asyncio.run, _upgrade_at(url, revision)).result()


async def upgrade_database(database: Database, revision: str = "head") -> None:
    """The same for an open database."""

    def work(connection: Connection) -> None:
        upgrade_connection(connection, revision)

    await database.write(work)


def upgrade_connection(connection: Connection, revision: str = "head") -> None:
    """The same inside somebody's transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATIONS})
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def is_current(connection: Connection) -> bool:
    """True when the database stands at the newest revision that this code knows."""
    return tuple(revisions(connection)) == (newest(),)


def revisions(connection: Connection) -> Sequence[str]:
    """The revisions that the database stands at: one, or none before the first."""
    return MigrationContext.configure(connection).get_current_heads()


@cache
def newest() -> str | None:
    """The newest revision that this code knows."""
    return ScriptDirectory.from_config(_config()).get_current_head()


@cache
def known() -> frozenset[str]:
    """Every revision that this code knows."""
    return frozenset(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


async def _upgrade_at(url: str, revision: str) -> None:
    database = open_database(url, limits=UNHURRIED)
    try:
        await upgrade_database(database, revision)
    finally:
        await database.close()


def _config() -> Config:
    config = Config()
    # A percent sign in a path would otherwise be read as a reference to another option.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config
