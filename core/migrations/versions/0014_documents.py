"""The texts of documents that are signed, kept as they were drawn up."""

from alembic import op

from core.db import documents

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From documents of which only the hash was kept."""
    documents.create(op.get_bind())
