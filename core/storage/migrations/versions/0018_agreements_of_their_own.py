"""Each agreement of an organisation is a row of its own; those that were written over come back."""

from collections.abc import Iterator
from typing import Any

from alembic import op
from sqlalchemy import BigInteger, Column, Connection, ForeignKey, Index, Integer, MetaData, String, Table, insert, text

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

metadata = MetaData(
    naming_convention={"fk": "fk_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"},
)
Serial = BigInteger().with_variant(Integer, "sqlite")
OPEN = text("ended_at IS NULL")
Table("organisations", metadata, Column("id", String, primary_key=True))
Table("cases", metadata, Column("id", String, primary_key=True))
agreements = Table(
    "agreements",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("organisation_id", String, ForeignKey("organisations.id"), nullable=False),
    Column("type", String, nullable=False),
    Column("valid_from", BigInteger),
    Column("ended_at", BigInteger),
    Column("case_id", String, ForeignKey("cases.id")),
    Column("document_version", String),
    Column("document_hash", String(64)),
    Index("ix_agreements_organisation", "organisation_id", "type", "valid_from"),
    Index("ix_agreements_case", "case_id", unique=True),
    Index("ix_agreements_open", "organisation_id", "type", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
)
COLUMNS = "organisation_id, type, valid_from, ended_at, case_id, document_version, document_hash"
# Nothing refers to agreements, so the table is made anew on both databases. A copy has no names in the way of others.
COPY = "CREATE TABLE agreements_before AS SELECT * FROM agreements"
BACK = f"INSERT INTO agreements ({COLUMNS}) SELECT {COLUMNS} FROM agreements_before ORDER BY organisation_id, type"  # noqa: S608
# Applications that were signed and whose agreement another has taken the place of, the latest first. When it ended was
# not kept: it had when the next one began, or waited to be signed, or came to nothing.
OVERWRITTEN = text("""
    SELECT c.id, c.customer_id, a.type, c.closed_at, d.version, d.hash,
        COALESCE(a.valid_from, a.ended_at, n.waiting_since) AS next_began
    FROM cases c
    JOIN agreements a ON a.organisation_id = c.customer_id
        AND a.type = CASE c.flow WHEN 'agent_application' THEN 'agentavtal' ELSE 'kundavtal' END
    LEFT JOIN cases n ON n.id = a.case_id
    LEFT JOIN documents d ON d.case_id = c.id
    WHERE c.state = 'agreement_active' AND NOT EXISTS (SELECT 1 FROM agreements m WHERE m.case_id = c.id)
    ORDER BY c.customer_id, a.type, c.closed_at DESC, c.id DESC""")


def upgrade() -> None:
    """From one row for each organisation and type, which a new application wrote over."""
    connection = op.get_bind()
    connection.execute(text(COPY))
    op.drop_table("agreements")
    agreements.create(connection)
    connection.execute(text(BACK))
    op.drop_table("agreements_before")
    lost = list(_overwritten(connection))
    if lost:
        connection.execute(insert(agreements), lost)


def _overwritten(connection: Connection) -> Iterator[dict[str, Any]]:
    next_of: dict[tuple[str, str], int] = {}
    for row in connection.execute(OVERWRITTEN).all():
        kept = (row.customer_id, row.type)
        yield {
            "organisation_id": row.customer_id,
            "type": row.type,
            "valid_from": row.closed_at,
            "ended_at": max(row.closed_at, next_of.get(kept, row.next_began)),
            "case_id": row.id,
            "document_version": row.version,
            "document_hash": row.hash,
        }
        next_of[kept] = row.closed_at
