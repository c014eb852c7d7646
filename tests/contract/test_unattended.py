"""A case in which everybody at customer service has a part is told to its lead and the operator; on both databases."""

import logging
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from core.api import Action, ActOnCase, Asking, Contact, Surface
from core.shared.errors import Involved
from core.storage import tables
from tests.edges.portal import open_portal
from tests.support.world.applicants import FIRST, open_hall
from tests.support.world.seed import BO, CECILIA, INERA, KALLE, KARIN, REGION, SARA, role_assignment

OF_KARIN, OF_KALLE = Contact("Karin Jonsson", "karin@example.org"), Contact("Kalle Kvist", "kalle@example.org")
NAMED = {"signatories": (OF_KARIN, FIRST), "agreement_contact": OF_KALLE}
LEAD = role_assignment(SARA, INERA, "customer_service_lead")


@pytest.fixture
async def hall(database_url: str):
    made = await open_hall(database_url)
    yield made
    await made.database.close()


@pytest.fixture
async def portal(database_url: str):
    opened = await open_portal(database_url)
    yield opened
    await opened.database.close()


async def refuse(hall, case, person=KARIN):
    with pytest.raises(Involved):
        await hall.press(case, Action.CLAIM, person)


async def told(world, case):
    """Who has a card about a case that nobody may touch, and the step that it was made for."""
    cards = tables.cards.c
    query = select(cards.person_id, cards.step).where(cards.kind == "unattended", cards.case_id == case.id)
    rows = await world.database.read(lambda connection: connection.execute(query).all())
    return sorted((tuple(row) for row in rows), key=str)


async def take_in(world, role):
    await world.database.write(lambda connection: connection.execute(insert(tables.role_assignments), role))


async def test_the_lead_and_the_operator_are_told_once_a_week_while_everybody_has_a_part(hall, caplog) -> None:
    case = await hall.apply(**NAMED, administrator=Contact("Sara Ohlin", "sara@example.org"))
    other = await hall.apply(**NAMED, administrator=Contact("Sara Ohlin", "sara@example.org"), key="second")
    await take_in(hall, LEAD)

    with caplog.at_level(logging.ERROR):
        await refuse(hall, case)
        await refuse(hall, case, KALLE)

    assert await told(hall, case) == [(SARA, case.step)]
    assert await told(hall, other) == []
    assert f"unattended case={case.id}" in caplog.text
    hall.clock.forward(days=7)
    await refuse(hall, case)
    assert await told(hall, case) == [(SARA, case.step)] * 2


async def test_what_the_lead_was_told_is_over_when_somebody_has_taken_care_of_the_case(hall) -> None:
    case = await hall.apply(**NAMED)
    await refuse(hall, case)
    await take_in(hall, role_assignment(SARA, INERA, "customer_service"))
    claimed = await hall.press(case, Action.CLAIM, SARA)

    rejected = await hall.press(claimed, Action.REJECT, SARA, reason="Nej.")

    [card] = await hall.rows(tables.cards, case_id=case.id, kind="unattended")
    assert (card["must_show"], card["step"]) == (rejected.revision, case.step)
    assert rejected.step > case.step


async def test_nobody_is_told_while_a_colleague_may_act(hall, caplog) -> None:
    case = await hall.apply(**NAMED)
    await take_in(hall, LEAD)

    await refuse(hall, case)

    assert await told(hall, case) == []
    assert caplog.text == ""


async def test_a_colleague_who_has_left_or_begins_tomorrow_does_not_count(hall) -> None:
    case = await hall.apply(**NAMED)
    tomorrow = hall.clock() + timedelta(days=1)
    await take_in(hall, LEAD | {"valid_from": tomorrow})
    await take_in(hall, role_assignment(CECILIA, INERA, "customer_service"))
    gone = update(tables.persons).where(tables.persons.c.id == CECILIA).values(active=False)
    await hall.database.write(lambda connection: connection.execute(gone))

    await refuse(hall, case)

    # There is no lead yet, so it stands in the channel.
    assert await told(hall, case) == [(None, case.step)]


async def test_an_order_in_which_everybody_has_a_part_is_told_of_when_it_is_opened_as_well(portal) -> None:
    case = await portal.attest(await portal.place(), BO)
    for person in (KARIN, KALLE):
        await portal.give(person, REGION, "agreement_contact")

    with pytest.raises(Involved):
        await portal.orders.consider(ActOnCase(case.id, Action.CLAIM, Asking(KARIN), Surface.SLACK))

    assert await told(portal, case) == [(None, case.step)]
