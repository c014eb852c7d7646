"""Reads the reserve attestants around a case: nobody asks them, so a press reads only the own right."""

from datetime import datetime

from sqlalchemy import Connection, select

from core.shared.vocabulary import OrganisationId, Part, PersonId, Role
from core.storage import tables
from core.storage.context.asking_person import role_holds
from core.workflow.case import Case, Grant


def read_reserves(connection: Connection, case: Case, at: datetime) -> dict[Part, tuple[Grant, ...]]:
    """Whoever is active and a reserve attestant now, on each side of a case."""
    parts = {Part.CUSTOMER_EMERGENCY: case.customer, Part.AGENT_EMERGENCY: case.agent}
    return {part: _reserves(connection, home, at) for part, home in parts.items() if home is not None}


def _reserves(connection: Connection, organisation: OrganisationId, at: datetime) -> tuple[Grant, ...]:
    held, people = tables.role_assignments.c, tables.persons.c
    query = (
        select(held.person_id, held.attest_limit_ore, held.service_id)
        .where(held.organisation_id == organisation, held.role == Role.EMERGENCY_ATTESTANT, role_holds(at))
        .where(people.id == held.person_id, people.active)
        .order_by(held.id)
    )
    return tuple(
        Grant(PersonId(row.person_id), organisation, Role.EMERGENCY_ATTESTANT, row.attest_limit_ore, row.service_id)
        for row in connection.execute(query)
    )
