"""What an agentuppdrag makes once its instructions are sent: the agent may convey the service."""

from collections.abc import Callable

from sqlalchemy import Connection, select

from core import db
from core.entries import Holding
from core.events import Change
from core.lines import Author
from core.ports import Decide, Look
from core.storage import press
from core.storage.constant import carried_out
from core.storage.holding_entries import write_assignment
from core.storage.reviews import Period
from core.storage.rows import find, lock_register
from core.working_days import day_of


def act(connection: Connection, begin: Callable[[], tuple[Look, Decide]]) -> Change:
    """As `press.act`, in a transaction that has begun, with what the decision makes beside the case."""
    change = carried_out(connection, press.act(connection.dialect.name, begin, alone=False))
    if press.makes_more(change):
        _assign(connection, change)
    return change


def _assign(connection: Connection, change: Change) -> None:
    """From this day on, without end; what somebody has written into the register meanwhile stands."""
    lock_register(connection)
    case, decision = change.event.after, change.event.decision
    wanted = select(db.offers.c.service_id).where(db.offers.c.id == case.order.offer)
    service = connection.execute(wanted).scalar_one()
    stored = find(connection, db.agent_assignments, {"agent_id": case.customer, "service_id": service})
    if stored is not None and Period(stored["valid_from"], stored["valid_to"]).holds(decision.at):
        return
    entry = Holding.model_validate({"from": day_of(decision.at), "ended": None})
    author = Author(decision.person or "", decision.surface)
    write_assignment(connection, case.customer, service, entry, decision.at, author)
