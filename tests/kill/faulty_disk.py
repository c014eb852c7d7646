"""SQLite's disk, full or failing from a statement on."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

UNLIMITED = 1_073_741_823


class FaultyDisk:
    """Lets the so manieth statement of every connection fail, and where it `stays` so each that would write after it.

    A full disk is SQLite's own error: in the place of the statement more is written than there are pages for.
    """

    def __init__(self) -> None:
        self._nth: int | None = None
        self._is_met = self._is_full = self._stays = False

    def fail_nth(self, number: int, *, full: bool, stays: bool) -> None:
        """Begin to count; a disk that is full fails writers alone."""
        self._nth, self._is_met, self._is_full, self._stays = number, False, full, stays

    def leave(self) -> int | None:
        """Fail nothing any more; return how many statements there were to come, None where one has failed."""
        left, self._nth = self._nth, None
        met, self._is_met = self._is_met, False
        return None if met else left

    def meet(self, connection: "_Connection", sql: str) -> None:
        """Raise what a statement meets."""
        if connection.is_limited and not self._is_met:
            connection.is_limited = False
            connection.straight(f"PRAGMA max_page_count = {UNLIMITED}")
        if sql.startswith("BEGIN"):
            connection.writes = sql == "BEGIN IMMEDIATE"
        if (self._is_full or self._is_met) and not connection.writes:
            return
        if self._nth is not None:
            self._nth -= 1
            if self._nth:
                return
            self._nth, self._is_met = None, True
        elif not (self._is_met and self._stays):
            return
        self._fail(connection)

    def _fail(self, connection: "_Connection") -> None:
        if self._is_full:
            connection.is_limited = True
            connection.straight("PRAGMA max_page_count = 1")
            connection.straight("INSERT INTO paces (bucket, full_at) VALUES (hex(zeroblob(1000000)), 1)")
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode, error.sqlite_errorname = sqlite3.SQLITE_IOERR_READ, "SQLITE_IOERR_READ"
        raise error


class _Cursor(sqlite3.Cursor):
    connection: "_Connection"

    def execute(self, sql: str, *values: Any) -> "_Cursor":
        self.connection.disk.meet(self.connection, sql)
        return super().execute(sql, *values)

    def executemany(self, sql: str, *values: Any) -> "_Cursor":
        self.connection.disk.meet(self.connection, sql)
        return super().executemany(sql, *values)


class _Connection(sqlite3.Connection):
    disk: FaultyDisk
    writes = is_limited = False

    def cursor(self, factory: Any = None) -> Any:
        return super().cursor(factory or _Cursor)

    def straight(self, sql: str) -> None:
        """Run a statement that meets nothing."""
        super().cursor(sqlite3.Cursor).execute(sql)


@contextmanager
def faulty_disk() -> Iterator[FaultyDisk]:
    """A disk below every database that is opened meanwhile."""
    disk = FaultyDisk()
    factory = type("Connection", (_Connection,), {"disk": disk})

    def connect(dialect: Any, record: object, words: object, options: dict[str, Any]) -> None:
        if dialect.name == "sqlite":
            options["factory"] = factory

    event.listen(Engine, "do_connect", connect)
    try:
        yield disk
    finally:
        event.remove(Engine, "do_connect", connect)
