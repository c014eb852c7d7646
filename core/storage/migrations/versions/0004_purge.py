"""What the purge notes about people, cases and cards, and its protocol, which alone lets rows of history go."""

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, Integer, MetaData, SmallInteger, String, Table, text

from core.storage.migrations.guards import guard_purges

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

metadata = MetaData(naming_convention={"pk": "pk_%(table_name)s"})
# SQLite only counts up rows whose key is declared INTEGER.
Serial = BigInteger().with_variant(Integer, "sqlite")

Table(
    "history_purges",
    metadata,
    Column("number", Serial, primary_key=True, autoincrement=False),
    Column("chain", String(64), nullable=False),
    Column("history_id", BigInteger, nullable=False),
    Column("decided_before", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("proof", String(64), nullable=False),
)

NEW_COLUMNS = (
    ("persons", Column("left_at", BigInteger)),
    ("persons", Column("last_order_at", BigInteger)),
    ("persons", Column("pseudonymised_at", BigInteger)),
    ("cases", Column("purged", SmallInteger, nullable=False, server_default=text("0"))),
    ("cards", Column("is_reduced", Boolean, nullable=False, server_default=text("false"))),
)
LEFT = text("left_at IS NOT NULL AND pseudonymised_at IS NULL")
CLOSED = text("closed_at IS NOT NULL")


def upgrade() -> None:
    """From limits, substitutes and reviews. Who has left already is noticed by the next purge."""
    for table, column in NEW_COLUMNS:
        op.add_column(table, column)
    op.create_index("ix_persons_left", "persons", ["left_at"], sqlite_where=LEFT, postgresql_where=LEFT)
    op.create_index("ix_cases_purge", "cases", ["purged", "closed_at"], sqlite_where=CLOSED, postgresql_where=CLOSED)
    op.create_index("ix_placements_case", "placements", ["case_id"])
    metadata.create_all(op.get_bind())
    guard_purges(op.get_bind())
