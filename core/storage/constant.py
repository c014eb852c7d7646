"""Statements that never change, handed to the driver as they are."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.util import await_

_NAME = re.compile(r"(?<!:):(\w+)")


class Constant:
    """SQL with `:name` for its values, which are str, int or None, as both drivers take them.

    SQLAlchemy gives the connection and no more: the rest it does costs more than the statement itself (ADR 2). For work
    of `Database.read` and `press`, which let go of a connection that breaks; not of `write`, whose transaction begins
    with the first statement that SQLAlchemy sees.
    """

    def __init__(self, sql: str) -> None:
        self._named = sql
        self._names = tuple(dict.fromkeys(_NAME.findall(sql)))
        self._numbered = _NAME.sub(lambda found: f"${self._names.index(found[1]) + 1}", sql)

    def rows(self, connection: Connection, values: Mapping[str, object]) -> Sequence[Any]:
        """Run it; the rows it selects or returns, as the driver makes them."""
        driver: Any = connection.connection.driver_connection
        if connection.dialect.name == "sqlite":
            return driver.execute(self._named, values).fetchall()
        return await_(driver.fetch(self._numbered, *[values[name] for name in self._names]))
