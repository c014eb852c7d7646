"""Brings a database to the newest schema, and says whether this program may run on it."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, insert, inspect, select, text

from core.storage.database.database import Database, open_database
from core.storage.database.locks import MIGRATIONS
from core.storage.database.timeouts import UNHURRIED
from core.storage.tables import schema_support

# Alembic is loaded by whoever upgrades: a server asks where its database stands, and starts sooner without.
if TYPE_CHECKING:
    from alembic.config import Config

# Alembic's own, and its only column.
VERSION_TABLE = "alembic_version"
READ_REVISIONS = text(f"SELECT version_num FROM {VERSION_TABLE} ORDER BY version_num")  # noqa: S608 - of constants
VERSIONS = Path(__file__).parent / "versions"


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
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
    _write_support(connection)


@dataclass(frozen=True)
class Schema:
    """The revisions that a database stands at: one, or none before the first; and which programs may run on it.

    `oldest_program` is the oldest one, by the newest revision that it knows; None where nothing says so.
    """

    revisions: Sequence[str]
    oldest_program: str | None = None

    @property
    def is_newer(self) -> bool:
        """True at a revision that this code does not know."""
        return not known().issuperset(self.revisions)

    @property
    def suits_program(self) -> bool:
        """True where this program may run: at its own revision, or at a newer one that takes nothing from it."""
        return self.revisions == (newest(),) or (self.is_newer and self.oldest_program in known())

    @property
    def lets_others_go_on(self) -> bool:
        """True where programs of this revision may go on once it is brought to the newest one."""
        return max(self.revisions, default="") >= (oldest_program() or "")


def schema_of(connection: Connection) -> Schema:
    """Read where a database stands, and where that is further than this code knows, who may run there."""
    schema = Schema(_revisions_of(connection))
    if not schema.is_newer or not inspect(connection).has_table(schema_support.name):
        return schema
    return replace(schema, oldest_program=connection.scalar(select(schema_support.c.oldest_program)))


def _revisions_of(connection: Connection) -> tuple[str, ...]:
    if not inspect(connection).has_table(VERSION_TABLE):
        return ()
    return tuple(connection.execute(READ_REVISIONS).scalars())


def suits_program(connection: Connection) -> bool:
    """True when this program may run on the database as it stands."""
    return schema_of(connection).suits_program


def oldest_program(revision: str = "head") -> str | None:
    """Return the oldest program that may run on the schema of a revision, by the newest revision that it knows."""
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(_config()).walk_revisions("base", revision)
    return max((name for script in scripts if (name := getattr(script.module, "oldest_program", None))), default=None)


@cache
def newest() -> str | None:
    """The newest revision that this code knows."""
    return max(known(), default=None)


@cache
def known() -> frozenset[str]:
    """Every revision that this code knows: the file of each begins with its number, which counts up."""
    return frozenset(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*_*.py"))


def _write_support(connection: Connection) -> None:
    (revision,) = schema_of(connection).revisions or ("base",)
    if oldest := oldest_program(revision):
        connection.execute(delete(schema_support))
        connection.execute(insert(schema_support).values(oldest_program=oldest))


async def _upgrade_at(url: str, revision: str) -> None:
    database = open_database(url, limits=UNHURRIED)
    try:
        await upgrade_database(database, revision)
    finally:
        await database.close()


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    # A percent sign in a path would otherwise be read as a reference to another option.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config
