"""Takes the documents of agreements that ended long ago, with whom they name and who signed them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, delete, func, or_, select, update

from core.application import AGREEMENT_OF
from core.db import agreements, cases, documents, signatures

BATCH = 200

_IS_OF = or_(
    *(and_(cases.c.flow == flow, agreements.c.type == kind) for flow, kind in AGREEMENT_OF.items()),
)


class AgreementPurge:
    """What an organisation has agreed from when to when stays: it says nothing of people."""

    def count(self, connection: Connection, before: datetime) -> int:
        """See core.storage.purging.Taker."""
        return connection.execute(select(func.count()).select_from(_due(before).subquery())).scalar_one()

    def take(self, connection: Connection, before: datetime, at: datetime) -> int:  # noqa: ARG002 - one signature
        """See core.storage.purging.Taker."""
        found = connection.execute(_due(before).limit(BATCH)).scalars().all()
        if found:
            connection.execute(delete(signatures).where(signatures.c.case_id.in_(found)))
            connection.execute(delete(documents).where(documents.c.case_id.in_(found)))
            # What is not here is not offered to be read.
            bare = update(agreements).where(agreements.c.case_id.in_(found))
            connection.execute(bare.values(document_version=None, document_hash=None))
        return len(found)


def _due(before: datetime) -> Select[tuple[str]]:
    """The applications that the documents were drawn up for."""
    return (
        select(documents.c.case_id)
        .join(cases, cases.c.id == documents.c.case_id)
        .join(agreements, and_(agreements.c.organisation_id == cases.c.customer_id, _IS_OF))
        .where(_ended_at() < before)
        .order_by(documents.c.case_id)
    )


def _ended_at() -> ColumnElement[Any]:
    # Of one that was taken up again nobody knows when it ended, but that it had when the next one was made.
    return case(
        (agreements.c.case_id == documents.c.case_id, agreements.c.ended_at),
        else_=func.coalesce(agreements.c.valid_from, agreements.c.ended_at),
    )
