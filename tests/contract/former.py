"""Rows as an earlier version could have written them: two in every table that there was then, no column left out."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    insert,
    select,
    text,
)

Row = Mapping[str, Any]
Rows = Mapping[str, Sequence[Row]]

# The first has a value in every column, the second in none that may be empty.
NUMBERS = (1, 2)
OURS = "alembic_version"
UNITS = {"units": [], "invoice_ref": "REF", "desired_start": None, "technical_contact": "", "comment": ""}
CONTENT = UNITS | {"named_agent": None, "costs": {"customer": [100, 20, "month"]}, "external_case_ref": None}
DECISION = {
    "step": 0, "state": "draft", "action": "submit", "part": "orderer", "person": "P-1", "organisation": "O-1", "at": 0,
    "surface": "slack", "assurance": "click", "content_version": 1, "reason_code": None, "texts": ["", "", ""],
}  # fmt: skip
# What must be of some kind for the database, or for the step that reads it.
MEANT: Mapping[tuple[str, str], tuple[Any, Any]] = {
    ("cases", "flow"): ("direct", "direct"),
    ("cases", "state"): ("instructions_sent", "awaiting_customer_attest"),
    ("cases", "content"): (json.dumps(CONTENT), json.dumps(CONTENT)),
    ("cases", "decisions"): (json.dumps([DECISION]), json.dumps([DECISION])),
    ("cards", "kind"): ("status", "customer_attest"),
    ("history", "kind"): ("change", "change"),
    ("history", "case_id"): ("cases id 1", "cases id 2"),
    ("organisations", "name"): ("Region Åsen AB", "Kliniken vid ån"),
    ("organisations", "kinds"): (["customer"], ["agent"]),
    ("organisations", "category"): ("region", "supplier"),
    ("organisations", "org_number"): ("2321000016", "5555555555"),
    ("substitutions", "valid_from"): (10, 10),
    ("substitutions", "valid_to"): (20, 20),
    ("seal_heads", "id"): (1, 2),
}
# One refers to the other person, and a change of history says all that there is to say.
OTHER = {("substitutions", "substitute_id")}
WHOLE = {"history": {"from_state", "to_state", "step", "revision", "content_version", "part", "assurance", "case_id"}}


_found: dict[tuple[str, str], MetaData] = {}


def tables_of(connection: Connection) -> MetaData:
    """The tables as they stand in a database of this revision, whatever the code names; looked for once."""
    revision = connection.execute(text(f"SELECT version_num FROM {OURS}")).scalar_one()  # noqa: S608 - a constant
    found = _found.setdefault((connection.dialect.name, revision), MetaData())
    if not found.tables:
        found.reflect(connection)
        found.remove(found.tables[OURS])
    return found


def fill(connection: Connection) -> Rows:
    """Two rows in every table there is; what was written, by table."""
    return {table.name: _fill(connection, table) for table in tables_of(connection).sorted_tables}


def stored(connection: Connection) -> Rows:
    """Every row of every table."""
    return {table.name: _rows(connection, table) for table in tables_of(connection).sorted_tables}


def _fill(connection: Connection, table: Table) -> Sequence[Row]:
    connection.execute(insert(table), [{each.name: _value(each, number) for each in table.c} for number in NUMBERS])
    return _rows(connection, table)


def _rows(connection: Connection, table: Table) -> Sequence[Row]:
    return connection.execute(select(table).order_by(*table.primary_key)).mappings().all()


def _value(column: Column[Any], number: int) -> Any:
    name = (column.table.name, column.name)
    if column.foreign_keys:
        return _made_up(next(iter(column.foreign_keys)).column, 3 - number if name in OTHER else number)
    if name in MEANT:
        return MEANT[name][number - 1]
    if number == NUMBERS[-1] and column.nullable and column.name not in WHOLE.get(column.table.name, ()):
        return None
    return _made_up(column, number)


def _made_up(column: Column[Any], number: int) -> Any:
    """No two columns have the same, so that one that is taken for another is seen."""
    place = list(column.table.c).index(column)
    if isinstance(column.type, Boolean):
        return number == NUMBERS[0]
    if isinstance(column.type, Date):
        return date(2020 + place, 1, number)
    if isinstance(column.type, JSON):
        return [f"{column.name} {number}"]
    if isinstance(column.type, Integer):
        return 100 * number + place
    if isinstance(column.type, LargeBinary):
        return f"{column.table.name} {column.name} {number}".encode()
    return f"{column.table.name} {column.name} {number}"[-(column.type.length or 60) :]
