"""What history's hash of an account is made with stands with the account, and goes with it."""

from alembic import op
from sqlalchemy import Column, String

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From a history that named accounts. What it said before stays until it is purged."""
    op.add_column("identities", Column("salt", String))
