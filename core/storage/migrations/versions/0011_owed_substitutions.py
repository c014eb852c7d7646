"""A substitution that has changed owes its people a card, whoever changed it and from where."""

from alembic import op
from sqlalchemy import BigInteger, Column, String, text

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From telling only of what was set in Slack; nobody is told anew of what there is."""
    op.add_column("substitutions", Column("owes_at", BigInteger()))
    op.add_column("substitutions", Column("changed_by", String()))
    owed = text("owes_at IS NOT NULL")
    op.create_index("ix_substitutions_owed", "substitutions", ["owes_at"], sqlite_where=owed, postgresql_where=owed)
