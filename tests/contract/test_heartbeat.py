"""A relay that has ended, hangs or cannot look is seen, and so is a clock."""

import asyncio
import time
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from inspect import signature

import pytest

from core.api import HEALTHY, UNKNOWN, FaultCode, failing
from core.storage import tables
from notifications.outbox.heartbeat import LATE, SILENT, RelayCheck
from notifications.outbox.leases import LEASE
from notifications.outbox.relay import Relay
from notifications.outbox.scheduler import Scheduler
from tests.contract.office import open_office
from tests.fakes.slack import POST
from tests.support.world.seed import NOW, TEAM

A_MOMENT = timedelta(seconds=1)
TICKING = frozenset({"tick", "tell", "seal", "rotate", "report"})


@pytest.fixture
async def office(fresh_sqlite_url):
    made = await open_office(fresh_sqlite_url)
    yield made
    await made.database.close()


async def nothing():
    return 0


async def fails():
    raise LookupError("something secret")


def scheduler_of(office, tell=nothing) -> Scheduler:
    others = dict.fromkeys(("seal", "purge", "warn", "offer", "rotate", "reconcile", "report"), nothing)
    return Scheduler(office.orders, lambda: None, tell=tell, every_seconds=0.02, elapsed=office.clock.elapsed, **others)


@asynccontextmanager
async def at_work(office, scheduler):
    """Relay and clock run; the relay's task."""
    scheduler.start()
    relaying = asyncio.create_task(office.relay.run())
    await until(lambda: office.relay.pulse.looked_at is not None)
    try:
        yield relaying
    finally:
        if not scheduler.pulse.has_ended:
            await scheduler.stop()
        relaying.cancel()
        with suppress(asyncio.CancelledError):
            await relaying


async def until(holds) -> None:
    async with asyncio.timeout(120):
        while not holds():  # noqa: ASYNC110 - what is waited for knows nothing of this test
            await asyncio.sleep(0.01)


async def test_both_at_work_are_well_and_nobody_knows_before(office):
    scheduler = scheduler_of(office)
    check = RelayCheck(office.relay, scheduler, office.clock, office.clock.elapsed)
    before = await check.look()

    async with at_work(office, scheduler):
        assert (before, await check.look()) == (UNKNOWN, HEALTHY)


async def test_a_process_with_one_duty_is_asked_of_that_alone(office):
    scheduler = scheduler_of(office, fails)
    relay, clock = (
        RelayCheck(office.relay, None, office.clock, office.clock.elapsed),
        RelayCheck(None, scheduler, office.clock, office.clock.elapsed),
    )
    before = await relay.look(), await clock.look()

    async with at_work(office, scheduler):
        await until(lambda: scheduler.pulse.errors)
        found = await relay.look(), (await clock.look()).code

    assert before == (UNKNOWN, UNKNOWN)
    assert found == (HEALTHY, FaultCode.CLOCK_STUMBLES)


async def test_a_relay_whose_loop_was_ended_is_seen(office):
    scheduler = scheduler_of(office)
    async with at_work(office, scheduler) as relaying:
        relaying.cancel()
        await asyncio.wait({relaying})

        found = await RelayCheck(office.relay, scheduler, office.clock, office.clock.elapsed).look()

    assert found.code is FaultCode.RELAY_ENDED


async def test_a_relay_that_a_mistake_has_ended_says_which(office, caplog):
    def broken():
        raise ZeroDivisionError("something secret")

    relay, scheduler = (
        Relay(office.leases, office.delivery, office.clock, elapsed=office.clock.elapsed),
        scheduler_of(office),
    )
    scheduler.start()
    relaying = asyncio.create_task(relay.run())
    await until(lambda: relay.pulse.looked_at is not None)
    relay._now = broken

    await until(relaying.done)

    found = await RelayCheck(relay, scheduler, office.clock, office.clock.elapsed).look()
    await scheduler.stop()
    assert (found.code, found.about) == (FaultCode.RELAY_ENDED, {"error": "ZeroDivisionError"})
    assert "relay_ended" in [record.getMessage() for record in caplog.records]


async def test_a_relay_that_cannot_look_is_seen_and_works_again_by_itself(office):
    scheduler = scheduler_of(office)
    check = RelayCheck(office.relay, scheduler, office.clock, office.clock.elapsed)
    async with at_work(office, scheduler):
        await office.database.write(lambda connection: tables.cards.drop(connection))
        office.relay.wake()
        await until(lambda: office.relay.pulse.error)
        broken = await check.look()
        await office.database.write(lambda connection: tables.cards.create(connection))
        office.relay.wake()
        await until(lambda: office.relay.pulse.error is None)

        assert (broken.code, broken.about) == (FaultCode.RELAY_STUMBLES, {"error": "OperationalError"})
        assert await check.look() == HEALTHY


async def test_a_relay_that_hangs_is_seen(office):
    scheduler = scheduler_of(office)
    check = RelayCheck(office.relay, scheduler, office.clock, office.clock.elapsed)
    async with at_work(office, scheduler):
        office.clock.forward(seconds=SILENT.total_seconds())
        in_time = office.relay.pulse.looked_at == 0 and (await check.look()).code
        office.clock.forward(seconds=1)

        found = await check.look()

    assert (in_time, found.code, found.since) == (None, FaultCode.RELAY_SILENT, NOW)


@pytest.mark.parametrize("set_by", [timedelta(hours=-1), timedelta(days=-6), timedelta(hours=1), timedelta(days=6)])
async def test_silence_is_measured_by_time_that_passes_however_the_clock_is_set(office, set_by):
    hang = asyncio.Event()
    scheduler = scheduler_of(office, hang.wait)
    check = RelayCheck(office.relay, scheduler, office.clock, office.clock.elapsed)
    async with at_work(office, scheduler):
        office.clock.at += set_by
        just_set = await check.look()
        await forward(office, scheduler, SILENT, jobs=TICKING - {"tell"})
        in_time = await check.look()
        await forward(office, scheduler, A_MOMENT, jobs=TICKING - {"tell"})
        found = await check.look()
        hang.set()

    assert (just_set, in_time) == (HEALTHY, HEALTHY)
    assert (found.code, found.about, found.since) == (FaultCode.CLOCK_SILENT, {"jobs": "tell"}, NOW + set_by)


@pytest.mark.parametrize("part", [RelayCheck, Relay, Scheduler])
def test_time_that_passes_is_told_by_a_clock_that_nobody_can_set(part):
    assert signature(part).parameters["elapsed"].default is time.monotonic


async def test_cards_that_could_go_out_and_do_not_are_seen(office):
    """Slack takes them and never says so: once their lease is over they are due, and nobody is free to begin."""
    scheduler = scheduler_of(office)
    check = RelayCheck(office.relay, scheduler, office.clock, office.clock.elapsed)
    hang = asyncio.Event()
    office.slack.trouble(POST, None, times=100, hang=hang)
    async with at_work(office, scheduler):
        await office.place()
        office.relay.wake()
        await until(lambda: office.slack.sent(POST))
        await forward(office, scheduler, LEASE)
        await forward(office, scheduler, LATE)
        in_time = (await check.look()).code
        await forward(office, scheduler, A_MOMENT)
        late = (await check.look()).code
        hang.set()

    assert (in_time, late) == (None, FaultCode.CARDS_LATE)


async def test_a_workspace_that_cannot_be_delivered_to_is_named_until_it_can(office):
    """What was claimed is leased each time, so that nothing of it is due for long."""
    works = asyncio.Event()

    class Crashing:
        async def deliver(self, workspace_id, batch):
            if not works.is_set():
                raise ZeroDivisionError("something secret")
            await office.delivery.deliver(workspace_id, batch)

        async def seek(self, batch):
            await office.delivery.seek(batch)

    office.relay = Relay(office.leases, Crashing(), office.clock, elapsed=office.clock.elapsed)
    scheduler = scheduler_of(office)
    check = RelayCheck(office.relay, scheduler, office.clock, office.clock.elapsed)
    async with at_work(office, scheduler):
        await office.place()
        office.relay.wake()
        await until(lambda: office.relay.pulse.failures)
        at_once = await check.look()
        await forward(office, scheduler, A_MOMENT)
        leased = await check.look()
        works.set()
        await forward(office, scheduler, LEASE)
        await until(lambda: not office.relay.pulse.failures)

        assert at_once == leased == failing(FaultCode.RELAY_STUMBLES, {TEAM: "ZeroDivisionError"})
        assert await check.look() == HEALTHY
        assert office.slack.sent(POST)


async def test_what_was_due_long_before_the_start_is_not_late_yet(office):
    scheduler = scheduler_of(office)
    hang = asyncio.Event()
    office.slack.trouble(POST, None, times=100, hang=hang)
    await office.place()
    office.clock.forward(hours=3)
    async with at_work(office, scheduler):
        found = await RelayCheck(office.relay, scheduler, office.clock, office.clock.elapsed).look()
        hang.set()

    assert found == HEALTHY


async def test_a_clock_that_was_stopped_is_seen(office):
    scheduler = scheduler_of(office)
    async with at_work(office, scheduler):
        await scheduler.stop()

        found = await RelayCheck(office.relay, scheduler, office.clock, office.clock.elapsed).look()

    assert found.code is FaultCode.CLOCK_ENDED


async def test_a_job_of_the_clock_that_fails_is_named_until_it_goes_well(office):
    works = asyncio.Event()

    async def tell():
        return await (nothing() if works.is_set() else fails())

    scheduler = scheduler_of(office, tell)
    check = RelayCheck(office.relay, scheduler, office.clock, office.clock.elapsed)
    async with at_work(office, scheduler):
        await until(lambda: scheduler.pulse.errors)
        broken = await check.look()
        works.set()
        await until(lambda: not scheduler.pulse.errors)

        assert (broken.code, broken.about) == (FaultCode.CLOCK_STUMBLES, {"tell": "LookupError"})
        assert await check.look() == HEALTHY


async def test_a_job_of_the_clock_that_hangs_is_named_while_the_others_tick(office):
    hang = asyncio.Event()
    scheduler = scheduler_of(office, hang.wait)
    check = RelayCheck(office.relay, scheduler, office.clock, office.clock.elapsed)
    async with at_work(office, scheduler):
        await forward(office, scheduler, SILENT, jobs=TICKING - {"tell"})
        in_time = await check.look()
        await forward(office, scheduler, A_MOMENT, jobs=TICKING - {"tell"})

        found = await check.look()
        hang.set()

    assert in_time == HEALTHY
    assert (found.code, found.about, found.since) == (FaultCode.CLOCK_SILENT, {"jobs": "tell"}, NOW)


async def forward(office, scheduler, time, *, jobs=TICKING) -> None:
    """Let time pass, until the relay has looked and the jobs have ended since."""
    office.clock.forward(seconds=time.total_seconds())
    office.relay.wake()
    await until(lambda: office.relay.pulse.looked_at == office.clock.elapsed())
    await until(lambda: all(scheduler.pulse.ended_at[job] == office.clock.elapsed() for job in jobs))
