"""A card knows that a message of it may stand which nobody has heard of: it is written down before the call."""

from alembic import op
from sqlalchemy import BigInteger, Column

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of what was posted before, nobody knows."""
    op.add_column("cards", Column("doubted_at", BigInteger))
