"""What an agentuppdrag makes once its instructions are sent: the agent may convey the service."""

from collections.abc import Callable

from sqlalchemy import Connection, select

from core.ports.cases import Decide, Look
from core.register.administration import Author
from core.register.entries import Holding
from core.shared.working_days import day_of
from core.storage import tables
from core.storage.cases import press
from core.storage.context.reviews import Period
from core.storage.engine.exchanges import carried_out
from core.storage.register.holding_entries import write_assignment
from core.storage.register.rows import find, lock_register
from core.workflow.events import Change


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
    wanted = select(tables.offers.c.service_id).where(tables.offers.c.id == case.order.offer)
    service = connection.execute(wanted).scalar_one()
    stored = find(connection, tables.agent_assignments, {"agent_id": case.customer, "service_id": service})
    if stored is not None and Period(stored["valid_from"], stored["valid_to"]).holds(decision.at):
        return
    entry = Holding.model_validate({"from": day_of(decision.at), "ended": None})
    author = Author(decision.person or "", decision.surface)
    write_assignment(connection, case.customer, service, entry, decision.at, author)
