"""Reads what people had better know: orders that nobody can decide, and what a customer has already."""

from datetime import datetime

from sqlalchemy import Connection, exists, select, text

from core import db
from core.db import to_micros
from core.ports import Waiting
from core.storage.authority_sql import HOLDS
from core.storage.standings import CONNECTED
from core.words import DECIDING, PART_WAITED_FOR, CaseId, Flow, OfferId, OrganisationId, Part, PersonId, Role

# What waits for an organisation is found by an index; what is blocked among it, by looking.
_BLOCKED_FOR = """
    SELECT c.id AS id, c.waiting_since AS waiting_since, '{part}' AS part
    FROM role_assignments r JOIN cases c ON c.{side}_id = r.organisation_id
    WHERE r.person_id = :person AND r.role = '{role}' AND {holds}
      AND c.state IN ({states}) AND c.progress LIKE '%"blocked"%'"""
_SIDES = {Part.CUSTOMER_ADMINISTRATOR: "customer", Part.AGENT_ADMINISTRATOR: "agent"}
_STATES = ", ".join(f"'{state}'" for state, part in PART_WAITED_FOR.items() if part in DECIDING)
BLOCKED = text(
    " UNION ALL ".join(
        _BLOCKED_FOR.format(part=part, side=side, role=Role.ADMINISTRATOR, holds=HOLDS.format("r"), states=_STATES)
        for part, side in _SIDES.items()
    )
    + " ORDER BY waiting_since, id LIMIT :limit"
)


def read_blocked(connection: Connection, person: PersonId, at: datetime, limit: int) -> list[Waiting]:
    """Cases that nobody can decide in organisations of which the person is an administrator, longest waiting first."""
    rows = connection.execute(BLOCKED, {"person": person, "at": to_micros(at), "limit": limit})
    return [Waiting(CaseId(row.id), Part(row.part)) for row in rows]


def has_service(connection: Connection, customer: OrganisationId, offer: OfferId) -> bool:
    """True when an order of the offer's service has been carried out for a customer."""
    cases, offers, wanted = db.cases.c, db.offers.c, db.offers.alias()
    service = select(wanted.c.service_id).where(wanted.c.id == offer).scalar_subquery()
    found = exists().where(
        cases.customer_id == customer,
        cases.state.in_(CONNECTED),
        cases.flow != Flow.AGENT_ASSIGNMENT,
        offers.id == cases.offer_id,
        offers.service_id == service,
    )
    return bool(connection.execute(select(found)).scalar())
