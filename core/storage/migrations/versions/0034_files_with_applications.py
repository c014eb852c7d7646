"""A file may come with an application, and proves that its signatories may sign."""

from alembic import op
from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, String, Table

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

metadata = MetaData(naming_convention={"fk": "fk_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"})
Table("cases", metadata, Column("id", String, primary_key=True))
attachments = Table(
    "attachments",
    metadata,
    Column("id", String, primary_key=True),
    Column("case_id", String, ForeignKey("cases.id")),
    Column("form", String),
    Column("network", String(32), nullable=False),
    Column("kind", String, nullable=False),
    Column("size", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("sent_at", BigInteger, nullable=False),
    Index("ix_attachments_case", "case_id", unique=True),
    Index("ix_attachments_form", "form", unique=True),
    Index("ix_attachments_network", "network", "size"),
)


def upgrade() -> None:
    """From applications without files."""
    attachments.create(op.get_bind())
