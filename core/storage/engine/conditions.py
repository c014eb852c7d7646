"""Conditions that many statements share: `IN` over a list of any length, and what holds at an instant."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, TextClause, and_, or_, text

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


def holds(since: ColumnElement[Any], until: ColumnElement[Any], at: datetime) -> ColumnElement[bool]:
    """Return the condition for what holds at an instant. What has not got a beginning yet holds at none."""
    return and_(since <= at, goes_on(until, at))


def goes_on(until: ColumnElement[Any], at: datetime | ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition for what is not over at an instant, begun or not."""
    return or_(until.is_(None), until > at)
