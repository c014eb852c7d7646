"""Orders that were refused leave lines of history, which are counted by person."""

from alembic import op
from sqlalchemy import text

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

REFUSED_ORDERS = text("case_id IS NULL AND kind = 'refusal'")


def upgrade() -> None:
    """An index of refused orders alone: no other line costs more to write."""
    op.create_index(
        "ix_history_refused_orders",
        "history",
        ["person_id", "at"],
        sqlite_where=REFUSED_ORDERS,
        postgresql_where=REFUSED_ORDERS,
    )
