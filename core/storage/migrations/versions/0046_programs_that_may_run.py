"""Which older programs may run on the schema: one of the version before goes on while the next one comes."""

from alembic import op
from sqlalchemy import Column, String

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

# Those of before would not ask.
oldest_program = revision


def upgrade() -> None:
    """Whoever migrates writes it down, for each migration that says so."""
    op.create_table("schema_support", Column("oldest_program", String, primary_key=True))
