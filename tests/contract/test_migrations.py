"""A database is brought from nothing to the newest schema by one call, and its history can only grow."""

import json
import re
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Connection, Engine, bindparam, create_engine, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from core.api import AgreementType, Assignee, CaseId, OrganisationId, PersonId, Role, Surface, new_id
from core.register.administration import Author
from core.register.entries import Holding
from core.storage import migrations, tables
from core.storage.audit.replaying import replay
from core.storage.database.database import Database, open_database
from core.storage.reads.case_views import read_records
from core.storage.reads.holdings import held_agreements
from core.storage.reads.organisation_search import find_organisations
from core.storage.register.register import write_register
from core.storage.tables import metadata
from tests.contract import former
from tests.support.world import seed

LINE = {
    "case_id": "B-2222222", "at": 0, "action": "submit", "from_state": "draft", "to_state": "rejected", "step": 0,
    "revision": 1, "content_version": 1, "part": "orderer", "surface": "slack", "assurance": "click", "evidence": "{}",
}  # fmt: skip
COLUMNS = ", ".join(LINE)
VALUES = ", ".join(f":{name}" for name in LINE)
ADD = f"INSERT INTO history ({COLUMNS}) VALUES ({VALUES})"  # noqa: S608 - names of this file
ADD_AS = ADD.replace("(case_id", "(id, case_id").replace("(:case_id", "(:id, :case_id")
# Every earlier one, from the first on: a new one comes by itself.
REVISIONS = sorted(each.name[:4] for each in Path(migrations.__file__).parent.glob("versions/0*.py"))[:-1]
# What a step makes of rows that are there, and from which revision on it has been made.
MADE = {
    ("cases", "progress"): "0003",
    ("cases", "customer_ore"): "0003",
    ("cases", "invoice_reference"): "0036",
    ("cases", "review_at"): "0003",
    ("cards", "step"): "0003",
    ("agreements", "id"): "0018",
    ("api_keys", "expires_at"): "0021",
    ("workspaces", "installed_at"): "0035",
    ("workspaces", "is_settled"): "0035",
}

GUARDED = ("history", "seals", "checkpoints", "history_purges")
GUARDS = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": """SELECT t.tgname,
        pg_get_triggerdef(t.oid) || CAST(t.tgenabled AS text) || pg_get_functiondef(t.tgfoid)
        FROM pg_trigger t WHERE NOT t.tgisinternal""",
}
# Everything that PostgreSQL knows of a schema of ours: columns, indexes and constraints, each in its own words.
KNOWN = """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull || ' '
        || COALESCE(pg_get_expr(d.adbin, d.adrelid), '') || ' ' || COALESCE(a.attcollation, 0)
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT CAST(CAST(conrelid AS regclass) AS text), conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid <> 0"""


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


async def test_no_program_runs_on_an_empty_database_and_this_one_on_an_upgraded_one(empty: Database) -> None:
    before = await empty.read(migrations.suits_program)
    await migrations.upgrade_database(empty)

    assert (before, await empty.read(migrations.suits_program)) == (False, True)


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


async def test_on_postgresql_they_are_the_same_to_the_letter(fresh_postgres_url: str) -> None:
    database = open_database(fresh_postgres_url)
    await migrations.upgrade_database(database)
    migrated = await database.read(_known)

    await database.write(_named_instead)
    named = await database.read(_known)
    await database.close()

    assert migrated == named


def _known(connection: Connection) -> set[tuple[str, str, str]]:
    found = connection.execute(text(KNOWN))
    return {tuple(row) for row in found if not row[0].startswith("alembic")}


def _named_instead(connection: Connection) -> None:
    metadata.drop_all(connection)
    metadata.create_all(connection)


def _schema(engine: Engine) -> dict[str, object]:
    ours = "SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index') AND name <> 'alembic_version'"
    with engine.connect() as connection:
        rows = connection.execute(text(ours)).all()
        found = {row.name: _parts(connection, row.name, row.sql) for row in rows if row.sql}
    engine.dispose()
    return found


def _parts(connection: Connection, name: str, sql: str) -> object:
    """An index to the letter. A table by its parts: SQLite writes an added column, and what it refers to, behind."""
    if sql.startswith(("CREATE INDEX", "CREATE UNIQUE INDEX")):
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
    connection.execute(insert(tables.organisations), region)
    for name in ("anna", "bo"):
        connection.execute(insert(tables.persons), {"id": f"P-{name}", "name": name, "email": f"{name}@example.org"})
    connection.execute(insert(tables.services), service)
    connection.execute(insert(tables.offers), offer)
    for case in (WAITS, WAITS | ATTESTED):
        connection.execute(insert(tables.cases), case)
    for card in CARDS:
        connection.execute(insert(tables.cards), card | {"must_show": 1, "does_show": 0, "priority": 1, "attempts": 0})


async def test_an_order_that_waits_is_told_who_was_asked_and_is_looked_at_anew(empty: Database) -> None:
    await migrations.upgrade_database(empty, "0002")
    await empty.write(_before_substitutes)

    await migrations.upgrade_database(empty)

    found = await empty.read(lambda connection: read_records(connection, [CaseId("B-2222222"), CaseId("B-3333333")]))
    waits, attested = (found[CaseId(id_)].case for id_ in ("B-2222222", "B-3333333"))
    amounts = await empty.read(lambda c: c.execute(text("SELECT customer_ore, agent_ore FROM cases")).all())
    assert waits.asked == (Assignee(PersonId("P-bo"), Role.ATTESTANT),)
    assert waits.review_at == waits.waiting_since
    assert (attested.asked, attested.review_at) == ((), None)
    assert set(map(tuple, amounts)) == {(340, 0)}


AT_THE_AGENT = {
    "id": "B-4444444", "flow": "via_agent", "agent_id": "O1", "step": 1,
    "content": WAITS["content"].replace('"customer":[100,20,"month"]', '"customer":[7,5,"year"],"agent":[1,30,"year"]'),
}  # fmt: skip
BY_AGENTS = (
    ("B-4444444", "awaiting_agent_approval", "agent_approval", Role.AGENT_HANDLER),
    ("B-5555555", "awaiting_agent_attest", "agent_attest", Role.ATTESTANT),
)


def _at_the_agent(connection: Connection) -> None:
    """Two orders that wait for the agent, each with what was asked before and a card twice for the same person."""
    for case, state, asks, _ in BY_AGENTS:
        connection.execute(insert(tables.cases), WAITS | AT_THE_AGENT | {"id": case, "state": state})
        asked = [
            (asks, "bo", 3),
            (asks, "anna", 2),
            (asks, "bo", 4),
            ("status", "anna", 1),
            ("customer_attest", "bo", 1),
        ]
        for number, (kind, name, shows) in enumerate(asked):
            card = {
                "id": f"{case}-{number}",
                "case_id": case,
                "kind": kind,
                "part": "orderer",
                "person_id": f"P-{name}",
            }
            more = {"must_show": shows, "does_show": 0, "priority": 1, "attempts": 0}
            connection.execute(insert(tables.cards), card | more)


@pytest.mark.parametrize(("case", "role"), [(case, role) for case, _, _, role in BY_AGENTS])
async def test_an_order_at_an_agent_is_told_each_who_was_asked_there_once_in_the_order_of_the_cards(
    empty: Database, case: str, role: Role
) -> None:
    await migrations.upgrade_database(empty, "0002")
    await empty.write(_before_substitutes)
    await empty.write(_at_the_agent)

    await migrations.upgrade_database(empty)

    found = (await empty.read(lambda connection: read_records(connection, [CaseId(case)])))[CaseId(case)].case
    amounts = select(tables.cases.c.customer_ore, tables.cases.c.agent_ore).where(tables.cases.c.id == case)
    assert found.asked == (Assignee(PersonId("P-anna"), role), Assignee(PersonId("P-bo"), role))
    assert found.review_at == found.waiting_since
    assert await empty.read(lambda connection: tuple(connection.execute(amounts).one())) == (12, 31)


async def test_an_order_that_was_closed_before_is_left_as_it_was(empty: Database) -> None:
    closed = {"id": "B-6666666", "state": "awaiting_customer_attest", "closed_at": datetime(2026, 2, 1, tzinfo=UTC)}
    await migrations.upgrade_database(empty, "0002")
    await empty.write(_before_substitutes)
    card = CARDS[1] | {"id": "C6", "case_id": "B-6666666", "must_show": 1, "does_show": 0, "priority": 1, "attempts": 0}
    await empty.write(lambda connection: connection.execute(insert(tables.cases), WAITS | closed).close())
    await empty.write(lambda connection: connection.execute(insert(tables.cards), card).close())

    await migrations.upgrade_database(empty)

    case = CaseId("B-6666666")
    found = (await empty.read(lambda connection: read_records(connection, [case])))[case].case
    assert (found.asked, found.review_at) == ((), None)


@pytest.mark.parametrize("word", ["region", "åsen", "ab"])
async def test_an_organisation_from_before_is_found_by_every_word_of_its_name(empty: Database, word: str) -> None:
    await migrations.upgrade_database(empty, "0007")
    await empty.write(former.fill)

    await migrations.upgrade_database(empty)

    found = await empty.read(lambda connection: find_organisations(connection, word, 10))
    assert [each.name for each in found] == ["Region Åsen AB"]


async def test_of_more_than_a_thousand_organisations_from_before_each_is_found(empty: Database) -> None:
    await migrations.upgrade_database(empty, "0007")
    row = text(
        "INSERT INTO organisations (id, name, org_number, org_number_is_personal, kinds, self_attest_allowed)"
        " VALUES (:id, :name, :id, false, '[]', false)"
    )
    many = [{"id": f"O-{number}", "name": f"Vård {number}"} for number in range(1, 1_102)]
    await empty.write(lambda connection: connection.execute(row, many))

    await migrations.upgrade_database(empty)

    found = await empty.read(lambda connection: find_organisations(connection, "Vård", 2_000))
    assert len(found) == len(many)


@pytest.mark.parametrize("word", ["väst", "kliniken", "ab", "publ"])
async def test_an_organisation_from_before_is_found_by_each_word_between_its_signs(empty: Database, word) -> None:
    await migrations.upgrade_database(empty, "0007")
    row = text(
        "INSERT INTO organisations (id, name, org_number, org_number_is_personal, kinds, self_attest_allowed)"
        " VALUES ('O-1', 'Kliniken-Väst, AB (publ)', '1', false, '[]', false)"
    )
    await empty.write(lambda connection: connection.execute(row).close())

    await migrations.upgrade_database(empty)

    found = await empty.read(lambda connection: find_organisations(connection, word, 9))
    assert [each.name for each in found] == ["Kliniken-Väst, AB (publ)"]


async def test_units_of_an_order_from_before_are_kept_by_what_they_are_sought_by_now(empty: Database) -> None:
    await migrations.upgrade_database(empty, "0017")
    await empty.write(_before_substitutes)
    units = [["Norra  vårdcentralen", "SE2321000016-a1"], ["Södra  vårdcentralen", None]]
    content = WAITS["content"].replace("[]", json.dumps(units), 1)
    rows = [
        {"case_id": WAITS["id"], "unit_key": key, "customer_id": "O1", "offer_id": "siths"}
        for key in ("SE2321000016-a1", "södra  vårdcentralen")
    ]
    await empty.write(
        lambda c: c.execute(
            update(tables.cases).where(tables.cases.c.id == WAITS["id"]).values(content=content)
        ).close()
    )
    await empty.write(lambda c: c.execute(insert(tables.case_units), rows).close())

    await migrations.upgrade_database(empty)

    found = await empty.read(lambda c: c.execute(select(tables.case_units)).all())
    keys = {"SE2321000016-A1", " norra vårdcentralen", "södra vårdcentralen"}
    assert {tuple(row) for row in found} == {(WAITS["id"], key, "O1", "siths") for key in keys}


async def test_orders_from_before_are_found_by_the_words_of_their_units(empty: Database) -> None:
    await migrations.upgrade_database(empty, "0017")
    await empty.write(_before_substitutes)
    units = [["Norra vårdcentralen", "SE2321000016-A1B2"], ["Södra vårdcentralen", None]]
    content = json.dumps({**json.loads(WAITS["content"]), "units": units})
    await empty.write(
        lambda c: c.execute(
            update(tables.cases).where(tables.cases.c.id == WAITS["id"]).values(content=content)
        ).close()
    )

    await migrations.upgrade_database(empty)

    found = await empty.read(lambda c: c.execute(select(tables.case_words)).all())
    mine = {row.word for row in found if row.case_id == WAITS["id"]}
    assert mine == {"norra", "södra", "vårdcentralen", "se2321000016", "a1b2"}


async def test_orders_from_before_are_found_by_their_invoice_references_where_they_have_one(empty: Database) -> None:
    await migrations.upgrade_database(empty, "0017")
    await empty.write(_before_substitutes)
    content = json.dumps({**json.loads(WAITS["content"]), "invoice_ref": "ZZ-4711  Åsa Berg"})
    await empty.write(
        lambda c: c.execute(
            update(tables.cases).where(tables.cases.c.id == WAITS["id"]).values(content=content)
        ).close()
    )

    await migrations.upgrade_database(empty)

    query = select(tables.cases.c.id, tables.cases.c.invoice_reference)
    found = dict(map(tuple, await empty.read(lambda c: c.execute(query).all())))
    assert found[WAITS["id"]] == "zz-4711 åsa berg"
    assert "" not in found.values()


async def test_an_open_order_with_a_dearer_price_to_come_is_held_against_it_and_looked_at_anew(empty: Database) -> None:
    await migrations.upgrade_database(empty, "0017")
    await empty.write(_before_substitutes)
    content = json.loads(WAITS["content"]) | {
        "costs": {"customer": [100, 10, "month"], "agent": [0, 0, "year"]},
        "coming_costs": {"customer": [50, 0, "year"], "agent": [900, 10, "month"]},
    }
    dearer = update(tables.cases).where(tables.cases.c.id == WAITS["id"]).values(content=json.dumps(content))
    await empty.write(lambda c: c.execute(dearer).close())

    await migrations.upgrade_database(empty)

    query = select(tables.cases.c.customer_ore, tables.cases.c.agent_ore, tables.cases.c.review_at)
    (found,) = await empty.read(lambda c: c.execute(query.where(tables.cases.c.id == WAITS["id"])).all())
    assert (found.customer_ore, found.agent_ore, found.review_at is None) == (220, 1_020, False)


async def test_an_order_that_waits_is_reminded_of_two_working_days_after_it_began_to_and_not_only_ended(
    empty: Database,
) -> None:
    ends = datetime(2026, 2, 16, 15, 30, tzinfo=UTC)
    await migrations.upgrade_database(empty, "0040")
    await empty.write(_before_substitutes)
    await empty.write(lambda c: c.execute(update(tables.cases).values(due_at=ends)).close())

    await migrations.upgrade_database(empty)

    query = select(tables.cases.c.id, tables.cases.c.due_at)
    found = dict(map(tuple, await empty.read(lambda c: c.execute(query).all())))
    # New Year's Day, a Friday, a weekend, a Monday, Epiphany.
    assert found[WAITS["id"]] == datetime(2026, 1, 5, 8, tzinfo=UTC)
    assert found[ATTESTED["id"]] == ends


async def test_an_account_that_somebody_unlinked_before_is_let_in_by_its_person_alone(empty: Database) -> None:
    await migrations.upgrade_database(empty, "0023")
    await empty.write(seed.seed)
    here = {"kind": "identity", "action": "unlinked", "surface": "clock", "at": tables.to_micros(seed.NOW)}
    told = [
        here | {"about_id": seed.BO, "evidence": '{"why":"not_me"}'},
        here | {"about_id": seed.CECILIA, "evidence": '{"why":"changed"}'},
    ]
    undone = tables.identities.c.person_id.in_([seed.BO, seed.CECILIA])
    await empty.write(lambda c: c.execute(update(tables.identities).where(undone).values(state="undone")).close())
    line = text(
        "INSERT INTO history (kind, action, surface, at, about_id, evidence)"
        " VALUES (:kind, :action, :surface, :at, :about_id, :evidence)"
    )
    await empty.write(lambda c: c.execute(line, told).close())

    await migrations.upgrade_database(empty)

    states = await empty.read(
        lambda c: dict(c.execute(select(tables.identities.c.person_id, tables.identities.c.state).where(undone)).all())
    )
    assert states == {seed.BO: "barred", seed.CECILIA: "undone"}


async def test_cards_are_told_at_which_step_they_asked(empty: Database) -> None:
    await migrations.upgrade_database(empty, "0002")
    await empty.write(_before_substitutes)

    await migrations.upgrade_database(empty)

    steps = await empty.read(lambda c: dict(c.execute(text("SELECT id, step FROM cards")).all()))
    assert steps == {"C1": 0, "C2": 1, "C3": 1, "C4": 2}


async def test_cards_of_an_order_that_came_back_to_a_state_asked_at_its_step_of_now(empty: Database) -> None:
    returned = ATTESTED | {"id": "B-7777777", "state": "awaiting_customer_attest", "step": 4, "revision": 4}
    card = CARDS[1] | {"id": "C7", "case_id": "B-7777777", "must_show": 1, "does_show": 0, "priority": 1, "attempts": 0}
    await migrations.upgrade_database(empty, "0002")
    await empty.write(_before_substitutes)
    await empty.write(lambda connection: connection.execute(insert(tables.cases), WAITS | returned).close())
    await empty.write(lambda connection: connection.execute(insert(tables.cards), card).close())

    await migrations.upgrade_database(empty)

    assert await empty.read(lambda c: c.scalar(text("SELECT step FROM cards WHERE id = 'C7'"))) == 4


def _day(number: int) -> datetime:
    return datetime(2026, 1, number, tzinfo=UTC)


# One organisation signed three times, and its row was written over twice; the other was let in by the register's file.
SIGNED = {"A-1111111": _day(1), "A-2222222": _day(5), "A-3333333": _day(9)}
NOW_KEPT = {
    "O1": {"type": "kundavtal", "valid_from": _day(9), "ended_at": _day(20), "case_id": "A-3333333"}
    | {"document_version": "kundavtal-1", "document_hash": "3" * 64},
    "O2": {"type": "kundavtal", "valid_from": _day(2), "ended_at": None, "case_id": None}
    | {"document_version": None, "document_hash": None},
}


def _before_rows_of_their_own(connection: Connection) -> None:
    """Agreements when each organisation had one of a type, and documents of all that were signed."""
    for id_ in NOW_KEPT:
        named = {"id": id_, "name": id_, "org_number": id_, "org_number_is_personal": False, "kinds": ["customer"]}
        connection.execute(insert(tables.organisations), named)
    connection.execute(insert(tables.persons), {"id": "P-bo", "name": "Bo", "email": "bo@example.org"})
    for case, closed in SIGNED.items():
        _signed(connection, case, closed)
    add = """INSERT INTO agreements
        (organisation_id, type, valid_from, ended_at, case_id, document_version, document_hash)
        VALUES (:organisation, :type, :valid_from, :ended_at, :case_id, :document_version, :document_hash)"""
    stored = text(add).bindparams(
        bindparam("valid_from", type_=tables.Instant), bindparam("ended_at", type_=tables.Instant)
    )
    for id_, made in NOW_KEPT.items():
        connection.execute(stored, {"organisation": id_, **made})


def _signed(connection: Connection, case: str, closed: datetime) -> None:
    hash_ = case[-1] * 64
    row = WAITS | {"id": case, "flow": "customer_application", "state": "agreement_active", "closed_at": closed}
    connection.execute(insert(tables.cases), row | {"orderer_id": None, "offer_id": None})
    connection.execute(
        insert(tables.documents), {"hash": hash_, "case_id": case, "version": "kundavtal-1", "text": case}
    )
    signature = {"case_id": case, "person_id": "P-bo", "document_hash": hash_, "method": "link_confirm"}
    connection.execute(insert(tables.signatures), signature | {"signed_at": closed})


async def test_agreements_keep_their_dates_and_documents_as_rows_of_their_own(empty: Database) -> None:
    await migrations.upgrade_database(empty, "0017")
    await empty.write(_before_rows_of_their_own)

    await migrations.upgrade_database(empty)

    rows = await empty.read(
        lambda c: c.execute(select(tables.agreements).order_by(tables.agreements.c.id)).mappings().all()
    )
    kept = {row["organisation_id"]: row for row in rows[:2]}
    assert {id_: {name: kept[id_][name] for name in made} for id_, made in NOW_KEPT.items()} == NOW_KEPT


async def test_an_agreement_that_was_written_over_comes_back_until_the_next_began_and_is_read(empty: Database) -> None:
    await migrations.upgrade_database(empty, "0017")
    await empty.write(_before_rows_of_their_own)

    await migrations.upgrade_database(empty)

    held = await empty.read(lambda connection: held_agreements(connection, OrganisationId("O1")))
    assert [(each.hash, each.since, each.ended, each.signed) for each in held] == [
        ("3" * 64, _day(9), _day(20), 1),
        ("2" * 64, _day(5), _day(9), 1),
        ("1" * 64, _day(1), _day(5), 1),
    ]
    assert len(await empty.read(lambda connection: held_agreements(connection, OrganisationId("O2")))) == 1


@pytest.mark.parametrize(
    ("next_one", "ended"),
    [({"valid_from": None, "ended_at": _day(25)}, _day(25)), ({"valid_from": None, "ended_at": None}, _day(28))],
)
async def test_one_whose_next_was_never_signed_comes_back_until_that_came_to_nothing_or_was_sent_out(
    empty: Database, next_one: dict[str, datetime | None], ended: datetime
) -> None:
    await migrations.upgrade_database(empty, "0017")
    await empty.write(_before_rows_of_their_own)
    later = text("UPDATE agreements SET valid_from = :valid_from, ended_at = :ended_at WHERE organisation_id = 'O1'")
    typed = later.bindparams(bindparam("valid_from", type_=tables.Instant), bindparam("ended_at", type_=tables.Instant))
    waits = update(tables.cases).where(tables.cases.c.id == "A-3333333")
    await empty.write(lambda c: c.execute(typed, next_one).close())
    unsigned = waits.values(state="agreement_awaiting_signature", waiting_since=_day(28))
    await empty.write(lambda c: c.execute(unsigned).close())

    await migrations.upgrade_database(empty)

    held = await empty.read(lambda connection: held_agreements(connection, OrganisationId("O1")))
    assert [(each.since, each.ended) for each in held if each.since] == [(_day(5), ended), (_day(1), _day(5))]


@pytest.mark.by_turns
@pytest.mark.parametrize("revision", REVISIONS)
async def test_every_row_of_every_earlier_revision_means_the_same_at_the_newest_and_is_guarded_as_before(
    empty: Database, revision: str
) -> None:
    await migrations.upgrade_database(empty, revision)
    rows = await empty.write(former.fill)

    await migrations.upgrade_database(empty)

    assert await empty.write(_differences) == []
    assert await empty.read(_broken) == []
    found = await empty.read(former.stored)
    # Which programs may run is written anew by whoever migrates.
    rows.pop("schema_support", None)
    for table, before in rows.items():
        there = [row for row in found[table] if row.get("kind") not in {"baseline", "purge"}]
        kept = [{name: row[name] for name in before[0]} for row in there]
        assert kept == before, table
        assert _came_later(table, before[0], there, revision) == [], table
    assert await _let_through(empty) == []


async def test_how_a_register_stands_at_the_upgrade_is_told_to_history_once(empty: Database) -> None:
    await migrations.upgrade_database(empty, "0021")
    await empty.write(seed.seed)
    for eid_from_ore, organisation in ((5, "O-region"), (0, "O-clinic")):
        wanted = (
            update(tables.organisations)
            .where(tables.organisations.c.id == organisation)
            .values(eid_from_ore=eid_from_ore)
        )
        await empty.write(lambda connection, wanted=wanted: connection.execute(wanted))
    await migrations.upgrade_database(empty)
    replayed = await replay(empty)

    assert (replayed.differences, replayed.rights_from is None) == ([], False)
    # One row of each upgrade that told how something stood.
    assert await empty.read(_actions) == ["stood", "stood"]


async def test_an_agreement_of_which_the_hash_alone_was_kept_is_followed_from_the_upgrade_on(empty: Database) -> None:
    await migrations.upgrade_database(empty, "0021")
    await empty.write(seed.seed)
    signed = (
        update(tables.agreements)
        .where(tables.agreements.c.organisation_id == seed.CLINIC)
        .values(document_hash="a" * 64)
    )
    await empty.write(lambda connection: connection.execute(signed))
    await migrations.upgrade_database(empty)
    upgraded = await replay(empty)

    def end(connection: Connection) -> None:
        entry = Holding.model_validate({"from": seed.LONG_AGO.date(), "ended": seed.NOW.date()})
        writer = write_register(connection, lambda: seed.NOW, new_id, Author("file", Surface.FILE))
        writer.agreement(seed.CLINIC, AgreementType.KUNDAVTAL, entry)

    await empty.write(end)
    ended = await replay(empty)

    assert (upgraded.differences, ended.differences) == ([], [])


async def test_until_when_deciders_were_purged_before_is_told_to_history(empty: Database) -> None:
    await migrations.upgrade_database(empty, "0024")
    closed = datetime(2019, 5, 1, tzinfo=UTC)
    case = {
        "id": "B-2222222", "flow": "direct", "state": "rejected", "step": 1, "revision": 2, "content_version": 1,
        "content": "{}", "decisions": "[]", "created_at": closed, "waiting_since": closed, "closed_at": closed,
        "purged": 4,
    }  # fmt: skip
    await empty.write(lambda connection: connection.execute(insert(tables.cases).values(case)))
    await migrations.upgrade_database(empty)
    told = await empty.read(lambda connection: connection.execute(text("SELECT kind, evidence FROM history")).all())

    assert [(kind, json.loads(said)) for kind, said in told] == [
        ("purge", {"stage": 4, "closed_before": "2019-05-01T00:00:00.000001+00:00"})
    ]


async def test_an_empty_register_is_told_to_history_by_no_row(empty: Database) -> None:
    await migrations.upgrade_database(empty)

    assert await empty.read(_lines) == 0


async def test_the_guards_are_the_same_whatever_stood_there_before(empty: Database) -> None:
    await migrations.upgrade_database(empty, "0004")
    before = await empty.read(_guards)

    await migrations.upgrade_database(empty)

    assert len(before) >= len(GUARDED)
    assert await empty.read(_guards) == before


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


async def _let_through(database: Database) -> list[str]:
    """What the guards of history let somebody do."""
    done: list[str] = []
    for change in ("UPDATE history SET kind = 'role'", "DELETE FROM history", ADD_AS):
        try:
            await database.write(lambda c, change=change: c.execute(text(change), LINE | {"id": 100}).close())
        except DBAPIError:
            continue
        done.append(change)
    return done


def _broken(connection: Connection) -> list[object]:
    """What SQLite finds wrong with the file, where its schema was written over."""
    if connection.dialect.name != "sqlite":
        return []
    found = [*connection.execute(text("PRAGMA integrity_check")), *connection.execute(text("PRAGMA foreign_key_check"))]
    return [tuple(row) for row in found if tuple(row) != ("ok",)]


def _came_later(table: str, before: former.Row, rows: Sequence[former.Row], revision: str) -> list[object]:
    """Columns that the rows did not have, and that say something else than what is said of nothing."""
    new = [column for column in metadata.tables[table].c if column.name not in before]
    told = [each for each in new if MADE.get((table, each.name), "0001") <= revision or (table, each.name) not in MADE]
    return [(each.name, row[each.name]) for each in told for row in rows if row[each.name] != _said_of_nothing(each)]


def _said_of_nothing(column: Column[object]) -> object:
    if column.server_default is None:
        return None
    said = str(column.server_default.arg)  # type: ignore[union-attr]
    return {"'{}'": "{}", "''": "", "'change'": "change", "0": 0, "2": 2, "9": 9, "false": False, "true": True}[said]


def _guards(connection: Connection) -> set[tuple[str, str]]:
    found = connection.execute(text(GUARDS[connection.dialect.name]))
    return {(name, sql) for name, sql in found}


def _lines(connection: Connection) -> int:
    return len(_actions(connection))


def _actions(connection: Connection) -> list[str]:
    return list(connection.execute(text("SELECT action FROM history")).scalars())


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return list(compare_metadata(context, metadata))


DONE = {"flow": "via_agent", "state": "agent_informed", "offer_id": seed.NPO_AGENT, "customer_id": "O-region"}
# Each order that was carried out before: how, for which units, through whom and when.
CARRIED_OUT = {
    "B-1111111": ({"agent_id": "O-agent"}, [["Norra  kliniken", "SE2321000016-n1"], ["Södra", None]], 1),
    "B-2222222": ({"flow": "direct", "state": "instructions_sent", "offer_id": seed.SITHS}, [], 2),
    "B-3333333": ({"agent_id": "O-clinic"}, [["NORRA KLINIKEN", None]], 3),
    "B-4444444": ({"state": "rejected", "agent_id": "O-agent"}, [["Västra", None]], 4),
    "B-5555555": ({"flow": "agent_assignment", "state": "instructions_sent", "offer_id": seed.SITHS}, [], 5),
    "B-6666666": ({"customer_id": "O-clinic", "agent_id": "O-agent"}, [["Norra kliniken", None]], 6),
}


async def test_what_orders_of_before_connected_stands_in_rows_of_its_own_that_nobody_has_confirmed(
    empty: Database,
) -> None:
    """A unit that changed agent ends with the earlier one; purged orders still say what is connected."""
    await migrations.upgrade_database(empty, "0025")
    await empty.write(_carried_out)

    await migrations.upgrade_database(empty)

    held = tables.connections.c
    rows = await empty.read(lambda c: c.execute(select(tables.connections).order_by(held.valid_from, held.id)).all())
    told = [
        (each.case_id, each.organisation_id, each.service_id, each.agent_id, each.unit_key, each.unit_name_key)
        for each in rows
    ]
    assert told == [
        ("B-1111111", "O-region", "npo", "O-agent", "SE2321000016-N1", " norra kliniken"),
        ("B-1111111", "O-region", "npo", "O-agent", "södra", None),
        ("B-2222222", "O-region", "siths", None, "", None),
        ("B-3333333", "O-region", "npo", "O-clinic", "norra kliniken", None),
        ("B-6666666", "O-clinic", "npo", "O-agent", "norra kliniken", None),
    ]
    assert [(each.valid_from, each.valid_to, each.ended_by_id) for each in rows] == [
        (_day(1), _day(3), "B-3333333"),
        (_day(1), None, None),
        (_day(2), None, None),
        (_day(3), None, None),
        (_day(6), None, None),
    ]
    assert [(each.unit_name, each.unit_hsa_id) for each in rows][:3] == [
        ("Norra  kliniken", "SE2321000016-n1"),
        ("Södra", None),
        (None, None),
    ]
    assert {each.confirmed_at for each in rows} == {None}


def _carried_out(connection: Connection) -> None:
    seed.seed(connection)
    kept = {"step": 1, "revision": 2, "content_version": 1, "decisions": "[]", "purged": 4}
    for number, (how, units, day) in CARRIED_OUT.items():
        times = {"created_at": _day(day), "waiting_since": _day(day), "closed_at": _day(day)}
        row = {"id": number, "content": json.dumps({"units": units})} | DONE | how | kept | times
        connection.execute(insert(tables.cases).values(row))
