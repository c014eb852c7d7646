"""Rows of the register: finding one by a key, adding it, changing it; none is ever removed."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    Insert,
    RowMapping,
    Select,
    Table,
    and_,
    bindparam,
    func,
    insert,
    select,
    text,
    update,
)

from core.ports.cases import Now
from core.ports.register_entries import Outcome
from core.shared.errors import RegisterError
from core.storage.database.locks import REGISTER

Values = Mapping[str, Any]
# An arbitrary number that writers of the register use, and the sealer of history: rows of a register that takes long to
# load have low ids when they come, and nothing is sealed past them meanwhile.
LOCK = REGISTER


def lock_register(connection: Connection) -> None:
    """Lock the register until the transaction ends: two that looked at once could both add the same entry."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})


def begin_change(connection: Connection, now: Now) -> datetime:
    """Lock the register, and return the time of the change, after the wait. What counted while it waited came before
    it.
    """
    lock_register(connection)
    return now()


def find(connection: Connection, table: Table, key: Values) -> RowMapping | None:
    """Read the row with a key; None where there is none."""
    return connection.execute(_finding(table, tuple(key)), key).mappings().one_or_none()


def put(
    connection: Connection,
    table: Table,
    key: Values,
    values: Values,
    given: AbstractSet[str],
    more: Values | None = None,
) -> Outcome:
    """Insert `values` (and `more`) under a key, or update those of `values` that were given and differ."""
    stored = find(connection, table, key)
    if stored is None:
        connection.execute(_adding(table), {**key, **values, **(more or {})})
        return Outcome.ADDED
    changed = {name: value for name, value in values.items() if name in given and stored[name] != value}
    if not changed:
        return Outcome.SAME
    mine = and_(*(table.c[name] == value for name, value in key.items()))
    connection.execute(update(table).where(mine).values(changed))
    return Outcome.CHANGED


def known(connection: Connection, table: Table, id_: str, field: str) -> RowMapping:
    """Read the row with an id. Raise RegisterError `unknown` at a field."""
    row = find(connection, table, {"id": id_})
    if row is None:
        raise RegisterError(problem="unknown", field=field)
    return row


def other_letters(connection: Connection, table: Table, id_: str) -> str | None:
    """Return the problem `other_letters` for a new id that differs from a stored one in letters' size alone."""
    alike = select(table.c.id).where(func.lower(table.c.id) == id_.lower())
    stored = set(connection.execute(alike).scalars())
    return "other_letters" if stored and id_ not in stored else None


def refuse(problem: str | None, field: str) -> None:
    """Raise RegisterError with a problem at a field, where there is one."""
    if problem is not None:
        raise RegisterError(problem=problem, field=field)


# Made once: a file of a register asks for a million of them, and making one costs more than running it.
@cache
def _finding(table: Table, names: tuple[str, ...]) -> Select[Any]:
    return select(table).where(*(table.c[name] == bindparam(name) for name in names))


@cache
def _adding(table: Table) -> Insert:
    return insert(table)
