"""The database, SQLite or PostgreSQL: work is a plain function of a connection, run in one transaction."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

from sqlalchemy import URL, make_url

from core.storage.database.postgresql import PostgresDatabase
from core.storage.database.sessions import Use, Work
from core.storage.database.sqlite import SqliteDatabase
from core.storage.database.timeouts import USUAL, TimeLimits

T = TypeVar("T")


class Database(Protocol):
    """Runs work. Work is synchronous, touches nothing but its connection, and may be run again after an error.

    All raise TryAgain, having saved nothing, where a turn, a lock or a statement took longer than it may, or the server
    is lost; Unsure where it was lost while something was saved.
    """

    dialect: str

    async def read(self, work: Work[T]) -> T:
        """Run work that only reads."""
        ...

    async def write(self, work: Work[T]) -> T:
        """Run work in one transaction: committed when it returns, rolled back when it raises."""
        ...

    async def change(self, work: Work[T]) -> T:
        """Run work that writes by one statement, a transaction of its own: less is said to a server.

        Done twice it must do what it does once: it is where nobody knows whether a lost connection has saved it.
        """
        ...

    async def look(self, use: Use[T]) -> T:
        """Run what reads alone, in a session."""
        ...

    async def press(self, use: Use[T]) -> T:
        """Run what writes by one guarded statement (PostgreSQL) or as one unit (SQLite); committed on return.

        It has turns of its own, or goes first: nothing else that waits keeps it waiting. Raises WantsTransaction.
        """
        ...

    async def inspect(self, work: Work[T]) -> T:
        """Read what must come from where the database is now. Raise DatabaseMissing and DatabaseReplaced."""
        ...

    async def try_writer(self) -> None:
        """Check that presses could be saved, saving nothing. Raise ReadOnly, WriterEnded, or what a press would
        meet.
        """
        ...

    async def ring(self) -> None:
        """Let whoever hears, in any process on this database, look at once."""
        ...

    async def hear(self, rung: Callable[[], None]) -> None:
        """Call at each ring, until cancelled; what rang while the connection was lost is one ring."""
        ...

    def unhurried(self) -> "Database":
        """Return this database for work that takes its time, which no limit cuts off; closed with this one."""
        ...

    async def close(self) -> None:
        """Let go of every connection."""
        ...


def open_database(url: str, *, pool_size: int = 8, limits: TimeLimits = USUAL) -> Database:
    """Open a database by SQLAlchemy URL: `sqlite:///file.db` or `postgresql://…` (the driver is ours to choose)."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return SqliteDatabase(str(_file(parsed)), limits)
    driven = parsed.set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)
    return PostgresDatabase(driven, pool_size, limits)


def sqlite_file(url: str) -> Path | None:
    """Return the file that a URL of SQLite names."""
    parsed = make_url(url)
    return _file(parsed).absolute() if parsed.get_backend_name() == "sqlite" else None


def absent_file(url: str) -> Path | None:
    """Return the file of SQLite that a URL names and that is not there; opening it would make it."""
    file = sqlite_file(url)
    return None if file is None or file.exists() else file


def free_bytes(url: str) -> int | None:
    """Return how much more the disk takes that a database is on; None of one that is no file of this machine."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return None
    return shutil.disk_usage(_file(parsed).absolute().parent).free


def name_of(url: str) -> str:
    """Return what people may know a database by: its file, or where it is; nothing of who logs in there."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return str(_file(parsed).absolute())
    return URL.create("postgresql", host=parsed.host, port=parsed.port, database=parsed.database).render_as_string()


def _file(parsed: URL) -> Path:
    return Path(parsed.database or "kundportal.db")
