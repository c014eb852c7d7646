"""Seals over history, checkpoints of them, and guards that let both only grow."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, MetaData, SmallInteger, String, Table

from core.storage.migrations.guards import guard_seals

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
# SQLite only counts up rows whose key is declared INTEGER.
Serial = BigInteger().with_variant(Integer, "sqlite")

Table(
    "seals",
    metadata,
    Column("number", Serial, primary_key=True, autoincrement=False),
    Column("history_id", BigInteger, nullable=False, unique=True),
    Column("after_id", BigInteger, nullable=False),
    Column("form", SmallInteger, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("chain", String(64), nullable=False),
)

Table(
    "checkpoints",
    metadata,
    Column("number", Serial, primary_key=True, autoincrement=False),
    Column("chain", String(64), nullable=False),
    Column("highest_id", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("proof", String(64), nullable=False),
)

Table(
    "seal_heads",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
    Column("chain", String(64), nullable=False),
    Column("history_id", BigInteger, nullable=False),
    Column("highest_id", BigInteger, nullable=False),
    Column("settled_id", BigInteger, nullable=False),
    Column("proof", String(64), nullable=False),
)


def upgrade() -> None:
    """From the first tables. History that is there already is sealed by the ticks that follow."""
    metadata.create_all(op.get_bind())
    guard_seals(op.get_bind())
