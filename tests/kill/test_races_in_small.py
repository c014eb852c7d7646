"""What the great race seldom meets: something happens just between a press's arrival, its reading and its writing."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import text

from core.api import Tier
from core.shared import errors
from core.storage.cases.repository import SqlCaseRepository
from core.storage.database.database import open_database
from core.storage.register.registry import Register
from notifications.rules.announcements import Announcements
from tests.edges.portal import open_portal
from tests.support.world.seed import BO, CECILIA, REGION

Happens = Callable[[], Awaitable[object]]
WAITING = text("""SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'""")


@dataclass(frozen=True)
class LateStore:
    """The store of somebody whose turn at the database comes when something has happened first."""

    store: SqlCaseRepository
    first: Happens

    async def press(self, use_case):
        await self.first()
        return await self.store.press(use_case)

    async def transact(self, use_case):
        await self.first()
        return await self.store.transact(use_case)


@dataclass
class Interrupted:
    """Announces as ever; but what is announced first stands still until something has happened, and is then written."""

    meanwhile: Happens | None

    def announce(self, event, now, new_id):
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            beside = threading.Thread(target=lambda: asyncio.run(meanwhile()))
            beside.start()
            beside.join()
        return Announcements().announce(event, now, new_id)

    def not_ready(self, lacking, administrators, new_id):
        return Announcements().not_ready(lacking, administrators, new_id)

    def price_missing(self, leads, new_id):
        return Announcements().price_missing(leads, new_id)


@pytest.fixture
async def portal(database_url):
    opened = await open_portal(database_url)
    yield opened
    await opened.database.close()


@pytest.fixture
async def postgres_portal(fresh_postgres_url):
    opened = await open_portal(fresh_postgres_url)
    yield opened
    await opened.database.close()


def after(portal, *happenings):
    """The portal as it answers somebody whose turn comes a second late, after something else."""

    async def first():
        portal.clock.forward(seconds=1)
        for each in happenings:
            await each(portal)

    return with_engine(portal, cases=LateStore(portal.orders.engine.cases, first))


def in_the_middle_of(portal, url, *happenings):
    """The portal as it answers somebody between whose reading and writing another process does something else."""

    async def meanwhile():
        portal.clock.forward(seconds=1)
        database = open_database(url)
        register = Register(database, portal.clock, portal.orders.engine.new_id)
        beside = with_engine(portal, cases=SqlCaseRepository(database), announcer=Announcements())
        other = replace(beside, database=database, register=register)
        for each in happenings:
            await each(other)
        await database.close()

    return with_engine(portal, announcer=Interrupted(meanwhile))


def with_engine(portal, **changes):
    """The portal with another engine."""
    return replace(portal, orders=replace(portal.orders, engine=replace(portal.orders.engine, **changes)))


def loses_role(person):
    """Somebody is no longer an attestant, and the clock has looked at what that changes."""

    async def happens(portal):
        await portal.take(person, REGION, "attestant")
        ticking = asyncio.create_task(portal.tick())
        # A clock that must wait for what is in the middle of something looks at it afterwards.
        while not ticking.done() and not await must_wait(portal.database):  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0)
        if ticking.done():
            ticking.result()
        ticking.cancel()
        await asyncio.wait({ticking})

    return happens


async def must_wait(database):
    """Say whether somebody waits for a lock; on SQLite, where one writes at a time, nobody here does."""
    return database.dialect == "postgresql" and await database.read(lambda connection: connection.scalar(WAITING))


async def asked(portal, case):
    """Who is asked, once the clock has nothing left to look at."""
    await portal.tick()
    return {each.person for each in (await portal.now(case)).asked}


async def test_whose_role_ends_while_the_press_waits_for_its_turn_decides_nothing(portal):
    case = await portal.place()

    with pytest.raises(errors.NoRole):
        await after(portal, loses_role(BO)).attest(case, BO)
    assert [action for action, _ in await portal.history(case)] == ["submit", "review"]


async def test_who_lost_the_role_while_a_press_waited_for_its_turn_is_asked_no_more_by_it(portal):
    await portal.tiers(REGION, Tier(0, attests=2))
    case = await portal.place()

    await after(portal, loses_role(CECILIA)).attest(case, BO)

    assert CECILIA not in await asked(portal, case)


async def test_who_lost_the_role_while_an_order_waited_for_its_turn_is_not_asked(portal):
    case = await after(portal, loses_role(CECILIA)).place()

    assert await asked(portal, case) == {BO}


async def test_whose_role_ends_in_the_middle_of_a_press_decides_nothing_when_it_is_judged_anew(
    postgres_portal, fresh_postgres_url
):
    case = await postgres_portal.place()

    with pytest.raises(errors.NoRole):
        await in_the_middle_of(postgres_portal, fresh_postgres_url, loses_role(BO)).attest(case, BO)
    assert [action for action, _ in await postgres_portal.history(case)] == ["submit", "review"]


async def test_who_lost_the_role_in_the_middle_of_a_press_is_asked_no_more_by_it(postgres_portal, fresh_postgres_url):
    await postgres_portal.tiers(REGION, Tier(0, attests=2))
    case = await postgres_portal.place()

    await in_the_middle_of(postgres_portal, fresh_postgres_url, loses_role(CECILIA)).attest(case, BO)

    assert CECILIA not in await asked(postgres_portal, case)


async def test_who_lost_the_role_in_the_middle_of_a_placing_is_not_asked(postgres_portal, fresh_postgres_url):
    case = await in_the_middle_of(postgres_portal, fresh_postgres_url, loses_role(CECILIA)).place()

    assert await asked(postgres_portal, case) == {BO}
