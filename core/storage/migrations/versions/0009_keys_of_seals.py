"""Seals say which key they are under, so that the key can be another one day."""

from alembic import op
from sqlalchemy import Column, String, text

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From one key for ever; what was sealed with it names none."""
    op.add_column("seals", Column("key", String(16), nullable=False, server_default=text("''")))
