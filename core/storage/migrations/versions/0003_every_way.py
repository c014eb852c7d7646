"""Limits, substitutes, tiers and reviews; who is asked, and at which step; prices that orders are held against."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from alembic import op
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Row,
    String,
    Table,
    text,
)

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
# SQLite only counts up rows whose key is declared INTEGER.
Serial = BigInteger().with_variant(Integer, "sqlite")

# There already; named here so that the new tables can refer to them.
for there in ("persons", "organisations", "offers"):
    Table(there, metadata, Column("id", String, primary_key=True))

Table(
    "substitutions",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("absent_id", String, ForeignKey("persons.id"), nullable=False),
    Column("substitute_id", String, ForeignKey("persons.id"), nullable=False),
    Column("organisation_id", String, ForeignKey("organisations.id"), nullable=False),
    Column("role", String, nullable=False),
    Column("valid_from", BigInteger, nullable=False),
    Column("valid_to", BigInteger, nullable=False),
    Column("created_by", String, nullable=False),
    CheckConstraint("absent_id <> substitute_id", name="somebody_else"),
    CheckConstraint("valid_from <= valid_to", name="from_before_to"),
    Index("ix_substitutions_substitute", "substitute_id", "organisation_id"),
    Index("ix_substitutions_absent", "absent_id", "organisation_id", "role"),
)

Table(
    "reviews",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("organisation_id", String, ForeignKey("organisations.id")),
    Column("offer_id", String, ForeignKey("offers.id")),
    Column("due_at", BigInteger, nullable=False, index=True),
)

COLUMNS = (
    "organisations ADD COLUMN eid_from_ore BIGINT",
    "organisations ADD COLUMN tiers JSON",
    "role_assignments ADD COLUMN attest_limit_ore BIGINT",
    "role_assignments ADD COLUMN service_id VARCHAR CONSTRAINT fk_role_assignments_service_id REFERENCES services (id)",
    "offers ADD COLUMN sole_traders_only BOOLEAN DEFAULT false NOT NULL",
    "cases ADD COLUMN progress TEXT DEFAULT '{}' NOT NULL",
    "cases ADD COLUMN customer_ore BIGINT DEFAULT 0 NOT NULL",
    "cases ADD COLUMN agent_ore BIGINT DEFAULT 0 NOT NULL",
    "cases ADD COLUMN review_at BIGINT",
    "cards ADD COLUMN step INTEGER DEFAULT 0 NOT NULL",
)

# The state that a card asks in, and the role of whoever decides there.
ASKS_IN = {
    "agent_approval": "awaiting_agent_approval",
    "agent_attest": "awaiting_agent_attest",
    "customer_attest": "awaiting_customer_attest",
    "customer_service": "awaiting_customer_service",
}
DECIDES = {
    "awaiting_agent_approval": "agent_handler",
    "awaiting_agent_attest": "attestant",
    "awaiting_customer_attest": "attestant",
}
YEARLY = {"year": 1, "month": 12}

CASES = text("SELECT id, state, step, content, decisions FROM cases WHERE closed_at IS NULL")
CARDS = text("SELECT id, kind, person_id FROM cards WHERE case_id = :id ORDER BY must_show, id")
CASE = text("UPDATE cases SET progress = :progress, customer_ore = :customer, agent_ore = :agent WHERE id = :id")
CARD = text("UPDATE cards SET step = :step WHERE id = :id")
# The clock looks at what waits: a price may have changed, or an agreement ended, since the order was made.
REVIEW = text(
    "UPDATE cases SET review_at = waiting_since WHERE closed_at IS NULL AND state IN "
    "('awaiting_agent_approval', 'awaiting_agent_attest', 'awaiting_customer_attest')"
)


def upgrade() -> None:
    """From the tables with seals. What waits is told who was asked, which its cards alone knew."""
    connection = op.get_bind()
    for column in COLUMNS:
        connection.execute(text(f"ALTER TABLE {column}"))
    connection.execute(text("CREATE INDEX ix_cases_review ON cases (review_at) WHERE review_at IS NOT NULL"))
    metadata.create_all(connection)
    for case in connection.execute(CASES).all():
        _tell(connection, case)
    connection.execute(REVIEW)


def _tell(connection: Connection, case: Row[Any]) -> None:
    cards = connection.execute(CARDS, {"id": case.id}).all()
    costs = json.loads(case.content)["costs"]
    progress = {"asked": list(_asked(case.state, cards))} if case.state in DECIDES else {}
    amounts = {payer: _first_year(costs.get(payer)) for payer in ("customer", "agent")}
    connection.execute(CASE, {"id": case.id, "progress": _compact(progress), **amounts})
    steps = {each["state"]: each["step"] for each in json.loads(case.decisions)} | {case.state: case.step}
    for card in cards:
        connection.execute(CARD, {"id": card.id, "step": steps.get(ASKS_IN.get(card.kind), 0)})


def _asked(state: str, cards: Sequence[Row[Any]]) -> Iterator[list[Any]]:
    people = dict.fromkeys(card.person_id for card in cards if ASKS_IN.get(card.kind) == state)
    return ([person, DECIDES[state], None, None] for person in people)


def _first_year(cost: Any) -> int:
    if cost is None:
        return 0
    startup, recurring, period = cost
    return startup + YEARLY[period] * recurring


_compact = json.JSONEncoder(separators=(",", ":")).encode
