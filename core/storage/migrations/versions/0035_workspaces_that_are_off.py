"""A Slack that takes the app away is off: what stood there finds another way, and comes back with the app."""

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, text

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What is off already has kept its cards: they are looked at once."""
    op.add_column("workspaces", Column("installed_at", BigInteger))
    op.add_column("workspaces", Column("is_settled", Boolean, nullable=False, server_default=text("true")))
    op.execute("UPDATE workspaces SET installed_at = changed_at WHERE problem IS NULL")
    op.execute("UPDATE workspaces SET is_settled = false WHERE problem IS NOT NULL AND organisation_id IS NOT NULL")
