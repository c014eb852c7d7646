"""Those who have a role in an organisation may be asked together, in a channel of its Slack."""

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, MetaData, String, Table, text

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

IS_THERE = text("asked_in IS NOT NULL")
cards = Table("cards", MetaData(), Column("asked_in", String))
index = Index("ix_cards_asked_in", cards.c.asked_in, sqlite_where=IS_THERE, postgresql_where=IS_THERE)


def upgrade() -> None:
    """Nobody is asked in a channel before an administrator says so."""
    op.create_table(
        "role_channels",
        Column("organisation_id", String, ForeignKey("organisations.id"), primary_key=True),
        Column("role", String, primary_key=True),
        Column("channel", String, nullable=False),
        Column("name", String),
        Column("notified", String, nullable=False),
        Column("asked_only", Boolean, nullable=False),
        Column("changed_at", BigInteger, nullable=False),
        Column("problem", String),
        Column("problem_at", BigInteger),
    )
    op.add_column("cards", Column("asked_in", String))
    op.add_column("cards", Column("asked_only", Boolean, nullable=False, server_default=text("false")))
    index.create(op.get_bind())
