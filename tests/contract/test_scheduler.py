"""The tick runs the clock's rows that are due, and has Slack told; two schedulers never act twice."""

import asyncio
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil
from selectors import DefaultSelector

import pytest
from apscheduler.triggers.cron import CronTrigger

from core.api import STOCKHOLM, State
from notifications.outbox.scheduler import EVERY_SECONDS, NIGHT, Scheduler
from tests.contract.office import open_office
from tests.fakes.clock import FakeClock
from tests.fakes.slack import decides
from tests.support.world.records import records
from tests.support.world.seed import BO, slack_user


async def nothing():
    return 0


JOBS = dict.fromkeys(("tell", "seal", "purge", "warn", "offer", "rotate", "reconcile", "report"), nothing)


def scheduler_of(office, wake, **jobs):
    return Scheduler(office.orders, wake, **JOBS | jobs)


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


@pytest.mark.parametrize(("painted", "woken"), [(0, []), (3, ["woken"])])
async def test_a_morning_lets_orderers_remind_and_wakes_the_relay_where_cards_change(office, painted, woken):
    told = []

    async def offer():
        return painted

    await scheduler_of(office, lambda: told.append("woken"), offer=offer).offer()

    assert told == woken


async def test_a_night_purges_and_wakes_the_relay(office):
    told = []

    async def purge():
        told.append("purged")

    await scheduler_of(office, lambda: told.append("woken"), purge=purge).purge()

    assert told == ["purged", "woken"]


def test_every_night_has_its_hour_once_also_when_clocks_change():
    nights = [datetime(2026, 3, day, 12, tzinfo=STOCKHOLM) for day in (28, 29)]
    nights += [datetime(2026, 10, day, 12, tzinfo=STOCKHOLM) for day in (24, 25)]
    found = [CronTrigger(**NIGHT).get_next_fire_time(None, noon) for noon in nights]

    assert [each.astimezone(STOCKHOLM).strftime("%m-%d %H:%M") for each in found] == [
        "03-29 03:10", "03-30 03:10", "10-25 03:10", "10-26 03:10",
    ]  # fmt: skip


NOON = datetime(2026, 11, 26, 12, tzinfo=STOCKHOLM)
A_MOMENT, A_MINUTE, A_DAY = 0.1, 60, 24 * 60 * 60
AN_HOUR_A_DAY_AND_SIX = [timedelta(hours=1), timedelta(days=1), timedelta(days=6)]
TICKING = ("tick", "tell", "seal", "rotate", "report")
DAILY = (("03:10", "purge"), ("08:00", "offer"), ("08:00", "warn"), ("09:10", "reconcile"))


class Leaping(DefaultSelector):
    """Lets time pass as soon as nothing is left to do, and a little always."""

    def __init__(self, clock):
        super().__init__()
        self.clock = clock

    def select(self, timeout=None):
        self.clock.forward(microseconds=ceil(timeout * 1_000_000) + 1)
        return super().select(0)


@pytest.fixture
def ticking(monkeypatch):
    """Plays a server in its own time, from noon, with jobs that do nothing: which ran, after how long, at what hour."""
    clock, ran = FakeClock(NOON), []

    class Wall(datetime):
        @classmethod
        def now(cls, tz=None):
            return clock().astimezone(tz)

    class Orders:
        async def run_clock(self):
            return 0

    def note(job, _):
        ran.append((job, clock.elapsed(), f"{clock():%d %H:%M}"))

    async def run(play):
        scheduler = Scheduler(Orders(), lambda: None, ran=note, **JOBS)
        scheduler.start()
        await play(clock)
        await scheduler.stop()
        return ran

    def loop():
        made = asyncio.SelectorEventLoop(Leaping(clock))
        made.time = clock.elapsed
        return made

    monkeypatch.setattr("apscheduler.schedulers.base.datetime", Wall)
    monkeypatch.setattr("notifications.outbox.scheduler.datetime", Wall)
    with asyncio.Runner(loop_factory=loop) as runner:
        yield lambda play: runner.run(run(play))


def longest_silence(ran):
    """The longest time that one of those that tick did not run."""
    at = [[0, *(elapsed for job, elapsed, _ in ran if job == name)] for name in TICKING]
    return max(later - earlier for each in at for earlier, later in pairwise([*each, A_MINUTE + A_DAY]))


def by_day(ran):
    """Which jobs ran at what hour; two of one hour run in any order."""
    in_turn = sorted(ran, key=lambda each: (int(each[1]), each[0]))
    return [(hour, job) for job, _, hour in in_turn if job not in TICKING]


@pytest.mark.parametrize("back", [timedelta(minutes=22), *AN_HOUR_A_DAY_AND_SIX])
def test_a_clock_that_is_set_back_goes_on_ticking_and_comes_to_its_hours_again(ticking, back):
    async def play(clock):
        await asyncio.sleep(A_MINUTE)
        clock.at -= back
        await asyncio.sleep(A_DAY)

    ran = ticking(play)

    assert longest_silence(ran) < 2 * EVERY_SECONDS + A_MOMENT
    assert by_day(ran) == [(f"{27 - back.days} {hour}", job) for hour, job in DAILY]


@pytest.mark.parametrize("on", AN_HOUR_A_DAY_AND_SIX)
def test_a_clock_that_is_set_on_does_once_what_it_missed(ticking, on):
    async def play(clock):
        await asyncio.sleep(A_MINUTE)
        clock.at += on
        await asyncio.sleep(A_DAY)

    ran = ticking(play)

    noon = NOON + on
    missed = sorted((f"{noon:%d} 12:01", job) for _, job in DAILY if on >= timedelta(days=1))
    assert longest_silence(ran) < EVERY_SECONDS + A_MOMENT
    assert by_day(ran) == missed + [(f"{noon + timedelta(days=1):%d} {hour}", job) for hour, job in DAILY]


def test_a_clock_that_is_set_on_and_back_loses_none_of_its_hours(ticking):
    async def play(clock):
        for by in AN_HOUR_A_DAY_AND_SIX:
            clock.at += by
            await asyncio.sleep(A_MINUTE)
            clock.at -= by
        await asyncio.sleep(A_DAY - 2 * A_MINUTE)

    ran = ticking(play)

    assert longest_silence(ran) < 2 * EVERY_SECONDS + A_MOMENT
    assert by_day(ran)[-len(DAILY) :] == [(f"27 {hour}", job) for hour, job in DAILY]


async def test_a_job_that_runs_when_the_clock_is_stopped_ends_first(office, caplog):
    """APScheduler would cut it off, in the middle of what it does."""
    began, go_on, ended = asyncio.Event(), asyncio.Event(), []

    async def tell() -> int:
        began.set()
        await go_on.wait()
        ended.append(True)
        return 0

    scheduler = scheduler_of(office, lambda: None, tell=tell, every_seconds=0.01)
    scheduler.start()
    await began.wait()
    stopping = asyncio.create_task(scheduler.stop())
    await asyncio.sleep(0)
    go_on.set()
    await stopping

    assert ended
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []
