"""Reads lists of applications for the API: the newest first, page by page."""

from dataclasses import dataclass

from sqlalchemy import Connection, literal, select, tuple_

from core import db
from core.storage.order_list import ListPlace
from core.words import CaseId, PersonId, State


@dataclass(frozen=True)
class ApplicationFilter:
    """Which applications: None means any."""

    state: State | None = None
    is_open: bool | None = None
    sent_by: PersonId | None = None


def list_applications(
    connection: Connection, wanted: ApplicationFilter, after: ListPlace | None, limit: int
) -> list[ListPlace]:
    """The applications of a page, the newest first."""
    cases = db.cases.c
    query = select(cases.created_at, cases.id).where(cases.applicant_number.is_not(None))
    if wanted.state is not None:
        query = query.where(cases.state == wanted.state)
    if wanted.is_open is not None:
        query = query.where(cases.closed_at.is_(None) if wanted.is_open else cases.closed_at.is_not(None))
    if wanted.sent_by is not None:
        query = query.where(cases.orderer_id == wanted.sent_by)
    if after is not None:
        place = tuple_(literal(after.created_at, db.Instant()), literal(after.case))
        query = query.where(tuple_(cases.created_at, cases.id) < place)
    rows = connection.execute(query.order_by(cases.created_at.desc(), cases.id.desc()).limit(limit))
    return [ListPlace(row.created_at, CaseId(row.id)) for row in rows]
