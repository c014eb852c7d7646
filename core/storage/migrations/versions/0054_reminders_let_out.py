"""Whether somebody was reminded of one case today is found without reading every message that person has got."""

from alembic import op
from sqlalchemy import text

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

LET_OUT = text("alone_on IS NOT NULL")


def upgrade() -> None:
    """Only a reminder that is let out is written to it."""
    op.create_index(
        "ix_cards_alone", "cards", ["person_id", "alone_on"], sqlite_where=LET_OUT, postgresql_where=LET_OUT
    )
