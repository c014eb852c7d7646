"""Whoever has much waiting gets one message of it: a reminder goes out once it is known to do so by itself."""

from alembic import op
from sqlalchemy import Column, Date

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

# Those of before know no such message.
oldest_program = revision


def upgrade() -> None:
    """What is on its way already is looked at as it goes."""
    op.add_column("cards", Column("alone_on", Date))
