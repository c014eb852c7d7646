"""When an account was last looked at in Slack stands with what links it to a person."""

from alembic import op
from sqlalchemy import BigInteger, Column

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of those from before nobody knows when: they are looked at when that is first asked for."""
    op.add_column("identities", Column("seen_at", BigInteger))
