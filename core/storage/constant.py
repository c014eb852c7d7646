"""Statements that never change, handed to the driver as they are."""

import re
from collections.abc import Mapping

from sqlalchemy import Connection
from sqlalchemy.engine.interfaces import DBAPICursor

_NAME = re.compile(r"(?<!:):(\w+)")


class Constant:
    """SQL with `:name` for its values, which are str, int or None, as both drivers take them.

    SQLAlchemy gives the connection and no more: the rest it does costs more than the statement itself (ADR 2). For work
    of `Database.read` and `press`, which let go of a connection that breaks.
    """

    def __init__(self, sql: str) -> None:
        self._named = sql
        self._names = tuple(dict.fromkeys(_NAME.findall(sql)))
        self._numbered = _NAME.sub(lambda found: f"${self._names.index(found[1]) + 1}", sql)

    def run(self, connection: Connection, values: Mapping[str, object]) -> DBAPICursor:
        """Run it; the driver's cursor has `rowcount` and `fetchone`."""
        cursor = connection.connection.cursor()
        if connection.dialect.name == "sqlite":
            cursor.execute(self._named, values)
        else:
            cursor.execute(self._numbered, tuple(values[name] for name in self._names))
        return cursor
