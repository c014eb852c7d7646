"""Killed again and again while orders stream in, the product leaves few second copies, and finds each of them."""

import asyncio
import random
import time
from datetime import timedelta

import pytest

from core.api import Engine, Orders, Unit, new_id
from core.storage.cases.repository import SqlCaseRepository
from notifications.outbox.reconciling import stray_copies
from notifications.outbox.reconciling.reconciliation import Reconciliation
from notifications.outbox.slack_delivery import POSTED_AT_ONCE
from notifications.rules.announcements import Announcements
from notifications.slack.slack_gateway import open_gateway
from notifications.slack.token_seal import TokenSeal
from notifications.slack.workspaces import Workspaces
from tests.contract.office import wish
from tests.kill.crash import BOS, POST, Crash, crashing, now
from tests.kill.stories import nothing
from tests.support.machines.large import at_night
from tests.support.machines.product import SECRET_KEY
from tests.support.world.seed import NPO_KONSUMENT

pytestmark = pytest.mark.slow

KILLS = at_night(50, 3)
ORDERS = 3
# So many posts are on their way at the worst moment; of many moments the most have one or none.
MOST_A_KILL = at_night(1, POSTED_AT_ONCE)
# Of each order a message to each of three people, of which each is sent one a second.
LONG = at_night(900, 180)


@pytest.fixture
def crash(database_url):
    with crashing(database_url, nothing) as crash:
        yield crash


def test_no_second_copy_stays_live_however_often_it_is_killed_under_load(crash: Crash, monkeypatch: pytest.MonkeyPatch):
    # All is written down by then, a moment after the last post.
    monkeypatch.setattr(stray_copies, "SETTLED", timedelta(0))
    chance = random.Random(20)
    for number in range(KILLS):
        if number % 2 == 0:
            # Slack has the post, and is about to say so.
            crash.fault("timeout_after", POST, BOS)
            place(crash, number)
            crash.meets_the_fault()
        else:
            place(crash, number)
            time.sleep(chance.uniform(0, 1.5))
        crash.kill()
        crash.slack.faults(faults=[])
        crash.start_again()
    crash.settles(LONG)
    left = crash.copies()

    reconcile(crash)
    crash.settles(LONG)

    assert 1 <= left <= KILLS * MOST_A_KILL
    assert live(crash) == []
    assert crash.copies() == left


def place(crash: Crash, number: int) -> None:
    """Some orders come in at once, by another door."""
    orders = Orders(Engine(SqlCaseRepository(crash.database), Announcements(), now, new_id))
    for each in range(ORDERS):
        unit = Unit(f"Mottagning {number} {each}", f"SE2321000016-M{number:03}{each:02}")
        given = {"offer": NPO_KONSUMENT, "units": (unit,), "key": f"M{number}.{each}"}
        crash.beside.run(orders.place(wish(**given)))


def reconcile(crash: Crash) -> None:
    """What the server does by day."""
    crash.beside.run(_reconcile(crash))


async def _reconcile(crash: Crash) -> None:
    workspaces = Workspaces(crash.database, TokenSeal(SECRET_KEY), now)
    async with open_gateway(f"{crash.product.slack_url}/api/") as gateway:
        found = await Reconciliation(crash.database, workspaces, gateway, now, asyncio.sleep).run(repair=True)
    assert (found.left_out, found.unread) == ({}, set())


def live(crash: Crash):
    """Messages that nobody knows of and that offer something."""
    return [each for each in crash.unknown() if any(block["type"] == "actions" for block in each["blocks"])]
