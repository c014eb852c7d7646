"""Reads cases as views, each made for one reader: what is read around a case does not leave this module."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from core.ports.reads import Waiting
from core.shared.vocabulary import SIDE_OF, CaseId, PersonId, Side
from core.storage.context.authority_sql import WORDS, grants
from core.storage.context.situations import grants_from_json
from core.storage.engine.conditions import CLAUSES, bind_ids
from core.storage.reads.case_records import read_records, read_timeline
from core.storage.tables import to_micros
from core.views.case_view import CaseView, WholeView, disclose
from core.views.readers import CaseReader
from core.views.recipients import AddressedView, Recipient, addressed
from core.views.timeline import disclose_timeline
from core.workflow.case import Grant

GRANTS = {
    dialect: text(f"SELECT p.id, {grants(words, 'p.id')} AS grants FROM persons p WHERE p.active AND p.id {among}")  # noqa: S608
    for dialect, words, among in ((each, WORDS[each], CLAUSES[each]) for each in WORDS)
}


def read_views(connection: Connection, cases: Sequence[CaseId], reader: CaseReader) -> dict[CaseId, CaseView]:
    """Return cases in the order asked for, as a reader may know them; unknown ones and those of others are left out."""
    records = read_records(connection, cases) if cases else {}
    found = ((case, records[case]) for case in cases if case in records)
    seen = ((case, record, reader.side_of(record.case)) for case, record in found)
    return {case: disclose(record, side, ()) for case, record, side in seen if side is not None}


def read_listed(connection: Connection, rows: Sequence[Waiting]) -> list[CaseView]:
    """Return the case of each row of a list, as the part that is played in it may know it."""
    records = read_records(connection, tuple({row.case: None for row in rows})) if rows else {}
    return [disclose(records[row.case], SIDE_OF[row.part], (row.part,)) for row in rows]


def read_whole(connection: Connection, case: CaseId, side: Side) -> WholeView | None:
    """Return a case with its whole history for one side, None for an unknown one."""
    record = read_records(connection, [case]).get(case)
    if record is None:
        return None
    return WholeView(disclose(record, side, ()), disclose_timeline(record, read_timeline(connection, case), side))


def read_addressed(
    connection: Connection, recipients: Sequence[Recipient], at: datetime
) -> dict[Recipient, AddressedView]:
    """Return the cases of cards for whom the cards are to, in a constant number of statements."""
    cases = tuple(dict.fromkeys(recipient.case for recipient in recipients))
    records = read_records(connection, cases) if cases else {}
    people = [recipient.person for recipient in recipients if recipient.person is not None]
    return addressed(records, recipients, read_grants(connection, people, at))


def read_grants(connection: Connection, people: Sequence[PersonId], at: datetime) -> Mapping[PersonId, Sequence[Grant]]:
    """Return the rights that people have now, own and as substitutes; whoever has left is left out."""
    values: dict[str, Any] = {"ids": bind_ids(connection, sorted(set(people))), "at": to_micros(at)}
    rows = connection.execute(GRANTS[connection.dialect.name], values) if people else ()
    return {PersonId(row.id): grants_from_json(row.grants, row.id) for row in rows}
