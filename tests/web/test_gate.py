"""One address sends in so many forms and no more; others are not kept from theirs."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select
from starlette.requests import Request

from bot.web.gate import FORMS, Gate
from bot.web.problems import Hindered, VisitProblem
from core.storage.tables import paces
from tests.fakes.clock import FakeClock
from tests.support.world.seed import NOW, seeded


def visit(host: str | None) -> Request:
    client = None if host is None else (host, 1234)
    return Request({"type": "http", "method": "POST", "path": "/ansok", "headers": [], "client": client})


async def let_through(gate: Gate, host: str | None) -> bool:
    try:
        await gate.pass_through(visit(host))
    except Hindered as hindered:
        return hindered.problem is not VisitProblem.TOO_MANY
    return True


@pytest.fixture
async def gate(database_url):
    database = await seeded(database_url)
    yield Gate(database, "secret", FakeClock(NOW))
    await database.close()


async def test_so_many_forms_in_a_burst_and_then_one_at_a_time(gate):
    burst = [await let_through(gate, "192.0.2.1") for _ in range(FORMS.burst + 1)]
    gate.now.at += FORMS.interval
    later = [await let_through(gate, "192.0.2.1") for _ in range(2)]

    assert burst == [True] * FORMS.burst + [False]
    assert later == [True, False]


async def test_visitors_at_once_get_no_more_than_one_after_another(gate):
    let = await asyncio.gather(*(let_through(gate, "192.0.2.1") for _ in range(FORMS.burst * 2)))

    assert sum(let) == FORMS.burst


@pytest.mark.parametrize(
    ("other", "let"),
    [("192.0.2.2", True), ("2001:db8:0:1::9", False), ("2001:db8:0:2::1", True), ("a proxy", True), (None, True)],
)
async def test_another_address_has_a_pace_of_its_own(gate, other, let):
    for host in ("192.0.2.1", "2001:db8:0:1::1"):
        for _ in range(FORMS.burst):
            assert await let_through(gate, host)

    assert await let_through(gate, other) is let


async def test_an_ipv4_address_that_is_written_as_ipv6_is_no_other(gate):
    hosts = ["192.0.2.1", "::ffff:192.0.2.1", "::ffff:c000:201"] * FORMS.burst

    assert [await let_through(gate, host) for host in hosts].count(True) == FORMS.burst


async def test_networks_side_by_side_are_let_through_as_often_as_two_and_three_of_them(gate):
    of_56 = [await let_through(gate, f"2001:db8:0:{number:x}::1") for number in range(3 * FORMS.burst)]
    of_48 = [await let_through(gate, f"2001:db8:0:{number:x}00::1") for number in range(1, 3 * FORMS.burst)]

    assert (of_56.count(True), of_48.count(True)) == (2 * FORMS.burst, FORMS.burst)
    assert await let_through(gate, "2001:db8:1::1")


async def test_what_one_network_is_refused_costs_its_neighbours_nothing(gate):
    alone = [await let_through(gate, "2001:db8::1") for _ in range(5 * FORMS.burst)]

    assert alone.count(True) == FORMS.burst
    assert await let_through(gate, "2001:db8:0:1::1")


async def test_no_address_is_stored_nor_anything_of_it_for_long(gate):
    await let_through(gate, "192.0.2.1")
    stored = await gate.database.read(lambda connection: connection.execute(select(paces.c.bucket)).scalars().all())
    gate.now.at += timedelta(hours=1)
    await let_through(gate, "192.0.2.2")
    rows = await gate.database.read(lambda connection: connection.execute(select(func.count()).select_from(paces)))

    assert len(stored) == 1
    assert "192.0.2.1" not in stored[0]
    assert rows.scalar_one() == 1


@pytest.mark.parametrize("name", ["W0TEAM chat.postMessage", "web", "webb", "~"])
async def test_what_else_keeps_a_pace_is_left_alone(gate, name):
    row = insert(paces).values(bucket=name, full_at=gate.now.at)
    await gate.database.write(lambda connection: connection.execute(row))

    gate.now.at += timedelta(hours=1)
    await let_through(gate, "192.0.2.1")

    kept = await gate.database.read(lambda connection: connection.execute(select(paces.c.bucket)).scalars().all())
    assert name in kept
