"""Accounts that were unlinked before are let in by their person alone, and coming prices count in limits."""

import json
from typing import Any

from alembic import op
from sqlalchemy import BigInteger, Column, Connection, MetaData, String, Table, Text, select, update

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

MONTHS = {"month": 12, "year": 1}

metadata = MetaData()
identities = Table(
    "identities",
    metadata,
    Column("issuer", String, primary_key=True),
    Column("subject", String, primary_key=True),
    Column("person_id", String),
    Column("state", String),
)
history = Table(
    "history",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("kind", String),
    Column("action", String),
    Column("about_id", String),
    Column("evidence", Text),
)
cases = Table(
    "cases",
    metadata,
    Column("id", String, primary_key=True),
    Column("content", Text),
    Column("closed_at", BigInteger),
    Column("created_at", BigInteger),
    Column("review_at", BigInteger),
    Column("customer_ore", BigInteger),
    Column("agent_ore", BigInteger),
)


def upgrade() -> None:
    """From links that whoever held the account made again, and limits held against a price that was not paid."""
    connection = op.get_bind()
    _bar(connection)
    _count(connection)


def _bar(connection: Connection) -> None:
    """What Slack said had changed may be confirmed anew; whatever somebody ended may not."""
    unlinked = select(history.c.about_id, history.c.evidence).where(
        history.c.kind == "identity", history.c.action == "unlinked"
    )
    said = {
        row.about_id: json.loads(row.evidence).get("why") for row in connection.execute(unlinked.order_by(history.c.id))
    }
    for row in connection.execute(select(identities).where(identities.c.state == "undone")).all():
        if said.get(row.person_id) != "changed":
            mine = (identities.c.issuer == row.issuer, identities.c.subject == row.subject)
            connection.execute(update(identities).where(*mine).values(state="barred"))


def _count(connection: Connection) -> None:
    """Open orders with a dearer price to come are looked at anew, by the clock's first tick."""
    waiting = select(cases).where(cases.c.closed_at.is_(None), cases.c.content.contains('"coming_costs"'))
    for row in connection.execute(waiting).all():
        content = json.loads(row.content)
        amounts = {
            f"{payer}_ore": max(_first_year(content[name].get(payer)) for name in ("costs", "coming_costs"))
            for payer in ("customer", "agent")
        }
        anew = {**amounts, "review_at": row.created_at}
        connection.execute(update(cases).where(cases.c.id == row.id).values(anew))


def _first_year(cost: Any) -> int:  # Any: a list as it is stored
    if cost is None:
        return 0
    startup, recurring, period = cost
    return startup + MONTHS[period] * recurring
