"""A database is brought from nothing to the newest schema by one call, and its history can only grow."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, create_engine, insert, text
from sqlalchemy.exc import DBAPIError

from core import db, migrations
from core.api import Asked, CaseId, PersonId, Role
from core.db import metadata
from core.storage.database import Database, open_database
from core.storage.dossiers import read_dossiers

LINE = {
    "case_id": "B-2222222", "at": 0, "action": "submit", "from_state": "draft", "to_state": "rejected", "step": 0,
    "revision": 1, "content_version": 1, "part": "orderer", "surface": "slack", "assurance": "click", "evidence": "{}",
}  # fmt: skip
COLUMNS = ", ".join(LINE)
VALUES = ", ".join(f":{name}" for name in LINE)
ADD = f"INSERT INTO history ({COLUMNS}) VALUES ({VALUES})"  # noqa: S608 - names of this file
ADD_AS = ADD.replace("(case_id", "(id, case_id").replace("(:case_id", "(:id, :case_id")
REVISIONS = ["0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010", "0011"]


@pytest.fixture
async def empty(database_url: str) -> AsyncIterator[Database]:
    database = open_database(database_url)
    yield database
    await database.close()


@pytest.fixture
async def database(empty: Database) -> Database:
    await migrations.upgrade_database(empty)
    await empty.write(lambda connection: connection.execute(text(ADD), LINE))
    return empty


async def test_an_empty_database_is_not_current_and_an_upgraded_one_is(empty: Database) -> None:
    before = await empty.read(migrations.is_current)
    await migrations.upgrade_database(empty)

    assert (before, await empty.read(migrations.is_current)) == (False, True)


async def test_upgrading_again_changes_nothing(database: Database) -> None:
    await migrations.upgrade_database(database)

    assert await database.read(_lines) == 1


def test_upgrading_takes_a_url(database_url: str) -> None:
    migrations.upgrade(database_url)
    migrations.upgrade(database_url)


async def test_migrations_make_the_tables_that_the_code_names(database: Database) -> None:
    differences = await database.write(_differences)

    assert differences == []


def test_on_sqlite_they_are_the_same_to_the_letter(fresh_sqlite_url: str, tmp_path: Path) -> None:
    migrations.upgrade(fresh_sqlite_url)
    named = create_engine(f"sqlite:///{tmp_path / 'named.db'}")
    metadata.create_all(named)

    assert _schema(create_engine(fresh_sqlite_url)) == _schema(named)


def _schema(engine: Engine) -> dict[str, object]:
    ours = "SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index') AND name <> 'alembic_version'"
    with engine.connect() as connection:
        rows = connection.execute(text(ours)).all()
        found = {row.name: _parts(connection, row.name, row.sql) for row in rows if row.sql}
    engine.dispose()
    return found


def _parts(connection: Connection, name: str, sql: str) -> object:
    """An index to the letter. A table by its parts: SQLite writes an added column, and what it refers to, behind."""
    if sql.startswith("CREATE INDEX"):
        return sql
    columns = connection.execute(text(f"PRAGMA table_xinfo({name})")).all()
    references = connection.execute(text(f"PRAGMA foreign_key_list({name})")).all()
    return (
        {tuple(column)[1:] for column in columns},
        {tuple(reference)[2:] for reference in references},
        {line.strip(" ,") for line in re.findall(r"CONSTRAINT (?:ck|uq|pk)_.*", sql)},
        {each.split()[0] for each in re.findall(r"CONSTRAINT (fk_.*)", sql)},
    )


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE history SET action = 'attest'",
        "DELETE FROM history",
        ADD_AS,
        ADD + " ON CONFLICT (case_id, revision) DO UPDATE SET action = 'x'",
    ],
)
async def test_a_line_of_history_stays_as_written(database: Database, change: str) -> None:
    with pytest.raises(DBAPIError):
        await database.write(lambda connection: connection.execute(text(change), LINE | {"id": 1}))

    assert await database.read(_actions) == ["submit"]


@pytest.mark.parametrize("recursive", ["ON", "OFF"])
@pytest.mark.parametrize("key", [1, None])
async def test_replace_cannot_pass_the_guard(fresh_sqlite_url: str, recursive: str, key: int | None) -> None:
    migrations.upgrade(fresh_sqlite_url)
    database = open_database(fresh_sqlite_url)

    def replace(connection: Connection) -> None:
        connection.execute(text(ADD), LINE)
        connection.execute(text(f"PRAGMA recursive_triggers = {recursive}"))
        connection.execute(text(ADD_AS.replace("INSERT", "REPLACE")), {**LINE, "id": key, "action": "attest"})

    with pytest.raises(DBAPIError, match="append-only"):
        await database.write(replace)
    await database.close()


async def test_history_cannot_be_truncated(fresh_postgres_url: str) -> None:
    database = open_database(fresh_postgres_url)
    await migrations.upgrade_database(database)

    with pytest.raises(DBAPIError, match="append-only"):
        await database.write(lambda connection: connection.execute(text("TRUNCATE history")))
    await database.close()


async def test_history_from_before_the_seals_is_kept(empty: Database) -> None:
    await migrations.upgrade_database(empty, "0001")
    await empty.write(lambda connection: connection.execute(text(ADD), LINE))

    await migrations.upgrade_database(empty)

    assert await empty.read(_lines) == 1


WAITS = {
    "id": "B-2222222", "flow": "direct", "state": "awaiting_customer_attest", "step": 1, "revision": 1,
    "content_version": 1, "customer_id": "O1", "orderer_id": "P-anna", "offer_id": "siths",
    "content": """{"units":[],"invoice_ref":"REF","desired_start":null,"technical_contact":"","comment":"",
        "named_agent":null,"costs":{"customer":[100,20,"month"]},"external_case_ref":null}""",
    "decisions": """[{"step":0,"state":"draft","action":"submit","part":"orderer","person":"P-anna","organisation":"O1",
        "at":0,"surface":"slack","assurance":"click","content_version":1,"reason_code":null,"texts":["","",""]}]""",
    "created_at": datetime(2026, 1, 1, tzinfo=UTC), "waiting_since": datetime(2026, 1, 1, tzinfo=UTC),
}  # fmt: skip
ATTESTED = {
    "id": "B-3333333", "state": "awaiting_customer_service", "step": 2, "revision": 2,
    "decisions": WAITS["decisions"].replace("draft", "awaiting_customer_attest").replace('"step":0', '"step":1'),
}  # fmt: skip
CARDS = (
    {"id": "C1", "case_id": "B-2222222", "kind": "status", "part": "orderer", "person_id": "P-anna"},
    {"id": "C2", "case_id": "B-2222222", "kind": "customer_attest", "part": "customer_attestant", "person_id": "P-bo"},
    {"id": "C3", "case_id": "B-3333333", "kind": "customer_attest", "part": "customer_attestant", "person_id": "P-bo"},
    {"id": "C4", "case_id": "B-3333333", "kind": "customer_service", "part": "customer_service", "person_id": None},
)


def _before_substitutes(connection: Connection) -> None:
    """What was there when cards alone knew who was asked."""
    region = {"id": "O1", "name": "Region", "org_number": "2321000016", "org_number_is_personal": False, "kinds": []}
    service = {"id": "siths", "name": {}, "handles_personal_data": False}
    offer = {
        "id": "siths",
        "service_id": "siths",
        "name": {},
        "flow": "direct",
        "agent_field": "none",
        "categories": [],
    }
    offer |= {"needs_units": False, "terms_url": "", "template": {}}
    connection.execute(insert(db.organisations), region)
    for name in ("anna", "bo"):
        connection.execute(insert(db.persons), {"id": f"P-{name}", "name": name, "email": f"{name}@example.org"})
    connection.execute(insert(db.services), service)
    connection.execute(insert(db.offers), offer)
    for case in (WAITS, WAITS | ATTESTED):
        connection.execute(insert(db.cases), case)
    for card in CARDS:
        connection.execute(insert(db.cards), card | {"must_show": 1, "does_show": 0, "priority": 1, "attempts": 0})


async def test_an_order_that_waits_is_told_who_was_asked_and_is_looked_at_anew(empty: Database) -> None:
    await migrations.upgrade_database(empty, "0002")
    await empty.write(_before_substitutes)

    await migrations.upgrade_database(empty)

    found = await empty.read(lambda connection: read_dossiers(connection, [CaseId("B-2222222"), CaseId("B-3333333")]))
    waits, attested = (found[CaseId(id_)].case for id_ in ("B-2222222", "B-3333333"))
    amounts = await empty.read(lambda c: c.execute(text("SELECT customer_ore, agent_ore FROM cases")).all())
    assert waits.asked == (Asked(PersonId("P-bo"), Role.ATTESTANT),)
    assert waits.review_at == waits.waiting_since
    assert (attested.asked, attested.review_at) == ((), None)
    assert set(map(tuple, amounts)) == {(340, 0)}


async def test_cards_are_told_at_which_step_they_asked(empty: Database) -> None:
    await migrations.upgrade_database(empty, "0002")
    await empty.write(_before_substitutes)

    await migrations.upgrade_database(empty)

    steps = await empty.read(lambda c: dict(c.execute(text("SELECT id, step FROM cards")).all()))
    assert steps == {"C1": 0, "C2": 1, "C3": 1, "C4": 2}


@pytest.mark.parametrize("revision", REVISIONS)
async def test_every_earlier_revision_is_brought_to_the_newest(empty: Database, revision: str) -> None:
    await migrations.upgrade_database(empty, revision)

    await migrations.upgrade_database(empty)

    assert await empty.write(_differences) == []


@pytest.mark.parametrize("revision", REVISIONS)
async def test_every_row_of_history_keeps_its_id_and_its_words(empty: Database, revision: str) -> None:
    rows = [{**LINE, "id": id_, "case_id": f"B-{id_}"} for id_ in (3, 7)]
    await migrations.upgrade_database(empty, revision)
    await empty.write(lambda connection: connection.execute(text(ADD_AS), rows))

    await migrations.upgrade_database(empty)

    found = await empty.read(lambda c: c.execute(text("SELECT * FROM history ORDER BY id")).mappings().all())
    assert [{name: row[name] for name in rows[0]} for row in found] == rows
    assert {(row["kind"], row["about_id"]) for row in found} == {("change", None)}


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize("change", ["UPDATE history SET kind = 'role'", "DELETE FROM history", ADD_AS])
async def test_every_row_is_guarded_as_before(empty: Database, revision: str, change: str) -> None:
    await migrations.upgrade_database(empty, revision)
    await empty.write(lambda connection: connection.execute(text(ADD), LINE))
    await migrations.upgrade_database(empty)

    with pytest.raises(DBAPIError):
        await empty.write(lambda connection: connection.execute(text(change), LINE | {"id": 1}))

    assert await empty.read(_actions) == ["submit"]


async def test_the_guards_are_the_same_whatever_stood_there_before(fresh_sqlite_url: str) -> None:
    database = open_database(fresh_sqlite_url)
    await migrations.upgrade_database(database, "0004")
    before = await database.read(_guards)

    await migrations.upgrade_database(database)

    assert await database.read(_guards) == before
    await database.close()


async def test_other_lines_need_not_name_a_case_and_any_number_may_name_the_same(database: Database) -> None:
    about_a_case = LINE | {"kind": "refusal", "from_state": None, "to_state": None, "revision": None}
    about_none = about_a_case | {"case_id": None, "kind": "role", "part": None, "assurance": None}
    add = ADD.replace("(case_id", "(kind, case_id").replace("(:case_id", "(:kind, :case_id")

    await database.write(lambda connection: connection.execute(text(add), [about_a_case, about_none] * 2))

    assert await database.read(_lines) == 5


@pytest.mark.parametrize("missing", ["case_id", "from_state", "to_state", "step", "revision", "content_version"])
async def test_a_change_says_all_that_there_is_to_say(database: Database, missing: str) -> None:
    with pytest.raises(DBAPIError):
        await database.write(lambda c: c.execute(text(ADD), LINE | {"revision": 2, missing: None}).close())


def _guards(connection: Connection) -> set[tuple[str, str]]:
    found = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    return {(name, sql) for name, sql in found}


def _lines(connection: Connection) -> int:
    return len(_actions(connection))


def _actions(connection: Connection) -> list[str]:
    return list(connection.execute(text("SELECT action FROM history")).scalars())


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return list(compare_metadata(context, metadata))
