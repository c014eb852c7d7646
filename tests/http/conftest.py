"""The API on a real database, and people's keys to it."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from bot.server.background import Tasks
from bot.server.serving import WebApplication
from bot.web import DrawnPapers
from core import http
from core.api import AccountLinks, Applications, Engine, Language, Orders, PersonId, RefusalRecord, new_id
from core.http.ports import Beside
from core.storage.cases.repository import SqlCaseRepository
from core.storage.database.database import Database
from core.storage.identity.accounts import SqlAccounts
from core.storage.identity.api_keys import Keys
from core.storage.identity.personal_links import SqlPersonalLinks
from core.storage.reads.holdings import SqlHoldings
from core.storage.reads.queries import SqlQueries
from core.storage.register.registry import Register
from notifications.rules.announcements import Announcements
from notifications.rules.register_announcements import RegisterAnnouncements
from tests.fakes.clock import FakeClock
from tests.support.world import seed
from tests.support.world.seed import (
    AGENT,
    AMIR,
    ANNA,
    ASTA,
    BO,
    CECILIA,
    CLINIC,
    DAVID,
    HELENA,
    INERA,
    KARIN,
    NOW,
    OLGA,
    REGION,
)


class PlainWords:
    """Sentences that a test can tell apart."""

    async def refusal(self, language, code, facts):
        return f"{language}: {code}"

    def field(self, language, field, code):
        return f"{language}: {field} {code}"


@dataclass
class Api:
    """The application, and a client for each person who has a key."""

    app: FastAPI
    orders: Orders
    keys: Keys
    clock: FakeClock
    database: Database
    told: list[str]
    noted: list[RefusalRecord]
    tasks: Tasks
    clients: dict[object, httpx.AsyncClient] = field(default_factory=dict)

    def client(self, token: str | None = None) -> httpx.AsyncClient:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        transport = httpx.ASGITransport(self.app)
        return httpx.AsyncClient(transport=transport, base_url="http://kundportal.test/api/v1", headers=headers)

    def __getitem__(self, person: PersonId | None) -> httpx.AsyncClient:
        return self.clients[person]


HOMES = {
    ANNA: REGION, BO: REGION, CECILIA: REGION, DAVID: CLINIC, HELENA: AGENT, AMIR: AGENT, ASTA: AGENT, OLGA: AGENT,
    KARIN: INERA,
}  # fmt: skip
OPERATOR = None


def make_app(
    database: Database, now: Callable[[], datetime], told: list[str], noted: list[RefusalRecord], beside: Beside
) -> tuple[FastAPI, Orders, Keys]:
    orders = Orders(Engine(SqlCaseRepository(database), Announcements(), now, new_id))
    keys = Keys(database)
    app, queries, register = WebApplication(), SqlQueries(database), Register(database, now, new_id)
    ports = http.ApiPorts(
        orders=orders,
        applications=Applications(orders.engine, SqlPersonalLinks(database, "a secret")),
        queries=queries,
        lists=queries,
        register=register,
        entries=register,
        holdings=SqlHoldings(database),
        accounts=AccountLinks(SqlAccounts(database, new_id), RegisterAnnouncements(), now, new_id),
        keys=keys,
        now=now,
        papers=DrawnPapers(),
        changed=lambda: told.append("changed"),
        refused=noted.append,
        beside=beside,
    )
    http.mount(app, http.api(ports, PlainWords()))
    app.include_router(http.health(database))
    return app, orders, keys


async def open_api(url: str) -> Api:
    clock = FakeClock(NOW)
    database = await seed.seeded(url)
    told: list[str] = []
    noted: list[RefusalRecord] = []
    tasks = Tasks()
    api = Api(*make_app(database, clock, told, noted, tasks.start), clock, database, told, noted, tasks)
    for person, organisation in HOMES.items():
        api.clients[person] = api.client(await api.keys.create(new_id, NOW, "test", (person, organisation)))
    api.clients[OPERATOR] = api.client(await api.keys.create(new_id, NOW, "test", None))
    return api


@pytest.fixture
async def api(fresh_sqlite_url: str) -> AsyncIterator[Api]:
    opened = await open_api(fresh_sqlite_url)
    yield opened
    await opened.tasks.drain(60)
    await opened.database.close()


@pytest.fixture
async def api_on_both(database_url: str) -> AsyncIterator[Api]:
    opened = await open_api(database_url)
    yield opened
    await opened.tasks.drain(60)
    await opened.database.close()


def english() -> dict[str, str]:
    return {"Accept-Language": str(Language.EN)}


def responses_of(operation: dict[str, Any], document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """An operation's answers by status, those that operations share in their own words."""
    shared = document["components"]["responses"]
    return {
        status: shared[each["$ref"].removeprefix("#/components/responses/")] if "$ref" in each else each
        for status, each in operation["responses"].items()
    }
