"""What all tables are made of, on SQLite and PostgreSQL alike; and which programs may run on them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Dialect,
    Integer,
    MetaData,
    String,
    Table,
    TypeDecorator,
    text,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def to_micros(at: datetime) -> int:
    """An aware datetime as microseconds since 1970 in UTC, which is how instants are stored."""
    return (at - EPOCH) // MICROSECOND


class unindexed(FunctionElement[Any]):  # noqa: N801 - written as a function
    """A column that SQLite is to look for in no index: it would as soon read all of an organisation as of a person."""

    inherit_cache = True


@compiles(unindexed)
def _plain(element: unindexed, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(unindexed, "sqlite")
def _beside_indexes(element: unindexed, compiler: SQLCompiler, **options: Any) -> str:
    return f"+{compiler.process(element.clauses, **options)}"


def only(condition: str) -> dict[str, Any]:  # Any: as SQLAlchemy takes what a dialect alone knows
    """What an index is told that holds but the rows for which a condition holds; the same on both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


def from_micros(micros: int) -> datetime:
    """The instant behind a stored number, in UTC."""
    return EPOCH + timedelta(microseconds=micros)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, stored as microseconds since 1970: the same on both databases, cheap to compare."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - theirs
        return None if value is None else to_micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - theirs
        return None if value is None else from_micros(value)


# Compared letter by letter, so that what begins alike stands together in an index on both databases.
Plain = String().with_variant(String(collation="C"), "postgresql")
# SQLite only counts up rows whose key is declared INTEGER.
Serial = BigInteger().with_variant(Integer, "sqlite")

# One row: the oldest program that may run on this schema, by the newest revision that it knows. Written after each
# migration that has an `oldest_program`: one that takes from older programs what they need, or stores what they do not
# know, names itself.
schema_support = Table("schema_support", metadata, Column("oldest_program", String, primary_key=True))
