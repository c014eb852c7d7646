"""What an organisation lacks is told to whoever can mend it, once, however many try to order; on both databases."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import select

from core.api import NotReady, Part, Role, told_by
from core.shared import errors
from core.storage import tables
from core.storage.cases import alarms
from notifications.cards.card import card_from_row
from notifications.cards.notes import read_notes
from tests.contract.statements import scans
from tests.edges.portal import open_portal
from tests.support.world.seed import ADA, BO, CECILIA, REGION


@pytest.fixture
async def portal(database_url):
    opened = await open_portal(database_url)
    for person in (BO, CECILIA):
        await opened.take(person, REGION, "attestant")
    yield opened
    await opened.database.close()


async def cards(portal):
    query = select(tables.cards).where(tables.cards.c.kind == "not_ready")
    return await portal.database.read(lambda connection: connection.execute(query).all())


async def test_ten_tries_at_once_are_told_of_once(portal):
    answers = await asyncio.gather(*(portal.place() for _ in range(10)), return_exceptions=True)

    assert {type(each) for each in answers} == {errors.OverEveryLimit}
    (card,) = await cards(portal)
    assert (card.person_id, card.case_id, told_by(card.about)) == (ADA, None, ("over_every_limit", REGION))
    assert card.due_at == portal.clock()


async def test_a_refused_try_leaves_no_order_behind(portal):
    with pytest.raises(errors.OverEveryLimit):
        await portal.place()

    assert await portal.database.read(lambda connection: connection.execute(select(tables.cases)).all()) == []


async def test_who_has_been_told_and_who_was_not_reached_is_found_by_index(portal):
    with pytest.raises(errors.OverEveryLimit):
        await portal.place()
    (row,) = await cards(portal)
    of_the_channel = replace(card_from_row(row), person=None)
    lacking = NotReady(REGION, Part.CUSTOMER_ADMINISTRATOR, "over_every_limit", portal.clock())

    def plans(connection):
        told = scans(connection, lambda connection: alarms.told_of(connection, lacking.key))
        roles = frozenset({Role.ADMINISTRATOR})
        told += scans(connection, lambda connection: alarms.holders(connection, roles, lacking.at, REGION))
        return told + scans(connection, lambda connection: read_notes(connection, [of_the_channel], lacking.at))

    assert await portal.database.write(plans) == []
