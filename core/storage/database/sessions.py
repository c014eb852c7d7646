"""Statements that never change, over ids too, and sessions that run them: on either database, or on the driver."""

import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Row, TextClause, text
from sqlalchemy.util import await_

from core.storage.database.losses import saving

T = TypeVar("T")
Values = Mapping[str, object]
Work = Callable[[Connection], T]
# Any: a row as the driver makes it.
Rows = Sequence[Any]

_NAME = re.compile(r"(?<!:):(\w+)")
_SAVES = re.compile(r"\bINSERT INTO\b|\bDELETE FROM\b|(?<!FOR )(?<!KEY )\bUPDATE\b")


class WantsTransaction(Exception):
    """What is to be done wants a transaction, where each statement is one of its own; `begin` begins it."""

    def __init__(self, begin: Callable[[Connection], None] | None = None) -> None:
        super().__init__()
        self.begin = begin


class Constant:
    """SQL with `:name` for its values, which are str, int or None, as both drivers take them.

    SQLAlchemy gives the connection at most: the rest it does costs more than the statement itself (ADR 2).
    """

    def __init__(self, sql: str) -> None:
        self._named = sql
        self._saves = bool(_SAVES.search(sql))
        self._names = tuple(dict.fromkeys(_NAME.findall(sql)))
        self._numbered = _NAME.sub(lambda found: f"${self._names.index(found[1]) + 1}", sql)

    async def fetch(self, driver: Any, values: Values) -> Rows:
        """Run it on a connection of asyncpg; the rows it selects or returns."""
        with saving() if self._saves else nullcontext():
            return await driver.fetch(self._numbered, *[values[name] for name in self._names])

    def rows(self, connection: Connection, values: Values) -> Rows:
        """The same on a connection of either database. On PostgreSQL SQLAlchemy must have begun its transaction."""
        driver: Any = connection.connection.driver_connection
        if connection.dialect.name == "sqlite":
            return driver.execute(self._named, values).fetchall()
        return await_(self.fetch(driver, values))


class Session(Protocol):
    """Where a unit of work runs its statements. It waits for nothing else, and so it is the same wherever it is run."""

    @property
    def dialect(self) -> str:
        """The database: sqlite or postgresql."""
        ...

    async def fetch(self, statement: Constant, values: Values) -> Rows:
        """Run a statement; the rows it selects or returns."""
        ...

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Run work on the connection; in a transaction alone."""
        ...

    def want_transaction(self, begin: Callable[[Connection], None]) -> None:
        """Begin what follows in a transaction: raise WantsTransaction where each statement is one of its own."""
        ...


class ConnectionSession:
    """A session in a transaction of either database: every statement is answered before the next line is reached."""

    def __init__(self, connection: Connection, *, has_begun: bool = False) -> None:
        """`has_begun` is True where what a unit of work begins a transaction by has been done."""
        self.dialect = connection.dialect.name
        self._connection = connection
        self._has_begun = has_begun

    async def fetch(self, statement: Constant, values: Values) -> Rows:
        """See Session."""
        return statement.rows(self._connection, values)

    async def run(self, work: Callable[[Connection], T]) -> T:
        """See Session."""
        return work(self._connection)

    def want_transaction(self, begin: Callable[[Connection], None]) -> None:
        """See Session: it is one, which may have begun for something else."""
        if not self._has_begun:
            begin(self._connection)
            self._has_begun = True


class DriverSession:
    """A session on a connection of asyncpg, where each statement is a transaction of its own."""

    dialect = "postgresql"

    def __init__(self, driver: Any) -> None:
        self._driver = driver

    async def fetch(self, statement: Constant, values: Values) -> Rows:
        """See Session."""
        return await statement.fetch(self._driver, values)

    async def run(self, work: Callable[[Connection], T]) -> T:  # noqa: ARG002 - see Session
        """See Session."""
        raise WantsTransaction

    def want_transaction(self, begin: Callable[[Connection], None]) -> None:
        """See Session."""
        raise WantsTransaction(begin)


Use = Callable[[Session], Awaitable[T]]


def run_in(connection: Connection, use: Use[T], *, has_begun: bool = False) -> T:
    """Run what uses a session on a connection of either database, from beginning to end."""
    return finish(use(ConnectionSession(connection, has_begun=has_begun)))


def finish(using: Awaitable[T]) -> T:
    """Run what waits for nothing but a transaction that has begun."""
    running = using.__await__()
    try:
        next(running)
    except StopIteration as end:
        return end.value
    running.close()
    raise RuntimeError("a unit of work waits for nothing but its database")  # noqa: TRY003 - a programmer reads it


CLAUSES = {
    "sqlite": "IN (SELECT value FROM json_each(:ids))",
    "postgresql": "= ANY(CAST(:ids AS varchar[]))",
}


def statements(template: str) -> dict[str, TextClause]:
    """Return a statement per dialect, with `{among}` where a column is held against the parameter `ids`."""
    return {dialect: text(template.replace("{among}", clause)) for dialect, clause in CLAUSES.items()}


def bind_ids(connection: Connection, ids: Sequence[str]) -> object:
    """Return the value of the parameter `ids`."""
    return json.dumps(list(ids)) if connection.dialect.name == "sqlite" else list(ids)


def rows_of(connection: Connection, statement: Mapping[str, Any], ids: Sequence[str]) -> Sequence[Row[Any]]:
    """Return the rows of a statement over some ids."""
    return connection.execute(statement[connection.dialect.name], {"ids": bind_ids(connection, ids)}).all()
