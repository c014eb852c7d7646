"""What is connected as audit records tell it, as baselines keep it and as its table holds it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert

from core.audit.connection_replay import ReplayedConnection, unit_digest
from core.audit.records import AuditRecord
from core.shared.vocabulary import Happened, LineKind
from core.storage import tables
from core.storage.tables import from_micros, to_micros
from core.workflow.events import Change

# So many connections stand in a row.
ENTRIES = 200


def record_connections(connection: Connection, action: Happened, change: Change, rows: Sequence[Row[Any]]) -> None:
    """Record what a decision began or ended: the rows as they stand after it."""
    entries = [[row.id, *kept_connection(connection_of(row))] for row in rows]
    lines = [_line(action, change, entries[n : n + ENTRIES]).values() for n in range(0, len(entries), ENTRIES)]
    if lines:
        connection.execute(insert(tables.history), lines)


def _line(action: Happened, change: Change, entries: Sequence[Sequence[object]]) -> AuditRecord:
    case, decision = change.event.after, change.event.decision
    facts = {"connections": entries}
    return AuditRecord(
        LineKind.CONNECTION,
        action,
        decision.at,
        decision.surface,
        assurance=decision.assurance,
        organisation=case.customer,
        case=case.id,
        facts=facts,
    )


def recorded_connections(facts: Mapping[str, Any]) -> Iterator[tuple[int, ReplayedConnection]]:
    """Yield the connections that a record leaves, with their numbers. Raise ValueError, KeyError or TypeError."""
    for number, *kept in facts["connections"]:
        yield int(number), connection_from(kept)


def connection_of(row: Any) -> ReplayedConnection:  # Any: a row has its columns as attributes
    """Return a connection as its row stands."""
    kept = row.unit_key, row.unit_name_key, row.unit_name, row.unit_hsa_id
    return ReplayedConnection(
        organisation=row.organisation_id,
        service=row.service_id,
        offer=row.offer_id,
        agent=row.agent_id,
        unit=unit_digest(row.case_id, kept),
        since=row.valid_from,
        until=row.valid_to,
        begun_by=row.case_id,
        ended_by=row.ended_by_id,
        confirmed=row.confirmed_at,
    )


def kept_connection(value: ReplayedConnection) -> list[Any]:
    """Write a connection as history keeps it, its number aside: ids, codes, and instants in microseconds."""
    what = [value.organisation, value.service, value.offer, value.agent, value.unit]
    return [
        *what,
        to_micros(value.since),
        _micros(value.until),
        value.begun_by,
        value.ended_by,
        _micros(value.confirmed),
    ]


def connection_from(kept: Sequence[Any]) -> ReplayedConnection:
    """Read the connection that `kept_connection` wrote. Raise ValueError or TypeError."""
    *what, since, until, begun_by, ended_by, confirmed = kept
    organisation, service, offer, agent, unit = what
    days = from_micros(since), _instant(until)
    return ReplayedConnection(organisation, service, offer, agent, unit, *days, begun_by, ended_by, _instant(confirmed))


def _micros(at: datetime | None) -> int | None:
    return None if at is None else to_micros(at)


def _instant(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)
