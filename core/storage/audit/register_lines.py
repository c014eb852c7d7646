"""The register as lines of history hold it: what each leaves of which entry, and entries as baselines keep them."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select, tuple_

from core.audit.register_replay import (
    Agreed,
    Assigned,
    Key,
    Lent,
    Of,
    Offered,
    Priced,
    ReplayedEntry,
    ReplayedRole,
    Value,
    assignment,
)
from core.shared.vocabulary import AgentField, AgreementType, Flow, Happened, LineKind, OrganisationId, PersonId, Role
from core.storage import tables
from core.storage.context.situations import rules
from core.storage.reads.documents import hash_of
from core.storage.tables import from_micros, to_micros

# What lines besides baselines tell of the register; the second of what history began to hold by a later upgrade.
FIRST_KINDS = (LineKind.ROLE, LineKind.SUBSTITUTION, LineKind.ORGANISATION, LineKind.PERSON, LineKind.PRICE)
LATER_KINDS = (LineKind.AGREEMENT, LineKind.OFFER)
KINDS = (*FIRST_KINDS, *LATER_KINDS)
ORGANISATIONS = (Of.SELF_ATTEST, Of.EID, Of.TIERS)
# An offer as its line, a baseline and its row hold it, in this order.
OFFER = (
    "service_id", "flow", "agent_field", "needs_units", "categories", "active", "sole_traders_only", "terms_url",
)  # fmt: skip
# An entry as a baseline keeps it: of what, its number, ids or codes, and what it says.
Stored = list[Any]
# Whoever is nobody stands for those whom a purge took out of a case.
NOBODY = "P-NOBODY"


def entries_of(row: Any) -> Sequence[ReplayedEntry]:  # Any: a row of history has its columns as attributes
    """What a line leaves of the register. Raises ValueError and KeyError where its words are none of ours."""
    said: dict[str, Any] = json.loads(row.evidence)
    if row.kind == LineKind.BASELINE:
        return [from_baseline(each) for each in said["entries"]]
    return list(_TOLD[LineKind(row.kind)](row, said)) if row.kind in _TOLD else []


# --- of lines


def _role(row: Any, said: Mapping[str, Any]) -> Iterator[ReplayedEntry]:
    held = ReplayedRole(
        person=PersonId(row.about_id),
        organisation=OrganisationId(row.organisation_id),
        role=Role(said["role"]),
        service=said.get("service_id"),
        limit_ore=said.get("attest_limit_ore"),
        since=_instant(said["valid_from"]),
        until=_end(said.get("valid_to")),
    )
    yield ReplayedEntry(_numbered(Of.ROLE, said["number"]), held)


def _substitution(row: Any, said: Mapping[str, Any]) -> Iterator[ReplayedEntry]:
    lent = Lent(
        absent=PersonId(row.about_id),
        substitute=PersonId(said["substitute"]),
        organisation=OrganisationId(row.organisation_id),
        role=Role(said["role"]),
        since=_instant(said["valid_from"]),
        until=_instant(said["valid_to"]),
    )
    yield ReplayedEntry(_numbered(Of.SUBSTITUTION, said["number"]), lent)


def _organisation(row: Any, said: Mapping[str, Any]) -> Iterator[ReplayedEntry]:
    # A line tells of what is another, and leaves out what is nothing now.
    is_declared = row.action in {Happened.SET, Happened.CHANGED}
    changed = {*said, *said.get("before", ())} if is_declared else set[str]()
    for of in ORGANISATIONS:
        if of in changed:
            yield _declared(of, row.organisation_id, said.get(of))


def _person(row: Any, said: Mapping[str, Any]) -> Iterator[ReplayedEntry]:  # noqa: ARG001 - one signature
    if row.action in {Happened.LEFT, Happened.CAME_BACK}:
        yield ReplayedEntry(Key(Of.LEFT, row.about_id), row.action == Happened.LEFT)


def _price(row: Any, said: Mapping[str, Any]) -> Iterator[ReplayedEntry]:  # noqa: ARG001 - one signature
    which = [said["offer"], said["payer"], said["kind"], said["unit"], said["valid_from"]]
    yield ReplayedEntry(_price_key(which), Priced(said["amount_ore"], said["period"], said.get("valid_to")))


def _agreement(row: Any, said: Mapping[str, Any]) -> Iterator[ReplayedEntry]:
    if "service_id" in said:
        days = _instant(said["valid_from"]), _end(said.get("valid_to"))
        yield ReplayedEntry(assignment(row.organisation_id, said["service_id"]), Assigned(*days))
        return
    document = said.get("document_hash")
    agreed = Agreed(
        organisation=OrganisationId(row.organisation_id),
        type=AgreementType(said["type"]),
        since=_instant(said["valid_from"]),
        until=_end(said.get("ended_at")),
        document=document,
        text=document,
    )
    yield ReplayedEntry(_numbered(Of.AGREEMENT, said["number"]), agreed)


def _offer(row: Any, said: Mapping[str, Any]) -> Iterator[ReplayedEntry]:  # noqa: ARG001 - one signature
    yield ReplayedEntry(Key(Of.OFFER, said["offer"]), _offered([said[name] for name in OFFER]))


_TOLD = {
    LineKind.ROLE: _role,
    LineKind.SUBSTITUTION: _substitution,
    LineKind.ORGANISATION: _organisation,
    LineKind.PERSON: _person,
    LineKind.PRICE: _price,
    LineKind.AGREEMENT: _agreement,
    LineKind.OFFER: _offer,
}


def _numbered(of: Of, number: object) -> Key:
    return Key(of, str(int(str(number))))


def _declared(of: Of, organisation: str, said: Any) -> ReplayedEntry:
    key = Key(of, organisation)
    if of is Of.TIERS:
        return ReplayedEntry(key, rules(None, None, said).tiers)
    return ReplayedEntry(key, bool(said) if of is Of.SELF_ATTEST else said)


def _price_key(which: Iterable[str]) -> Key:
    return Key(Of.PRICE, " ".join(which))


def _offered(said: Sequence[Any]) -> Offered:
    service, flow, agent_field, needs_units, categories, *more = said
    return Offered(service, Flow(flow), AgentField(agent_field), needs_units, tuple(categories), *more)


def _instant(said: str) -> datetime:
    return datetime.fromisoformat(said)


def _end(said: str | None) -> datetime | None:
    return None if said is None else _instant(said)


# --- as baselines keep them


def to_baseline(entry: ReplayedEntry) -> Stored:
    """An entry as a baseline keeps it: ids, codes, amounts, and instants in microseconds."""
    of, id_ = entry.key
    return [of, id_, *_kept(entry.value)]


def _kept(value: Value) -> list[Any]:
    match value:
        case ReplayedRole():
            ours = [value.person, value.organisation, value.role, value.service, value.limit_ore]
            return [*ours, to_micros(value.since), _micros(value.until)]
        case Agreed():
            signed = [value.document, value.text]
            return [value.organisation, value.type, to_micros(value.since), _micros(value.until), *signed]
        case Assigned():
            return [to_micros(value.since), _micros(value.until)]
        case Offered():
            return [each if isinstance(each, bool | str) else list(each) for each in astuple(value)]
        case Lent():
            ours = [value.absent, value.substitute, value.organisation, value.role]
            return [*ours, to_micros(value.since), to_micros(value.until)]
        case Priced():
            return [value.amount_ore, value.period, value.until]
        case tuple():
            return [[{"from_ore": each.from_ore, "attests": each.attests, "sequence": each.sequence} for each in value]]
        case _:
            return [value]


def _micros(at: datetime | None) -> int | None:
    return None if at is None else to_micros(at)


def from_baseline(stored: Stored) -> ReplayedEntry:
    """The entry behind what `to_baseline` made. Raises ValueError."""
    of, id_, *said = stored
    match Of(of):
        case Of.ROLE:
            person, organisation, role, service, limit_ore, since, until = said
            held = ReplayedRole(person, organisation, Role(role), service, limit_ore, from_micros(since), _from(until))
            return ReplayedEntry(Key(Of.ROLE, str(id_)), held)
        case Of.SUBSTITUTION:
            absent, substitute, organisation, role, since, until = said
            lent = Lent(absent, substitute, organisation, Role(role), from_micros(since), from_micros(until))
            return ReplayedEntry(Key(Of.SUBSTITUTION, str(id_)), lent)
        case Of.PRICE:
            return ReplayedEntry(Key(Of.PRICE, id_), Priced(*said))
        case Of.AGREEMENT:
            organisation, type_, since, until, document, text = said
            days = from_micros(since), _from(until)
            agreed = Agreed(organisation, AgreementType(type_), *days, document, text)
            return ReplayedEntry(Key(Of.AGREEMENT, str(id_)), agreed)
        case Of.ASSIGNMENT:
            since, until = said
            return ReplayedEntry(Key(Of.ASSIGNMENT, id_), Assigned(from_micros(since), _from(until)))
        case Of.OFFER:
            return ReplayedEntry(Key(Of.OFFER, id_), _offered(said))
        case declared:
            return _declared(declared, id_, said[0])


def _from(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)


# --- as the register stands


def standing(connection: Connection, of: Of, after: Any, limit: int) -> tuple[list[ReplayedEntry], Any]:
    """The next entries of the register after a row, as many rows as asked for, and the last row; None at the end."""
    query, read = _STANDING[of]
    rows = connection.execute(query(after).limit(limit)).all()
    return [each for row in rows for each in read(row)], (rows[-1].id if rows else None)


def _after(table: Any) -> Any:
    def query(after: Any) -> Select[Any]:
        everything = select(table).order_by(table.c.id)
        return everything if after is None else everything.where(table.c.id > after)

    return query


def _role_of(row: Row[Any]) -> Iterator[ReplayedEntry]:
    held = ReplayedRole(
        person=row.person_id,
        organisation=row.organisation_id,
        role=Role(row.role),
        service=row.service_id,
        limit_ore=row.attest_limit_ore,
        since=row.valid_from,
        until=row.valid_to,
    )
    yield ReplayedEntry(Key(Of.ROLE, str(row.id)), held)


def _substitution_of(row: Row[Any]) -> Iterator[ReplayedEntry]:
    lent = Lent(row.absent_id, row.substitute_id, row.organisation_id, Role(row.role), row.valid_from, row.valid_to)
    yield ReplayedEntry(Key(Of.SUBSTITUTION, str(row.id)), lent)


def _organisation_of(row: Row[Any]) -> Iterator[ReplayedEntry]:
    for of, said in zip(ORGANISATIONS, (row.self_attest_allowed, row.eid_from_ore, row.tiers), strict=True):
        yield _declared(of, row.id, said)


def _person_of(row: Row[Any]) -> Iterator[ReplayedEntry]:
    if row.id != NOBODY:
        yield ReplayedEntry(Key(Of.LEFT, row.id), not row.active)


def _price_of(row: Row[Any]) -> Iterator[ReplayedEntry]:
    which = [row.offer_id, row.payer, row.kind, row.unit, _day(row.valid_from)]
    until = None if row.valid_to is None else _day(row.valid_to)
    yield ReplayedEntry(_price_key(which), Priced(row.amount_ore, row.period, until))


def _signed(after: Any) -> Select[Any]:
    """Agreements that hold, have held or will; one that waits to be signed, or never was, is none."""
    made, drawn = tables.agreements, tables.documents
    is_its = (drawn.c.case_id == made.c.case_id) & (drawn.c.hash == made.c.document_hash)
    query = select(made, drawn.c.text).outerjoin(drawn, is_its).where(made.c.valid_from.is_not(None))
    everything = query.order_by(made.c.id)
    return everything if after is None else everything.where(made.c.id > after)


def _agreement_of(row: Row[Any]) -> Iterator[ReplayedEntry]:
    agreed = Agreed(
        organisation=row.organisation_id,
        type=AgreementType(row.type),
        since=row.valid_from,
        until=row.ended_at,
        document=row.document_hash,
        text=None if row.text is None else hash_of(row.text),
    )
    yield ReplayedEntry(Key(Of.AGREEMENT, str(row.id)), agreed)


def _given(after: Any) -> Select[Any, Any, Any]:
    # Two columns are the key, which stand together as they do in the entry.
    given = tables.agent_assignments.c
    both = given.agent_id, given.service_id
    id_ = (given.agent_id + " " + given.service_id).label("id")
    everything = select(id_, given.valid_from, given.valid_to).order_by(*both)
    return everything if after is None else everything.where(tuple_(*both) > tuple_(*after.split(" ")))


def _assignment_of(row: Row[Any]) -> Iterator[ReplayedEntry]:
    yield ReplayedEntry(Key(Of.ASSIGNMENT, row.id), Assigned(row.valid_from, row.valid_to))


def _offer_of(row: Row[Any]) -> Iterator[ReplayedEntry]:
    yield ReplayedEntry(Key(Of.OFFER, row.id), _offered([getattr(row, name) for name in OFFER]))


def _day(day: date) -> str:
    return day.isoformat()


_STANDING: dict[Of, tuple[Any, Any]] = {
    Of.ROLE: (_after(tables.role_assignments), _role_of),
    Of.SUBSTITUTION: (_after(tables.substitutions), _substitution_of),
    Of.SELF_ATTEST: (_after(tables.organisations), _organisation_of),
    Of.LEFT: (_after(tables.persons), _person_of),
    Of.PRICE: (_after(tables.price_items), _price_of),
    Of.AGREEMENT: (_signed, _agreement_of),
    Of.ASSIGNMENT: (_given, _assignment_of),
    Of.OFFER: (_after(tables.offers), _offer_of),
}
# Of which all are read.
TABLES = tuple(_STANDING)
