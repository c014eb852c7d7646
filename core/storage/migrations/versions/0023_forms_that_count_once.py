"""Forms about an organisation count once each."""

from alembic import op
from sqlalchemy import BigInteger, Column, ForeignKey, Index, MetaData, String, Table

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

metadata = MetaData(naming_convention={"fk": "fk_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"})
Table("persons", metadata, Column("id", String, primary_key=True))
submissions = Table(
    "submissions",
    metadata,
    Column("key", String, primary_key=True),
    Column("person_id", String, ForeignKey("persons.id"), nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("ix_submissions_at", "at"),
    Index("ix_submissions_person", "person_id"),
)


def upgrade() -> None:
    """From forms that counted again once their effect was undone."""
    submissions.create(op.get_bind())
