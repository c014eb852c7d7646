"""One file fills the register: twice changes nothing, and a wrong one names its lines and changes nothing."""

import asyncio
import json
import threading
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.util import await_

from core.api import (
    STOCKHOLM,
    Action,
    ActOnCase,
    Answers,
    Asking,
    Engine,
    Orders,
    PlaceOrder,
    State,
    Surface,
    Unit,
    new_id,
)
from core.ports.register_entries import Outcome
from core.register.administration import register_author
from core.register.entries import PersonEntry
from core.shared.errors import OrderError
from core.storage import tables
from core.storage.cases.repository import SqlCaseRepository
from core.storage.database.database import Database, open_database
from core.storage.register.loading import ENTRIES, WHOLE, LoadFailed, LoadOvertaken, load
from core.storage.register.register import write_register
from notifications.rules.announcements import Announcements
from tests.contract.test_setting_channels import give_slack
from tests.support.machines.copies import PATIENT, migrated

ROOT = Path(__file__).parents[2]
AS_IT_IS = (ROOT / "docs" / "example.yaml").read_text("utf-8")
# With what it only shows, since it would stop orders.
EXAMPLE = AS_IT_IS.replace("# eid_from: 1000000", "eid_from: 1000000")
DEMO = (ROOT / "bot" / "demo" / "demo.yaml").read_text("utf-8")
KUNDAVTAL = "      - {type: kundavtal, from: 2024-01-01}"
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
NEW_YEAR = datetime(2026, 12, 31, 23, tzinfo=UTC)
TABLES = (
    tables.organisations, tables.persons, tables.role_assignments, tables.services, tables.offers, tables.price_items,
    tables.agreements, tables.agent_assignments, tables.substitutions, tables.reviews,
)  # fmt: skip


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
    opened = await migrated(url)
    yield opened
    await opened.close()


async def loaded(database: Database, text: str, at: datetime = NOW, **more):
    return await load(database, text, now=lambda: at, new_id=new_id, **more)


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


async def test_whoever_copies_the_example_asks_nobody_for_what_the_product_does_not_come_with(sqlite):
    await loaded(sqlite, AS_IT_IS)

    assert {row.eid_from_ore for row in (await content(sqlite))["organisations"]} == {None}


async def test_what_a_file_says_of_a_language_is_told_by_itself_once_in_history(database):
    for text in (EXAMPLE, EXAMPLE, EXAMPLE.replace("language: sv # for", "language: en # for")):
        await loaded(database, text)
    lines = select(tables.history.c.evidence).where(tables.history.c.action == "translated")
    told = await database.read(
        lambda connection: connection.execute(lines.order_by(tables.history.c.id)).scalars().all()
    )

    said = [json.loads(each) for each in told]
    assert [(each["language"], each.get("before")) for each in said] == [
        ("sv", {"language": None}),
        ("en", {"language": "sv"}),
    ]


async def test_what_a_file_changes_of_offers_and_organisations_is_told_in_history(database):
    await loaded(database, EXAMPLE)
    latest = await database.read(lambda connection: connection.scalar(select(func.max(tables.history.c.id))))
    changed = EXAMPLE.replace("category: region", "category: municipality", 1)
    changed = changed.replace("active: true", "active: false", 1).replace("villkor/npo", "villkor/nya", 1)
    await loaded(database, changed)
    told = await database.read(lambda connection: connection.execute(select(tables.history)).all())

    added = Counter(each.kind for each in told if each.action == "set" and each.id <= latest)
    before = {each.kind: json.loads(each.evidence)["before"] for each in told if each.id > latest}
    assert added.items() >= {"organisation": 3, "service": 1, "offer": 2}.items()
    assert before == {
        "offer": {"active": True, "terms_url": "https://example.org/villkor/npo"},
        "organisation": {"category": "region"},
    }  # fmt: skip


@pytest.mark.parametrize("day", ["2026-01-02", "2026-12-24", "2027-03-01", "2036-06-01"])
async def test_the_example_can_be_loaded_and_ordered_from_on_any_day(sqlite, day):
    at = datetime.fromisoformat(f"{day}T12:00+00:00")
    await loaded(sqlite, EXAMPLE, at)
    anna, region = (
        await _id(sqlite, tables.persons, "Anna Berg"),
        await _id(sqlite, tables.organisations, "Region Exempel"),
    )
    wish = PlaceOrder(Asking(anna), region, "npo-producent", (Unit("Eken"),), "REF", True, key="1", surface=Surface.API)
    case = await Orders(Engine(SqlCaseRepository(sqlite), Announcements(), lambda: at, new_id)).place(wish)

    assert case.state is State.AWAITING_CUSTOMER_ATTEST


async def _id(database, table, name: str):
    return await database.read(lambda c: c.execute(select(table.c.id).where(table.c.name == name)).scalar_one())


async def test_what_the_file_says_is_in_the_register(database):
    await loaded(database, EXAMPLE)
    tables = await content(database)
    bo = next(row for row in tables["persons"] if row.email == "bo.ek@example.org")

    assert {row.org_number for row in tables["organisations"]} == {"5555555555", "2222222222", "5565594230"}
    assert [row.amount_ore for row in tables["price_items"]] == [150_000, 125_050, 130_000, 90_000, 25_000]
    assert {row.agent_field for row in tables["offers"]} == {"none", "required"}
    assert sorted(row.role for row in tables["role_assignments"] if row.person_id == bo.id) == [
        "administrator",
        "attestant",
        "attestant",
    ]


CHANNELS = "      - {role: attestant, channel: null,"


async def test_a_file_says_in_which_channels_those_who_decide_are_asked(database):
    await loaded(database, EXAMPLE)
    region = await _id(database, tables.organisations, "Region Exempel")
    await give_slack(database, region)
    chosen = EXAMPLE.replace(CHANNELS, "      - {role: attestant, channel: C0123456789,")

    first, second = await loaded(database, chosen), await loaded(database, chosen)
    kept = await database.read(lambda connection: connection.execute(select(tables.role_channels)).all())
    await loaded(database, EXAMPLE)
    left = await database.read(lambda connection: connection.execute(select(tables.role_channels)).all())

    assert (first.written, second.written) == (1, 0)
    assert [(row.organisation_id, row.role, row.channel) for row in kept] == [(region, "attestant", "C0123456789")]
    assert left == []


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ("{role: attestant, channel: '#attester',", "channel"),
        ("{role: attestant, channel: C0123456789,", "no_own_slack"),
        ("{role: orderer, channel: null,", "role_not_for_kind"),
    ],
)
async def test_a_channel_that_takes_no_questions_is_named_by_its_line(sqlite, entry, code):
    with pytest.raises(LoadFailed) as failed:
        await loaded(sqlite, EXAMPLE.replace(CHANNELS.strip()[2:], entry))

    line = next(number for number, each in enumerate(EXAMPLE.splitlines(), 1) if each.startswith(CHANNELS))
    assert [(problem.line, problem.code) for problem in failed.value.problems] == [(line, code)]


async def test_a_role_without_days_holds_from_now_and_ends_when_the_file_says_so(database):
    await loaded(database, EXAMPLE)
    ended = await loaded(database, EXAMPLE.replace("[orderer]", "[{role: orderer, ended: 2027-01-01}]"))
    roles = (await content(database))["role_assignments"]

    assert ended.count[Outcome.CHANGED] == 1
    assert [(row.valid_from, row.valid_to) for row in roles if row.role == "orderer"] == [(NOW, NEW_YEAR)]


async def test_what_the_file_says_of_limits_tiers_and_substitutes_is_in_the_register(database):
    await loaded(database, EXAMPLE)
    tables = await content(database)
    ids = {row.email.split(".")[0]: row.id for row in tables["persons"]}
    region = next(row for row in tables["organisations"] if row.org_number == "5555555555")
    (lent,) = tables["substitutions"]

    assert [(row.role, row.attest_limit_ore, row.service_id) for row in _roles_of(tables, ids["eva"])] == [
        ("attestant", 5_000_000, None),
        ("attestant", 100_000_000, "npo"),
        ("emergency_attestant", None, None),
    ]
    assert region.eid_from_ore == 100_000_000
    assert [(each["from_ore"], each["attests"], each["sequence"]) for each in region.tiers] == [
        (0, 1, []),
        (10_000_000, 2, []),
        (50_000_000, 1, [ids["bo"], ids["eva"]]),
    ]
    assert (lent.absent_id, lent.substitute_id, lent.role, lent.created_by) == (
        ids["bo"], ids["eva"], "attestant", "file",
    )  # fmt: skip
    assert (lent.valid_from, lent.valid_to) == (
        datetime(2026, 12, 20, 23, tzinfo=UTC),
        datetime(2027, 1, 10, 23, tzinfo=UTC),
    )


def _roles_of(tables, person):
    return sorted((row for row in tables["role_assignments"] if row.person_id == person), key=lambda row: row.id)


EVA = "- {role: attestant, attest_limit: 50000}"
# What the file says of a role at first, and then; the assignments afterwards, as days and a limit in kronor.
ROLES = [
    (EVA, "- {role: attestant, attest_limit: 60000}", [("now", None, 60_000)]),
    (EVA, "- attestant", [("now", None, 50_000)]),
    (EVA, "- {role: attestant, attest_limit: null}", [("now", None, None)]),
    (EVA, "- {role: attestant, ended: 2027-01-01}", [("now", "2027-01-01", 50_000)]),
    ("- {role: attestant, ended: 2026-01-01}", "- {role: attestant, ended: 2026-01-01}", []),
    ("- {role: attestant, from: 2025-01-01, ended: 2027-01-01}", "- {role: attestant, ended: null}",
     [("2025-01-01", None, None)]),
    ("- {role: attestant, from: 2025-01-01, ended: 2027-01-01}", "- {role: attestant, ended: 2028-01-01}",
     [("2025-01-01", "2028-01-01", None)]),
    ("- {role: attestant, from: 2025-01-01, ended: 2027-01-01}", "- {role: attestant, from: 2027-01-01}",
     [("2025-01-01", "2027-01-01", None), ("2027-01-01", None, None)]),
    ("- {role: attestant, from: 2025-01-01}", "- {role: attestant, from: 2024-01-01}", [("2025-01-01", None, None)]),
    ("- {role: attestant, from: 2025-01-01}", "- {role: attestant, from: 2027-01-01}", [("2025-01-01", None, None)]),
    ("- {role: attestant, from: 2027-01-01}", "- {role: attestant, from: 2027-02-01}", [("2027-02-01", None, None)]),
    ("- {role: attestant, from: 2027-01-01}", "- {role: attestant, from: 2026-12-01, attest_limit: 1}",
     [("2026-12-01", None, 1)]),
    ("- {role: attestant, from: 2027-01-01}", "- attestant", [("now", None, None)]),
    ("- {role: attestant, from: 2027-01-01}", "- {role: attestant, ended: 2027-06-01}",
     [("2027-01-01", "2027-06-01", None)]),
    ("- {role: attestant, from: 2027-01-01}", "- {role: attestant, ended: 2026-12-01}",
     [("2027-01-01", "2027-01-01", None)]),
    ("- {role: attestant, from: 2027-01-01, ended: 2027-02-01}", "- {role: attestant, from: 2027-06-01}",
     [("2027-01-01", "2027-02-01", None), ("2027-06-01", None, None)]),
]  # fmt: skip


@pytest.mark.parametrize(("first", "then", "left"), ROLES)
async def test_a_role_is_changed_also_when_it_is_to_come_or_to_end(sqlite, first, then, left):
    await loaded(sqlite, EXAMPLE.replace(EVA, first))
    await loaded(sqlite, EXAMPLE.replace(EVA, then))
    again = await loaded(sqlite, EXAMPLE.replace(EVA, then), NOW + timedelta(hours=1))
    roles = await sqlite.read(lambda c: c.execute(EVAS_ROLES).all())

    assert again.written == 0
    assert [(_day(row.valid_from), _day(row.valid_to), row.attest_limit_ore) for row in roles] == [
        (since, until, limit and limit * 100) for since, until, limit in left
    ]


EVAS_ROLES = (
    select(tables.role_assignments)
    .join(tables.persons, tables.persons.c.id == tables.role_assignments.c.person_id)
    .where(tables.persons.c.email == "eva.gren@example.org", tables.role_assignments.c.role == "attestant")
    .where(tables.role_assignments.c.service_id.is_(None))
    .order_by(tables.role_assignments.c.valid_from)
)


def _day(at):
    return "now" if at == NOW else at and str(at.astimezone(STOCKHOLM).date())


OVERLAPS = [
    ("- {role: attestant, from: 2025-01-01}", "- {role: attestant, from: 2027-01-01, attest_limit: 1}"),
    ("- {role: attestant, from: 2025-01-01}", "- {role: attestant, from: 2027-01-01, ended: 2027-02-01}"),
    ("- {role: attestant, from: 2024-01-01, ended: 2025-01-01}", "- {role: attestant, from: 2024-06-01}"),
]


@pytest.mark.parametrize(("first", "then"), OVERLAPS)
async def test_what_is_said_of_another_period_must_not_run_into_one_that_holds(sqlite, first, then):
    await loaded(sqlite, EXAMPLE.replace(EVA, first))

    with pytest.raises(LoadFailed) as failed:
        await loaded(sqlite, EXAMPLE.replace(EVA, then))

    assert [problem.code for problem in failed.value.problems] == ["period_overlap"]


async def test_an_agreement_in_a_file_that_follows_on_one_that_ended_is_a_row_of_its_own(database):
    await loaded(database, EXAMPLE.replace(KUNDAVTAL, KUNDAVTAL.replace("}", ", ended: 2026-03-01}")))
    before = (await content(database))["agreements"]
    anew = EXAMPLE.replace(KUNDAVTAL, KUNDAVTAL + "\n" + KUNDAVTAL.replace("2024-01-01", "2026-03-01"))

    outcomes = [await loaded(database, anew) for _ in range(2)]

    after = (await content(database))["agreements"]
    assert [each.count[Outcome.ADDED] for each in outcomes] == [1, 0]
    assert [each.written for each in outcomes] == [1, 0]
    assert set(before) < set(after)
    assert len(after) == len(before) + 1


async def test_a_file_changes_nothing_of_an_agreement_that_has_ended(database):
    await loaded(database, EXAMPLE.replace(KUNDAVTAL, KUNDAVTAL.replace("}", ", ended: 2026-03-01}")))
    before = (await content(database))["agreements"]
    told = []
    for wrong in (KUNDAVTAL.replace("}", ", ended: 2026-04-01}"), KUNDAVTAL.replace("2024-01-01", "2025-06-01")):
        with pytest.raises(LoadFailed) as failed:
            await loaded(database, EXAMPLE.replace(KUNDAVTAL, wrong))
        told += [problem.code for problem in failed.value.problems]

    assert told == ["already_ended", "period_overlap"]
    assert (await content(database))["agreements"] == before


async def test_a_substitution_is_found_by_its_people_role_and_first_day(database):
    await loaded(database, EXAMPLE)
    longer = await loaded(database, EXAMPLE.replace("to: 2027-01-10", "to: 2027-01-20"))
    left = await loaded(database, EXAMPLE.replace("to: 2027-01-10", "to: 2027-01-20"), NOW + timedelta(days=400))

    with pytest.raises(LoadFailed) as failed:
        await loaded(database, EXAMPLE.replace("from: 2026-12-21", "from: 2026-12-24"))

    assert (longer.count[Outcome.CHANGED], left.written) == (1, 0)
    assert [problem.code for problem in failed.value.problems] == ["period_overlap"]


async def test_a_substitution_that_stands_is_not_judged_by_what_became_of_its_people(database):
    alone = EXAMPLE.replace("sequence: [bo.ek@example.org, eva.gren@example.org]", "sequence: [eva.gren@example.org]")
    await loaded(database, alone)
    ended = alone.replace(
        "{role: attestant, from: 2025-01-01}", "{role: attestant, from: 2025-01-01, ended: 2026-11-25}"
    )

    assert (await loaded(database, ended)).count[Outcome.CHANGED] == 1


async def test_whoever_has_left_gets_no_role_by_a_file(database):
    await loaded(database, EXAMPLE)
    gone = EXAMPLE.replace(
        "email: cilla.dahl@example.org, language", "email: cilla.dahl@example.org, active: false, language"
    )

    with pytest.raises(LoadFailed) as failed:
        await loaded(database, gone)
    without = await loaded(database, gone.replace("roles: [agent_handler]}", "roles: []}"))

    assert [(problem.code, problem.path) for problem in failed.value.problems] == [
        ("has_left", "organisations.1.people.0.roles.0.person")
    ]
    assert without.count[Outcome.CHANGED] == 1
    [row] = [row for row in (await content(database))["role_assignments"] if row.role == "agent_handler"]
    assert row.valid_to == NOW


async def test_tiers_are_replaced_as_a_whole_and_only_when_they_are_named(database):
    await loaded(database, EXAMPLE)
    tiers = EXAMPLE[EXAMPLE.index("    tiers:") : EXAMPLE.index("    agreements:")]
    left = await loaded(database, EXAMPLE.replace(tiers, ""))
    none = await loaded(database, EXAMPLE.replace(tiers, "    tiers: []\n"))

    assert (left.written, none.count[Outcome.CHANGED]) == (0, 1)
    assert [row.tiers for row in (await content(database))["organisations"] if row.category] == [[]]


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


@pytest.mark.parametrize("text", ["[]\n", "0\n", '""\n'])
async def test_a_file_that_lists_nothing_by_a_name_is_told_of(database, text):
    with pytest.raises(LoadFailed):
        await loaded(database, text)


async def test_loading_says_how_far_it_has_come(database):
    checked: list[tuple[int, int]] = []
    written: list[tuple[int, int]] = []

    await loaded(
        database,
        EXAMPLE,
        checked=lambda done, size: checked.append((done, size)),
        written=lambda done, size: written.append((done, size)),
    )

    assert [done for done, _ in checked] == list(range(1, len(checked) + 1))
    assert {size for _, size in checked} == {len(checked)}
    assert [done for done, _ in written] == sorted({done for done, _ in written})
    assert {size for _, size in written} == {written[-1][0]}


# --- little by little


def crowd(*names: str, more: str = "", people: int = 3) -> str:
    """A file of organisations, each with an agreement, people with two roles each, and tiers."""
    return "organisations:" + "".join(_one_of_crowd(name, more, people) for name in names)


def _one_of_crowd(name: str, more: str, people: int) -> str:
    number = f"55{sum(map(ord, name)):07}"
    total = sum(int(digit) for n, d in enumerate(number) for digit in str(int(d) * (2 - n % 2)))
    return f"""
  - org_number: "{number}{-total % 10}"
    name: {name}
    kinds: [customer]
    category: region
    tiers: [{{from: 0, sequence: [{name}0@example.org]}}]
    agreements: [{{type: kundavtal, from: 2024-01-01}}]
    people:""" + "".join(
        f"""
      - {{name: {name} {n}, email: {name}{n}@example.org, roles: [orderer, {{role: attestant{more}}}]}}"""
        for n in range(people)
    )


NAMES = ("Alvik", "Berga", "Dalen", "Ekeby")


class Killed(BaseException):
    """The process ends."""


def resting(*deeds):
    """How a load rests: at its first rest the first deed is done, and so on."""
    waiting = iter(deeds)

    async def rest(seconds: float) -> None:
        assert seconds > 0
        if (deed := next(waiting, None)) is not None:
            await deed()

    return rest


async def is_killed() -> None:
    raise Killed


async def standing(database: Database) -> dict[str, int]:
    """How many roles there are in each organisation."""
    roles, places = tables.role_assignments.c, tables.organisations.c
    query = (
        select(places.name, func.count(roles.id))
        .join_from(tables.organisations, tables.role_assignments, roles.organisation_id == places.id, isouter=True)
        .group_by(places.name)
    )
    return await database.read(lambda c: {name: count for name, count in c.execute(query)})


async def test_a_load_that_was_cut_short_is_completed_by_the_next_with_each_line_of_history_once(database):
    await loaded(database, EXAMPLE)
    before = await database.read(lambda c: c.scalar(select(func.max(tables.history.c.id))))
    with pytest.raises(Killed):
        await loaded(database, crowd(*NAMES), rest=resting(is_killed))
    cut_short = await standing(database)

    rest_of_it = await loaded(database, crowd(*NAMES), NOW + timedelta(hours=1))
    again = await loaded(database, crowd(*NAMES), NOW + timedelta(hours=2))

    lines = await database.read(lambda c: c.execute(select(tables.history).where(tables.history.c.id > before)).all())
    told = Counter((row.kind, row.action, row.organisation_id, row.about_id, row.evidence) for row in lines)
    assert 0 < len(cut_short.keys() & {*NAMES}) < len(NAMES)
    assert (rest_of_it.count[Outcome.SAME] > 0, rest_of_it.written > 0, again.written) == (True, True, 0)
    assert (await standing(database)).items() >= dict.fromkeys(NAMES, 6).items()
    assert set(told.values()) == {1}
    assert Counter(row.kind for row in lines) == {"role": 24, "agreement": 4, "organisation": 8}


async def test_an_organisation_is_written_whole_and_few_of_them_together(database):
    seen: list[dict[str, int]] = []
    written: list[int] = []

    async def look() -> None:
        seen.append(await standing(database))

    await loaded(database, crowd(*NAMES), rest=resting(*[look] * 10), written=lambda done, _: written.append(done))

    assert [{*each} for each in seen] == [{*NAMES[: n + 1]} for n in range(len(NAMES))]
    assert {count for each in seen for count in each.values()} == {6}
    assert max(after - before for before, after in pairwise([0, *written])) <= ENTRIES


async def test_an_organisation_larger_than_any_should_be_is_cut_between_entries(sqlite):
    written: list[int] = []

    tally = await loaded(sqlite, crowd("Alvik", people=70), written=lambda done, _: written.append(done))

    steps = [after - before for before, after in pairwise([0, *written])]
    assert steps == [WHOLE, tally.written - WHOLE]
    assert await standing(sqlite) == {"Alvik": 140}


# --- what may be decided between two parts of a large organisation

SMALL, MUCH = ", attest_limit: 1", ", attest_limit: 1000000"
ONE, TWO = "tiers: []\n    ", "tiers: [{from: 0, attests: 2}]\n    "
SURE, UNSURE = "eid_from: 0\n    ", "eid_from: null\n    "
# What is stored before, and what the file says: of each pair some would attest alone what neither lets them.
SWAPPED = {
    "more attests, higher limits": ((ONE, SMALL), (TWO, MUCH)),
    "fewer attests, lower limits": ((TWO, MUCH), (ONE, SMALL)),
    "e-identification, higher limits": ((UNSURE, SMALL), (SURE, MUCH)),
    "no e-identification, lower limits": ((SURE, MUCH), (UNSURE, SMALL)),
}


def large(rules: str, limit: str, people: int = 120) -> str:
    """A file of an organisation that is larger than any should be."""
    text = crowd("Alvik", more=limit, people=people)
    return text.replace("tiers: [{from: 0, sequence: [Alvik0@example.org]}]\n    ", rules)


@dataclass(frozen=True)
class Alvik:
    """Somebody orders, and others try to attest: the first person, one in the middle, and the last."""

    database: Database
    orders: Orders

    async def decided(self, number: int) -> list[str]:
        """Return what comes of it, each press on an order of its own."""
        return [await self._decided(f"{number}-{n}", n) for n in (1, 60, 119)]

    async def _decided(self, key: str, attestant: int) -> str:
        try:
            orderer = await _id(self.database, tables.persons, "Alvik 0")
            by = await _id(self.database, tables.persons, f"Alvik {attestant}")
            customer = await _id(self.database, tables.organisations, "Alvik")
            unit = (Unit(f"Eken {key}"),)
            case = await self.orders.place(
                PlaceOrder(Asking(orderer), customer, "npo-producent", unit, "REF", True, key=key, surface=Surface.API)
            )
            press = ActOnCase(case.id, Action.ATTEST, Asking(by), Surface.SLACK, answers=Answers(confirmed=True))
            return (await self.orders.act(press)).after.state
        except (NoResultFound, OrderError) as refusal:
            return type(refusal).__name__


def alvik(database: Database) -> Alvik:
    return Alvik(database, Orders(Engine(SqlCaseRepository(database), Announcements(), lambda: NOW, new_id)))


@pytest.mark.parametrize(("before", "after"), SWAPPED.values(), ids=SWAPPED)
async def test_between_two_parts_nothing_is_allowed_that_neither_the_old_nor_the_new_allows(database, before, after):
    await loaded(database, EXAMPLE)
    await loaded(database, large(*before))
    portal, seen = alvik(database), list[list[str]]()

    async def press() -> None:
        seen.append(await portal.decided(len(seen)))

    await press()
    # Somebody new comes too, so that there is something to write before anybody's rights.
    await loaded(database, large(*after, people=360), rest=resting(*[press] * 20))
    await press()

    first, *between, last = seen
    assert len(between) > 2
    assert first != last
    allowed = {*first, *last} & {*State}
    assert {each for seen_then in between for each in seen_then} & {*State} <= allowed


async def test_of_a_large_organisation_that_is_new_nothing_is_decided_before_all_of_it_is_there(database):
    await loaded(database, EXAMPLE)
    portal, seen = alvik(database), list[list[str]]()

    async def press() -> None:
        seen.append(await portal.decided(len(seen)))

    await loaded(database, large(TWO, MUCH), rest=resting(*[press] * 20))

    assert len(seen) > 1
    assert {each for seen_then in seen[:-1] for each in seen_then} <= {"NoResultFound", "NoRole", "NoAgreement"}
    assert seen[-1] == [State.AWAITING_CUSTOMER_ATTEST] * 3


async def test_a_new_organisation_that_is_cut_has_nobody_who_administers_it_before_all_others_are_there(database):
    text = large(TWO, MUCH).replace("roles: [", "roles: [administrator, ")
    roles, seen = tables.role_assignments.c, list[Counter[str]]()

    async def look() -> None:
        query = select(roles.role)
        seen.append(Counter(await database.read(lambda c: c.execute(query).scalars().all())))

    await loaded(database, text, rest=resting(*[look] * 20))

    assert {each["attestant"] for each in seen if each["administrator"]} == {120}
    assert seen[-1] == {"administrator": 120, "orderer": 120, "attestant": 120}


async def test_whoever_has_left_loses_every_role_when_the_others_get_theirs(database):
    await loaded(database, large(ONE, SMALL))
    text = large(ONE, MUCH).replace("Alvik1@example.org,", "Alvik1@example.org, active: false,")
    text = text.replace("active: false, roles: [orderer, {role: attestant, attest_limit: 1000000}]", "active: false")
    roles, seen = tables.role_assignments.c, set[tuple[int, int]]()

    async def look() -> None:
        ended = select(func.count()).where(roles.valid_to.is_not(None))
        widened = select(func.count()).where(roles.attest_limit_ore == 100_000_000)
        seen.add(await database.read(lambda c: (c.scalar(ended), c.scalar(widened))))

    await loaded(database, text, rest=resting(*[look] * 20))

    assert seen <= {(0, 0), (2, 119)}


async def test_a_press_gets_through_while_a_file_is_loaded(database, database_url):
    await loaded(database, EXAMPLE)
    anna, region = (
        await _id(database, tables.persons, "Anna Berg"),
        await _id(database, tables.organisations, "Region Exempel"),
    )
    bo = await _id(database, tables.persons, "Bo Ek")
    # As in another process: each has its own connections and, on SQLite, its own writer.
    beside = open_database(database_url, limits=PATIENT)
    orders = Orders(Engine(SqlCaseRepository(beside), Announcements(), lambda: NOW, new_id))
    wish = PlaceOrder(Asking(anna), region, "npo-producent", (Unit("Eken"),), "REF", True, key="1", surface=Surface.API)
    pressed: list[tuple[State, int]] = []

    async def press() -> None:
        case = await orders.place(wish)
        press = ActOnCase(case.id, Action.ATTEST, Asking(bo), Surface.SLACK, answers=Answers(confirmed=True))
        pressed.append(((await orders.act(press)).after.state, len(await standing(beside))))

    await loaded(database, crowd(*NAMES), rest=resting(press))
    await beside.close()

    [(state, organisations)] = pressed
    assert state is State.AWAITING_CUSTOMER_SERVICE
    assert 3 < organisations < 3 + len(NAMES)


async def test_a_file_is_checked_while_somebody_else_writes_the_register(database, database_url):
    await loaded(database, EXAMPLE)
    beside = open_database(database_url, limits=PATIENT)
    wrong = EXAMPLE.replace("roles: [agent_handler]", "roles: [customer_service]")

    async with keeping_the_register(beside):
        with pytest.raises(LoadFailed):
            await loaded(database, wrong)
        same = await loaded(database, EXAMPLE)
    await beside.close()

    assert same.written == 0


@asynccontextmanager
async def keeping_the_register(database: Database) -> AsyncIterator[None]:
    """Meanwhile, somebody is in the middle of writing an entry."""
    loop, holds = asyncio.get_running_loop(), asyncio.Event()
    let_go = asyncio.Event() if database.dialect == "postgresql" else threading.Event()

    def work(connection: Connection) -> None:
        write_register(connection, lambda: NOW, new_id, register_author("test"))
        loop.call_soon_threadsafe(holds.set)
        waited = let_go.wait()
        if not isinstance(waited, bool):
            await_(waited)

    held = asyncio.ensure_future(database.write(work))
    await holds.wait()
    yield
    let_go.set()
    await held


async def test_what_somebody_changed_since_the_check_is_told_and_leaves_no_half_of_an_organisation(database):
    await loaded(database, crowd(*NAMES, more=", from: 2027-01-01", people=6))
    before = await content(database)
    ekeby = await _id(database, tables.organisations, "Ekeby")
    last = await _id(database, tables.persons, "Ekeby 2")
    text = crowd(*NAMES, more=", from: 2027-02-01", people=6)

    async def end_account() -> None:
        def work(connection: Connection) -> None:
            writer = write_register(connection, lambda: NOW, new_id, register_author("K1"))
            writer.person(PersonEntry(email="Ekeby2@example.org", name="Ekeby 2", active=False))

        await database.write(work)

    with pytest.raises(LoadOvertaken) as overtaken:
        await loaded(database, text, rest=resting(end_account))

    starts = {(row.organisation_id, row.person_id): row.valid_from for row in await _attestants(database)}
    were = {(row.organisation_id, row.person_id): row.valid_from for row in before["role_assignments"]}
    problem = overtaken.value.problem
    assert (problem.code, text.splitlines()[problem.line - 1].split(",")[0]) == ("has_left", "      - {name: Ekeby 2")
    assert overtaken.value.written == 18
    assert any(starts[key] != were[key] for key in starts)
    assert all(starts[key] == were[key] for key in starts if key[0] == ekeby and key[1] != last)


async def _attestants(database: Database):
    query = select(tables.role_assignments).where(tables.role_assignments.c.role == "attestant")
    return await database.read(lambda c: c.execute(query).all())


async def test_a_file_that_says_what_stands_already_asks_for_no_transaction(database):
    await loaded(database, EXAMPLE)
    written: list[int] = []

    await loaded(database, EXAMPLE, written=lambda done, _: written.append(done))

    assert written == []


@pytest.mark.parametrize("number", ["555555-5555", "5555555555", '"165555555555"', "16555555-5555"])
async def test_a_number_is_read_in_any_of_its_forms(database, number):
    await loaded(database, EXAMPLE.replace("555555-5555", number))

    assert "5555555555" in {row.org_number for row in (await content(database))["organisations"]}


# --- wrong files: (what to replace, with what) -> the problem's line holds this text, with this code

WRONG = [
    ("code: npo #", "kod: npo #", "kod: npo", "unknown_field"),
    ("code: npo #", "kod: npo #", "kod: npo", "required"),
    ("flow: direct\n", "flow: diract\n", "flow: diract", "invalid"),
    ("555555-5555", "555555-5556", "555555-5556", "org_number"),
    ("kinds: [customer]", "kinds: [customers]", "kinds: [customers]", "invalid"),
    ("kinds: [customer]", "kinds: []", "kinds: []", "required"),
    ("    category: region #", "    # ", "555555-5555", "category_required"),
    ("ended: 2026-06-30", "ended: 2026-06-31", "2026-06-31", "day"),
    ("email: anna.berg@example.org,", "email: anna.berg@example.org, active: false,", "Anna Berg", "has_left"),
    ("ended: 2026-06-30", "ended: 2024-06-30", "ended: 2024-06-30", "period_reversed"),
    ("amount: 900", "amount: 900.005", "amount: 900.005", "amount"),
    ("amount: 900", "amount: -1", "amount: -1", "amount"),
    ("amount: 900", "amount: .nan", "amount: .nan", "amount"),
    ("amount: 900", "amount: mycket", "amount: mycket", "amount"),
    ("amount: 1300, from: 2027-01-01", "amount: 1300, from: 2026-06-01", "amount: 1300", "price_overlap"),
    ("amount: 1300, from: 2027-01-01", "amount: 1300, from: 2026-01-01", "amount: 1300", "repeated"),
    ("to: 2026-12-31", "to: 2025-12-31", "to: 2025-12-31", "period_reversed"),
    ("roles: [agent_handler]", "roles: [customer_service]", "en, roles: [customer_service]", "role_not_for_kind"),
    ("roles: [agent_handler]", "roles: [chef]", "roles: [chef]", "invalid"),
    ("type: agentavtal", "type: kundavtal ", "type: kundavtal ", "agreement_not_for_kind"),
    ("{service: npo,", "{service: npx,", "npx", "unknown"),
    ("email: cilla.dahl@example.org", "email: cilla", "email: cilla", "invalid"),
    ("{name: Cilla Dahl", "{name: inera.example", "inera.example", "address_in_name"),
    ("{name: Bo Ek, email", "{name: Bo E, email", "Bo E,", "differs"),
    ("code: npo-producent-agent", "code:  npo-producent", "code:  npo-producent", "repeated"),
    ("code: npo-producent-agent", "code:  NPO-producent", "code:  NPO-producent", "other_letters"),
    ("222222-2222", "555555-5555", "org_number: 555555-5555\n    name: Journal", "repeated"),
    ("self_attest_allowed: false", "self_attest_allowed: maybe", "maybe", "invalid"),
    ("category: region #", "category: region\n    category: municipality #", "category: municipality", "repeated"),
    ("flow: via_agent", "flow: via_agent\n        agent: none", "agent: none\n        needs", "agent_not_for_flow"),
    ("attest_limit: 50000", "attest_limit: 5.005", "attest_limit: 5.005", "amount"),
    ("attest_limit: 50000", "attest_limit_ore: 50000", "attest_limit_ore", "unknown_field"),
    ("attest_limit: 50000", "attest_limit: 1e20", "attest_limit: 1e20", "amount"),
    ("attest_limit: 50000", "attest_limit: 12:30:45", "attest_limit: 12:30:45", "amount"),
    ("role: attestant, attest_limit", "role: orderer, attest_limit", "orderer, attest_limit", "limit_not_for_role"),
    ("service: npo, attest_limit", "service: npx, attest_limit", "npx", "unknown"),
    ("service: npo, attest_limit: 1000000, from: 2026", "attest_limit: 1, from: 2028", "from: 2028", "period_overlap"),
    ("emergency_attestant, from", "orderer, service: npo, from", "orderer, service", "service_not_for_role"),
    ("eid_from: 1000000", "eid_from: mycket", "eid_from: mycket", "amount"),
    ("eid_from: 1000000", "eid_from_ore: 1000000", "eid_from_ore", "unknown_field"),
    ("reminder_days: 2", "reminder_days: 0", "reminder_days: 0", "whole_number"),
    ("reminder_days: 2", "reminder_days: 5", "reminder_days: 5", "whole_number"),
    ("reminder_days: 2", "reminder_days: ofta", "reminder_days: ofta", "whole_number"),
    ("reminder_hour: 9", "reminder_hour: 8", "reminder_hour: 8", "whole_number"),
    ("reminder_hour: 9", "reminder_hour: 17", "reminder_hour: 17", "whole_number"),
    ("reminder_hour: 9", "reminder_hour: 9.5", "reminder_hour: 9.5", "whole_number"),
    ("reminder_hour: 9", "reminder_hour: nio", "reminder_hour: nio", "whole_number"),
    ("{from: 100000, attests: 2}", "{from: 0, attests: 2}", "{from: 0, attests: 2}", "repeated"),
    ("{from: 100000, attests: 2}", "{from: 100000, attests: 0}", "attests: 0", "whole_number"),
    ("{from: 100000, attests: 2}", "{attests: 2}", "{attests: 2}", "required"),
    ("org, eva.gren", "org, bo.ek", "org, bo.ek", "repeated"),
    ("org, eva.gren", "org, evy.gren", "org, evy.gren", "unknown"),
    ("org, eva.gren", "org, anna.berg", "org, anna.berg", "not_attestant"),
    ("role: attestant, from: 2026-12-21", "role: orderer, from: 2026-12-21", "orderer, from", "role_not_substituted"),
    ("to: 2027-01-10", "to: 2026-12-20", "to: 2026-12-20", "period_reversed"),
    ("absent: bo.ek", "absent: anna.berg", "absent: anna.berg", "nothing_to_substitute"),
    ("absent: bo.ek", "absent: disa.fors", "absent: disa.fors", "unknown"),
    ("substitute: eva.gren", "substitute: bo.ek", "substitute: bo.ek", "substitute_not_eligible"),
    ("sole_traders_only: false", "sole_traders_only: ja", "sole_traders_only: ja", "invalid"),
    ("name: Inera AB", "name: [Inera", "kinds: [inera]", "yaml"),
    ("name: Inera AB", f"name: {'9' * 5_000}", "name: 9", "yaml"),
    ("name: Inera AB", f"name: 0x{'f' * 5_000}", "name: 0xf", "yaml"),
]  # fmt: skip


@pytest.mark.parametrize("name", ["absent: bo.ek", "substitute: eva.gren"])
async def test_which_of_two_people_is_unknown_is_said(sqlite, name):
    field, _ = name.split(": ")

    with pytest.raises(LoadFailed) as failed:
        await loaded(sqlite, EXAMPLE.replace(name, f"{field}: disa.fors", 1))

    (problem,) = failed.value.problems
    assert (problem.path.rpartition(".")[2], problem.code) == (field, "unknown")


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
    text = EXAMPLE.replace("roles: [agent_handler]", "roles: [customer_service]").replace(
        "{service: npo,", "{service: npx,"
    )

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


OTHER_LETTERS = {
    "services.0.code": ("code: npo #", "code: Npo #"),
    "services.0.offers.0.code": ("code: npo-producent\n", "code: npo-PRODUCENT\n"),
}


@pytest.mark.parametrize("path", OTHER_LETTERS)
async def test_a_code_in_other_letters_than_one_that_is_there_is_refused_and_the_same_code_is_not(database, path):
    await loaded(database, EXAMPLE)
    before = await content(database)

    with pytest.raises(LoadFailed) as failed:
        await loaded(database, EXAMPLE.replace(*OTHER_LETTERS[path]))
    await loaded(database, EXAMPLE)

    assert [(problem.path, problem.code) for problem in failed.value.problems] == [(path, "other_letters")]
    assert await content(database) == before


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


async def test_a_file_that_repeats_itself_by_aliases_beyond_measure_is_told_so(sqlite):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]

    with pytest.raises(LoadFailed) as failed:
        await loaded(sqlite, "\n".join(lines))

    assert [problem.code for problem in failed.value.problems] == ["aliases"]


@pytest.mark.parametrize("text", ["[" * 20_000, "{a: " * 20_000])
async def test_a_file_of_nothing_but_brackets_is_told_so(sqlite, text):
    with pytest.raises(LoadFailed) as failed:
        await loaded(sqlite, text)

    assert [problem.code for problem in failed.value.problems] == ["yaml"]


async def test_a_file_that_is_no_yaml_is_told_so_in_the_readers_own_words(sqlite):
    with pytest.raises(LoadFailed) as failed:
        await loaded(sqlite, "services:\n  - a: b: c")

    (problem,) = failed.value.problems
    assert (problem.line, problem.column, problem.said) == (2, 9, "mapping values are not allowed here")


async def test_an_organisation_that_is_there_twice_is_told_of_at_its_number(sqlite):
    with pytest.raises(LoadFailed) as failed:
        await loaded(sqlite, EXAMPLE.replace("222222-2222", "555555-5555", 1))

    first, *_ = failed.value.problems
    assert (first.path, first.code) == ("organisations.1.org_number", "repeated")


async def test_a_service_that_is_there_twice_is_told_of_at_its_code(sqlite):
    twice = EXAMPLE.replace("organisations:", "  - {code: npo, name: {sv: NPÖ, en: NPO}}\norganisations:", 1)

    with pytest.raises(LoadFailed) as failed:
        await loaded(sqlite, twice)

    (problem,) = failed.value.problems
    assert (problem.path, problem.code) == ("services.1.code", "repeated")
