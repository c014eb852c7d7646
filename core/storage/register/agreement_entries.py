"""Agreements and their days, each a row of its own; one that has ended is never changed."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, insert, select, update

from core.ports.register_entries import Outcome
from core.register.administration import Author
from core.register.entries import Holding
from core.shared.vocabulary import AgreementType, OrganisationId
from core.shared.working_days import day_of
from core.storage import tables
from core.storage.context.reviews import ReviewPeriod, moments, review_organisation
from core.storage.register.holding_entries import instants, note_holding
from core.storage.register.rows import refuse

TABLE = tables.agreements
_MADE = (
    select(TABLE)
    .where(TABLE.c.organisation_id == bindparam("organisation"), TABLE.c.type == bindparam("kind"))
    .where(TABLE.c.valid_from.is_not(None) | TABLE.c.ended_at.is_(None))
    .order_by(TABLE.c.valid_from.desc(), TABLE.c.id.desc())
)
_NEW = insert(TABLE).returning(TABLE.c.id)
Rows = Sequence[RowMapping]


def write_agreement(
    connection: Connection,
    organisation: OrganisationId,
    kind: AgreementType,
    entry: Holding,
    at: datetime,
    author: Author,
) -> Outcome:
    """Add an agreement, or change the one that the entry speaks of.

    That is the one with the same first day, else the one that goes on or is to come in these days. Raise RegisterError
    `already_ended`, `agreement_waits` or `period_overlap`, besides what is wrong with the entry.
    """
    period, made = instants(entry), _made(connection, organisation, kind)
    signed = [row for row in made if row["valid_from"] is not None]
    before = _meant(signed, entry, period, at)
    after = period if before is None else _changed(before, entry, period)
    if before is not None and after == _period(before):
        return Outcome.SAME
    refuse("already_ended" if before is not None and not _goes_on(_period(before), at) else None, "ended")
    waits = len(signed) < len(made)
    refuse("agreement_waits" if waits and _goes_on(after, at) else None, "from")
    clashes = any(after.meets(_period(row)) for row in signed if row is not before)
    refuse("period_overlap" if clashes else None, "from")
    number = _write(connection, {"organisation_id": organisation, "type": kind}, before, after)
    was = None if before is None else _period(before)
    review_organisation(connection, organisation, moments(at, was, after))
    what = {"type": kind, "number": number, "document_hash": None if before is None else before["document_hash"]}
    note_holding(connection, organisation, what, before, _values(after), "ended_at", at=at, author=author)
    return Outcome.ADDED if before is None else Outcome.CHANGED


def _made(connection: Connection, organisation: OrganisationId, kind: AgreementType) -> Rows:
    """Return the agreements of a type that are not over, or are, and the one that waits to be signed; the latest
    first.
    """
    return connection.execute(_MADE, {"organisation": organisation, "kind": kind}).mappings().all()


def _meant(signed: Rows, entry: Holding, period: ReviewPeriod, at: datetime) -> RowMapping | None:
    return next(_candidates(signed, entry, period, at), None)


def _candidates(signed: Rows, entry: Holding, period: ReviewPeriod, at: datetime) -> Iterator[RowMapping]:
    live = [row for row in signed if _goes_on(_period(row), at)]
    yield from (row for row in live if _begins(row, entry))
    # One that never came to hold speaks for no other.
    yield from (row for row in signed if _begins(row, entry) and (_held(row) or period.since == period.until))
    yield from (row for row in live if _period(row).meets(period))


def _changed(row: RowMapping, entry: Holding, period: ReviewPeriod) -> ReviewPeriod:
    # One that was signed here began at an instant of its first day.
    since = row["valid_from"] if _begins(row, entry) else period.since
    until = period.until if "ended" in entry.model_fields_set else row["ended_at"]
    return ReviewPeriod(since, until if until is None else max(since, until))


def _write(connection: Connection, key: dict[str, Any], before: RowMapping | None, after: ReviewPeriod) -> int:
    if before is None:
        return connection.execute(_NEW, key | _values(after)).scalar_one()
    connection.execute(update(TABLE).where(TABLE.c.id == before["id"]).values(_values(after)))
    return before["id"]


def _begins(row: RowMapping, entry: Holding) -> bool:
    return day_of(row["valid_from"]) == entry.from_


def _held(row: RowMapping) -> bool:
    return row["valid_from"] != row["ended_at"]


def _goes_on(period: ReviewPeriod, at: datetime) -> bool:
    return period.until is None or period.until > at


def _values(period: ReviewPeriod) -> dict[str, Any]:
    return {"valid_from": period.since, "ended_at": period.until}


def _period(row: RowMapping) -> ReviewPeriod:
    return ReviewPeriod(row["valid_from"], row["ended_at"])
