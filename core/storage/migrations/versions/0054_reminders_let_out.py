"""Whom to remind, and whether somebody was told today, is found without reading what others or that person have got."""

from alembic import op
from sqlalchemy import text

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

LET_OUT = text("alone_on IS NOT NULL")
TO_BE_LET_OUT = text("kind = 'reminder' AND alone_on IS NULL AND due_at IS NOT NULL")
ABOUT = text("about IS NOT NULL")


def upgrade() -> None:
    """Only reminders, and what is about something else than an order, are written to these."""
    _index("ix_cards_alone", ["person_id", "alone_on"], LET_OUT)
    _index("ix_cards_reminds", ["person_id", "due_at"], TO_BE_LET_OUT)
    op.drop_index("ix_cards_about", "cards")
    _index("ix_cards_about", ["about", "person_id"], ABOUT)


def _index(name: str, columns: list[str], only: object) -> None:
    op.create_index(name, "cards", columns, sqlite_where=only, postgresql_where=only)
