"""What is left of an application when its time is up: that there was one, and nobody's name."""

import json

import pytest

from bot.purging import purge_of
from core import db
from core.api import Language, Side, State, retention_with
from core.storage.sealing import Sealer
from tests.applicants import ADMIN, CONTACT, FIRST, SECOND, open_hall

SECRET = "a secret that the operator has in the environment"


@pytest.fixture
async def hall(database_url: str):
    made = await open_hall(database_url)
    yield made
    await made.database.close()


async def purged(hall, **time):
    hall.clock.forward(**time)
    await Sealer(hall.database, SECRET, hall.clock).seal()
    purge = purge_of(hall.database, retention_with({}), secret_key=SECRET, language=Language.SV)
    await purge.run(hall.clock())


async def test_two_years_after_a_rejection_nobody_is_named(hall) -> None:
    case = await hall.reject(await hall.apply())
    await hall.database.write(lambda connection: connection.execute(db.cards.update().values(due_at=None)))

    await purged(hall, days=100)
    await purged(hall, days=750)

    [row] = await hall.rows(db.cases, id=case.id)
    assert not [each for each in (ADMIN, FIRST, SECOND, CONTACT) if each.email in str(row) or each.name in str(row)]
    assert "2222222222" not in str(row)
    assert json.loads(row["content"])["organisation"] == "Bygdens region"
    view = await hall.view(case, Side.INERA)
    assert (view.state, view.application.org_number) == (State.APPLICATION_REJECTED, None)
