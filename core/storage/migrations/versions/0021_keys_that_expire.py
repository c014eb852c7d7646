"""Keys to the API expire: those that are there, a year after this."""

from datetime import UTC, datetime, timedelta

from alembic import op
from sqlalchemy import BigInteger, Column, Date, SmallInteger, column, table, text

from core.storage.tables import to_micros

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

LASTS = timedelta(days=365)


def upgrade() -> None:
    """From keys that opened for ever. Whoever has one gets the time that a new one has."""
    op.add_column("api_keys", Column("expires_at", BigInteger, nullable=False, server_default=text("0")))
    op.add_column("api_keys", Column("used_on", Date))
    op.add_column("api_keys", Column("warned_days", SmallInteger))
    keys = table("api_keys", column("expires_at", BigInteger))
    op.execute(keys.update().values(expires_at=to_micros(datetime.now(UTC) + LASTS)))
