"""Requests made up from the OpenAPI document, right and wrong ones: every answer is as the document says."""

import asyncio
from collections.abc import Iterator
from itertools import count

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import positive_data_acceptance
from schemathesis.config import SchemathesisConfig
from sqlalchemy import Connection, insert
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.tasks import Tasks
from core import db
from core.api import Flow, Orders, PlaceOrder, Surface, new_id
from core.http.turned_away import FAILURES
from core.storage.database import Database
from core.storage.store import SqlStore
from notifications.announcements import Announcements
from tests import seed
from tests.applicants import hall_over
from tests.http.conftest import make_app
from tests.seed import ANNA, NOW, REGION, SITHS

AGENT = "O23456789BC"


class Door:
    """Tests are made from the document before there is a database; then the application behind the door is changed."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


door = Door(make_app(None, lambda: NOW, [], [], Tasks().start)[0])
# No made-up Authorization: the test brings a good one.
config = SchemathesisConfig.from_dict({"generation": {"with-security-parameters": False}})
schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", door, config=config)


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """A person's key and the operator's, to a database of this module's own."""
    database = asyncio.run(seed.seeded(f"sqlite:///{tmp_path_factory.mktemp('schema') / 'test.db'}"))
    asyncio.run(_make_examples_true(database))
    # It goes on, so that none of all that is refused here is once too often.
    clock = (NOW + number * FAILURES.interval for number in count())
    door.app, _, keys = make_app(database, lambda: next(clock), [], [], Tasks().start)
    yield [asyncio.run(keys.create(new_id, NOW, "", owner)) for owner in ((ANNA, REGION), None)]
    asyncio.run(database.close())


async def _make_examples_true(database: Database) -> None:
    """What the examples of the document name is there, so that requests reach the routes' ends."""
    orders = Orders(SqlStore(database), Announcements(), lambda: NOW, _example_id)
    await orders.place(PlaceOrder(ANNA, REGION, SITHS, (), "REF", True, key="1", surface=Surface.API))
    # An agent that has signed here, so that there is a document.
    await hall_over(database, _example_id).become_customer(flow=Flow.AGENT_APPLICATION, category=None)
    await database.write(_add)


def _example_id(prefix: str) -> str:
    return {"B-": "B-7GKX2QP", "O": AGENT}.get(prefix) or new_id(prefix)


def _add(connection: Connection) -> None:
    connection.execute(insert(db.persons), {"id": "P23456789BC", "name": "Disa", "email": "disa@example.org"})
    given = {"agent_id": AGENT, "service_id": "npo", "valid_from": seed.LONG_AGO}
    connection.execute(insert(db.agent_assignments), given)


def well_formed_is_not_malformed(
    _: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case
) -> None:
    """What fits the document is not refused for its form; a check digit is all that no schema can say."""
    if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code != 422:
        return
    problem = response.json()
    assert problem["code"] != "invalid_request" or {each["code"] for each in problem["errors"]} == {"org_number"}


@schema.parametrize()
@settings(max_examples=15, suppress_health_check=list(HealthCheck))
def test_every_answer_is_as_the_document_says(case: schemathesis.Case, tokens: list[str]) -> None:
    for token in tokens:
        case.call_and_validate(
            headers={"Authorization": f"Bearer {token}"},
            additional_checks=[well_formed_is_not_malformed],
            # That values fit the document does not mean that an order may be placed: the rules are in the core.
            excluded_checks=[positive_data_acceptance],
        )
