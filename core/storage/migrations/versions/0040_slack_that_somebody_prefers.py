"""Somebody who is linked in several Slacks says which of them gets the messages."""

from alembic import op
from sqlalchemy import Boolean, Column, text

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody has said so yet."""
    op.add_column("identities", Column("is_preferred", Boolean, nullable=False, server_default=text("false")))
