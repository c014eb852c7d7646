"""Takes rows that are of no more use so long after an instant of their own."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table, and_, delete, exists, func, select, true, update

from core.storage import tables

BATCH = 1_000


@dataclass(frozen=True)
class RowPurge:
    """Takes the rows of a table by the instant in a column; of all rows, or of those that meet a condition."""

    table: Table
    since: Column[Any]
    which: ColumnElement[bool] = field(default_factory=true)

    def count(self, connection: Connection, before: datetime) -> int:
        """See core.storage.retention.purging.Taker."""
        due = select(func.count()).select_from(self.table).where(self.since < before, self.which)
        return connection.execute(due).scalar_one()

    def take(self, connection: Connection, before: datetime, at: datetime) -> int:  # noqa: ARG002 - one signature
        """See core.storage.retention.purging.Taker."""
        (key,) = self.table.primary_key
        due = select(key).where(self.since < before, self.which).order_by(self.since).limit(BATCH)
        return connection.execute(delete(self.table).where(key.in_(due))).rowcount


class NoticePurge:
    """Takes cards that are about no case, so long after they had reached their reader.

    No column says when that was: a night sees that nothing is owed on them.
    """

    def count(self, connection: Connection, before: datetime) -> int:
        """See core.storage.retention.purging.Taker."""
        return _NOTICES.count(connection, before)

    def take(self, connection: Connection, before: datetime, at: datetime) -> int:
        """Note on which nothing is owed, and take a batch of those of long ago; how many that was."""
        new = update(_CARDS).where(_CARDS.c.settled_at.is_(None), _IS_SETTLED)
        connection.execute(new.values(settled_at=at))
        return _NOTICES.take(connection, before, at)


_CARDS = tables.cards
_IS_SETTLED = and_(_CARDS.c.case_id.is_(None), _CARDS.c.due_at.is_(None))
_NOTICES = RowPurge(_CARDS, _CARDS.c.settled_at, _IS_SETTLED)
# Proofs opened their last door long ago; history says by which one a decision was made.
PROOFS = RowPurge(tables.proofs, tables.proofs.c.begun_at)
# What nobody came after to take away: what is asked for, or begun, takes what is over.
SIGN_INS = RowPurge(tables.sign_ins, tables.sign_ins.c.expires_at)
SESSIONS = RowPurge(tables.sessions, tables.sessions.c.expires_at)
# Links hold addresses, and those to documents are made long after their case was closed.
LINKS = RowPurge(tables.personal_links, tables.personal_links.c.expires_at)
# Paces name accounts and channels; a bucket that has long been full is as good as none.
PACES = RowPurge(tables.paces, tables.paces.c.full_at)
# A form that is sent again comes within minutes.
FORMS = RowPurge(tables.submissions, tables.submissions.c.at)
# Files whose forms nobody sent in.
UNSENT = RowPurge(tables.attachments, tables.attachments.c.sent_at, tables.attachments.c.case_id.is_(None))
# Pictures that nobody gets any more, and later what they and the messages about a week were drawn from.
PICTURES = RowPurge(tables.report_pictures, tables.report_pictures.c.expires_at)
_IS_DRAWN = exists().where(tables.report_pictures.c.report_id == tables.weekly_reports.c.id)
REPORTS = RowPurge(tables.weekly_reports, tables.weekly_reports.c.made_at, ~_IS_DRAWN)
