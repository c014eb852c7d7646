"""Whether Slack reaches us over a connection is said as long as it does not; one that comes and goes is passed over."""

import pytest

from bot.slack.socket_mode import SocketWatch
from core.api import HEALTHY, FaultCode, failing
from tests.fakes.clock import FakeClock
from tests.support.world.seed import NOW


@pytest.fixture
def clock():
    return FakeClock(NOW)


@pytest.fixture
def noted():
    return []


@pytest.fixture
def watch(clock, noted):
    return SocketWatch(clock, noted.append)


async def test_until_the_first_connection_there_is_none(watch, clock):
    clock.forward(seconds=1)
    watch.record(is_there=False)

    before = await watch.look()
    watch.record(is_there=True)

    assert (before, await watch.look()) == (failing(FaultCode.SOCKET_LOST, since=NOW), HEALTHY)


async def test_one_that_was_lost_is_told_of_after_half_a_minute_and_once_it_is_back(watch, clock, noted):
    watch.record(is_there=True)
    clock.forward(hours=1)
    lost = clock()
    found = []
    for seconds in (0, 29, 1):
        clock.forward(seconds=seconds)
        watch.record(is_there=False)
        found.append(await watch.look())

    watch.record(is_there=True)

    assert found == [HEALTHY, HEALTHY, failing(FaultCode.SOCKET_LOST, since=lost)]
    assert noted == [HEALTHY, *found, HEALTHY]
