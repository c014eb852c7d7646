"""Reading what organisations have, of what they need before they can order."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select, true

from core.register.readiness import Readiness, Standards, readiness
from core.shared.vocabulary import AgreementType, OrganisationId, OrganisationKind, Role
from core.storage import tables
from core.storage.context.asking_person import role_holds
from core.storage.database.conditions import holds

ORGANISATIONS, PEOPLE = tables.organisations, tables.persons


def read_readiness(
    connection: Connection, organisations: Sequence[OrganisationId], at: datetime
) -> dict[OrganisationId, Readiness]:
    """Read what each of some organisations lacks, in one statement."""
    return {standards.organisation: readiness(standards) for standards in read_standards(connection, organisations, at)}


def read_standards(connection: Connection, organisations: Sequence[OrganisationId], at: datetime) -> list[Standards]:
    """Read what each of some organisations has now."""
    query = select(
        ORGANISATIONS.c.id,
        ORGANISATIONS.c.kinds,
        _agreed(AgreementType.KUNDAVTAL, at).label("has_agreement"),
        _agreed(AgreementType.AGENTAVTAL, at).label("has_agent_agreement"),
        _assigned(at).label("has_assignment"),
        _staffed(Role.ORDERER, at).label("has_orderer"),
        _staffed(Role.ATTESTANT, at).label("has_attestant"),
        _staffed(Role.AGENT_HANDLER, at).label("has_handler"),
        has_two(Role.ORDERER, at).label("has_two"),
        has_two(Role.AGENT_HANDLER, at).label("has_two_as_agent"),
    ).where(ORGANISATIONS.c.id.in_(organisations))
    return [_standards(row) for row in connection.execute(query)]


def _standards(row: Any) -> Standards:  # Any: a SQLAlchemy row has its columns as attributes
    facts = {name: bool(value) for name, value in row._mapping.items() if name not in {"id", "kinds"}}
    return Standards(row.id, frozenset(map(OrganisationKind, row.kinds)), **facts)


def _agreed(kind: AgreementType, at: datetime) -> ColumnElement[bool]:
    agreements = tables.agreements.c
    return exists().where(
        agreements.organisation_id == ORGANISATIONS.c.id,
        agreements.type == kind,
        holds(agreements.valid_from, agreements.ended_at, at),
    )


def _assigned(at: datetime) -> ColumnElement[bool]:
    assignments = tables.agent_assignments.c
    return exists().where(
        assignments.agent_id == ORGANISATIONS.c.id, holds(assignments.valid_from, assignments.valid_to, at)
    )


def _staffed(role: Role, at: datetime) -> ColumnElement[bool]:
    held = tables.role_assignments.c
    return exists().where(
        held.organisation_id == ORGANISATIONS.c.id,
        held.role == role,
        role_holds(at),
        PEOPLE.c.id == held.person_id,
        PEOPLE.c.active,
    )


def has_two(role: Role, at: datetime, service: ColumnElement[str] | None = None) -> ColumnElement[bool]:
    """Say whether an organisation has somebody with a role and another who attests, or one for both where that may be.

    Roles for one service alone count for that `service`.
    """
    one, other = tables.role_assignments.alias("one"), tables.role_assignments.alias("other")
    first, second = PEOPLE.alias("first"), PEOPLE.alias("second")
    return exists().where(
        *(
            and_(
                held.c.organisation_id == ORGANISATIONS.c.id,
                held.c.role == named,
                holds(held.c.valid_from, held.c.valid_to, at),
                true() if service is None else func.coalesce(held.c.service_id, service) == service,
                people.c.id == held.c.person_id,
                people.c.active,
            )
            for held, people, named in ((one, first, role), (other, second, Role.ATTESTANT))
        ),
        or_(one.c.person_id != other.c.person_id, ORGANISATIONS.c.self_attest_allowed),
    )
