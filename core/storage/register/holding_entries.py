"""Agents' assignments and their days, and the audit record that these and agreements leave."""

from datetime import datetime

from sqlalchemy import Connection, RowMapping

from core.audit.records import AuditRecord
from core.ports.register_entries import Outcome
from core.register.administration import Author
from core.register.entries import Holding
from core.shared.vocabulary import Happened, LineKind, OrganisationId
from core.shared.working_days import beginning_of
from core.storage import tables
from core.storage.audit.audit_records import changed_facts, write_record
from core.storage.context.reviews import ReviewPeriod, moments, review_organisation
from core.storage.register.rows import Values, find, put, refuse

TABLE = tables.agent_assignments


def write_assignment(
    connection: Connection, agent: OrganisationId, service: str, entry: Holding, at: datetime, author: Author
) -> Outcome:
    """Add or change an agent's assignment for a service, of which there is one."""
    key = {"agent_id": agent, "service_id": service}
    since, until = instants(entry)
    given = {"valid_from", "valid_to"} if "ended" in entry.model_fields_set else {"valid_from"}
    before = find(connection, TABLE, key)
    outcome = put(connection, TABLE, key, {"valid_from": since, "valid_to": until}, given)
    after = find(connection, TABLE, key)
    if outcome is not Outcome.SAME and after is not None:
        was = None if before is None else _period(before)
        review_organisation(connection, agent, moments(at, was, _period(after)))
        note_holding(connection, agent, {"service_id": service}, before, after, "valid_to", at=at, author=author)
    return outcome


def note_holding(
    connection: Connection,
    organisation: OrganisationId,
    what: Values,
    before: Values | RowMapping | None,
    after: Values | RowMapping,
    end: str,
    *,
    at: datetime,
    author: Author,
) -> None:
    """Record from when, or until when, an organisation has something; `end` names the column of the latter.

    `what` says of which entry that is, and all of it that stays as it is.
    """
    ends = before is not None and before["valid_from"] == after["valid_from"] and _is_sooner(after[end], before[end])
    line = AuditRecord(
        LineKind.AGREEMENT,
        Happened.GRANTED if before is None else Happened.ENDED if ends else Happened.CHANGED,
        at,
        author.surface,
        person=author.person,
        assurance=author.assurance,
        organisation=organisation,
        facts={"by": author.by, **what, **changed_facts(before, {name: after[name] for name in ("valid_from", end)})},
    )
    write_record(connection, line)


def instants(entry: Holding) -> ReviewPeriod:
    """Return the instants that an entry's days begin and end at. Raise RegisterError `period_reversed`."""
    refuse("period_reversed" if entry.ended is not None and entry.ended < entry.from_ else None, "ended")
    return ReviewPeriod(beginning_of(entry.from_), None if entry.ended is None else beginning_of(entry.ended))


def _is_sooner(end: datetime | None, before: datetime | None) -> bool:
    return end is not None and (before is None or end < before)


def _period(row: RowMapping) -> ReviewPeriod:
    return ReviewPeriod(row["valid_from"], row["valid_to"])
