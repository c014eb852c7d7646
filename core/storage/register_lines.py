"""The register as lines of history hold it: what each leaves of which entry, and entries as baselines keep them."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from core import db
from core.db import from_micros, to_micros
from core.lines import Happened
from core.rights import Entry, Held, Key, Lent, Of, Priced, Value
from core.storage.situations import rules
from core.words import LineKind, OrganisationId, PersonId, Role

# What lines besides baselines tell of the register.
KINDS = (LineKind.ROLE, LineKind.SUBSTITUTION, LineKind.ORGANISATION, LineKind.PERSON, LineKind.PRICE)
ORGANISATIONS = (Of.SELF_ATTEST, Of.EID, Of.TIERS)
# An entry as a baseline keeps it: of what, its number, ids or codes, and what it says.
Stored = list[Any]
# Whoever is nobody stands for those whom a purge took out of a case.
NOBODY = "P-NOBODY"


def entries_of(row: Any) -> Sequence[Entry]:  # Any: a row of history has its columns as attributes
    """What a line leaves of the register. Raises ValueError and KeyError where its words are none of ours."""
    said: dict[str, Any] = json.loads(row.evidence)
    if row.kind == LineKind.BASELINE:
        return [from_baseline(each) for each in said["entries"]]
    return list(_TOLD[LineKind(row.kind)](row, said)) if row.kind in _TOLD else []


# --- of lines


def _role(row: Any, said: Mapping[str, Any]) -> Iterator[Entry]:
    held = Held(
        person=PersonId(row.about_id),
        organisation=OrganisationId(row.organisation_id),
        role=Role(said["role"]),
        service=said.get("service_id"),
        limit_ore=said.get("attest_limit_ore"),
        since=_instant(said["valid_from"]),
        until=_instant(said["valid_to"]) if "valid_to" in said else None,
    )
    yield Entry(_numbered(Of.ROLE, said["number"]), held)


def _substitution(row: Any, said: Mapping[str, Any]) -> Iterator[Entry]:
    lent = Lent(
        absent=PersonId(row.about_id),
        substitute=PersonId(said["substitute"]),
        organisation=OrganisationId(row.organisation_id),
        role=Role(said["role"]),
        since=_instant(said["valid_from"]),
        until=_instant(said["valid_to"]),
    )
    yield Entry(_numbered(Of.SUBSTITUTION, said["number"]), lent)


def _organisation(row: Any, said: Mapping[str, Any]) -> Iterator[Entry]:
    # A line tells of what is another, and leaves out what is nothing now.
    is_declared = row.action in {Happened.SET, Happened.CHANGED}
    changed = {*said, *said.get("before", ())} if is_declared else set[str]()
    for of in ORGANISATIONS:
        if of in changed:
            yield _declared(of, row.organisation_id, said.get(of))


def _person(row: Any, said: Mapping[str, Any]) -> Iterator[Entry]:  # noqa: ARG001 - one signature
    if row.action in {Happened.LEFT, Happened.CAME_BACK}:
        yield Entry(Key(Of.LEFT, row.about_id), row.action == Happened.LEFT)


def _price(row: Any, said: Mapping[str, Any]) -> Iterator[Entry]:  # noqa: ARG001 - one signature
    which = [said["offer"], said["payer"], said["kind"], said["unit"], said["valid_from"]]
    yield Entry(_price_key(which), Priced(said["amount_ore"], said["period"], said.get("valid_to")))


_TOLD = {
    LineKind.ROLE: _role,
    LineKind.SUBSTITUTION: _substitution,
    LineKind.ORGANISATION: _organisation,
    LineKind.PERSON: _person,
    LineKind.PRICE: _price,
}


def _numbered(of: Of, number: object) -> Key:
    return Key(of, str(int(str(number))))


def _declared(of: Of, organisation: str, said: Any) -> Entry:
    key = Key(of, organisation)
    if of is Of.TIERS:
        return Entry(key, rules(None, None, said).tiers)
    return Entry(key, bool(said) if of is Of.SELF_ATTEST else said)


def _price_key(which: Iterable[str]) -> Key:
    return Key(Of.PRICE, " ".join(which))


def _instant(said: str) -> datetime:
    return datetime.fromisoformat(said)


# --- as baselines keep them


def to_baseline(entry: Entry) -> Stored:
    """An entry as a baseline keeps it: ids, codes, amounts, and instants in microseconds."""
    of, id_ = entry.key
    return [of, id_, *_kept(entry.value)]


def _kept(value: Value) -> list[Any]:
    match value:
        case Held():
            ours = [value.person, value.organisation, value.role, value.service, value.limit_ore]
            return [*ours, to_micros(value.since), None if value.until is None else to_micros(value.until)]
        case Lent():
            ours = [value.absent, value.substitute, value.organisation, value.role]
            return [*ours, to_micros(value.since), to_micros(value.until)]
        case Priced():
            return [value.amount_ore, value.period, value.until]
        case tuple():
            return [[{"from_ore": each.from_ore, "attests": each.attests, "sequence": each.sequence} for each in value]]
        case _:
            return [value]


def from_baseline(stored: Stored) -> Entry:
    """The entry behind what `to_baseline` made. Raises ValueError."""
    of, id_, *said = stored
    match Of(of):
        case Of.ROLE:
            person, organisation, role, service, limit_ore, since, until = said
            ends = None if until is None else from_micros(until)
            held = Held(person, organisation, Role(role), service, limit_ore, from_micros(since), ends)
            return Entry(Key(Of.ROLE, str(id_)), held)
        case Of.SUBSTITUTION:
            absent, substitute, organisation, role, since, until = said
            lent = Lent(absent, substitute, organisation, Role(role), from_micros(since), from_micros(until))
            return Entry(Key(Of.SUBSTITUTION, str(id_)), lent)
        case Of.PRICE:
            return Entry(Key(Of.PRICE, id_), Priced(*said))
        case declared:
            return _declared(declared, id_, said[0])


# --- as the register stands


def standing(connection: Connection, of: Of, after: Any, limit: int) -> tuple[list[Entry], Any]:
    """The next entries of the register after a row, as many rows as asked for, and the last row; None at the end."""
    query, read = _STANDING[of]
    rows = connection.execute(query(after).limit(limit)).all()
    return [each for row in rows for each in read(row)], (rows[-1].id if rows else None)


def _after(table: Any) -> Any:
    def query(after: Any) -> Select[Any]:
        everything = select(table).order_by(table.c.id)
        return everything if after is None else everything.where(table.c.id > after)

    return query


def _role_of(row: Row[Any]) -> Iterator[Entry]:
    held = Held(
        person=row.person_id,
        organisation=row.organisation_id,
        role=Role(row.role),
        service=row.service_id,
        limit_ore=row.attest_limit_ore,
        since=row.valid_from,
        until=row.valid_to,
    )
    yield Entry(Key(Of.ROLE, str(row.id)), held)


def _substitution_of(row: Row[Any]) -> Iterator[Entry]:
    lent = Lent(row.absent_id, row.substitute_id, row.organisation_id, Role(row.role), row.valid_from, row.valid_to)
    yield Entry(Key(Of.SUBSTITUTION, str(row.id)), lent)


def _organisation_of(row: Row[Any]) -> Iterator[Entry]:
    for of, said in zip(ORGANISATIONS, (row.self_attest_allowed, row.eid_from_ore, row.tiers), strict=True):
        yield _declared(of, row.id, said)


def _person_of(row: Row[Any]) -> Iterator[Entry]:
    if row.id != NOBODY:
        yield Entry(Key(Of.LEFT, row.id), not row.active)


def _price_of(row: Row[Any]) -> Iterator[Entry]:
    which = [row.offer_id, row.payer, row.kind, row.unit, _day(row.valid_from)]
    until = None if row.valid_to is None else _day(row.valid_to)
    yield Entry(_price_key(which), Priced(row.amount_ore, row.period, until))


def _day(day: date) -> str:
    return day.isoformat()


_STANDING: dict[Of, tuple[Any, Any]] = {
    Of.ROLE: (_after(db.role_assignments), _role_of),
    Of.SUBSTITUTION: (_after(db.substitutions), _substitution_of),
    Of.SELF_ATTEST: (_after(db.organisations), _organisation_of),
    Of.LEFT: (_after(db.persons), _person_of),
    Of.PRICE: (_after(db.price_items), _price_of),
}
# Of which all are read.
TABLES = tuple(_STANDING)
