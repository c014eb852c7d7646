"""What the rest of the product may expect of a database, whatever happens to its connections."""

import asyncio
import os
import signal

import pytest
from sqlalchemy import text

from core.storage.constant import Constant
from core.storage.database import open_database
from core.storage.direct import CLOSE_SECONDS
from tests.postgres import Postgres

HERE = Constant("SELECT pg_backend_pid()")
BREAK = Constant("SELECT pg_terminate_backend(pg_backend_pid())")
SLEEP = Constant("SELECT CAST(pg_sleep(60) AS text)")
OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'test_%'"


def here():
    """Which connection one is given."""
    return (yield HERE, {})[0][0]


def breaking():
    yield BREAK, {}


def sleeping():
    yield SLEEP, {}


async def test_a_press_is_given_no_connection_that_has_ended_meanwhile(fresh_postgres_url, postgres: Postgres):
    database = open_database(fresh_postgres_url, pool_size=1)
    before = await database.press(here())
    await asyncio.to_thread(postgres.run, OTHERS)

    # It may end so late that the press is sent, and fails.
    await asyncio.gather(database.press(here()), return_exceptions=True)
    after = await database.press(here())
    await database.close()

    assert after != before


async def test_a_press_leaves_the_connection_behind_that_it_broke(fresh_postgres_url):
    database = open_database(fresh_postgres_url, pool_size=1)
    before = await database.press(here())

    failed = await asyncio.gather(database.press(breaking()), return_exceptions=True)
    after = await database.press(here())
    await database.close()

    assert isinstance(failed[0], Exception)
    assert after != before


async def test_a_press_that_is_given_up_leaves_its_connection_behind(fresh_postgres_url):
    database = open_database(fresh_postgres_url, pool_size=1)
    before = await database.press(here())

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(database.press(sleeping()), 0.1)
    after = await database.press(here())
    await database.close()

    assert after != before


async def test_presses_one_after_the_other_are_given_the_same_connection(fresh_postgres_url):
    database = open_database(fresh_postgres_url, pool_size=4)
    await asyncio.gather(*(database.press(here()) for _ in range(4)))

    found = {await database.press(here()) for _ in range(4)}
    await database.close()

    assert len(found) == 1


async def test_whoever_waits_for_a_connection_gets_one_before_those_who_come_later(fresh_postgres_url):
    database = open_database(fresh_postgres_url, pool_size=1)
    served = []

    async def again_and_again(name):
        for _ in range(20):
            await database.press(here())
            served.append(name)

    await asyncio.gather(again_and_again("first"), again_and_again("second"))
    await database.close()

    assert served[:10].count("first") == served[:10].count("second")


async def test_closing_does_not_wait_for_a_server_that_answers_nothing(fresh_postgres_url):
    database = open_database(fresh_postgres_url, pool_size=1)
    read = await database.read(lambda connection: connection.scalar(text("SELECT pg_backend_pid()")))
    servers = {await database.press(here()), read}
    for server in servers:
        os.kill(server, signal.SIGSTOP)

    try:
        async with asyncio.timeout(5 * CLOSE_SECONDS):
            await database.close()
    finally:
        for server in servers:
            os.kill(server, signal.SIGCONT)
    assert len(servers) == 2
