"""`IN` over a list of any length with one constant statement, so that it stays prepared."""

import json
from collections.abc import Sequence

from sqlalchemy import Connection, TextClause, text

CLAUSES = {
    "sqlite": "IN (SELECT value FROM json_each(:ids))",
    "postgresql": "= ANY(CAST(:ids AS varchar[]))",
}


def statements(template: str) -> dict[str, TextClause]:
    """A statement per dialect, with `{among}` where a column is held against the parameter `ids`."""
    return {dialect: text(template.replace("{among}", clause)) for dialect, clause in CLAUSES.items()}


def bind_ids(connection: Connection, ids: Sequence[str]) -> object:
    """The value of the parameter `ids`."""
    return json.dumps(list(ids)) if connection.dialect.name == "sqlite" else list(ids)
