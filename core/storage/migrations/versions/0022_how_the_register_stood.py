"""History holds how the register stood, so that it can be replayed from there on."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from alembic import op
from sqlalchemy import BigInteger, Connection, String, Text, column, insert, table, text

from core.storage.database.locks import REGISTER
from core.storage.tables import to_micros

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

BASELINES = text("kind = 'baseline'")
# So many entries stand in a row.
ENTRIES = 200
ROLES = """SELECT id, person_id, organisation_id, role, service_id, attest_limit_ore, valid_from, valid_to
    FROM role_assignments ORDER BY id"""
SUBSTITUTIONS = """SELECT id, absent_id, substitute_id, organisation_id, role, valid_from, valid_to
    FROM substitutions ORDER BY id"""
ORGANISATIONS = "SELECT id, self_attest_allowed, eid_from_ore, tiers FROM organisations ORDER BY id"
LEFT = "SELECT id FROM persons WHERE NOT active AND id <> 'P-NOBODY' ORDER BY id"
PRICES = """SELECT offer_id, payer, kind, unit, valid_from, amount_ore, period, valid_to
    FROM price_items ORDER BY id"""
history = table(
    "history",
    column("at", BigInteger),
    column("action", String),
    column("surface", String),
    column("evidence", Text),
    column("kind", String),
)


def upgrade() -> None:
    """From lines alone, which say nothing of what there was before there were any. What is new and empty needs none."""
    op.create_index("ix_history_baselines", "history", ["id"], sqlite_where=BASELINES, postgresql_where=BASELINES)
    write_baseline(op.get_bind(), datetime.now(UTC))


def write_baseline(connection: Connection, at: datetime) -> None:
    """Let rows of history tell how the register stands, while nobody writes it."""
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
    """What stands, each of what, its number, ids or codes, and what it says; what is as when nothing is said, not."""
    for id_, *said in connection.execute(text(ROLES)):
        yield ["role", str(id_), *said]
    for id_, *said in connection.execute(text(SUBSTITUTIONS)):
        yield ["substitution", str(id_), *said]
    for id_, alone, eid_from_ore, tiers in connection.execute(text(ORGANISATIONS)):
        listed = json.loads(tiers) if isinstance(tiers, str) else tiers
        declared = {"self_attest_allowed": bool(alone), "eid_from_ore": eid_from_ore, "tiers": listed}
        # Zero says something, and equals False.
        yield from ([of, id_, said] for of, said in declared.items() if said is not False and said not in (None, []))
    for (id_,) in connection.execute(text(LEFT)):
        yield ["left", id_, True]
    for offer, payer, kind, unit, since, amount_ore, period, until in connection.execute(text(PRICES)):
        ends = None if until is None else f"{until}"
        yield ["price", f"{offer} {payer} {kind} {unit} {since}", amount_ore, period, ends]
