"""On PostgreSQL what ends an order waits for its customer's turn, however it is asked, and for nobody else's."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import select, text

from core.api import Action, ActOnCase, Answers, Asking, LinkId, PersonalLink, Purpose, Seen, Surface, Unit, expiry
from core.storage import tables
from core.storage.cases.loading import take_customers_turn
from core.storage.database.database import open_database
from core.storage.database.locks import CLOCK
from core.storage.identity.personal_links import SqlPersonalLinks
from tests.contract.commits import writing
from tests.contract.office import open_office, via_agent
from tests.contract.test_connections import HELD, claimed
from tests.contract.test_database import until_waiting
from tests.support.machines.copies import PATIENT
from tests.support.world.seed import AGENT, CLINIC, HELENA, KARIN, NOW, REGION

NORTH, SOUTH = Unit("Norra", "SE2321000016-N1"), Unit("Södra")
OF = tables.case_units.c
SEND = {"message": "Gör så här"}


@pytest.fixture
async def office(fresh_postgres_url: str):
    made = await open_office(fresh_postgres_url)
    yield made
    await made.database.close()


@pytest.fixture
async def beside(office):
    made = open_database(office.url, limits=PATIENT)
    yield made
    await made.close()


async def connected(office):
    query = select(HELD.c.unit_name, HELD.c.agent_id, HELD.c.valid_to).order_by(HELD.c.id)
    return [tuple(row) for row in await office.database.read(lambda connection: connection.execute(query).all())]


async def test_the_press_that_ends_an_order_waits_for_its_customer(office, beside):
    case = await claimed(office, units=(SOUTH,))

    async with writing(beside, lambda connection: take_customers_turn(connection, REGION)):
        pressed = asyncio.create_task(office.press(case, KARIN, Action.SEND_INSTRUCTIONS, **SEND))
        await until_waiting(office.database, 1)
        before = await connected(office)
    await pressed

    assert (before, await connected(office)) == ([], [("Södra", None, None)])


async def test_the_press_that_ends_an_order_does_not_wait_for_the_clock_nor_for_another_customer(office, beside):
    case = await claimed(office, units=(SOUTH,))

    def lock(connection):
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": CLOCK})
        take_customers_turn(connection, CLINIC)

    async with writing(beside, lock):
        await office.press(case, KARIN, Action.SEND_INSTRUCTIONS, **SEND)

    assert await connected(office) == [("Södra", None, None)]


async def test_an_end_by_link_waits_for_the_customer_as_a_press_does(office, beside):
    case = await claimed(office, units=(SOUTH,))
    link = PersonalLink(
        id=LinkId("L1"), purpose=Purpose.DECIDE, case=case.id, email="karin@example.org", created_at=NOW,
        expires_at=expiry(Purpose.DECIDE, NOW), person=KARIN, step=case.step, content_version=case.content_version,
    )  # fmt: skip
    await SqlPersonalLinks(office.database, "a secret of this test").make(link)
    seen = Seen(case.step, case.content_version)
    command = ActOnCase(case.id, Action.SEND_INSTRUCTIONS, Asking(KARIN), Surface.MAIL, seen, Answers(**SEND))

    async with writing(beside, lambda connection: take_customers_turn(connection, REGION)):
        asked = asyncio.create_task(office.orders.act(replace(command, link=link.id)))
        await until_waiting(office.database, 1)
        before = await connected(office)
    await asked

    assert (before, await connected(office)) == ([], [("Södra", None, None)])


async def test_of_two_presses_that_end_orders_of_one_customer_each_connects_beside_the_other(office, beside):
    """Neither said that it replaces the other; and meanwhile the clock looks at all that waits."""
    orders = [await claimed(office, **via_agent() | {"units": (NORTH,), "key": "A1"})]
    await office.change(tables.case_units, OF.case_id == orders[0].id, unit_key=OF.unit_key + "-annan")
    orders.append(await claimed(office, **via_agent() | {"units": (NORTH,), "key": "A2"}))
    await office.change(tables.cases, tables.cases.c.id == orders[0].id, agent_id=CLINIC)
    await office.database.write(make_agent)

    async with writing(beside, lambda connection: take_customers_turn(connection, REGION)):
        pressed = [
            asyncio.create_task(office.press(case, KARIN, Action.INFORM_AGENT, message="Ni kan börja"))
            for case in orders
        ]
        await until_waiting(office.database, 2)
        await office.orders.run_clock()
    await asyncio.gather(*pressed)

    found = await connected(office)
    assert {agent for _, agent, _ in found} == {AGENT, CLINIC}
    assert [valid_to for *_, valid_to in found] == [None, None]


def make_agent(connection):
    """Let the clinic convey what the agent does, and have the clock look at whatever waits at the customer's."""
    agreed = {"organisation_id": CLINIC, "type": "agentavtal", "valid_from": NOW}
    connection.execute(tables.agreements.insert().values(agreed))
    given = {"agent_id": CLINIC, "service_id": "npo", "valid_from": NOW}
    connection.execute(tables.agent_assignments.insert().values(given))
    role = {"person_id": HELENA, "organisation_id": CLINIC, "role": "agent_handler", "valid_from": NOW}
    connection.execute(tables.role_assignments.insert().values(role | {"granted_by": KARIN}))
    connection.execute(tables.reviews.insert().values(organisation_id=REGION, due_at=NOW))
