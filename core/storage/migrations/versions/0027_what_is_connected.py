"""History holds what was connected, to be replayed from there on."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from alembic import op
from sqlalchemy import BigInteger, Connection, String, Text, column, insert, table, text

from core.audit.connection_replay import unit_digest
from core.storage.tables import to_micros

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

# So many connections stand in a row, and so many are read at a time.
ENTRIES, PAGE = 200, 10_000
CONNECTIONS = text("""SELECT id, organisation_id, service_id, offer_id, agent_id, unit_key, unit_name_key, unit_name,
    unit_hsa_id, valid_from, valid_to, case_id, ended_by_id, confirmed_at
    FROM connections WHERE id > :after ORDER BY id LIMIT :page""")
history = table(
    "history",
    column("at", BigInteger),
    column("action", String),
    column("surface", String),
    column("evidence", Text),
    column("kind", String),
)


def upgrade() -> None:
    """No line told of these when they began. What is new and empty needs none."""
    write_baseline(op.get_bind(), datetime.now(UTC))


def write_baseline(connection: Connection, at: datetime) -> None:
    """Let rows of history tell what stands."""
    for page in _pages(connection):
        rows = [_row([_entry(row) for row in page[n : n + ENTRIES]], at) for n in range(0, len(page), ENTRIES)]
        connection.execute(insert(history), rows)


def _pages(connection: Connection) -> Iterator[Sequence[Any]]:
    after = -(2**63)
    while page := connection.execute(CONNECTIONS, {"after": after, "page": PAGE}).all():
        yield page
        after = page[-1].id


def _row(entries: list[list[Any]], at: datetime) -> dict[str, Any]:
    evidence = json.dumps({"entries": entries}, separators=(",", ":"))
    return {"at": to_micros(at), "action": "stood", "surface": "file", "evidence": evidence, "kind": "baseline"}


def _entry(row: Any) -> list[Any]:
    """What stands, its number first; the unit as a digest."""
    unit = unit_digest(row.case_id, (row.unit_key, row.unit_name_key, row.unit_name, row.unit_hsa_id))
    what = [row.organisation_id, row.service_id, row.offer_id, row.agent_id, unit]
    by = [row.valid_from, row.valid_to, row.case_id, row.ended_by_id, row.confirmed_at]
    return ["connection", str(row.id), *what, *by]
