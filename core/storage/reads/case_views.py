"""Reads cases as views, each made for one reader: what is read around a case does not leave this module."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, select, text

from core.applications.application import KIND_OF, NOTHING_KNOWN
from core.audit.records import SLACK_OFF
from core.ports.reads import Waiting
from core.register.organisations import Organisation, Rules, is_personal
from core.shared.traits import TRAITS
from core.shared.vocabulary import (
    SIDE_OF,
    Action,
    Assurance,
    CaseId,
    Happened,
    Language,
    LineKind,
    OrganisationId,
    Part,
    PersonId,
    ReasonCode,
    Side,
    State,
    Surface,
)
from core.storage import tables
from core.storage.context.application_context import read_applying
from core.storage.context.authority_sql import WORDS, grants
from core.storage.context.coding import (
    case_from_row,
    grants_from_json,
    localised,
    organisation_from_row,
    routines,
    rules,
)
from core.storage.context.reviews import FOREVER
from core.storage.database.sessions import CLAUSES, bind_ids, rows_of, statements
from core.storage.reads.organisation_search import ORGANISATIONS
from core.storage.tables import to_micros
from core.views.case_view import CaseView, WholeView, disclose
from core.views.readers import CaseReader
from core.views.recipients import AddressedView, Recipient, addressed
from core.views.record import NO_OFFER, CaseRecord, OfferWords, SlackChange, Timeline
from core.views.timeline import disclose_slack, disclose_timeline
from core.workflow.case import Case, Decision, Grant, Order

PEOPLE = statements("SELECT id, name FROM persons WHERE id {among}")
GRANTS = {
    dialect: text(f"SELECT p.id, {grants(words, 'p.id')} AS grants FROM persons p WHERE p.active AND p.id {among}")  # noqa: S608
    for dialect, words, among in ((each, WORDS[each], CLAUSES[each]) for each in WORDS)
}


def read_views(connection: Connection, cases: Sequence[CaseId], reader: CaseReader) -> dict[CaseId, CaseView]:
    """Return cases in the order asked for, as a reader may know them; unknown ones and those of others are left out."""
    return read_each(connection, dict.fromkeys(cases, reader))


def read_each(connection: Connection, readers: Mapping[CaseId, CaseReader]) -> dict[CaseId, CaseView]:
    """Return the same, each case as a reader of its own may know it."""
    records = read_records(connection, tuple(readers)) if readers else {}
    found = ((case, records[case], reader) for case, reader in readers.items() if case in records)
    seen = ((case, record, reader.side_of(record.case)) for case, record, reader in found)
    return {case: disclose(record, side, ()) for case, record, side in seen if side is not None}


def read_listed(connection: Connection, rows: Sequence[Waiting]) -> list[CaseView]:
    """Return the case of each row of a list, as the part that is played in it may know it."""
    records = read_records(connection, tuple({row.case: None for row in rows})) if rows else {}
    return [disclose(records[row.case], SIDE_OF[row.part], ()) for row in rows]


def read_whole(connection: Connection, case: CaseId, side: Side) -> WholeView | None:
    """Return a case with its whole history for one side, None for an unknown one."""
    record = read_records(connection, [case]).get(case)
    if record is None:
        return None
    past = read_timeline(connection, case)
    return WholeView(
        disclose(record, side, ()), disclose_timeline(record, past, side), disclose_slack(record, past, side)
    )


def read_addressed(
    connection: Connection, recipients: Sequence[Recipient], at: datetime
) -> dict[Recipient, AddressedView]:
    """Return the cases of cards for whom the cards are to, in a constant number of statements."""
    cases = tuple(dict.fromkeys(recipient.case for recipient in recipients))
    records = read_records(connection, cases) if cases else {}
    people = [recipient.person for recipient in recipients if recipient.person is not None]
    return addressed(records, recipients, read_grants(connection, people, at), at)


def read_grants(connection: Connection, people: Sequence[PersonId], at: datetime) -> Mapping[PersonId, Sequence[Grant]]:
    """Return the rights that people have now, own and as substitutes; whoever has left is left out."""
    values: dict[str, Any] = {"ids": bind_ids(connection, sorted(set(people))), "at": to_micros(at)}
    rows = connection.execute(GRANTS[connection.dialect.name], values) if people else ()
    return {PersonId(row.id): grants_from_json(row.grants, row.id) for row in rows}


CASES = statements("""
    SELECT cases.*, offers.name AS offer_name, offers.terms_url, offers.template, offers.routines,
           services.name AS service_name, services.handles_personal_data,
           COALESCE(persons.language, customers.language) AS orderer_language
    FROM cases LEFT JOIN offers ON offers.id = cases.offer_id LEFT JOIN services ON services.id = offers.service_id
    LEFT JOIN persons ON persons.id = cases.orderer_id
    LEFT JOIN organisations customers ON customers.id = cases.customer_id
    WHERE cases.id {among}""")


def read_records(connection: Connection, cases: Sequence[CaseId]) -> dict[CaseId, CaseRecord]:
    """Return the records of cases; unknown ids are left out."""
    rows = {CaseId(row.id): row for row in rows_of(connection, CASES, cases)}
    found = {id_: case_from_row(row) for id_, row in rows.items()}
    around = rows_of(connection, ORGANISATIONS, tuple(_organisations_in(found.values())))
    organisations = {OrganisationId(row.id): organisation_from_row(row) for row in around}
    declared = {row.id: rules(row.self_attest_allowed, row.eid_from_ore, row.tiers) for row in around}
    people = names_of_people(connection, _people_in(found.values()))
    applications = [each for each in found.values() if not each.is_order]
    applying = read_applying(connection, applications, FOREVER) if applications else {}
    organisations |= {each.customer: _applicant(each) for each in applications if each.customer not in organisations}
    return {
        id_: CaseRecord(
            case,
            _offer(rows[id_]),
            organisations,
            people,
            _language(rows[id_]),
            _rules(case, declared),
            applying.get(id_, NOTHING_KNOWN),
        )
        for id_, case in found.items()
    }


def _applicant(case: Case) -> Organisation:
    """The organisation that an application would make, as it says itself."""
    application = case.application
    number = application.org_number
    kinds = frozenset({KIND_OF[TRAITS[case.flow].agreement]})
    personal = is_personal(number)
    return Organisation(case.customer, application.organisation, number, personal, kinds, application.category)


def _rules(case: Case, declared: Mapping[str, Rules]) -> dict[Side, Rules]:
    sides = {Side.CUSTOMER: case.customer, Side.AGENT: case.agent}
    return {side: declared[each] for side, each in sides.items() if each is not None and each in declared}


def _language(row: Row[Any]) -> Language | None:
    return Language(row.orderer_language) if row.orderer_language else None


def _offer(row: Row[Any]) -> OfferWords:
    if row.offer_id is None:
        return NO_OFFER
    return OfferWords(
        service=localised(row.service_name),
        offer=localised(row.offer_name),
        terms_url=row.terms_url,
        template=localised(row.template),
        handles_personal_data=bool(row.handles_personal_data),
        routines=routines(row.routines),
    )


def _organisations_in(cases: Iterable[Case]) -> set[OrganisationId]:
    named = {
        organisation
        for case in cases
        for organisation in (
            case.customer,
            case.agent,
            *(_named_in(case.order) if case.is_order else ()),
            *(decision.organisation for decision in case.decisions),
        )
    }
    return {each for each in named if each is not None}


def _named_in(order: Order) -> tuple[OrganisationId | None, ...]:
    earlier = (connection.way.agent for connection in order.earlier)
    return order.named_agent, order.replaces_agent, *earlier, order.before and order.before.agent


def _people_in(cases: Iterable[Case]) -> set[PersonId]:
    named = {
        person
        for case in cases
        for person in (
            case.orderer,
            case.chosen_attestant,
            case.claimed_by,
            *case.recused,
            *case.aside,
            *(each.giver for each in case.handed),
            *(case.limited.reserves if case.limited else ()),
            *(person for each in case.asked for person in (each.person, each.absent)),
            *(person for each in case.decisions for person in (each.person, each.absent, each.to)),
        )
    }
    return {each for each in named if each is not None}


def names_of_people(connection: Connection, ids: Iterable[PersonId]) -> dict[PersonId, str]:
    """Return names by id; unknown ids are left out."""
    return {PersonId(row.id): row.name for row in rows_of(connection, PEOPLE, tuple(ids))}


_ACTIONS = frozenset(map(str, Action))


def read_timeline(connection: Connection, case: CaseId) -> Timeline:
    """Return the history of a case, the earliest first; nothing for an unknown one."""
    mine = and_(tables.history.c.case_id == case, tables.history.c.kind.in_((LineKind.CHANGE, LineKind.DELIVERY)))
    rows = connection.execute(select(tables.history).where(mine).order_by(tables.history.c.revision)).all()
    done = tuple(_decision(row) for row in rows if row.kind == LineKind.CHANGE and row.action in _ACTIONS)
    named = {person for each in done for person in (each.person, each.absent, each.to) if person is not None}
    sent = [row for row in rows if row.kind == LineKind.DELIVERY]
    return Timeline(done, names_of_people(connection, named), _slack_changes(connection, sent))


def _slack_changes(connection: Connection, sent: Sequence[Row[Any]]) -> tuple[SlackChange, ...]:
    """Return when messages of a case left an organisation's Slack that was off, or came back there."""
    told = [(row, json.loads(row.evidence)) for row in sent]
    moved = [
        (facts["workspace"], row.at, row.action == Happened.CAME_BACK)
        for row, facts in told
        if row.action == Happened.CAME_BACK or (row.action == Happened.MOVED and facts.get("error") == SLACK_OFF)
    ]
    if not moved:
        return ()
    known = tables.workspaces.c
    theirs = and_(known.id.in_({workspace for workspace, *_ in moved}), known.organisation_id.is_not(None))
    of = dict(connection.execute(select(known.id, known.organisation_id).where(theirs)).all())
    return tuple(
        SlackChange(OrganisationId(of[workspace]), at, is_back) for workspace, at, is_back in moved if workspace in of
    )


def _decision(row: Row[Any]) -> Decision:
    evidence = json.loads(row.evidence)
    code = evidence.get("reason_code")
    return Decision(
        step=row.step,
        state=State(row.from_state),
        action=Action(row.action),
        part=Part(row.part),
        person=_person(row.person_id),
        organisation=None if row.organisation_id is None else OrganisationId(row.organisation_id),
        at=row.at,
        surface=Surface(row.surface),
        assurance=Assurance(row.assurance),
        content_version=row.content_version,
        reason_code=ReasonCode(code) if code else None,
        absent=_person(evidence.get("absent")),
        limit_ore=evidence.get("limit_ore"),
        to=_person(evidence.get("to")),
    )


def _person(stored: str | None) -> PersonId | None:
    return None if stored is None else PersonId(stored)
