"""The tick runs the clock's rows that are due, and has Slack told; two schedulers never act twice."""

import asyncio
from datetime import datetime, timedelta

import pytest

from core.api import STOCKHOLM, State
from notifications.outbox.scheduler import NIGHT, Scheduler, next_at
from tests.contract.office import open_office
from tests.fakes.clock import FakeClock
from tests.fakes.slack import decides
from tests.support.world.records import records
from tests.support.world.seed import BO, slack_user


async def nothing():
    return 0


def scheduler_of(office, wake, *, purge=nothing, warn=nothing, report=nothing):
    jobs = {"tell": nothing, "seal": nothing, "purge": purge, "warn": warn, "rotate": nothing, "reconcile": nothing}
    jobs |= {"report": report}
    return Scheduler(office.orders, wake, office.clock, **jobs)


@pytest.fixture
async def office(database_url):
    made = await open_office(database_url)
    yield made
    await made.database.close()


async def test_a_tick_expires_what_nobody_decided_and_wakes_the_relay(office):
    case = await office.place()
    await office.relay.drain()
    woken, due = [], []

    while case.closed_at is None:
        due.append(case.due_at)
        office.clock.at = case.due_at
        await scheduler_of(office, lambda: woken.append(office.clock())).tick()
        await office.relay.drain()
        case = (await records(office.delivery.drawer.cases, [case.id]))[case.id].case

    assert (woken, case.state) == (due, State.EXPIRED)
    assert {decides(shown) for shown in office.slack.in_channel(slack_user(BO))} == {False}


async def test_a_tick_with_nothing_due_wakes_nobody(office):
    await office.place()
    woken = []

    await scheduler_of(office, lambda: woken.append(True)).tick()

    assert woken == []


async def test_two_schedulers_act_once(office):
    other = await office.another()
    case = await office.place()
    office.clock.at = case.due_at

    await asyncio.gather(*(scheduler_of(each, lambda: None).tick() for each in (office, other)))

    read = await records(office.delivery.drawer.cases, [case.id])
    assert (read[case.id].case.revision, read[case.id].case.wait.reminded) == (2, case.due_at)
    await other.database.close()


async def test_a_scheduler_starts_and_stops_on_the_running_loop(office):
    scheduler = scheduler_of(office, lambda: None)

    scheduler.start()
    await scheduler.stop()
    await asyncio.sleep(0)


async def test_a_morning_warns_of_what_is_about_to_expire(office):
    told = []

    async def warn():
        told.append("warned")

    await scheduler_of(office, lambda: None, warn=warn).warn()

    assert told == ["warned"]


async def test_a_night_purges_and_wakes_the_relay(office):
    told = []

    async def purge():
        told.append("purged")

    await scheduler_of(office, lambda: told.append("woken"), purge=purge).purge()

    assert told == ["purged", "woken"]


def test_every_night_has_its_hour_once_also_when_clocks_change():
    nights = [datetime(2026, 3, day, 12, tzinfo=STOCKHOLM) for day in (28, 29)]
    nights += [datetime(2026, 10, day, 12, tzinfo=STOCKHOLM) for day in (24, 25)]
    found = [next_at(NIGHT, noon) for noon in nights]

    assert [each.astimezone(STOCKHOLM).strftime("%m-%d %H:%M") for each in found] == [
        "03-29 03:10", "03-30 03:10", "10-25 03:10", "10-26 03:10",
    ]  # fmt: skip


def ticking(clock, ran):
    """A scheduler of jobs that do nothing but say so."""

    class Orders:
        async def run_clock(self):
            return 0

    names = ("tell", "seal", "purge", "warn", "rotate", "reconcile", "report")
    jobs = dict.fromkeys(names, nothing)
    return Scheduler(Orders(), lambda: None, clock, every_seconds=0.001, ran=lambda job, _: ran.append(job), **jobs)


async def rounds(ran, count=3):
    """Let the clock look so many times more."""
    ticks = ran.count("tick") + count
    async with asyncio.timeout(60):
        while ran.count("tick") < ticks:  # noqa: ASYNC110 - the clock knows nothing of this test
            await asyncio.sleep(0)


@pytest.mark.parametrize("back", [timedelta(minutes=22), timedelta(hours=1), timedelta(days=6)])
async def test_a_clock_that_is_set_back_goes_on_ticking_and_comes_to_its_hours_again(back):
    ran, clock = [], FakeClock(datetime(2026, 11, 26, 12, tzinfo=STOCKHOLM))
    scheduler = ticking(clock, ran)
    scheduler.start()
    await rounds(ran)
    clock.at -= back
    await rounds(ran)
    daily = [job for job in ran if job in {"purge", "reconcile", "warn"}]

    for hour in (3, 8, 9, 12):
        clock.at = datetime(2026, 11, 27, hour, 30, tzinfo=STOCKHOLM) - timedelta(days=back.days)
        await rounds(ran)
    await scheduler.stop()

    assert daily == []
    assert [job for job in ran if job in {"purge", "reconcile", "warn"}] == ["purge", "warn", "reconcile"]


async def test_a_clock_that_is_set_on_by_days_does_once_what_it_missed():
    ran, clock = [], FakeClock(datetime(2026, 11, 26, 12, tzinfo=STOCKHOLM))
    scheduler = ticking(clock, ran)
    scheduler.start()
    await rounds(ran)
    clock.at += timedelta(days=6)
    await rounds(ran)
    await scheduler.stop()

    assert sorted(job for job in ran if job in {"purge", "reconcile", "warn"}) == ["purge", "reconcile", "warn"]


async def test_a_job_that_runs_when_the_clock_is_stopped_ends_first(office, caplog):
    began, go_on, ended = asyncio.Event(), asyncio.Event(), []

    async def tell() -> int:
        began.set()
        await go_on.wait()
        ended.append(True)
        return 0

    jobs = {"tell": tell, "seal": nothing, "purge": nothing, "warn": nothing, "rotate": nothing, "reconcile": nothing}
    jobs |= {"report": nothing}
    scheduler = Scheduler(office.orders, lambda: None, office.clock, every_seconds=0.01, **jobs)
    scheduler.start()
    await began.wait()
    stopping = asyncio.create_task(scheduler.stop())
    await asyncio.sleep(0)
    go_on.set()
    await stopping

    assert ended
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []
