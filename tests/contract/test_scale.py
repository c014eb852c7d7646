"""Among a hundred thousand organisations and a million people the home tab and lists ask what they ask among ten.

CI takes a tenth of that; `make test-large` takes all of it. Each look-up is by an index, as PostgreSQL plans it.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Connection, event, insert, text
from sqlalchemy import Engine as DatabaseEngine

from bot.config.settings import load_settings
from bot.main import join
from bot.slack.homes import FIRST
from bot.slack.identity import Caller, SlackUserId
from bot.wiring.joined import homes_of
from core.api import Asking, CaseId, CaseList, Engine, Identity, InboxQuery, Language, Orders, Role, new_id
from core.ports.case_lists import OrderFilter, Scope
from core.storage import tables
from core.storage.cases.repository import SqlCaseRepository
from core.storage.database.database import Database, open_database
from core.storage.register import register_reads
from notifications.rules.announcements import Announcements
from notifications.slack.workspaces import Workspace
from tests.contract.office import wish
from tests.support.machines.large import at_night
from tests.support.world import contact, crowd, seed
from tests.support.world.seed import ADA, AGENT, ANNA, BO, HELENA, KARIN, NOW, REGION, TEAM, role_assignment, slack_user

ORGANISATIONS = at_night(100_000, 10_000)
# Of these there are as many as there are organisations, or people, or orders; the others are a page long.
GROWING = (
    "organisations", "organisation_words", "persons", "role_assignments", "identities", "agreements", "substitutions",
    "cases", "case_units", "case_words", "invoice_references", "connections",
)  # fmt: skip
SCAN = re.compile(rf"Seq Scan on ({'|'.join(GROWING)})\b")
WORKSPACE = Workspace(TEAM, "T0INERA001", None, "Inera", "xoxb-tests", "U0BOT000001", None, Language.SV, None)


@dataclass
class Shown:
    """A Slack that keeps the home tabs it is given."""

    views: list[dict[str, Any]] = field(default_factory=list)

    async def publish(self, token: str, user: str, view: dict[str, Any]) -> None:
        self.views.append(view)


@dataclass
class World:
    """The product on a database, at a desk where nothing is at work but what a test asks for."""

    database: Database
    url: str
    shown: Shown = field(default_factory=Shown)

    async def home(self, person: str) -> None:
        """Draw somebody's home tab, as when it is opened."""
        desk, user = self.desk, slack_user(person)
        homes_of(desk).turn(Caller(WORKSPACE, SlackUserId(user), Identity(TEAM, user)), FIRST)
        await desk.tasks.drain(120)

    @cached_property
    def desk(self):
        settings = load_settings(
            _env_file=None,
            database_url=self.url,
            slack_bot_token=SecretStr("xoxb-tests"),
            slack_signing_secret=SecretStr("a-signing-secret-of-the-tests"),
            secret_key=SecretStr("of-the-tests-and-of-nobody-else-at-all"),
            slack_channel="C0TESTS0001",
            portal_url="https://portal.example.org",
            **contact.SETTINGS,
            environment="test",
        )
        return join(settings, self.database, self.shown)[0]


@pytest.fixture(scope="module")
def small(postgres) -> Iterator[str]:
    """The small world alone."""
    url = postgres.create("small")
    asyncio.run(_small(url))
    yield url
    postgres.drop("small")


@pytest.fixture(scope="module")
def crowded(postgres) -> Iterator[str]:
    """The small world in the midst of a large one."""
    url = postgres.create("crowd")
    asyncio.run(_crowd(url))
    yield url
    postgres.drop("crowd")


async def _small(url: str) -> CaseId:
    database = await seed.seeded(url)
    case = await Orders(Engine(SqlCaseRepository(database), Announcements(), lambda: NOW, new_id)).place(wish())
    await database.close()
    return case.id


async def _crowd(url: str) -> None:
    case = await _small(url)
    database = open_database(url)
    await database.write(lambda connection: crowd.fill(connection, ORGANISATIONS, case))
    # Who administers many organisations sees as much at once as who administers one.
    many = [role_assignment(ADA, f"X{number}", Role.ADMINISTRATOR) for number in range(1, 51)]
    await database.write(lambda connection: connection.execute(insert(tables.role_assignments), many).close())
    await database.write(_analyze)
    await database.close()


def _analyze(connection: Connection) -> None:
    """Count every row: of a sample drawn by chance PostgreSQL sometimes guessed wrong, and read a whole table."""
    connection.execute(text("SET LOCAL default_statistics_target = 10000"))
    connection.execute(text("ANALYZE"))


@pytest.fixture
async def many(crowded):
    world = World(open_database(crowded), crowded)
    yield world
    await world.database.close()


@pytest.fixture
async def few(small):
    world = World(open_database(small), small)
    yield world
    await world.database.close()


Ask = Callable[[World], Awaitable[object]]
LISTS: dict[str, Ask] = {
    "organisations by name": lambda world: world.desk.administration.find(Asking(KARIN), "region"),
    "organisations by number": lambda world: world.desk.administration.find(Asking(KARIN), "232100-0016"),
    "the first organisations": lambda world: world.desk.administration.find(Asking(KARIN), ""),
    "own organisations": lambda world: world.desk.administration.find(Asking(ADA), "region"),
    "an organisation": lambda world: world.desk.administration.organisation(Asking(ADA), REGION),
    "its people": lambda world: world.desk.administration.people(Asking(ADA), REGION),
    "its later people": lambda world: world.desk.administration.people(Asking(ADA), REGION, after=ANNA),
    "one of them": lambda world: world.desk.administration.member(Asking(ADA), REGION, BO),
    "what it has": lambda world: world.desk.administration.holdings(Asking(ANNA), REGION),
    "what an agent has": lambda world: world.desk.administration.holdings(Asking(HELENA), AGENT),
    "its invoice reference": lambda world: world.desk.queries.invoice_reference(Asking(KARIN), REGION, "npo", NOW),
    "colleagues": lambda world: world.desk.absences.colleagues(Asking(BO), REGION),
    "the operator's organisations": lambda world: world.database.read(
        lambda connection: register_reads.organisations(connection, "", REGION, 51)
    ),
    "the operator's people": lambda world: world.database.read(
        lambda connection: register_reads.persons(connection, None, BO, 51)
    ),
    "the operator's people of one": lambda world: world.database.read(
        lambda connection: register_reads.persons(connection, REGION, None, 51)
    ),
    "a customer's orders": lambda world: world.desk.queries.list_orders(Scope(REGION), OrderFilter(), None, 21),
    "all orders": lambda world: world.desk.queries.list_orders(Scope(), OrderFilter(), None, 21),
    # In neither world there is such a unit: what is found takes its own statements to read.
    "a search for a unit": lambda world: world.desk.inbox.search(Asking(KARIN), "eken-x vårdcentralen", NOW, 20),
    "an orderer's search": lambda world: world.desk.inbox.search(Asking(ANNA), "kommunen", NOW, 20),
    "a search in a menu of customers": lambda world: world.desk.inbox.customers(
        Asking(KARIN), CaseList.UNCLAIMED, "exempel", NOW
    ),
} | {
    f"{listed} of {person}": lambda world, listed=listed, person=person: world.desk.inbox.page(
        Asking(person), InboxQuery(listed, organisation=REGION), NOW
    )
    for person in (ANNA, BO, KARIN)
    for listed in CaseList
}


@contextmanager
def listening() -> Iterator[list[tuple[str, Any]]]:
    """The statements that are sent meanwhile, with their values."""
    heard: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, many: bool) -> None:
        heard.append((statement, values[0] if many else values))

    event.listen(DatabaseEngine, "before_cursor_execute", note)
    try:
        yield heard
    finally:
        event.remove(DatabaseEngine, "before_cursor_execute", note)


async def heard_of(world: World, ask: Ask) -> list[tuple[str, Any]]:
    with listening() as heard:
        await ask(world)
    assert heard
    return heard


async def scans(world: World, heard: list[tuple[str, Any]]) -> list[str]:
    """What PostgreSQL would read from end to end of what grows, as it plans by itself."""

    def plans(connection):
        return [
            f"{line.strip()} in: {statement[:300]}"
            for statement, values in heard
            if statement.lstrip()[:4].upper() in {"SELE", "WITH"}
            for (line,) in connection.exec_driver_sql(f"EXPLAIN {statement}", values)
            if SCAN.search(line)
        ]

    return await world.database.read(plans)


@pytest.mark.parametrize("person", [ADA, ANNA, BO, HELENA, KARIN])
async def test_a_home_tab_asks_the_same_among_many_as_among_few_and_finds_all_by_an_index(few, many, person):
    among_few = await heard_of(few, lambda world: world.home(person))
    among_many = await heard_of(many, lambda world: world.home(person))

    assert len(many.shown.views) == 1
    assert len(among_many) == len(among_few)
    assert await scans(many, among_many) == []


@pytest.mark.parametrize("name", LISTS)
async def test_a_list_asks_the_same_among_many_as_among_few_and_finds_all_by_an_index(few, many, name):
    among_few, among_many = await heard_of(few, LISTS[name]), await heard_of(many, LISTS[name])

    assert len(among_many) == len(among_few)
    assert await scans(many, among_many) == []
