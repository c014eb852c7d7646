"""An organisation says at which hour its people are reminded of what waits for them."""

from alembic import op
from sqlalchemy import Column, SmallInteger, text

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """At nine, as everybody was."""
    op.add_column("organisations", Column("reminder_hour", SmallInteger, nullable=False, server_default=text("9")))
