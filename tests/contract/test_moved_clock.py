"""A server's clock that is set on and back: what is due comes, and comes once; on both databases alike."""

from datetime import timedelta

import pytest

from notifications.slack import pacing
from tests.contract.office import open_office


@pytest.fixture
async def office(database_url):
    made = await open_office(database_url)
    yield made
    await made.database.close()


async def spend_all(office, name, pace):
    """Take every token that a bucket has."""
    at = office.clock()
    while await office.database.write(lambda connection: pacing.take(connection, name, pace, at)):
        pass


@pytest.mark.parametrize("back", [timedelta(days=1), timedelta(days=6)])
async def test_a_pace_that_was_spent_by_a_clock_since_set_back_holds_nothing_up(office, back):
    names = [pacing.bucket("T1", pacing.APPLIED), pacing.bucket("T1", pacing.POST)]
    paces = [pacing.TO_STRANGERS[pacing.APPLIED], pacing.PACES[pacing.POST]]
    for name, pace in zip(names, paces, strict=True):
        await spend_all(office, name, pace)
    office.clock.at -= back
    at = office.clock()

    took = [
        await office.database.write(lambda connection, each=each: pacing.take(connection, *each, at))
        for each in zip(names, paces, strict=True)
    ]
    loaded = await office.database.read(lambda connection: pacing.load(connection, names, at))
    await spend_all(office, names[1], paces[1])
    spent = await office.database.read(lambda connection: pacing.load(connection, names, at))

    assert took == [True, True]
    assert loaded.free_at(names) == at
    assert spent.free_at(names[1:]) == at + paces[1].interval
