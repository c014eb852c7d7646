"""Every list is read from an index that has its order, of as many cases as are shown."""

from alembic import op
from sqlalchemy import TextClause, text

revision = "0050"
down_revision = "0047"
branch_labels = None
depends_on = None

OPEN, CLAIMED = text("closed_at IS NULL"), text("claimed_by_id IS NOT NULL AND closed_at IS NULL")
VIA_AGENT, PERSONS = text("agent_id IS NOT NULL"), text("person_id IS NOT NULL")
DECIDED = text(
    "kind = 'change' AND action IN ('approve', 'attest', 'cancel', 'confirm_end', 'emergency_attest', 'inform_agent',"
    " 'reject', 'request_completion', 'send_back', 'send_instructions')"
)
INERAS_AMOUNT = text("(customer_ore + agent_ore) DESC")
Columns = list[str | TextClause]


def upgrade() -> None:
    """Lists by amount, and what one person has decided, were read whole; what a price changes, from all that waits.

    Orders without an agent leave the indexes of agents, and cards of channels that of persons: what a press writes is
    hardly more than before, and nobody looks there for what has none.
    """
    _create("cases", "orderer_amount", ["orderer_id", "customer_ore", "created_at", "id"])
    _create("cases", "customer_amount", ["customer_id", "customer_ore", "created_at", "id"])
    _create("cases", "agent_amount", ["agent_id", "agent_ore", "created_at", "id"], VIA_AGENT)
    _create("cases", "open_amount", ["state", INERAS_AMOUNT, "waiting_since", "id"], OPEN)
    _create("cases", "claimed", ["state", "waiting_since", "id"], CLAIMED)
    _create("cases", "offer", ["offer_id", "state"], OPEN)
    _create("history", "decisions", ["person_id", "id", "case_id"], DECIDED)
    _make_smaller("cases", "agent", ["agent_id", "state", "waiting_since", "id"], VIA_AGENT)
    _make_smaller("cases", "agent_created", ["agent_id", "created_at", "id"], VIA_AGENT)
    _make_smaller("cards", "person", ["person_id"], PERSONS)


def _make_smaller(table: str, name: str, columns: Columns, condition: TextClause) -> None:
    op.drop_index(f"ix_{table}_{name}", table)
    _create(table, name, columns, condition)


def _create(table: str, name: str, columns: Columns, condition: TextClause | None = None) -> None:
    op.create_index(f"ix_{table}_{name}", table, columns, sqlite_where=condition, postgresql_where=condition)
