"""What a week was like is told once, and its chart lies behind an address of its own."""

from alembic import op
from sqlalchemy import BigInteger, Column, ForeignKey, LargeBinary, String, Text, UniqueConstraint

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

# Those of before do not know the kind of its cards.
oldest_program = revision


def upgrade() -> None:
    """No week has been told of yet."""
    op.create_table(
        "weekly_reports",
        Column("id", String, primary_key=True),
        Column("organisation_id", String, ForeignKey("organisations.id")),
        Column("content", Text, nullable=False),
        Column("made_at", BigInteger, nullable=False),
    )
    op.create_index("ix_weekly_reports_made", "weekly_reports", ["made_at"])
    op.create_table(
        "report_pictures",
        Column("token", String, primary_key=True),
        Column("report_id", String, ForeignKey("weekly_reports.id"), nullable=False),
        Column("language", String, nullable=False),
        Column("content", LargeBinary, nullable=False),
        Column("expires_at", BigInteger, nullable=False),
        UniqueConstraint("report_id", "language", name="uq_report_pictures_report_id_language"),
    )
    op.create_index("ix_report_pictures_expires", "report_pictures", ["expires_at"])
