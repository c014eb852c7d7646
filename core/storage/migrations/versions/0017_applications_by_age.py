"""Applications are listed by an index of their own."""

from alembic import op
from sqlalchemy import text

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

APPLICATIONS = text("applicant_number IS NOT NULL")


def upgrade() -> None:
    """A page of applications walked every order that is newer."""
    op.create_index(
        "ix_cases_applications",
        "cases",
        ["created_at", "id"],
        sqlite_where=APPLICATIONS,
        postgresql_where=APPLICATIONS,
    )
