"""Statements that never change, handed to the driver as they are, and what is made of them: an exchange."""

import re
from collections.abc import Generator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.util import await_

T = TypeVar("T")
Values = Mapping[str, object]
# Any: a row as the driver makes it.
Rows = Sequence[Any]

_NAME = re.compile(r"(?<!:):(\w+)")


class Constant:
    """SQL with `:name` for its values, which are str, int or None, as both drivers take them.

    SQLAlchemy gives the connection at most: the rest it does costs more than the statement itself (ADR 2).
    """

    def __init__(self, sql: str) -> None:
        self._named = sql
        self._names = tuple(dict.fromkeys(_NAME.findall(sql)))
        self._numbered = _NAME.sub(lambda found: f"${self._names.index(found[1]) + 1}", sql)

    async def fetch(self, driver: Any, values: Values) -> Rows:
        """Run it on a connection of asyncpg; the rows it selects or returns."""
        return await driver.fetch(self._numbered, *[values[name] for name in self._names])

    def rows(self, connection: Connection, values: Values) -> Rows:
        """The same on a connection of either database. On PostgreSQL SQLAlchemy must have begun its transaction."""
        driver: Any = connection.connection.driver_connection
        if connection.dialect.name == "sqlite":
            return driver.execute(self._named, values).fetchall()
        return await_(self.fetch(driver, values))


# Statements asked one after the other, each answered with its rows, and what comes of it in the end. It waits for
# nothing else, so that it is the same wherever the statements are run.
Exchange = Generator[tuple[Constant, Values], Rows, T]


def carried_out(connection: Connection, exchange: Exchange[T]) -> T:
    """An exchange held with a connection of either database."""
    try:
        statement, values = next(exchange)
        while True:
            rows = statement.rows(connection, values)
            statement, values = exchange.send(rows)
    except StopIteration as end:
        return end.value


async def carried_out_by(driver: Any, exchange: Exchange[T]) -> T:
    """An exchange held with a connection of asyncpg."""
    try:
        statement, values = next(exchange)
        while True:
            rows = await statement.fetch(driver, values)
            statement, values = exchange.send(rows)
    except StopIteration as end:
        return end.value
