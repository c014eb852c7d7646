"""What the last step of an agentuppdrag makes, on both databases: once, with the decision, or not at all."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from core.api import Action, ActOnCase, Answers, Asking, Engine, Orders, Surface, new_id
from core.shared import errors
from core.shared.working_days import beginning_of, day_of
from core.storage import tables
from core.storage.cases.repository import SqlCaseRepository
from notifications.rules.announcements import Announcements
from tests.contract.office import wish
from tests.support.world import seed
from tests.support.world.seed import AGENT, AMIR, ASSIGNMENT, KARIN, NOW, OLGA

SEND = {"message": "Så här gör ni"}
DAY = timedelta(days=1)


class Desk:
    """The use cases on a database."""

    def __init__(self, database):
        self.database = database
        self.orders = Orders(Engine(SqlCaseRepository(database), Announcements(), lambda: NOW, new_id))

    async def act(self, case, person, action, **answers):
        command = ActOnCase(case.id, action, Asking(person), Surface.SLACK, answers=Answers(**answers))
        return (await self.orders.act(command)).after

    async def attested(self):
        """An agentuppdrag that waits for its instructions, claimed by Karin."""
        case = await self.orders.place(wish(by=Asking(OLGA), customer=AGENT, offer=ASSIGNMENT, key=new_id("K")))
        await self.act(case, KARIN, Action.CLAIM)
        await self.act(case, KARIN, Action.APPROVE, confirmed=True)
        return await self.act(case, AMIR, Action.ATTEST, confirmed=True)

    async def rows(self, query):
        return await self.database.read(lambda connection: connection.execute(query).all())

    async def made(self):
        """The assignments for SITHS, the lines of history about them, and the notes for cases around the agent."""
        given, lines, notes = tables.agent_assignments.c, tables.history.c, tables.reviews.c
        services = [row[0] for row in await self.rows(select(given.service_id).where(given.service_id == "siths"))]
        told = [row[0] for row in await self.rows(select(lines.action).where(lines.kind == "agreement"))]
        noted = [row[0] for row in await self.rows(select(notes.organisation_id).where(notes.due_at == NOW))]
        return services, told, noted


@pytest.fixture
async def desk(database_url):
    database = await seed.seeded(database_url)
    yield Desk(database)
    await database.close()


async def test_the_assignment_its_line_and_the_note_come_with_the_instructions(desk):
    case = await desk.attested()
    before = await desk.made()
    await desk.act(case, KARIN, Action.SEND_INSTRUCTIONS, **SEND)

    assert before == ([], [], [])
    assert await desk.made() == (["siths"], ["granted"], [AGENT])


async def test_of_many_presses_at_once_one_sends_and_the_assignment_is_made_once(desk):
    case = await desk.attested()
    pressed = [desk.act(case, KARIN, Action.SEND_INSTRUCTIONS, **SEND) for _ in range(8)]
    answers = await asyncio.gather(*pressed, return_exceptions=True)

    refused = [each for each in answers if isinstance(each, BaseException)]
    assert len(refused) == 7
    assert all(isinstance(each, errors.OrderError) for each in refused)
    assert await desk.made() == (["siths"], ["granted"], [AGENT])


async def test_what_the_register_says_already_stands(desk):
    case = await desk.attested()
    given = {"agent_id": AGENT, "service_id": "siths", "valid_from": seed.LONG_AGO}
    await desk.database.write(lambda connection: connection.execute(tables.agent_assignments.insert().values(given)))
    await desk.act(case, KARIN, Action.SEND_INSTRUCTIONS, **SEND)

    since = await desk.rows(
        select(tables.agent_assignments.c.valid_from).where(tables.agent_assignments.c.agent_id == AGENT)
    )
    assert {row[0] for row in since} == {seed.LONG_AGO}
    assert (await desk.made())[1] == []


PERIODS = {
    "over": (seed.LONG_AGO, NOW - DAY),
    "over since now": (seed.LONG_AGO, NOW),
    "still to come, and to end": (NOW + DAY, NOW + 30 * DAY),
}


@pytest.mark.parametrize("period", PERIODS)
async def test_an_agent_that_gets_an_assignment_anew_has_it_from_today_without_end(desk, period):
    case = await desk.attested()
    since, until = PERIODS[period]
    given = {"agent_id": AGENT, "service_id": "siths", "valid_from": since, "valid_to": until}
    await desk.database.write(lambda connection: connection.execute(tables.agent_assignments.insert().values(given)))

    await desk.act(case, KARIN, Action.SEND_INSTRUCTIONS, **SEND)

    table = tables.agent_assignments.c
    held = await desk.rows(select(table.valid_from, table.valid_to).where(table.service_id == "siths"))
    assert held == [(beginning_of(day_of(NOW)), None)]


async def test_nothing_is_sent_when_the_assignment_cannot_be_written(desk):
    case = await desk.attested()
    engine = desk.database._engine
    target = getattr(engine, "sync_engine", engine)

    def refuse(connection, cursor, statement, *_):
        if statement.startswith("INSERT INTO agent_assignments"):
            raise RuntimeError("the disk is full")

    event.listen(target, "before_cursor_execute", refuse)
    with pytest.raises(RuntimeError):
        await desk.act(case, KARIN, Action.SEND_INSTRUCTIONS, **SEND)
    event.remove(target, "before_cursor_execute", refuse)

    (state,) = await desk.rows(select(tables.cases.c.state).where(tables.cases.c.id == case.id))
    assert state[0] == "awaiting_customer_service"
    assert await desk.made() == ([], [], [])
    assert (await desk.act(case, KARIN, Action.SEND_INSTRUCTIONS, **SEND)).closed_at == NOW
