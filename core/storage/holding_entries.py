"""Writes from when to when an agreement or an agent's assignment holds, and lets history and waiting cases know."""

from collections.abc import Set as AbstractSet
from datetime import datetime

from sqlalchemy import Connection, RowMapping, Table

from core import db
from core.entries import Holding
from core.lines import Author, Happened, Line
from core.storage.lines import differing, write_line
from core.storage.reviews import Period, moments, review_organisation
from core.storage.rows import Outcome, Values, find, put, refuse
from core.words import LineKind, OrganisationId
from core.working_days import beginning_of

# Where a row says when it no longer holds.
_END = {db.agreements: "ended_at", db.agent_assignments: "valid_to"}


def write_holding(
    connection: Connection, table: Table, key: Values, entry: Holding, at: datetime, author: Author
) -> Outcome:
    """Add or change what an organisation holds. The organisation is the first of the key, what it holds the second."""
    end, before = _END[table], find(connection, table, key)
    outcome = put(connection, table, key, *_values(entry, end))
    after = find(connection, table, key)
    if outcome is not Outcome.SAME and after is not None:
        # An agreement that waits to be signed holds at no time yet.
        was = None if before is None or before["valid_from"] is None else _period(before, end)
        review_organisation(connection, next(iter(key.values())), moments(at, was, _period(after, end)))
        write_line(connection, _line(key, before, after, end, at, author))
    return outcome


def _line(key: Values, before: RowMapping | None, after: RowMapping, end: str, at: datetime, author: Author) -> Line:
    """What an organisation has agreed from when, or until when."""
    holder, what = key.items()
    ends = before is not None and before[end] is None and after[end] is not None
    return Line(
        LineKind.AGREEMENT,
        Happened.GRANTED if before is None else Happened.ENDED if ends else Happened.CHANGED,
        at,
        author.surface,
        person=author.person,
        organisation=OrganisationId(holder[1]),
        facts={
            "by": author.by,
            what[0]: what[1],
            **differing(before, {name: after[name] for name in ("valid_from", end)}),
        },
    )


def _values(entry: Holding, end: str) -> tuple[Values, AbstractSet[str]]:
    refuse("period_reversed" if entry.ended is not None and entry.ended < entry.from_ else None, "ended")
    ended = None if entry.ended is None else beginning_of(entry.ended)
    given = {"valid_from", end} if "ended" in entry.model_fields_set else {"valid_from"}
    return {"valid_from": beginning_of(entry.from_), end: ended}, given


def _period(row: RowMapping, end: str) -> Period:
    return Period(row["valid_from"], row[end])
