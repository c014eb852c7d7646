"""The texts of documents that are signed, kept as they were drawn up."""

from alembic import op
from sqlalchemy import Column, ForeignKey, MetaData, String, Table, Text

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

metadata = MetaData(naming_convention={
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
})  # fmt: skip
Table("cases", metadata, Column("id", String, primary_key=True))
documents = Table(
    "documents",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("case_id", String, ForeignKey("cases.id"), nullable=False, index=True),
    Column("version", String, nullable=False),
    Column("text", Text, nullable=False),
)


def upgrade() -> None:
    """From documents of which only the hash was kept."""
    documents.create(op.get_bind())
