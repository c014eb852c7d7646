"""A guest's account in Slack may be linked once an administrator has said yes to it."""

from alembic import op
from sqlalchemy import Boolean, Column, text

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody has said yes to any yet."""
    op.add_column("identities", Column("is_let_in", Boolean, nullable=False, server_default=text("false")))
