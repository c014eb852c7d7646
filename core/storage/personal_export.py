"""Everything that is stored about one person, as the person may read it: nothing about others comes along."""

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, func, or_, select

from core import db
from core.db import from_micros
from core.storage.database import Database
from core.storage.emptying import texts_in, texts_of
from core.words import PersonId

PAGE = 1_000
Line = Mapping[str, object]
Rows = Sequence[RowMapping]
Progress = Callable[[int, int], None]


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


# Tables that name people by a column. Orders and history also name them inside, so they are read from end to end.
SECTIONS = (
    Section("person", db.persons, ("id",)),
    Section("roles", db.role_assignments, ("person_id", "granted_by")),
    Section("substitutions", db.substitutions, ("absent_id", "substitute_id", "created_by", "changed_by")),
    Section("accounts", db.identities, ("person_id",), hidden=("salt",)),
    Section("idempotency_keys", db.placements, ("person_id",)),
    Section("messages", db.cards, ("person_id",), addresses=("email",)),
    Section("personal_links", db.personal_links, ("person_id",), hidden=("hash",), addresses=("email",)),
    Section("identifications", db.proofs, ("person_id",), hidden=("attempt", "hash")),
    Section("signatures", db.signatures, ("person_id",)),
    Section("api_keys", db.api_keys, ("person_id",), hidden=("hash",)),
)
ORDERS = Section("orders", db.cases, ("orderer_id", "chosen_attestant_id", "claimed_by_id"))
HISTORY = Section("history", db.history, ("person_id", "about_id"))


def find_person(connection: Connection, named: str) -> PersonId | None:
    """The person with an id or an e-mail address, gone or not."""
    people = db.persons.c
    found = select(people.id).where(or_(people.id == named, people.email == named.lower()))
    return connection.execute(found).scalar_one_or_none()


def _untold(done: int, size: int) -> None:
    """For who does not ask how far it has come."""


async def export_person(
    database: Database, person: PersonId, progress: Progress = _untold
) -> Mapping[str, Sequence[Line]]:
    """Every section by name, empty ones too; times are UTC."""
    named = await database.read(lambda connection: _sections(connection, person))
    reader = _Reader(person, [str(named["person"][0][name]) for name in ("name", "email")])
    size, done = await database.read(_size), 0
    found: dict[str, list[Line]] = {ORDERS.name: [], HISTORY.name: []}
    for section, told in ((ORDERS, reader.order), (HISTORY, reader.event)):
        async for rows in _pages(database, section.table):
            found[section.name] += filter(None, map(told, rows))
            progress(done := done + len(rows), size)
    elsewhere = {
        "attest_tiers": await database.read(lambda connection: _tiers(connection, person)),
        "paces": await database.read(
            lambda connection: _paces(connection, named["accounts"], named["person"][0]["email"])
        ),
        "documents": await database.read(lambda connection: _documents(connection, str(named["person"][0]["name"]))),
    }
    return named | found | elsewhere


def _sections(connection: Connection, person: PersonId) -> dict[str, list[Line]]:
    email = connection.execute(select(db.persons.c.email).where(db.persons.c.id == person)).scalar_one()
    return {section.name: _section(connection, section, person, email) for section in SECTIONS}


def _section(connection: Connection, section: Section, person: PersonId, email: str) -> list[Line]:
    by_id = (section.table.c[name] == person for name in section.columns)
    named = or_(*by_id, *(section.table.c[name] == email for name in section.addresses))
    rows = connection.execute(select(section.table).where(named).order_by(*section.table.primary_key)).mappings()
    return [_line(row, section.hidden) for row in rows]


def _line(row: RowMapping, hidden: Sequence[str] = ()) -> Line:
    return {name: _plain(value) for name, value in row.items() if name not in hidden}


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date | datetime) else value


def _tiers(connection: Connection, person: PersonId) -> list[Line]:
    """The organisations that name the person in the order of their attestants."""
    organisations = db.organisations.c
    rows = connection.execute(select(organisations.id, organisations.tiers).where(organisations.tiers.is_not(None)))
    return [{"organisation_id": row.id} for row in rows if person in set(texts_of(row.tiers))]


def _documents(connection: Connection, name: str) -> list[Line]:
    """The agreements that name the person, without their texts, which name others too."""
    documents = db.documents.c
    query = select(documents.hash, documents.case_id, documents.version)
    rows = connection.execute(query.where(documents.text.contains(name, autoescape=True)).order_by(documents.hash))
    return [_line(row) for row in rows.mappings()]


def _paces(connection: Connection, accounts: Sequence[Line], email: object) -> list[Line]:
    """When the person's accounts, and the person's address, may be written to next."""
    buckets = [f"{account['issuer']} {account['subject']}" for account in accounts] + [f"mail {email}"]
    rows = connection.execute(select(db.paces).where(db.paces.c.bucket.in_(buckets))).mappings()
    return [_line(row) for row in rows]


# --- what is read from end to end


@dataclass(frozen=True)
class _Reader:
    """Knows the person in an order and in a row of history, by id and by what others call the person."""

    person: PersonId
    called: Sequence[str]

    def order(self, row: RowMapping) -> Line:
        """What an order holds about the person; nothing when it has nothing to do with the person."""
        decisions: list[Any] = json.loads(row["decisions"])
        told: Line = {
            "ordered": json.loads(row["content"]) if row["orderer_id"] == self.person else None,
            "chosen_as_attestant": row["chosen_attestant_id"] == self.person,
            "claimed": row["claimed_by_id"] == self.person,
            "progress": self.person in texts_in(row["progress"]),
            "decisions": [_dated(each) for each in decisions if self.person in set(texts_of(each))],
            "written_about": [text for text in _texts(row) if self._is_meant(text)],
        }
        if not any(told.values()):
            return {}
        return {"id": row["id"], "state": row["state"], "created_at": _plain(row["created_at"]), **told}

    def event(self, row: RowMapping) -> Line:
        """A row of history by the person, about the person, or by somebody in the person's place."""
        if self.person not in {row["person_id"], row["about_id"], *texts_in(row["evidence"])}:
            return {}
        return {**_line(row), "evidence": json.loads(row["evidence"])}

    def _is_meant(self, text: str) -> bool:
        return any(name.casefold() in text.casefold() for name in self.called)


def _dated(decision: dict[str, Any]) -> Line:
    return decision | {"at": from_micros(decision["at"]).isoformat()}


def _texts(row: RowMapping) -> list[str]:
    return sorted(texts_in(row["content"]) | texts_in(row["decisions"]) | texts_in(row["progress"]))


def _size(connection: Connection) -> int:
    counts = (select(func.count()).select_from(each.table) for each in (ORDERS, HISTORY))
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
