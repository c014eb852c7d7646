"""Tokens of Slack that expire: who is about to rotate one, and which the first was that we were given by a setting."""

from alembic import op
from sqlalchemy import BigInteger, Column, String

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody rotates any yet."""
    op.add_column("workspaces", Column("rotating_until", BigInteger))
    op.add_column("workspaces", Column("began_with", String(64)))
