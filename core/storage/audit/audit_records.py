"""Audit records that are no changes of cases: each is written in the transaction of what it tells of."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert

from core.audit.records import AuditRecord
from core.register.administration import Author
from core.shared.vocabulary import Happened, LineKind, OrganisationId, PersonId
from core.storage import tables

_ADDED = insert(tables.history).returning(tables.history.c.id)


def write_record(connection: Connection, line: AuditRecord) -> int:
    """Write an audit record, and return its id."""
    return connection.execute(_ADDED, line.values()).scalar_one()


def record_rename(
    connection: Connection,
    kind: LineKind,
    at: datetime,
    author: Author,
    *,
    about: PersonId | None = None,
    organisation: OrganisationId | None = None,
) -> int:
    """Record that a person or an organisation has another name, whoever gave it, and return the record's id.

    Of a person, `organisation` is the one whose administrator did, or for which customer service did.
    """
    line = AuditRecord(
        kind,
        Happened.RENAMED,
        at,
        author.surface,
        person=author.person,
        assurance=author.assurance,
        about=about,
        organisation=organisation,
        facts={"by": author.by},
    )
    return write_record(connection, line)


def record_keeping(
    connection: Connection,
    organisation: OrganisationId,
    happened: Happened,
    facts: Mapping[str, object],
    at: datetime,
    author: Author,
) -> int:
    """Record what whoever keeps an organisation has changed about it, and return the record's id."""
    line = AuditRecord(
        LineKind.ORGANISATION,
        happened,
        at,
        author.surface,
        person=author.person,
        assurance=author.assurance,
        organisation=organisation,
        facts={"by": author.by, **facts},
    )
    return write_record(connection, line)


def changed_facts(before: Mapping[Any, Any] | None, after: Mapping[str, Any]) -> dict[str, object]:
    """Return the facts of a change: what is, and under `before` what was where that was otherwise."""
    was = {} if before is None else {name: before[name] for name in after if before[name] != after[name]}
    return {**after, "before": was or None}
