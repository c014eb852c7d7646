"""The first tables, and the guard that lets history only grow."""

from alembic import op

from core.db import metadata
from core.migrations.guards import guard_history

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From an empty database."""
    metadata.create_all(op.get_bind())
    guard_history(op.get_bind())
