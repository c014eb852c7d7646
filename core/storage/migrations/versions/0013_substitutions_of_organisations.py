"""Substitutions of the organisations that somebody administers are found by an index."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The home tab of an administrator read every substitution that there is."""
    op.create_index("ix_substitutions_organisation", "substitutions", ["organisation_id", "valid_to"])
