"""Rehearsing a load: a copy in memory of the stored register around those named, written to by the same rules."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Table, create_engine, insert, or_, select, true
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from core.storage import tables
from core.storage.database.database import Database

T = TypeVar("T")
Rows = Mapping[Table, Sequence[Mapping[Any, Any]]]

# So many are asked about in one statement.
CHUNK = 500
CATALOGUE = (tables.services, tables.offers, tables.price_items)
# What writers of the register leave behind and never look far back in.
LEFT = (tables.history, tables.reviews, tables.organisation_words)


@dataclass(frozen=True)
class Named:
    """Organisations by their numbers, and people by their e-mail addresses."""

    numbers: Collection[str]
    emails: Collection[str]


async def read_stored(database: Database, named: Named) -> Rows:
    """Read what the rules look at when entries of those named are written: themselves, what they hold, the catalogue.

    Read in many short statements, since nobody is to wait for them: what changes meanwhile is met when it is written.
    """
    organisations = await _among(database, tables.organisations, named.numbers, tables.organisations.c.org_number)
    people = await _among(database, tables.persons, named.emails, tables.persons.c.email)
    places, persons = [row["id"] for row in organisations], [row["id"] for row in people]
    roles, lent = tables.role_assignments, tables.substitutions
    return {
        **{table: await _read(database, table, true()) for table in CATALOGUE},
        tables.organisations: organisations,
        tables.persons: people,
        tables.agreements: await _among(database, tables.agreements, places, tables.agreements.c.organisation_id),
        tables.agent_assignments: await _among(
            database, tables.agent_assignments, places, tables.agent_assignments.c.agent_id
        ),
        tables.workspaces: await _among(database, tables.workspaces, places, tables.workspaces.c.organisation_id),
        tables.role_channels: await _among(
            database, tables.role_channels, places, tables.role_channels.c.organisation_id
        ),
        roles: _once(
            roles,
            await _among(database, roles, places, roles.c.organisation_id),
            await _among(database, roles, persons, roles.c.person_id),
        ),
        lent: _once(
            lent,
            await _among(database, lent, places, lent.c.organisation_id),
            await _among(database, lent, persons, lent.c.absent_id, lent.c.substitute_id),
        ),
    }


def rehearse(rows: Rows, work: Callable[[Connection], T]) -> T:
    """Run work on these rows in a database in memory that is gone afterwards."""
    engine = create_engine("sqlite://", hide_parameters=True)
    try:
        with engine.connect() as connection:
            for statement in _schema((*rows, *LEFT)):
                connection.exec_driver_sql(statement)
            for table, stored in rows.items():
                if stored:
                    connection.execute(insert(table), [dict(row) for row in stored])
            return work(connection)
    finally:
        engine.dispose()


@cache
def _schema(tables: Sequence[Table]) -> Sequence[str]:
    tables_sql = [CreateTable(table) for table in tables]
    indexed = [CreateIndex(index) for table in tables for index in table.indexes]
    return [str(statement.compile(dialect=sqlite.dialect())) for statement in (*tables_sql, *indexed)]


async def _among(
    database: Database, table: Table, values: Collection[str], *columns: ColumnElement[Any]
) -> list[Mapping[Any, Any]]:
    waiting, rows = iter(sorted(values)), list[Mapping[Any, Any]]()
    while chunk := list(islice(waiting, CHUNK)):
        rows += await _read(database, table, or_(*(column.in_(chunk) for column in columns)))
    return _once(table, rows)


async def _read(database: Database, table: Table, which: ColumnElement[bool]) -> Sequence[Mapping[Any, Any]]:
    query = select(table).where(which)
    return await database.read(lambda connection: connection.execute(query).mappings().all())


def _once(table: Table, *batches: Iterable[Mapping[Any, Any]]) -> list[Mapping[Any, Any]]:
    key = [column.name for column in table.primary_key]
    return list({tuple(row[name] for name in key): row for rows in batches for row in rows}.values())
