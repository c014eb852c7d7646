"""Purging the documents of agreements that ended long ago, with whom they name and who signed them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from core.audit.records import AuditRecord
from core.shared.vocabulary import Happened, LineKind, Surface
from core.storage.tables import agreements, documents, history, signatures

BATCH = 200


class AgreementPurge:
    """What an organisation has agreed from when to when stays: it says nothing of people."""

    def count(self, connection: Connection, before: datetime) -> int:
        """See core.storage.retention.purging.Taker."""
        return connection.execute(select(func.count()).select_from(_due(before).subquery())).scalar_one()

    def take(self, connection: Connection, before: datetime, at: datetime) -> int:
        """See core.storage.retention.purging.Taker."""
        cases = connection.execute(_due(before).limit(BATCH)).scalars().all()
        if cases:
            _note(connection, cases, at)
            connection.execute(delete(signatures).where(signatures.c.case_id.in_(cases)))
            connection.execute(delete(documents).where(documents.c.case_id.in_(cases)))
            # What is not here is not offered to be read.
            bare = update(agreements).where(agreements.c.case_id.in_(cases))
            connection.execute(bare.values(document_version=None, document_hash=None))
        return len(cases)


def _note(connection: Connection, cases: Sequence[object], at: datetime) -> None:
    """Record the agreements whose documents go."""
    made = agreements.c
    query = select(made.id, made.organisation_id, made.type, made.valid_from, made.ended_at)
    signed = query.where(made.case_id.in_(cases), made.valid_from.is_not(None)).order_by(made.id)
    lines = [_line(row, at).values() for row in connection.execute(signed)]
    if lines:
        connection.execute(insert(history), lines)


def _line(row: Row[Any, Any, Any, Any, Any], at: datetime) -> AuditRecord:
    days = {"valid_from": row.valid_from, "ended_at": row.ended_at}
    return AuditRecord(
        LineKind.AGREEMENT,
        Happened.PURGED,
        at,
        Surface.CLOCK,
        organisation=row.organisation_id,
        facts={"type": row.type, "number": row.id, **days},
    )


def _due(before: datetime) -> Select[tuple[str]]:
    """Select the applications that the documents were drawn up for; each goes by the end of its own agreement."""
    return (
        select(documents.c.case_id)
        .join(agreements, agreements.c.case_id == documents.c.case_id)
        .where(agreements.c.ended_at < before)
        .order_by(documents.c.case_id)
    )
