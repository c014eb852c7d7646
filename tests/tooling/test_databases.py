"""The databases that other tests stand on are empty, apart from each other, and cheap."""

import sqlite3

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine


@pytest.mark.parametrize("_time", ["first", "second"])
async def test_each_test_gets_an_empty_postgres(fresh_postgres_url: str, _time: str) -> None:
    engine = create_async_engine(fresh_postgres_url)

    async with engine.begin() as connection:
        tables = await connection.scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))
        await connection.execute(text("CREATE TABLE left_behind (id int)"))
    await engine.dispose()

    assert tables == 0


async def test_postgres_takes_many_connections(postgres_url: str) -> None:
    engine = create_async_engine(postgres_url)

    async with engine.connect() as connection:
        room = await connection.scalar(text("SHOW max_connections"))
    await engine.dispose()

    assert room == "200"


def test_each_test_gets_an_empty_sqlite(fresh_sqlite_url: str) -> None:
    file = fresh_sqlite_url.removeprefix("sqlite:///")

    with sqlite3.connect(file) as connection:
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    connection.close()

    assert tables == (0,)


def test_a_test_of_both_gets_each_in_turn(database_url: str, request: pytest.FixtureRequest) -> None:
    assert database_url.startswith(request.node.callspec.params["database_url"])
