"""An offer names the routines that whoever has ordered it follows."""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From offers that had their terms alone to read."""
    op.execute("ALTER TABLE offers ADD COLUMN routines JSON")
