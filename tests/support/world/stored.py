"""Cases as rows, for tests that put them into a database without anybody having decided anything."""

from dataclasses import replace

from sqlalchemy import update

from core.storage.cases.repository import case_values
from core.storage.context.coding import content_to_json
from core.storage.tables import cases, from_micros
from tests.support.world.builders import unanswered

COLUMNS = {
    "case": "id",
    "to_state": "state",
    "to_step": "step",
    "to_revision": "revision",
    "customer": "customer_id",
    "agent": "agent_id",
    "orderer": "orderer_id",
    "offer": "offer_id",
    "chosen_attestant": "chosen_attestant_id",
    "claimed_by": "claimed_by_id",
}
INSTANTS = ("created_at", "waiting_since", "due_at", "closed_at", "review_at")


def case_row(case):
    """Every column of `cases` for a case, as the table takes them."""
    values = case_values(case) | {"content": content_to_json(case)}
    values |= {name: values[name] and from_micros(values[name]) for name in INSTANTS}
    return {COLUMNS.get(name, name): value for name, value in values.items()}


def let_wait(connection, case, since):
    """Let an order have waited since an instant for an answer, until whoever ordered was asked whether to keep it."""
    row = case_row(unanswered(replace(case, waiting_since=since)))
    changed = {name: row[name] for name in ("waiting_since", "due_at", "decisions")}
    connection.execute(update(cases).where(cases.c.id == case.id).values(**changed))
