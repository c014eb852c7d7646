"""A card knows since when a change of its case is not shown on it, and by which press that was."""

from alembic import op
from sqlalchemy import BigInteger, Column, String

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of what is owed now nobody knows it."""
    op.add_column("cards", Column("owed_at", BigInteger))
    op.add_column("cards", Column("press_id", String))
