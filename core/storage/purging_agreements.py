"""Takes the documents of agreements that ended long ago, with whom they name and who signed them."""

from datetime import datetime

from sqlalchemy import Connection, Select, delete, func, select, update

from core.db import agreements, documents, signatures

BATCH = 200


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
    """The applications that the documents were drawn up for; each goes by the end of its own agreement."""
    return (
        select(documents.c.case_id)
        .join(agreements, agreements.c.case_id == documents.c.case_id)
        .where(agreements.c.ended_at < before)
        .order_by(documents.c.case_id)
    )
