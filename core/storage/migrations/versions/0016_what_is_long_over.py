"""Cards without a case, and links, go when they are long over; and what a card is about is found by an index."""

from alembic import op
from sqlalchemy import BigInteger, Column, text

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

PARTS = (
    ("ix_cards_about", "about", text("about IS NOT NULL")),
    ("ix_cards_settled", "settled_at", text("case_id IS NULL")),
)


def upgrade() -> None:
    """From keeping them for ever. The first night notes those that are there already."""
    op.add_column("cards", Column("settled_at", BigInteger))
    for name, column, which in PARTS:
        op.create_index(name, "cards", [column], sqlite_where=which, postgresql_where=which)
    op.create_index("ix_personal_links_expires", "personal_links", ["expires_at"])
