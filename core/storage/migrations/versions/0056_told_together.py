"""What the clock tells of orders is gathered for each person, as reminders are."""

from alembic import op
from sqlalchemy import text

revision = "0056"
down_revision = "0055"
# An older program would send the message without what rests in it.
oldest_program = revision
branch_labels = None
depends_on = None

TO_BE_LET_OUT = text(
    "kind IN ('agent_approval', 'agent_attest', 'confirming', 'customer_attest', 'keep_or_withdraw', 'outcome',"
    " 'reminder', 'standstill') AND alone_on IS NULL AND due_at IS NOT NULL"
)


def upgrade() -> None:
    """Nothing is written to it of what somebody else's card is owed."""
    op.drop_index("ix_cards_reminds", "cards")
    columns = ["person_id", "due_at"]
    op.create_index("ix_cards_gathered", "cards", columns, sqlite_where=TO_BE_LET_OUT, postgresql_where=TO_BE_LET_OUT)
