"""Looks at how a database would run the statements of a piece of work, to see that none reads a whole table."""

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Engine, TextClause, event, text

GROWING = ("cases", "history", "seals", "cards", "case_units", "case_words", "placements")


def scans(connection: Connection, work: Callable[[Connection], Any]) -> list[str]:
    """The lines of the plans of `work` in which a table that grows with the orders is read from end to end."""
    return [
        line for statement, values in statements_of(connection, work) for line in _plan(connection, statement, values)
    ]


def plan_of(connection: Connection, statement: TextClause, values: Any) -> str:
    """How the database would run a statement."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL enable_seqscan = off"))
    explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    return "\n".join(str(row[-1]) for row in connection.execute(text(f"{explain} {statement}"), values))


def statements_of(connection: Connection, work: Callable[[Connection], Any]) -> list[tuple[str, Any]]:
    """The statements that work sends, with their values."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, many: bool) -> None:
        seen.append((statement, values[0] if many else values))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        work(connection)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert seen
    return seen


def _plan(connection: Connection, statement: str, values: Any) -> list[str]:
    if connection.dialect.name == "sqlite":
        aliases = _aliases(statement)
        lines = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
        return [line for line in lines if _sqlite_scans(line, aliases)]
    connection.execute(text("SET LOCAL enable_seqscan = off"))
    lines = [row[0] for row in connection.exec_driver_sql(f"EXPLAIN {statement}", values)]
    return [line for line in lines if re.search(rf"Seq Scan on ({'|'.join(GROWING)})\b", line)]


def _sqlite_scans(line: str, aliases: set[str]) -> bool:
    scanned = re.match(r"SCAN (\w+)", line)
    return scanned is not None and scanned[1] in aliases


def _aliases(statement: str) -> set[str]:
    found = re.findall(rf"\b({'|'.join(GROWING)})(?: (?:AS )?(\w+))?", statement)
    return {name for pair in found for name in pair if name}
