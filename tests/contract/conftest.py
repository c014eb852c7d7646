"""Orders on the fake store and on both databases, for the tests of what a store promises; and a server for mail."""

import pytest

from core.api import Engine, Orders, new_id
from notifications.rules.announcements import Announcements
from tests.contract.worlds import FakedWorld, SqlWorld
from tests.support.machines.postoffice import post_office
from tests.support.world import seed


@pytest.fixture(params=["fake", "sqlite", "postgres"])
async def world(request):
    if request.param == "fake":
        yield FakedWorld()
        return
    database = await seed.seeded(request.getfixturevalue(f"fresh_{request.param}_url"))
    yield SqlWorld(database)
    await database.close()


@pytest.fixture
def orders(world):
    return Orders(Engine(world.store, Announcements(), lambda: seed.NOW, new_id))


@pytest.fixture
def post():
    with post_office() as made:
        yield made
