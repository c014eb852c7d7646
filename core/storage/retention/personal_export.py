"""The export of everything that is stored about one person, as the person may read it: nothing about others."""

import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Connection, RowMapping, Table, false, func, or_, select

from core.shared.traits import TRAITS
from core.shared.vocabulary import Flow, PersonId
from core.storage import tables
from core.storage.database.database import Database
from core.storage.retention.stored_texts import texts_in, texts_of, without_values
from core.storage.tables import from_micros

PAGE = 1_000
Line = Mapping[str, object]
Rows = Sequence[RowMapping]
Progress = Callable[[int, int], None]
# The names of the buckets that pace what is sent to an account of an issuer, or (None) by mail to an address.
BucketsOf = Callable[[str | None, str], Sequence[str]]


@dataclass(frozen=True)
class Section:
    """Rows of a table in which one of some columns names the person, or holds the person's address.

    What is hidden would open something.
    """

    name: str
    table: Table
    columns: tuple[str, ...]
    hidden: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()


# Tables that name people by a column. Cases and history also name them inside, so they are read from end to end.
SECTIONS = (
    Section("person", tables.persons, ("id",)),
    Section("roles", tables.role_assignments, ("person_id", "granted_by")),
    Section("substitutions", tables.substitutions, ("absent_id", "substitute_id", "created_by", "changed_by")),
    Section("accounts", tables.identities, ("person_id",), hidden=("salt",)),
    Section("idempotency_keys", tables.placements, ("person_id",)),
    Section("forms", tables.submissions, ("person_id",)),
    Section("messages", tables.cards, ("person_id",), addresses=("email",)),
    Section("personal_links", tables.personal_links, ("person_id",), hidden=("hash",), addresses=("email",)),
    Section("identifications", tables.proofs, ("person_id",), hidden=("attempt", "hash")),
    Section("install_links", tables.install_links, ("person_id",), hidden=("hash", "state_hash", "browser_hash")),
    Section("sign_ins", tables.sign_ins, ("person_id",), hidden=("link_hash", "code_hash", "browser_hash")),
    Section("sessions", tables.sessions, ("person_id",), hidden=("hash",)),
    Section("signatures", tables.signatures, ("person_id",)),
    Section("api_keys", tables.api_keys, ("person_id",), hidden=("hash",)),
)
APPLICATIONS = "applications"
# Whom an application names, by the keys of what is stored.
CONTACTS = ("administrator", "signatories", "agreement_contact")
# What a case says of those who may be asked about it: each is told of the own name and number alone.
WHOM_TO_ASK = frozenset({"technical_contact", *CONTACTS})
ORDERS = Section("orders", tables.cases, ("orderer_id", "chosen_attestant_id", "claimed_by_id"))
HISTORY = Section("history", tables.history, ("person_id", "about_id"))


def find_person(connection: Connection, named: str) -> PersonId | None:
    """Read the id of the person with an id or an e-mail address, gone or not; None for nobody."""
    people = tables.persons.c
    query = select(people.id).where(or_(people.id == named, people.email == named.lower()))
    return connection.execute(query).scalar_one_or_none()


@dataclass(frozen=True)
class _Subject:
    """Whom an export is about: a person, or somebody whom only an address is known of."""

    email: str
    person: PersonId | None = None
    name: str = ""


def _untold(done: int, size: int) -> None:
    """Ignore how far the export has come."""


async def export_person(
    database: Database, person: PersonId, buckets_of: BucketsOf, progress: Progress = _untold
) -> Mapping[str, Sequence[Line]]:
    """Export a person: every section by name, empty ones too; times are UTC."""
    people = tables.persons.c
    query = select(people.email, people.name).where(people.id == person)
    row = await database.read(lambda connection: connection.execute(query).one())
    return await _export(database, _Subject(row.email, person, row.name), buckets_of, progress)


async def export_address(
    database: Database, email: str, buckets_of: BucketsOf, progress: Progress = _untold
) -> Mapping[str, Sequence[Line]]:
    """Export somebody who is no person here, but whose address an application names."""
    return await _export(database, _Subject(email.lower()), buckets_of, progress)


async def _export(
    database: Database, subject: _Subject, buckets_of: BucketsOf, progress: Progress
) -> Mapping[str, Sequence[Line]]:
    named = await database.read(lambda connection: _sections(connection, subject))
    reader = _Reader(subject)
    size, done = await database.read(_size), 0
    lines: dict[str, list[Line]] = {ORDERS.name: [], APPLICATIONS: [], HISTORY.name: []}
    for section, read in ((ORDERS, reader.case), (HISTORY, reader.event)):
        async for rows in _pages(database, section.table):
            for row in rows:
                if line := read(row):
                    lines[_section_of(section, row)].append(line)
            progress(done := done + len(rows), size)
    accounts = ((str(account["issuer"]), str(account["subject"])) for account in named["accounts"])
    buckets = [name for account in ((None, subject.email), *accounts) for name in buckets_of(*account)]
    elsewhere = {
        "attest_tiers": await database.read(lambda connection: _tiers(connection, subject)),
        "paces": await database.read(lambda connection: _paces(connection, buckets)),
        "documents": await database.read(lambda connection: _documents(connection, subject.name)),
    }
    return named | lines | elsewhere


def _section_of(section: Section, row: RowMapping) -> str:
    is_application = section is ORDERS and TRAITS[Flow(row["flow"])].is_application
    return APPLICATIONS if is_application else section.name


def _sections(connection: Connection, subject: _Subject) -> dict[str, list[Line]]:
    return {section.name: _section(connection, section, subject) for section in SECTIONS}


def _section(connection: Connection, section: Section, subject: _Subject) -> list[Line]:
    columns = section.table.c
    by_id = () if subject.person is None else (columns[name] == subject.person for name in section.columns)
    named = or_(false(), *by_id, *(columns[name] == subject.email for name in section.addresses))
    rows = connection.execute(select(section.table).where(named).order_by(*section.table.primary_key)).mappings()
    return [_line(row, section.hidden) for row in rows]


def _line(row: RowMapping, hidden: Sequence[str] = ()) -> Line:
    return {name: _plain(value) for name, value in row.items() if name not in hidden}


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date | datetime) else value


def _tiers(connection: Connection, subject: _Subject) -> list[Line]:
    """Read the organisations that name the person in the order of their attestants."""
    organisations = tables.organisations.c
    rows = connection.execute(select(organisations.id, organisations.tiers).where(organisations.tiers.is_not(None)))
    return [{"organisation_id": row.id} for row in rows if subject.person in set(texts_of(row.tiers))]


def _documents(connection: Connection, name: str) -> list[Line]:
    """Read the agreements that name the person, without their texts, which name others too."""
    if not name:
        return []
    documents = tables.documents.c
    query = select(documents.hash, documents.case_id, documents.version)
    rows = connection.execute(query.where(documents.text.contains(name, autoescape=True)).order_by(documents.hash))
    return [_line(row) for row in rows.mappings()]


def _paces(connection: Connection, buckets: Sequence[str]) -> list[Line]:
    """Read when the person's accounts, and the person's address, may be written to next."""
    rows = connection.execute(select(tables.paces).where(tables.paces.c.bucket.in_(buckets))).mappings()
    return [_line(row) for row in rows]


# --- what is read from end to end


@dataclass(frozen=True)
class _Reader:
    """Knows whom an export is about in a case and in a row of history: by id, by address and by name."""

    subject: _Subject

    def case(self, row: RowMapping) -> Line:
        """Return what an order or an application holds about the person; nothing when it has nothing to do with the
        person.
        """
        decisions = self._decisions(row)
        contacts = list(self._contacts(row)) if TRAITS[Flow(row["flow"])].is_application else []
        contact: Line = {} if contacts else self._technical_contact(row)
        facts: Line = {
            "ordered": json.loads(without_values(row["content"], WHOM_TO_ASK)) if self._is(row["orderer_id"]) else None,
            **({"named": contacts} if TRAITS[Flow(row["flow"])].is_application else {}),
            **({"technical_contact": contact} if contact else {}),
            "chosen_as_attestant": self._is(row["chosen_attestant_id"]),
            "claimed": self._is(row["claimed_by_id"]),
            "progress": self._is(*texts_in(row["progress"])),
            "decisions": [_dated(decision) for decision in decisions if self._is(*texts_of(decision))],
            "written_about": [text for text in _texts(row, decisions, [*contacts, contact]) if self._is_meant(text)],
        }
        if not any(facts.values()):
            return {}
        return {"id": row["id"], "state": row["state"], "created_at": _plain(row["created_at"]), **facts}

    def event(self, row: RowMapping) -> Line:
        """Return a row of history by the person, about the person, or by somebody in the person's place."""
        if not self._is(row["person_id"], row["about_id"], *texts_in(row["evidence"])):
            return {}
        return {**_line(row), "evidence": json.loads(row["evidence"])}

    def _decisions(self, row: RowMapping) -> list[dict[str, Any]]:
        """Read the decisions of a case, without what people noted within an organisation that the person acted for in
        none of them.
        """
        decisions: list[dict[str, Any]] = json.loads(row["decisions"])
        mine = {each["organisation"] for each in decisions if self._is(each["person"], each.get("absent"))}
        mine |= {row["customer_id"]} if self._is(row["orderer_id"]) else set()
        return [each if each["organisation"] in mine else _without_note(each) for each in decisions]

    def _contacts(self, row: RowMapping) -> Iterator[dict[str, Any]]:
        """Yield as what an application names the person, and for which organisation."""
        stored: dict[str, Any] = json.loads(row["content"])
        for key in CONTACTS:
            for contact in stored[key] if isinstance(stored[key], list) else [stored[key]]:
                if self._is(contact["person"]) or contact["email"].lower() == self.subject.email:
                    yield {"as": key, "organisation": stored["organisation"], **contact}

    def _technical_contact(self, row: RowMapping) -> Line:
        """Return whom an order names to be asked about technology, where that is the person."""
        contact: Any = json.loads(row["content"]).get("technical_contact")
        return cast("Line", contact) if _is_at(contact, self.subject.email) else {}

    def _is(self, *ids: str | None) -> bool:
        return self.subject.person is not None and self.subject.person in ids

    def _is_meant(self, text: str) -> bool:
        called = filter(None, (self.subject.name, self.subject.email))
        return any(name.casefold() in text.casefold() for name in called)


def _is_at(contact: Any, email: str | None) -> bool:
    return isinstance(contact, dict) and cast("Line", contact)["email"] == email


def _dated(decision: dict[str, Any]) -> Line:
    return decision | {"at": from_micros(decision["at"]).isoformat()}


def _without_note(decision: dict[str, Any]) -> dict[str, Any]:
    reason, _, message = decision["texts"]
    return decision | {"texts": [reason, "", message]}


def _texts(row: RowMapping, decisions: Any, but: Sequence[Line]) -> list[str]:
    known = {value for line in but for value in line.values()}
    return sorted((texts_in(row["content"]) | set(texts_of(decisions)) | texts_in(row["progress"])) - known)


def _size(connection: Connection) -> int:
    counts = (select(func.count()).select_from(section.table) for section in (ORDERS, HISTORY))
    return sum(connection.execute(count).scalar_one() for count in counts)


async def _pages(database: Database, table: Table) -> AsyncIterator[Rows]:
    rows = await database.read(_page(table, None))
    while rows:
        yield rows
        rows = await database.read(_page(table, rows[-1]["id"]))


def _page(table: Table, after: object) -> Callable[[Connection], Rows]:
    query = select(table).order_by(table.c.id).limit(PAGE)
    query = query if after is None else query.where(table.c.id > after)
    return lambda connection: connection.execute(query).mappings().all()
