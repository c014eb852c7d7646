"""Each organisation may have the app in a Slack of its own, which says whose accounts are there for it alone."""

from alembic import op
from sqlalchemy import BigInteger, Column, String, Text

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The workspace that there was is Inera's own, and so is what it says of accounts."""
    op.add_column("identities", Column("organisation_id", String))
    op.add_column("workspaces", Column("organisation_id", String))
    op.add_column("workspaces", Column("refresh_token", Text))
    op.add_column("workspaces", Column("expires_at", BigInteger))
    op.create_index("ix_workspaces_organisation", "workspaces", ["organisation_id"], unique=True)
