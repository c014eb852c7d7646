"""A program of the version before goes on while the schema is newer, unless a migration says that it cannot."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, inspect, text

from core.storage import migrations
from core.storage.migrations import oldest_program, suits_program, upgrade_connection

# Nothing was written down before this one: whoever ran then would not have asked.
FIRST = "0046"


@pytest.fixture
def engine(fresh_sqlite_url: str) -> Iterator[Engine]:
    made = create_engine(fresh_sqlite_url)
    yield made
    made.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with engine.begin() as begun:
        upgrade_connection(begun)
        yield begun


def test_every_revision_is_known_by_its_file() -> None:
    scripts = [*ScriptDirectory(Path(migrations.__file__).parent).walk_revisions()]

    assert migrations.known() == {script.revision for script in scripts}
    assert migrations.newest() == scripts[0].revision


@pytest.mark.parametrize("revision", [None, FIRST, "head"])
def test_where_a_database_stands_is_read_as_alembic_reads_it(engine: Engine, revision: str | None) -> None:
    with engine.begin() as connection:
        if revision is not None:
            upgrade_connection(connection, revision)

        heads = MigrationContext.configure(connection).get_current_heads()
        assert migrations.schema_of(connection).revisions == heads


def test_at_its_own_revision_a_program_runs(connection: Connection) -> None:
    assert suits_program(connection)
    assert connection.scalar(text("SELECT oldest_program FROM schema_support")) == oldest_program()


def test_on_a_newer_schema_it_runs_where_nothing_was_taken_from_it(connection: Connection) -> None:
    connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    assert suits_program(connection)


def test_on_a_newer_schema_that_is_not_for_it_it_does_not_run(connection: Connection) -> None:
    connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    connection.execute(text("UPDATE schema_support SET oldest_program = '9999'"))

    assert not suits_program(connection)


def test_on_a_newer_schema_that_says_nothing_of_older_ones_it_does_not_run(connection: Connection) -> None:
    connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    connection.execute(text("DELETE FROM schema_support"))

    assert not suits_program(connection)


@pytest.mark.parametrize("revision", [None, FIRST])
def test_on_an_older_schema_it_never_runs(engine: Engine, revision: str | None) -> None:
    with engine.begin() as connection:
        if revision is not None:
            upgrade_connection(connection, revision)
            connection.execute(text("UPDATE alembic_version SET version_num = '0045'"))

        assert not suits_program(connection)


def test_migrating_once_more_writes_the_same_of_older_programs(connection: Connection) -> None:
    upgrade_connection(connection)

    assert connection.scalars(text("SELECT oldest_program FROM schema_support")).all() == [oldest_program()]


def test_a_migration_that_takes_something_from_older_programs_says_so(engine: Engine) -> None:
    revisions = sorted(migrations.known())
    with engine.begin() as connection:
        upgrade_connection(connection, FIRST)
        before = _stands(connection)
        for revision in revisions[revisions.index(FIRST) + 1 :]:
            upgrade_connection(connection, revision)
            after = _stands(connection)
            assert oldest_program(revision) == revision or _taken(before, after) == set(), revision
            before = after


TAKES = {
    "a table": "DROP TABLE paces",
    "a column": "ALTER TABLE homes DROP COLUMN known",
    "leave to say nothing": "ALTER TABLE homes ADD COLUMN said VARCHAR NOT NULL REFERENCES persons (id)",
    "leave to say it twice": "CREATE UNIQUE INDEX ix_once ON homes (known)",
}


@pytest.mark.parametrize("change", TAKES.values(), ids=TAKES)
def test_what_a_migration_takes_is_noticed(engine: Engine, change: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE paces (id INTEGER)"))
        connection.execute(text("CREATE TABLE homes (id INTEGER, known VARCHAR)"))
        before = _stands(connection)
        connection.execute(text(change))

        assert _taken(before, _stands(connection))


def test_what_a_migration_adds_is_left_in_peace(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE homes (id INTEGER)"))
        before = _stands(connection)
        connection.execute(text("ALTER TABLE homes ADD COLUMN known VARCHAR"))
        connection.execute(text("ALTER TABLE homes ADD COLUMN is_known BOOLEAN NOT NULL DEFAULT false"))
        connection.execute(text("CREATE INDEX ix_known ON homes (known)"))
        connection.execute(text("CREATE TABLE paces (id INTEGER NOT NULL UNIQUE)"))

        assert _taken(before, _stands(connection)) == set()


Stands = Mapping[str, set[tuple[Any, ...]]]


def _stands(connection: Connection) -> Stands:
    """Of each table what a program that knows no more relies on, or must not break: the second with a `!`."""
    look = inspect(connection)
    return {table: {*_columns(look, table), *_rules(look, table)} for table in look.get_table_names()}


def _columns(look: Any, table: str) -> Iterator[tuple[Any, ...]]:
    for column in look.get_columns(table):
        yield (column["name"], str(column["type"]))
        if not column["nullable"] and column["default"] is None and not column["primary_key"]:
            yield ("!", "not null", column["name"])


def _rules(look: Any, table: str) -> Iterator[tuple[Any, ...]]:
    for index in look.get_indexes(table):
        if index["unique"]:
            yield ("!", "unique", index["name"], *index["column_names"])
    for rule in (*look.get_unique_constraints(table), *look.get_check_constraints(table)):
        yield ("!", str(sorted(rule.items(), key=str)))


def _taken(before: Stands, after: Stands) -> set[tuple[Any, ...]]:
    """What went away, and the rules that came to tables that were there."""
    gone = {(table, *each) for table, had in before.items() for each in had - after.get(table, set()) if each[0] != "!"}
    new = {(table, *each) for table, had in before.items() for each in after.get(table, set()) - had if each[0] == "!"}
    return gone | new
