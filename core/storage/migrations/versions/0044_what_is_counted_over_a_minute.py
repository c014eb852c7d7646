"""What Slack counts over a minute is kept as the instants at which what was taken comes back."""

from alembic import op
from sqlalchemy import JSON, Column

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing has been taken yet."""
    op.add_column("paces", Column("back_at", JSON))
