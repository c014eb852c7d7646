"""The register's entries as audit records tell them, as baselines keep them and as tables hold them."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select, tuple_

from core.audit.connection_replay import ReplayedConnection
from core.audit.register_replay import (
    EntryKey,
    EntryKind,
    ReplayedAgreement,
    ReplayedAssignment,
    ReplayedEntry,
    ReplayedOffer,
    ReplayedPrice,
    ReplayedRole,
    ReplayedSubstitution,
    Value,
    assignment,
)
from core.shared.vocabulary import AgentField, AgreementType, Flow, Happened, LineKind, OrganisationId, PersonId, Role
from core.storage import tables
from core.storage.audit.connection_records import connection_from, kept_connection, recorded_connections
from core.storage.context.coding import rules
from core.storage.reads.documents import hash_of
from core.storage.tables import from_micros, to_micros

# What lines besides baselines tell of the register; the second of what history began to hold by a later upgrade.
FIRST_KINDS = (LineKind.ROLE, LineKind.SUBSTITUTION, LineKind.ORGANISATION, LineKind.PERSON, LineKind.PRICE)
LATER_KINDS = (LineKind.AGREEMENT, LineKind.OFFER)
KINDS = (*FIRST_KINDS, *LATER_KINDS)
ORGANISATIONS = (
    EntryKind.SELF_ATTEST,
    EntryKind.EID,
    EntryKind.TIERS,
    EntryKind.REMINDERS,
    EntryKind.REMINDER_HOUR,
)
# An offer as its line, a baseline and its row hold it, in this order.
OFFER = (
    "service_id", "flow", "agent_field", "needs_units", "categories", "active", "sole_traders_only", "terms_url",
)  # fmt: skip
# An entry as a baseline keeps it: of what, its number, ids or codes, and what it says.
Stored = list[Any]
# Whoever is nobody stands for those whom a purge took out of a case.
NOBODY = "P-NOBODY"


def recorded_entries(row: Any) -> Sequence[ReplayedEntry]:  # Any: a row of history has its columns as attributes
    """Return the entries that a row of history leaves. Raise ValueError or KeyError where its words are none of
    ours.
    """
    facts: dict[str, Any] = json.loads(row.evidence)
    if row.kind == LineKind.BASELINE:
        return [from_baseline(stored) for stored in facts["entries"]]
    return list(_TOLD[LineKind(row.kind)](row, facts)) if row.kind in _TOLD else []


# --- of lines


def _role(row: Any, facts: Mapping[str, Any]) -> Iterator[ReplayedEntry]:
    role = ReplayedRole(
        person=PersonId(row.about_id),
        organisation=OrganisationId(row.organisation_id),
        role=Role(facts["role"]),
        service=facts.get("service_id"),
        limit_ore=facts.get("attest_limit_ore"),
        since=_instant(facts["valid_from"]),
        until=_end(facts.get("valid_to")),
    )
    yield ReplayedEntry(_numbered(EntryKind.ROLE, facts["number"]), role)


def _substitution(row: Any, facts: Mapping[str, Any]) -> Iterator[ReplayedEntry]:
    substitution = ReplayedSubstitution(
        absent=PersonId(row.about_id),
        substitute=PersonId(facts["substitute"]),
        organisation=OrganisationId(row.organisation_id),
        role=Role(facts["role"]),
        since=_instant(facts["valid_from"]),
        until=_instant(facts["valid_to"]),
    )
    yield ReplayedEntry(_numbered(EntryKind.SUBSTITUTION, facts["number"]), substitution)


def _organisation(row: Any, facts: Mapping[str, Any]) -> Iterator[ReplayedEntry]:
    # A line tells of what is another, and leaves out what is nothing now.
    is_declared = row.action in {Happened.SET, Happened.CHANGED}
    changed = {*facts, *facts.get("before", ())} if is_declared else set[str]()
    for of in ORGANISATIONS:
        if of in changed:
            yield _declared(of, row.organisation_id, facts.get(of))


def _person(row: Any, facts: Mapping[str, Any]) -> Iterator[ReplayedEntry]:  # noqa: ARG001 - one signature
    if row.action in {Happened.LEFT, Happened.CAME_BACK}:
        yield ReplayedEntry(EntryKey(EntryKind.LEFT, row.about_id), row.action == Happened.LEFT)


def _price(row: Any, facts: Mapping[str, Any]) -> Iterator[ReplayedEntry]:  # noqa: ARG001 - one signature
    which = [facts["offer"], facts["payer"], facts["kind"], facts["unit"], facts["valid_from"]]
    yield ReplayedEntry(_price_key(which), ReplayedPrice(facts["amount_ore"], facts["period"], facts.get("valid_to")))


def _agreement(row: Any, facts: Mapping[str, Any]) -> Iterator[ReplayedEntry]:
    if "service_id" in facts:
        days = _instant(facts["valid_from"]), _end(facts.get("valid_to"))
        yield ReplayedEntry(assignment(row.organisation_id, facts["service_id"]), ReplayedAssignment(*days))
        return
    document = facts.get("document_hash")
    agreed = ReplayedAgreement(
        organisation=OrganisationId(row.organisation_id),
        type=AgreementType(facts["type"]),
        since=_instant(facts["valid_from"]),
        until=_end(facts.get("ended_at")),
        document=document,
        text=document,
    )
    yield ReplayedEntry(_numbered(EntryKind.AGREEMENT, facts["number"]), agreed)


def _offer(row: Any, facts: Mapping[str, Any]) -> Iterator[ReplayedEntry]:  # noqa: ARG001 - one signature
    yield ReplayedEntry(EntryKey(EntryKind.OFFER, facts["offer"]), _offered([facts[name] for name in OFFER]))


def _connections(row: Any, facts: Mapping[str, Any]) -> Iterator[ReplayedEntry]:  # noqa: ARG001 - one signature
    for number, connection in recorded_connections(facts):
        yield ReplayedEntry(_numbered(EntryKind.CONNECTION, number), connection)


_TOLD = {
    LineKind.ROLE: _role,
    LineKind.SUBSTITUTION: _substitution,
    LineKind.ORGANISATION: _organisation,
    LineKind.PERSON: _person,
    LineKind.PRICE: _price,
    LineKind.AGREEMENT: _agreement,
    LineKind.OFFER: _offer,
    LineKind.CONNECTION: _connections,
}


def _numbered(of: EntryKind, number: object) -> EntryKey:
    return EntryKey(of, str(int(str(number))))


def _declared(of: EntryKind, organisation: str, value: Any) -> ReplayedEntry:
    key = EntryKey(of, organisation)
    if of is EntryKind.TIERS:
        return ReplayedEntry(key, rules(None, None, value).tiers)
    return ReplayedEntry(key, bool(value) if of is EntryKind.SELF_ATTEST else value)


def _price_key(which: Iterable[str]) -> EntryKey:
    return EntryKey(EntryKind.PRICE, " ".join(which))


def _offered(values: Sequence[Any]) -> ReplayedOffer:
    service, flow, agent_field, needs_units, categories, *more = values
    return ReplayedOffer(service, Flow(flow), AgentField(agent_field), needs_units, tuple(categories), *more)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _end(text: str | None) -> datetime | None:
    return None if text is None else _instant(text)


# --- as baselines keep them


def to_baseline(entry: ReplayedEntry) -> Stored:
    """Write an entry as a baseline keeps it: ids, codes, amounts, and instants in microseconds."""
    (of, id_), value = entry
    return [of, id_, *(kept_connection(value) if isinstance(value, ReplayedConnection) else _kept(value))]


def _kept(value: Value) -> list[Any]:
    match value:
        case ReplayedRole():
            ours = [value.person, value.organisation, value.role, value.service, value.limit_ore]
            return [*ours, to_micros(value.since), _micros(value.until)]
        case ReplayedAgreement():
            signed = [value.document, value.text]
            return [value.organisation, value.type, to_micros(value.since), _micros(value.until), *signed]
        case ReplayedAssignment():
            return [to_micros(value.since), _micros(value.until)]
        case ReplayedOffer():
            return [part if isinstance(part, bool | str) else list(part) for part in astuple(value)]
        case ReplayedSubstitution():
            ours = [value.absent, value.substitute, value.organisation, value.role]
            return [*ours, to_micros(value.since), to_micros(value.until)]
        case ReplayedPrice():
            return [value.amount_ore, value.period, value.until]
        case tuple():
            return [[{"from_ore": tier.from_ore, "attests": tier.attests, "sequence": tier.sequence} for tier in value]]
        case _:
            return [value]


def _micros(at: datetime | None) -> int | None:
    return None if at is None else to_micros(at)


def from_baseline(stored: Stored) -> ReplayedEntry:
    """Read the entry that `to_baseline` wrote. Raise ValueError."""
    of, id_, *values = stored
    match EntryKind(of):
        case EntryKind.ROLE:
            person, organisation, role, service, limit_ore, since, until = values
            held = ReplayedRole(person, organisation, Role(role), service, limit_ore, from_micros(since), _from(until))
            return ReplayedEntry(EntryKey(EntryKind.ROLE, str(id_)), held)
        case EntryKind.SUBSTITUTION:
            absent, substitute, organisation, role, since, until = values
            substitution = ReplayedSubstitution(
                absent, substitute, organisation, Role(role), from_micros(since), from_micros(until)
            )
            return ReplayedEntry(EntryKey(EntryKind.SUBSTITUTION, str(id_)), substitution)
        case EntryKind.PRICE:
            return ReplayedEntry(EntryKey(EntryKind.PRICE, id_), ReplayedPrice(*values))
        case EntryKind.AGREEMENT:
            organisation, type_, since, until, document, text = values
            days = from_micros(since), _from(until)
            agreed = ReplayedAgreement(organisation, AgreementType(type_), *days, document, text)
            return ReplayedEntry(EntryKey(EntryKind.AGREEMENT, str(id_)), agreed)
        case EntryKind.ASSIGNMENT:
            since, until = values
            return ReplayedEntry(
                EntryKey(EntryKind.ASSIGNMENT, id_), ReplayedAssignment(from_micros(since), _from(until))
            )
        case EntryKind.CONNECTION:
            return ReplayedEntry(_numbered(EntryKind.CONNECTION, id_), connection_from(values))
        case EntryKind.OFFER:
            return ReplayedEntry(EntryKey(EntryKind.OFFER, id_), _offered(values))
        case declared:
            return _declared(declared, id_, values[0])


def _from(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)


# --- as the register stands


def read_entries(connection: Connection, of: EntryKind, after: Any, limit: int) -> tuple[list[ReplayedEntry], Any]:
    """Read the next entries of the register after a row, as many rows as asked for, and the last row; None at the
    end.
    """
    query, read = _STANDING[of]
    rows = connection.execute(query(after).limit(limit)).all()
    return [entry for row in rows for entry in read(row)], (rows[-1].id if rows else None)


def _after(table: Any) -> Any:
    def query(after: Any) -> Select[Any]:
        everything = select(table).order_by(table.c.id)
        return everything if after is None else everything.where(table.c.id > after)

    return query


def _role_of(row: Row[Any]) -> Iterator[ReplayedEntry]:
    role = ReplayedRole(
        person=row.person_id,
        organisation=row.organisation_id,
        role=Role(row.role),
        service=row.service_id,
        limit_ore=row.attest_limit_ore,
        since=row.valid_from,
        until=row.valid_to,
    )
    yield ReplayedEntry(EntryKey(EntryKind.ROLE, str(row.id)), role)


def _substitution_of(row: Row[Any]) -> Iterator[ReplayedEntry]:
    substitution = ReplayedSubstitution(
        row.absent_id, row.substitute_id, row.organisation_id, Role(row.role), row.valid_from, row.valid_to
    )
    yield ReplayedEntry(EntryKey(EntryKind.SUBSTITUTION, str(row.id)), substitution)


def _organisation_of(row: Row[Any]) -> Iterator[ReplayedEntry]:
    declared = (row.self_attest_allowed, row.eid_from_ore, row.tiers, row.reminder_days, row.reminder_hour)
    for of, value in zip(ORGANISATIONS, declared, strict=True):
        yield _declared(of, row.id, value)


def _person_of(row: Row[Any]) -> Iterator[ReplayedEntry]:
    if row.id != NOBODY:
        yield ReplayedEntry(EntryKey(EntryKind.LEFT, row.id), not row.active)


def _price_of(row: Row[Any]) -> Iterator[ReplayedEntry]:
    which = [row.offer_id, row.payer, row.kind, row.unit, _day(row.valid_from)]
    until = None if row.valid_to is None else _day(row.valid_to)
    yield ReplayedEntry(_price_key(which), ReplayedPrice(row.amount_ore, row.period, until))


def _signed(after: Any) -> Select[Any]:
    """Select agreements that hold, have held or will; one that waits to be signed, or never was, is none."""
    signed, drawn = tables.agreements, tables.documents
    is_its = (drawn.c.case_id == signed.c.case_id) & (drawn.c.hash == signed.c.document_hash)
    query = select(signed, drawn.c.text).outerjoin(drawn, is_its).where(signed.c.valid_from.is_not(None))
    everything = query.order_by(signed.c.id)
    return everything if after is None else everything.where(signed.c.id > after)


def _agreement_of(row: Row[Any]) -> Iterator[ReplayedEntry]:
    agreed = ReplayedAgreement(
        organisation=row.organisation_id,
        type=AgreementType(row.type),
        since=row.valid_from,
        until=row.ended_at,
        document=row.document_hash,
        text=None if row.text is None else hash_of(row.text),
    )
    yield ReplayedEntry(EntryKey(EntryKind.AGREEMENT, str(row.id)), agreed)


def _given(after: Any) -> Select[Any, Any, Any]:
    # Two columns are the key, which stand together as they do in the entry.
    assignments = tables.agent_assignments.c
    both = assignments.agent_id, assignments.service_id
    id_ = (assignments.agent_id + " " + assignments.service_id).label("id")
    everything = select(id_, assignments.valid_from, assignments.valid_to).order_by(*both)
    return everything if after is None else everything.where(tuple_(*both) > tuple_(*after.split(" ")))


def _assignment_of(row: Row[Any]) -> Iterator[ReplayedEntry]:
    yield ReplayedEntry(EntryKey(EntryKind.ASSIGNMENT, row.id), ReplayedAssignment(row.valid_from, row.valid_to))


def _offer_of(row: Row[Any]) -> Iterator[ReplayedEntry]:
    yield ReplayedEntry(EntryKey(EntryKind.OFFER, row.id), _offered([getattr(row, name) for name in OFFER]))


def _day(day: date) -> str:
    return day.isoformat()


_STANDING: dict[EntryKind, tuple[Any, Any]] = {
    EntryKind.ROLE: (_after(tables.role_assignments), _role_of),
    EntryKind.SUBSTITUTION: (_after(tables.substitutions), _substitution_of),
    EntryKind.SELF_ATTEST: (_after(tables.organisations), _organisation_of),
    EntryKind.LEFT: (_after(tables.persons), _person_of),
    EntryKind.PRICE: (_after(tables.price_items), _price_of),
    EntryKind.AGREEMENT: (_signed, _agreement_of),
    EntryKind.ASSIGNMENT: (_given, _assignment_of),
    EntryKind.OFFER: (_after(tables.offers), _offer_of),
}
# Of which all are read.
TABLES = tuple(_STANDING)
