"""Requests made up from the OpenAPI document, right and wrong ones: every answer is as the document says.

With each kind of key and on both databases: a person's of a customer, one's of an agent, and the operator's.
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import TypeVar

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.python import asgi
from sqlalchemy import Connection, insert
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.server.background import Tasks
from core.api import Asking, Engine, Flow, Orders, PlaceOrder, Surface, new_id
from core.http.turned_away import FAILURES
from core.storage import tables
from core.storage.cases.repository import SqlCaseRepository
from core.storage.database.database import Database
from notifications.rules.announcements import Announcements
from tests.http.conftest import make_app
from tests.support.machines.large import LARGE, at_night
from tests.support.machines.postgres import Postgres
from tests.support.world import seed
from tests.support.world.applicants import hall_over
from tests.support.world.seed import ANNA, HELENA, NOW, REGION, SITHS

T = TypeVar("T")
AGENT = "O23456789BC"
# Whose keys: a customer's orderer, an agent's orderer who handles customers' orders, and nobody's.
HOLDERS = ((ANNA, REGION), (HELENA, seed.AGENT), None)
EXAMPLES = at_night(200, 10)


class Door:
    """Tests are made from the document before there is a database; then the application behind the door is changed."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


door = Door(make_app(None, lambda: NOW, [], [], Tasks().start)[0])
config = SchemathesisConfig.from_dict(
    {
        # No made-up Authorization: the test brings a good one.
        "generation": {"with-security-parameters": False},
        # That values fit the document does not mean that what is wished for may be done: the rules are in the core.
        # Which refusals an operation may give is documented, and held to; what is malformed is looked at below.
        "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", 403, 404, 409, 422]}},
    }
)
schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", door, config=config)


@dataclass
class Stage:
    """The application on one database, and a key of each kind to it."""

    app: ASGIApp
    tokens: list[str]


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Iterator[list[Stage]]:
    """One on each database; both are this module's own."""
    urls = (f"sqlite:///{tmp_path_factory.mktemp('schema') / 'test.db'}", postgres.create("schema"))
    opened = [carry_out(lambda url=url: _open(url)) for url in urls]
    yield [stage for stage, _ in opened]
    for _, database in opened:
        carry_out(database.close)
    postgres.drop("schema")


def carry_out(work: Callable[[], Awaitable[T]]) -> T:
    """Do something in the loop that the application runs in: there the connections are at home."""
    done: list[T] = []

    async def working(scope: Scope, receive: Receive, send: Send) -> None:
        done.append(await work())
        await Response()(scope, receive, send)

    asgi.get_client(working).get("/")
    return done[0]


async def _open(url: str) -> tuple[Stage, Database]:
    database = await seed.seeded(url)
    await _make_examples_true(database)
    # It goes on, so that none of all that is refused here is once too often.
    clock = (NOW + number * FAILURES.interval for number in count())
    app, _, keys = make_app(database, lambda: next(clock), [], [], Tasks().start)
    return Stage(app, [await keys.create(new_id, NOW, "", holder) for holder in HOLDERS]), database


async def _make_examples_true(database: Database) -> None:
    """What the examples of the document name is there, so that requests reach the routes' ends."""
    orders = Orders(Engine(SqlCaseRepository(database), Announcements(), lambda: NOW, _example_id))
    await orders.place(PlaceOrder(Asking(ANNA), REGION, SITHS, (), "REF", True, key="1", surface=Surface.API))
    # An agent that has signed here, so that there is a document.
    await hall_over(database, _example_id).become_customer(flow=Flow.AGENT_APPLICATION, category=None)
    await database.write(_add)


def _example_id(prefix: str) -> str:
    return {"B-": "B-7GKX2QP", "O": AGENT}.get(prefix) or new_id(prefix)


def _add(connection: Connection) -> None:
    connection.execute(insert(tables.persons), {"id": "P23456789BC", "name": "Disa", "email": "disa@example.org"})
    given = {"agent_id": AGENT, "service_id": "npo", "valid_from": seed.LONG_AGO}
    connection.execute(insert(tables.agent_assignments), given)


def well_formed_is_not_malformed(
    _: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case
) -> None:
    """What fits the document is not refused for its form; a check digit and an address are all that it cannot say."""
    if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code != 422:
        return
    problem = response.json()
    beyond = {"org_number", "address_in_name"}
    assert problem["code"] != "invalid_request" or {each["code"] for each in problem["errors"]} <= beyond


turns = count()


def met_by(stages: list[Stage]) -> list[tuple[Stage, str]]:
    """Both databases, each with a key in its turn; where there is time for it each with every key."""
    if LARGE:
        return [(stage, token) for stage in stages for token in stage.tokens]
    turn = next(turns)
    return [(stage, stage.tokens[(turn + number) % len(HOLDERS)]) for number, stage in enumerate(stages)]


@schema.parametrize()
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
def test_every_answer_is_as_the_document_says(case: schemathesis.Case, stages: list[Stage]) -> None:
    for stage, token in met_by(stages):
        door.app = stage.app
        case.call_and_validate(
            headers={"Authorization": f"Bearer {token}"}, additional_checks=[well_formed_is_not_malformed]
        )
