"""The process says that it lives, and whether it can do its work."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from core import http, migrations
from core.storage.database import Database, open_database


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = open_database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def client(database: Database) -> httpx.AsyncClient:
    app = FastAPI()
    app.include_router(http.health(database))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://kundportal.test")


async def test_an_upgraded_database_makes_it_ready(client: httpx.AsyncClient, database: Database):
    before = await client.get("/readyz")
    await migrations.upgrade_database(database)
    after = await client.get("/readyz")

    assert (before.status_code, before.json()) == (503, {"status": "migrations"})
    assert (after.status_code, after.json()) == (200, {"status": "ok"})


async def test_it_lives_while_the_database_is_away(client: httpx.AsyncClient):
    assert (await client.get("/healthz")).json() == {"status": "ok"}


async def test_a_database_that_is_away_makes_it_unready():
    database = open_database("postgresql://nobody@127.0.0.1:1/nothing")
    app = FastAPI()
    app.include_router(http.health(database))
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://kundportal.test")
    answer = await client.get("/readyz")
    await database.close()

    assert (answer.status_code, answer.json()) == (503, {"status": "database"})
