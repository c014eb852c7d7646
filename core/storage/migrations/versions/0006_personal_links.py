"""Personal links, and cards for contacts who are no persons here yet."""

from alembic import op
from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, MetaData, String, Table

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

metadata = MetaData(
    naming_convention={
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
Table("cases", metadata, Column("id", String, primary_key=True))
Table("persons", metadata, Column("id", String, primary_key=True))
links = Table(
    "personal_links",
    metadata,
    Column("id", String, primary_key=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("purpose", String, nullable=False),
    Column("case_id", String, ForeignKey("cases.id"), nullable=False),
    Column("person_id", String, ForeignKey("persons.id")),
    Column("email", String, nullable=False),
    Column("step", Integer),
    Column("content_version", Integer),
    Column("document_hash", String(64)),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Index("ix_personal_links_case", "case_id"),
    Index("ix_personal_links_person", "person_id"),
)


def upgrade() -> None:
    """From cards for people alone."""
    links.create(op.get_bind())
    op.add_column("cards", Column("email", String))
