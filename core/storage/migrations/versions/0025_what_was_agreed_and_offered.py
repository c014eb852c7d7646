"""History holds what had been agreed and offered, and until when deciders were purged, to be replayed from there on."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from alembic import op
from sqlalchemy import BigInteger, Connection, String, Text, column, insert, table, text

from core.storage.database.locks import REGISTER
from core.storage.tables import MICROSECOND, from_micros, to_micros

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

# So many entries stand in a row.
ENTRIES = 200
# Of the first agreements that were signed here only the document's hash was kept.
AGREEMENTS = """SELECT a.id, a.organisation_id, a.type, a.valid_from, a.ended_at, a.document_hash, d.hash
    FROM agreements a LEFT JOIN documents d ON d.case_id = a.case_id AND d.hash = a.document_hash
    WHERE a.valid_from IS NOT NULL ORDER BY a.id"""
ASSIGNMENTS = "SELECT agent_id, service_id, valid_from, valid_to FROM agent_assignments ORDER BY agent_id, service_id"
OFFERS = """SELECT id, service_id, flow, agent_field, needs_units, categories, active, sole_traders_only, terms_url
    FROM offers ORDER BY id"""
PURGED = "SELECT max(closed_at) FROM cases WHERE purged >= 4"
history = table(
    "history",
    column("at", BigInteger),
    column("action", String),
    column("surface", String),
    column("evidence", Text),
    column("kind", String),
)


def upgrade() -> None:
    """Their lines of before did not say which agreement, or there were none. What is new and empty needs none."""
    write_baseline(op.get_bind(), datetime.now(UTC))
    write_purged(op.get_bind(), datetime.now(UTC))


def write_purged(connection: Connection, at: datetime) -> None:
    """Let a row tell until when what was closed has lost its deciders; no purge told that until now."""
    latest = connection.execute(text(PURGED)).scalar()
    if latest is not None:
        said = {"stage": 4, "closed_before": (from_micros(latest) + MICROSECOND).isoformat()}
        evidence = json.dumps(said, separators=(",", ":"))
        row = {"at": to_micros(at), "action": "purged", "surface": "file", "evidence": evidence, "kind": "purge"}
        connection.execute(insert(history), row)


def write_baseline(connection: Connection, at: datetime) -> None:
    """Let rows of history tell what stands, while nobody writes the register."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": REGISTER})
    rows: list[dict[str, Any]] = []
    entries: list[list[Any]] = []
    for entry in _entries(connection):
        entries.append(entry)
        if len(entries) == ENTRIES:
            rows.append(_row(entries, at))
            entries = []
    rows += [_row(entries, at)] if entries else []
    if rows:
        connection.execute(insert(history), rows)


def _row(entries: list[list[Any]], at: datetime) -> dict[str, Any]:
    evidence = json.dumps({"entries": entries}, separators=(",", ":"))
    return {"at": to_micros(at), "action": "stood", "surface": "file", "evidence": evidence, "kind": "baseline"}


def _entries(connection: Connection) -> Iterator[list[Any]]:
    """What stands, each of what, its number, ids or code, and what it says; names and texts aside."""
    for id_, *said in connection.execute(text(AGREEMENTS)):
        yield ["agreement", str(id_), *said]
    for agent, service, *days in connection.execute(text(ASSIGNMENTS)):
        yield ["assignment", f"{agent} {service}", *days]
    for id_, service, flow, agent, units, categories, active, alone, terms in connection.execute(text(OFFERS)):
        listed = json.loads(categories) if isinstance(categories, str) else categories
        yield ["offer", id_, service, flow, agent, bool(units), listed, bool(active), bool(alone), terms]
