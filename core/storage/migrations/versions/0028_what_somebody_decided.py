"""What somebody has decided is found by an index of its own."""

from alembic import op
from sqlalchemy import text

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

DECIDED = text(
    "kind = 'change' AND action IN ('approve', 'attest', 'cancel', 'confirm_end', 'emergency_attest', 'inform_agent',"
    " 'reject', 'request_completion', 'send_back', 'send_instructions')"
)


def upgrade() -> None:
    """An index of decisions alone: no other line costs more to write."""
    op.create_index(
        "ix_history_decided",
        "history",
        ["person_id", "case_id", "id"],
        sqlite_where=DECIDED,
        postgresql_where=DECIDED,
    )
