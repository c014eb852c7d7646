"""An organisation says which language its people are spoken to in."""

from alembic import op
from sqlalchemy import Column, String

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody has said so yet."""
    op.add_column("organisations", Column("language", String))
