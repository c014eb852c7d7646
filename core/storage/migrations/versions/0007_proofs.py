"""Proofs of e-identification, each good for one decision once."""

from alembic import op
from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, MetaData, String, Table

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
Table("persons", metadata, Column("id", String, primary_key=True))
Table("cases", metadata, Column("id", String, primary_key=True))
proofs = Table(
    "proofs",
    metadata,
    Column("id", String, primary_key=True),
    Column("attempt", String(64), nullable=False, unique=True),
    Column("hash", String(64), unique=True),
    Column("person_id", String, ForeignKey("persons.id"), nullable=False),
    Column("case_id", String, ForeignKey("cases.id"), nullable=False),
    Column("step", Integer, nullable=False),
    Column("content_version", Integer, nullable=False),
    Column("action", String, nullable=False),
    Column("method", String, nullable=False),
    Column("begun_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Index("ix_proofs_begun", "begun_at"),
    Index("ix_proofs_person", "person_id"),
)


def upgrade() -> None:
    """From decisions that no e-identification stood behind."""
    proofs.create(op.get_bind())
