"""Writes lines of history that are no changes of cases, each in the transaction of what it tells of."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert

from core import db
from core.lines import Line


def write_line(connection: Connection, line: Line) -> int:
    """Add a line; its id."""
    return connection.execute(insert(db.history).values(line.values()).returning(db.history.c.id)).scalar_one()


def differing(before: Mapping[Any, Any] | None, after: Mapping[str, Any]) -> dict[str, object]:
    """What is, and under `before` what was where that was otherwise: the facts of a change."""
    was = {} if before is None else {name: before[name] for name in after if before[name] != after[name]}
    return {**after, "before": was or None}
