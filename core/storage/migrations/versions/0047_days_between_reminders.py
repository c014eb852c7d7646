"""An organisation says how many working days there are between reminders of what waits for its people."""

from alembic import op
from sqlalchemy import Column, SmallInteger, text

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """As many as there were for everybody."""
    op.add_column("organisations", Column("reminder_days", SmallInteger, nullable=False, server_default=text("2")))
