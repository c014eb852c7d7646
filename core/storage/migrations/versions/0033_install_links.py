"""An administrator installs the app in the organisation's own Slack, by a link."""

from alembic import op
from sqlalchemy import BigInteger, Column, ForeignKey, Index, MetaData, String, Table

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
for name in ("organisations", "persons"):
    Table(name, metadata, Column("id", String, primary_key=True))
install_links = Table(
    "install_links",
    metadata,
    Column("id", String, primary_key=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("organisation_id", String, ForeignKey("organisations.id"), nullable=False),
    Column("person_id", String, ForeignKey("persons.id"), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Column("state_hash", String(64), unique=True),
    Column("browser_hash", String(64)),
    Column("state_until", BigInteger),
    Index("ix_install_links_expires", "expires_at"),
    Index("ix_install_links_person", "person_id"),
)


def upgrade() -> None:
    """From an app that Inera alone could install."""
    install_links.create(op.get_bind())
