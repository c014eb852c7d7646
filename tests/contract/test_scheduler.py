"""The tick runs the clock's rows that are due, and has Slack told; two schedulers never act twice."""

import asyncio

import pytest

from core.api import State
from notifications.scheduler import Scheduler
from tests.contract.office import open_office
from tests.fakes.slack import buttons
from tests.seed import BO, slack_user


async def nothing():
    return 0


@pytest.fixture
async def office(database_url):
    made = await open_office(database_url)
    yield made
    await made.database.close()


async def test_a_tick_expires_what_nobody_decided_and_wakes_the_relay(office):
    case = await office.place()
    await office.relay.drain()
    office.clock.at = case.due_at
    woken = []

    await Scheduler(office.orders, lambda: woken.append(office.clock()), nothing).tick()
    await office.relay.drain()

    assert woken == [case.due_at]
    assert [buttons(shown) for shown in office.slack.in_channel(slack_user(BO))] == [{}]


async def test_a_tick_with_nothing_due_wakes_nobody(office):
    await office.place()
    woken = []

    await Scheduler(office.orders, lambda: woken.append(True), nothing).tick()

    assert woken == []


async def test_two_schedulers_act_once(office):
    other = await office.another()
    case = await office.place()
    office.clock.at = case.due_at

    await asyncio.gather(*(Scheduler(each.orders, lambda: None, nothing).tick() for each in (office, other)))

    read = await office.delivery.pages.dossiers.dossiers([case.id])
    assert (read[case.id].case.state, read[case.id].case.revision) == (State.EXPIRED, 2)
    await other.database.close()


async def test_a_scheduler_starts_and_stops_on_the_running_loop(office):
    scheduler = Scheduler(office.orders, lambda: None, nothing)

    scheduler.start()
    scheduler.stop()
    await asyncio.sleep(0)
