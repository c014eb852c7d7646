"""The port to the database: plain work on a connection, run in one transaction; and inserts that replace."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from sqlalchemy import ColumnElement, Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")
Row = Mapping[str, Any]


class Transactions(Protocol):
    """Runs work; what it raises is passed on, with nothing saved."""

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run work that only reads."""
        ...

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run work in one transaction."""
        ...

    async def change(self, work: Callable[[Connection], T]) -> T:
        """Run work that writes by one statement, and may be done twice."""
        ...


def put(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows; of those whose key is taken, the other columns given are replaced."""
    keys = [column.name for column in table.primary_key]
    insert = _insert(connection, table)
    changed = {name: insert.excluded[name] for name in rows[0] if name not in keys}
    connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=changed), list(rows))


def put_if_missing(connection: Connection, table: Table, row: Row) -> bool:
    """Insert a row unless its key is taken; True when it was inserted."""
    keys = [column.name for column in table.primary_key]
    statement = _insert(connection, table).values(**row).on_conflict_do_nothing(index_elements=keys)
    return connection.execute(statement).rowcount == 1


def put_unless(connection: Connection, table: Table, row: Row) -> None:
    """Insert a row unless one stands there already, by whichever of the table's unique columns."""
    connection.execute(_insert(connection, table).values(**row).on_conflict_do_nothing())


def put_where(connection: Connection, table: Table, row: Row, *, changed: Row, where: ColumnElement[bool]) -> bool:
    """Insert a row; where its key is taken, change that one if it is so. True when either was done."""
    keys = [column.name for column in table.primary_key]
    insert = _insert(connection, table).values(**row)
    statement = insert.on_conflict_do_update(index_elements=keys, set_=dict(changed), where=where)
    return connection.execute(statement).rowcount == 1


def _insert(connection: Connection, table: Table) -> "postgresql.Insert | sqlite.Insert":
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)
