"""An order keeps the name and the terms under which it was ordered, and proves them with the rest of its content."""

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

# Those of before drop what they do not know of an order that they save, and prove it without.
oldest_program = revision


def upgrade() -> None:
    """Nothing is stored otherwise of what is ordered already."""
