"""One file fills the register: twice changes nothing, and a wrong one names its lines and changes nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from core import db, migrations
from core.api import new_id
from core.loading import LoadFailed, load
from core.storage.database import Database, open_database
from core.storage.register import Outcome

ROOT = Path(__file__).parents[2]
EXAMPLE = (ROOT / "docs" / "example.yaml").read_text("utf-8")
DEMO = (ROOT / "bot" / "demo" / "demo.yaml").read_text("utf-8")
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
TABLES = (db.organisations, db.persons, db.role_assignments, db.services, db.offers, db.price_items, db.agreements,
          db.agent_assignments)  # fmt: skip


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with _opened(database_url) as opened:
        yield opened


@pytest.fixture
async def sqlite(fresh_sqlite_url: str) -> AsyncIterator[Database]:
    """Enough for files that never reach the database."""
    async with _opened(fresh_sqlite_url) as opened:
        yield opened


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Database]:
    opened = open_database(url)
    await migrations.upgrade_database(opened)
    yield opened
    await opened.close()


async def loaded(database: Database, text: str, at: datetime = NOW):
    return await database.write(lambda connection: load(connection, text, at=at, new_id=new_id))


async def content(database: Database):
    return await database.read(
        lambda c: {table.name: c.execute(select(table).order_by(*table.primary_key)).all() for table in TABLES}
    )


@pytest.mark.parametrize("text", [EXAMPLE, DEMO], ids=["example", "demo"])
async def test_loading_twice_changes_nothing(database, text):
    first = await loaded(database, text)
    before = await content(database)
    second = await loaded(database, text, NOW + timedelta(days=400))

    assert first.count[Outcome.ADDED] > 20
    assert second.written == 0
    assert second.count[Outcome.SAME] == sum(first.count.values())
    assert await content(database) == before


async def test_what_the_file_says_is_in_the_register(database):
    await loaded(database, EXAMPLE)
    tables = await content(database)
    bo = next(row for row in tables["persons"] if row.email == "bo.ek@example.org")

    assert {row.org_number for row in tables["organisations"]} == {"2321000016", "2222222222", "5565594230"}
    assert [row.amount_ore for row in tables["price_items"]] == [150_000, 125_050, 130_000, 90_000, 25_000]
    assert {row.agent_field for row in tables["offers"]} == {"none", "required"}
    assert sorted(row.role for row in tables["role_assignments"] if row.person_id == bo.id) == [
        "administrator",
        "attestant",
        "attestant",
    ]


async def test_a_role_without_days_holds_from_now_and_ends_when_the_file_says_so(database):
    await loaded(database, EXAMPLE)
    ended = await loaded(database, EXAMPLE.replace("- attestant\n", "- {role: attestant, ended: 2027-01-01}\n"))
    roles = (await content(database))["role_assignments"]

    assert ended.count[Outcome.CHANGED] == 1
    assert [row.valid_to for row in roles if row.role == "attestant"] == [datetime(2026, 12, 31, 23, tzinfo=UTC), None]
    assert {row.valid_from for row in roles if row.role == "orderer"} == {NOW}


async def test_what_the_file_leaves_out_is_left_alone(database):
    await loaded(database, EXAMPLE)
    before = await content(database)
    tally = await loaded(database, "organisations:\n  - {org_number: 222222-2222, name: Nytt namn, kinds: [agent]}\n")
    after = await content(database)

    assert tally.count == {Outcome.ADDED: 0, Outcome.CHANGED: 1, Outcome.SAME: 0}
    assert {name for name in after if after[name] != before[name]} == {"organisations"}


async def test_a_price_is_closed_and_followed_in_one_file_whatever_the_order(database):
    await loaded(database, EXAMPLE)
    price = "- {payer: agent, kind: startup, unit: order, amount: 250, from: 2026-01-01"
    later = price.replace("250", "300").replace("2026", "2027")
    tally = await loaded(database, EXAMPLE.replace(price + "}", f"{later}}}\n          {price}, to: 2026-12-31}}"))

    assert (tally.count[Outcome.ADDED], tally.count[Outcome.CHANGED]) == (1, 1)


async def test_an_empty_file_is_no_problem(database):
    assert (await loaded(database, "# nothing yet\n")).written == 0


async def test_loading_says_how_far_it_has_come(database):
    told: list[tuple[int, int]] = []

    def progress(done: int, size: int) -> None:
        told.append((done, size))

    await database.write(lambda c: load(c, EXAMPLE, at=NOW, new_id=new_id, progress=progress))

    assert [done for done, _ in told] == list(range(1, len(told) + 1))
    assert {size for _, size in told} == {len(told)}


@pytest.mark.parametrize("number", ["232100-0016", "2321000016", '"162321000016"', "16232100-0016"])
async def test_a_number_is_read_in_any_of_its_forms(database, number):
    await loaded(database, EXAMPLE.replace("232100-0016", number))

    assert "2321000016" in {row.org_number for row in (await content(database))["organisations"]}


# --- wrong files: (what to replace, with what) -> the problem's line holds this text, with this code

WRONG = [
    ("code: npo #", "kod: npo #", "kod: npo", "unknown_field"),
    ("code: npo #", "kod: npo #", "kod: npo", "required"),
    ("flow: direct #", "flow: diract #", "flow: diract", "invalid"),
    ("232100-0016", "232100-0017", "232100-0017", "org_number"),
    ("kinds: [customer]", "kinds: [customers]", "kinds: [customers]", "invalid"),
    ("kinds: [customer]", "kinds: []", "kinds: []", "required"),
    ("    category: region #", "    # ", "232100-0016", "category_required"),
    ("ended: 2026-06-30", "ended: 2026-06-31", "2026-06-31", "day"),
    ("ended: 2026-06-30", "ended: 2024-06-30", "ended: 2024-06-30", "period_reversed"),
    ("amount: 900", "amount: 900.005", "amount: 900.005", "amount"),
    ("amount: 900", "amount: -1", "amount: -1", "amount"),
    ("amount: 900", "amount: .nan", "amount: .nan", "amount"),
    ("amount: 900", "amount: mycket", "amount: mycket", "amount"),
    ("amount: 1300, from: 2027-01-01", "amount: 1300, from: 2026-06-01", "amount: 1300", "price_overlap"),
    ("amount: 1300, from: 2027-01-01", "amount: 1300, from: 2026-01-01", "amount: 1300", "repeated"),
    ("to: 2026-12-31", "to: 2025-12-31", "to: 2025-12-31", "period_reversed"),
    ("roles: [agent_handler]", "roles: [orderer]", "en, roles: [orderer]", "role_not_for_kind"),
    ("roles: [agent_handler]", "roles: [chef]", "roles: [chef]", "invalid"),
    ("type: agentavtal", "type: kundavtal ", "type: kundavtal ", "agreement_not_for_kind"),
    ("{service: npo,", "{service: npx,", "npx", "unknown"),
    ("email: cilla.dahl@example.org", "email: cilla", "email: cilla", "invalid"),
    ("{name: Bo Ek, email", "{name: Bo E, email", "Bo E,", "differs"),
    ("code: npo-producent-agent", "code:  npo-producent", "code:  npo-producent", "repeated"),
    ("222222-2222", "232100-0016", "org_number: 232100-0016\n    name: Journal", "repeated"),
    ("self_attest_allowed: false", "self_attest_allowed: maybe", "maybe", "invalid"),
    ("category: region #", "category: region\n    category: municipality #", "category: municipality", "repeated"),
    ("flow: via_agent", "flow: via_agent\n        agent: none", "agent: none\n        needs", "agent_not_for_flow"),
    ("name: Inera AB", "name: [Inera", "kinds: [inera]", "yaml"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "there", "code"), WRONG)
async def test_a_wrong_file_names_its_line_and_changes_nothing(sqlite, before, after, there, code):
    assert before in EXAMPLE
    text = EXAMPLE.replace(before, after, 1)

    with pytest.raises(LoadFailed) as failed:
        await loaded(sqlite, text)

    line = text[: text.index(there)].count("\n") + 1
    assert (line, code) in {(problem.line, problem.code) for problem in failed.value.problems}
    assert not any((await content(sqlite)).values())


async def test_every_problem_is_told_at_once_from_the_top(database):
    text = EXAMPLE.replace("roles: [agent_handler]", "roles: [orderer]").replace("service: npo,", "service: npx,")

    with pytest.raises(LoadFailed) as failed:
        await loaded(database, text)

    problems = failed.value.problems
    assert [problem.code for problem in problems] == ["unknown", "role_not_for_kind"]
    assert problems == sorted(problems)


async def test_a_file_that_clashes_with_the_register_is_refused_too(database):
    await loaded(database, EXAMPLE)
    price = "{payer: agent, kind: startup, unit: order, amount: 250, from: 2026-01-01}"

    with pytest.raises(LoadFailed) as failed:
        await loaded(database, EXAMPLE.replace(price, price.replace("2026", "2027")))

    assert [problem.code for problem in failed.value.problems] == ["price_overlap"]


@pytest.mark.parametrize(
    "text",
    [
        "- a list",
        "just words",
        "services: 3",
        "a: b: c",
        "\tservices: []",
        "&a [*a]",
        "? [x]\n: 1",
        "services: !!python/none x",
    ],
)
async def test_a_file_of_another_kind_is_a_problem_with_a_place(sqlite, text):
    with pytest.raises(LoadFailed) as failed:
        await loaded(sqlite, text)

    assert all(problem.line == 1 for problem in failed.value.problems)
