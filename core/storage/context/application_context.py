"""Reads what is known around applications, in a constant number of statements however many they are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from core.applications.application import Applying, Contact, OtherApplication
from core.applications.attachment import AttachedFile, FileKind
from core.shared.traits import TRAITS
from core.shared.vocabulary import CaseId, Flow, OrganisationId, PersonId, Role, State
from core.storage import tables
from core.storage.context.application_coding import application_from_json
from core.storage.context.reviews import ReviewPeriod
from core.storage.database.conditions import goes_on
from core.workflow.case import Case

# So many other applications of an organisation are pointed out.
OTHERS = 5


@dataclass(frozen=True)
class _Beside:
    """Other open applications with the number of one: some, how many, and which of all waits first at Inera."""

    shown: Sequence[Any]
    count: int
    first: CaseId | None


def read_applying(connection: Connection, cases: Sequence[Case], at: datetime) -> dict[CaseId, Applying]:
    """Return what is known around each of some applications."""
    numbers = {each.application.org_number for each in cases}
    organisations = {row.org_number: row for row in _organisations(connection, numbers)}
    agreements = _agreements(connection, [row.id for row in organisations.values()], at)
    beside = _beside(cases, _open(connection, numbers))
    people = _people(connection, {contact.email for each in cases for contact in each.application.contacts})
    administrators = _administrators(connection, [row.id for row in organisations.values()])
    contents = _contents(connection, [row.id for rows in beside.values() for row in rows.shown])
    files = _files(connection, [each.id for each in cases])
    found = {
        each.id: _around(each, organisations, agreements, beside[each.id], contents, people, administrators)
        for each in cases
    }
    return {case: replace(around, file=files.get(case)) for case, around in found.items()}


def _around(
    case: Case,
    organisations: dict[str, Any],
    agreements: Sequence[Any],
    beside: _Beside,
    contents: Mapping[str, str],
    people: Sequence[Any],
    administrators: Sequence[Any],
) -> Applying:
    application = case.application
    known, kind = organisations.get(application.org_number), TRAITS[case.flow].agreement
    made = [each for each in agreements if known is not None and each.organisation_id == known.id]
    addresses = {each.email for each in application.contacts}
    there = [each for each in administrators if known is not None and each.organisation_id == known.id]
    return Applying(
        organisation=None if known is None else OrganisationId(known.id),
        name=None if known is None else known.name,
        has_agreement=any(each.type == kind and each.case_id != case.id for each in made),
        others=tuple(_other(row, contents[row.id]) for row in beside.shown),
        others_count=beside.count,
        first=beside.first,
        people={each.email: PersonId(each.id) for each in people if each.email in addresses},
        administrators=tuple(
            Contact(each.name, each.email, PersonId(each.id))
            for each in there
            if ReviewPeriod(each.valid_from, each.valid_to).holds(case.waiting_since)
        ),
        left=frozenset(each.email for each in people if each.email in addresses and not each.active),
    )


def _organisations(connection: Connection, numbers: Iterable[str]) -> Sequence[Any]:
    table = tables.organisations.c
    query = select(table.id, table.name, table.org_number).where(table.org_number.in_(sorted(numbers)))
    return connection.execute(query).all()


def _agreements(connection: Connection, organisations: Sequence[str], at: datetime) -> Sequence[Any]:
    made = tables.agreements.c
    mine = (made.organisation_id.in_(organisations), goes_on(made.ended_at, at))
    query = select(made.organisation_id, made.type, made.case_id).where(*mine)
    return connection.execute(query).all()


def _other(row: Any, content: str) -> OtherApplication:
    application = application_from_json(content)
    return OtherApplication(
        case=CaseId(row.id),
        flow=Flow(row.flow),
        state=State(row.state),
        organisation=application.organisation,
        administrator=application.administrator,
        sent_in_at=row.created_at,
    )


def _open(connection: Connection, numbers: Iterable[str]) -> Sequence[Any]:
    """The open applications with some numbers: what waits at customer service first, in the order that it came."""
    cases = tables.cases.c
    query = (
        select(cases.id, cases.applicant_number, cases.flow, cases.state, cases.created_at)
        .where(cases.applicant_number.in_(sorted(numbers)), cases.closed_at.is_(None))
        .order_by(cases.state != State.APPLICATION_SUBMITTED, cases.waiting_since, cases.id)
    )
    return connection.execute(query).all()


def _beside(cases: Sequence[Case], found: Sequence[Any]) -> dict[CaseId, _Beside]:
    beside: dict[CaseId, _Beside] = {}
    for case in cases:
        same = [row for row in found if row.applicant_number == case.application.org_number]
        others = [row for row in same if row.id != case.id]
        waiting = next((CaseId(row.id) for row in same if row.state == State.APPLICATION_SUBMITTED), None)
        beside[case.id] = _Beside(others[:OTHERS], len(others), waiting)
    return beside


def _contents(connection: Connection, cases: Sequence[str]) -> Mapping[str, str]:
    if not cases:
        return {}
    query = select(tables.cases.c.id, tables.cases.c.content).where(tables.cases.c.id.in_(sorted(set(cases))))
    return {row.id: row.content for row in connection.execute(query)}


def _files(connection: Connection, cases: Sequence[CaseId]) -> Mapping[str, AttachedFile]:
    sent = tables.attachments.c
    query = select(sent.case_id, sent.kind, sent.size, sent.sent_at).where(sent.case_id.in_(cases))
    rows = connection.execute(query) if any(cases) else ()
    return {row.case_id: AttachedFile(FileKind(row.kind), row.size, row.sent_at) for row in rows}


def _people(connection: Connection, addresses: Iterable[str]) -> Sequence[Any]:
    people = tables.persons.c
    query = select(people.email, people.id, people.active).where(people.email.in_(sorted(addresses)))
    return connection.execute(query).all()


def _administrators(connection: Connection, organisations: Sequence[str]) -> Sequence[Any]:
    """Those who have administered, or are to; whoever has left is told of nothing."""
    held, people = tables.role_assignments.c, tables.persons.c
    query = (
        select(held.organisation_id, held.valid_from, held.valid_to, people.id, people.name, people.email)
        .join(tables.persons, people.id == held.person_id)
        .where(held.organisation_id.in_(organisations), held.role == Role.ADMINISTRATOR, people.active)
        .order_by(people.name, people.id)
    )
    return connection.execute(query).all()
