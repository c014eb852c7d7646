"""People sign in on the web: mails that were asked for, and the sessions that come of them."""

from alembic import op
from sqlalchemy import BigInteger, Column, ForeignKey, Index, MetaData, SmallInteger, String, Table, text

revision = "0031"
down_revision = "0030"
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
Table("persons", metadata, Column("id", String, primary_key=True))
sign_ins = Table(
    "sign_ins",
    metadata,
    Column("id", String, primary_key=True),
    Column("person_id", String, ForeignKey("persons.id")),
    Column("link_hash", String(64), nullable=False, unique=True),
    Column("code_hash", String(64), nullable=False),
    Column("browser_hash", String(64), nullable=False, unique=True),
    Column("tries", SmallInteger, nullable=False, server_default=text("0")),
    Column("began_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Index("ix_sign_ins_expires", "expires_at"),
    Index("ix_sign_ins_person", "person_id"),
)
sessions = Table(
    "sessions",
    metadata,
    Column("id", String, primary_key=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("person_id", String, ForeignKey("persons.id"), nullable=False),
    Column("assurance", String, nullable=False),
    Column("browser", String, nullable=False),
    Column("began_at", BigInteger, nullable=False),
    Column("used_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Index("ix_sessions_expires", "expires_at"),
    Index("ix_sessions_person", "person_id"),
)


def upgrade() -> None:
    """From pages that knew nobody but by the link in a mail."""
    sign_ins.create(op.get_bind())
    sessions.create(op.get_bind())
