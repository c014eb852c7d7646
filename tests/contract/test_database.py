"""What the rest of the product may expect of a database, whatever happens to its connections."""

import asyncio

from core.storage.constant import Constant
from core.storage.database import open_database
from tests.postgres import Postgres

HERE = Constant("SELECT pg_backend_pid()")
OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'test_%'"


async def test_a_press_leaves_a_broken_connection_behind(fresh_postgres_url, postgres: Postgres):
    database = open_database(fresh_postgres_url, pool_size=1)
    before = await database.press(lambda connection: HERE.rows(connection, {}))
    await asyncio.to_thread(postgres.run, OTHERS)

    failed = await asyncio.gather(database.press(lambda connection: HERE.rows(connection, {})), return_exceptions=True)
    after = await database.press(lambda connection: HERE.rows(connection, {}))
    await database.close()

    assert isinstance(failed[0], Exception)
    assert after != before


async def test_whoever_waits_for_a_connection_gets_one_before_those_who_come_later(fresh_postgres_url):
    database = open_database(fresh_postgres_url, pool_size=1)
    served = []

    async def again_and_again(name):
        for _ in range(20):
            await database.press(lambda connection: HERE.rows(connection, {}))
            served.append(name)

    await asyncio.gather(again_and_again("first"), again_and_again("second"))
    await database.close()

    assert served[:10].count("first") == served[:10].count("second")
