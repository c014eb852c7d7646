"""Among a hundred thousand orders lists, tick and claim read what they read among some thousand: what they return.

CI takes a hundred thousand; `make test-large` a million. Nothing is forbidden to the planner. Whatever index one of
them needs, without it the test fails.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial

import pytest
from sqlalchemy import Connection, text

from core.api import SERVICE_LISTS, Asking, CaseList, InboxQuery, Language, new_id
from core.ports.inbox import COUNTED, Sorting
from core.storage.cases import clock
from core.storage.database.database import Database, open_database
from core.storage.reads.inbox import read_page
from core.storage.reads.waiting import count_waiting
from notifications.outbox import leases
from notifications.slack.token_seal import TokenSeal
from notifications.slack.workspaces import Workspaces
from tests.contract.readings import Work, reading
from tests.support.machines.folders import undisturbed
from tests.support.machines.large import at_night
from tests.support.world import many, multitude, seed
from tests.support.world.seed import ANNA, BO, HELENA, KARIN, NOW, TEAM

SOME, MANY = 3_000, at_night(1_000_000, 100_000)
# A tree of more rows is a level higher or two, and among some thousand rows a planner may go another way: so much more
# is nothing that grows. Among a million PostgreSQL lets three processes read ahead, each as far as one has to. What is
# read whole costs many times that.
GROWTH, MORE = 1.5, {"sqlite": 5_000, "postgresql": at_night(2_000, 700)}
NAMES = ("some_orders", "many_orders")
# Whose lists are read: those that hold more than is counted, and so a page as long in either world.
LISTS = {
    ANNA: (CaseList.WAITING, CaseList.ORDERED, CaseList.ORGANISATION),
    BO: (CaseList.WAITING, CaseList.ORGANISATION, CaseList.DECIDED),
    HELENA: (CaseList.WAITING, CaseList.ORGANISATION, CaseList.DECIDED),
    KARIN: (CaseList.WAITING, CaseList.DECIDED, *SERVICE_LISTS),
}
# No index has these in order: what one person has decided says no amount, and what is overdue has no mark. SQLite finds
# all that is overdue and sorts it; PostgreSQL knows when most that waits is, and leaves out what is not.
READ_WHOLE = {
    "sqlite": {(CaseList.DECIDED, Sorting.AMOUNT), (CaseList.OVERDUE, Sorting.AMOUNT)},
    "postgresql": {(CaseList.DECIDED, Sorting.AMOUNT)},
}


def works(dialect: str) -> Iterator[tuple[str, Work]]:
    """Everything that is asked of orders again and again, by what it is called."""
    for person in LISTS:
        for listed in CaseList:
            for sorting in Sorting:
                is_there = person == KARIN or listed not in SERVICE_LISTS
                if is_there and (listed, sorting) not in READ_WHOLE[dialect]:
                    query = InboxQuery(listed, sorting)
                    yield (
                        f"{listed} of {person} by {sorting}",
                        partial(read_page, who=Asking(person), query=query, at=NOW),
                    )
    yield "is anything noted", partial(clock.is_noted, at=NOW)
    yield "take notes", partial(clock.take_notes, at=NOW)
    yield "what is due", partial(clock.read_due, at=NOW, limit=100)
    yield "where something is owed", leases.owed_in
    letting_out = {"at": NOW, "new_id": new_id, "count_waiting": count_waiting}
    yield "find readers", partial(leases.find_readers, **letting_out)
    yield "claim", partial(leases.lease_due, workspace=TEAM, at=NOW)
    yield "claim what has no home", partial(leases.lease_homeless, **letting_out)


@pytest.fixture(params=["sqlite", "postgres"])
def urls(request, tmp_path) -> Iterator[list[str]]:
    """Two empty databases of a kind."""
    if request.param == "sqlite":
        with undisturbed(tmp_path) as folder:
            yield [f"sqlite:///{folder / name}.db" for name in NAMES]
        return
    server = request.getfixturevalue("postgres")
    yield [server.create(name) for name in NAMES]
    for name in NAMES:
        server.drop(name)


async def fill(url: str, orders: int) -> None:
    database = await seed.seeded(url)
    await multitude.fill(database, orders)
    await Workspaces(database, TokenSeal("k" * 32), lambda: NOW).ensure(
        team_id=TEAM.removeprefix("slack:"),
        enterprise_id=None,
        name="Inera",
        token="xoxb-tests",
        bot_user_id="U0BOT000001",
        channel=many.CHANNEL,
        language=Language.SV,
    )
    await database.write(multitude.let_some_be_due)
    if database.dialect == "postgresql":
        # As its own upkeep does by and by. SQLite is never told how its rows are spread.
        await tell(database, "VACUUM")
        await database.unhurried().write(analyze)
    await database.close()


def analyze(connection: Connection) -> None:
    """Of a sample drawn by chance PostgreSQL guesses now this and now that: it is to see nearly all rows."""
    connection.execute(text("SET LOCAL default_statistics_target = 1000"))
    connection.execute(text("ANALYZE"))


async def tell(database: Database, command: str) -> None:
    await database.unhurried().read(lambda connection: connection.execute(text(command)).close())


@asynccontextmanager
async def opened(urls: list[str]) -> AsyncIterator[list[Database]]:
    databases = [open_database(url) for url in urls]
    yield databases
    for database in databases:
        await database.close()


async def counts(database: Database) -> dict[tuple[str, CaseList], int]:
    """How many are said to stand in each list that is to be full."""
    return {
        (person, listed): (await database.read(partial(read_page, who=Asking(person), query=query, at=NOW))).count
        for person, lists in LISTS.items()
        for listed, query in ((each, InboxQuery(each)) for each in lists)
    }


async def grown(some: Database, much: Database) -> dict[str, tuple[int, int, set[str]]]:
    """What reads more among many than among some, or from end to end: how much of each, and which tables."""
    found = {name: (await reading(some, work), await reading(much, work)) for name, work in works(some.dialect)}
    assert all(few.amount for few, _ in found.values())
    more = MORE[some.dialect]
    return {
        name: (few.amount, large.amount, large.scans)
        for name, (few, large) in found.items()
        if large.scans or large.amount > few.amount * GROWTH + more
    }


# A busy machine fills two databases for minutes.
@pytest.mark.timeout(at_night(7_200, 900))
async def test_lists_tick_and_claim_read_as_much_among_many_orders_as_among_some(urls):
    for url, orders in zip(urls, (SOME, MANY), strict=True):
        await fill(url, orders)

    async with opened(urls) as (some, much):
        full = {(person, listed): COUNTED + 1 for person, lists in LISTS.items() for listed in lists}
        assert await counts(some) == await counts(much) == full
        assert await grown(some, much) == {}
        kind = some.dialect
        if kind == "sqlite":
            # As an operator may, and no connection hears that is open.
            for database in (some, much):
                await tell(database, "ANALYZE")
    if kind == "sqlite":
        async with opened(urls) as (some, much):
            assert await grown(some, much) == {}
