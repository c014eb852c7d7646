"""What is counted of changes and of cards, and what is owed now: as it is, on both databases alike."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.server.metrics import Metrics
from bot.wiring.telling import ToldCases
from core.api import Action
from core.storage import tables
from core.storage.cases.clock import count_due
from notifications.outbox.leases import OwedHow, count_owed
from notifications.slack.slack_errors import Never, TryLater
from tests.contract.office import open_office
from tests.fakes.slack import POST
from tests.support.world import seed
from tests.support.world.seed import BO, CECILIA, NOW, TEAM
from tests.web.test_metrics import told

BOS, CECILIAS = map(seed.slack_user, (BO, CECILIA))


@pytest.fixture
def metrics():
    return Metrics()


@pytest.fixture
async def office(database_url, metrics):
    made = await open_office(database_url)
    engine = replace(made.orders.engine, cases=ToldCases(made.database, metrics))
    results = replace(made.results, lost=metrics.lost)
    delivery = replace(made.delivery, results=results, shown=lambda card: metrics.shown(card, made.clock()))
    made.relay._delivery = delivery
    yield replace(made, orders=replace(made.orders, engine=engine), delivery=delivery)
    await made.database.close()


async def owed(office):
    return await office.database.read(lambda connection: count_owed(connection, office.clock()))


async def test_a_decision_is_timed_from_when_its_step_began(office, metrics):
    case = await office.place()
    office.clock.forward(minutes=30)

    await office.attest(case, BO)

    counted = told(metrics)
    step = "attest", "awaiting_customer_attest"
    assert counted["kundportal_changes_total", "attest", "slack"] == 1
    assert counted["kundportal_step_seconds_sum", *step] == timedelta(minutes=30).total_seconds()


async def test_what_leaves_a_case_where_it_is_ends_no_step(office, metrics):
    case = await office.place()

    await office.press(case, BO, Action.HAND_OVER, to=CECILIA)

    counted = told(metrics)
    assert counted["kundportal_changes_total", "hand_over", "slack"] == 1
    assert not [name for name, *_ in counted if name.startswith("kundportal_step_seconds")]


async def test_a_message_is_timed_from_the_press_that_it_shows(office, metrics):
    case = await office.place()
    await office.relay.drain()
    await office.attest(case, BO)
    office.clock.forward(seconds=20)

    await office.relay.drain()

    counted = told(metrics)
    assert counted["kundportal_cards_shown_total", "posted", "slack"] == 5
    assert counted["kundportal_press_to_message_seconds_count", "edited", "slack"] == 3
    assert counted["kundportal_press_to_message_seconds_sum", "edited", "slack"] == 3 * 20


async def test_what_reaches_nobody_is_counted_once(office, metrics):
    office.slack.trouble(POST, Never("user_disabled"), to=BOS, times=9)
    await office.place()

    for _ in range(3):
        await office.relay.drain()
        office.clock.forward(hours=2)

    assert told(metrics)["kundportal_cards_lost_total", "slack"] == 1


async def test_what_is_owed_is_counted_by_how_it_stands(office):
    office.slack.trouble(POST, TryLater("timeout"), to=BOS)
    await office.place()
    new = await owed(office)
    await office.relay.drain()
    tried = await owed(office)
    office.clock.forward(minutes=7)
    late = await owed(office)
    await office.change(tables.workspaces, tables.workspaces.c.id == TEAM, problem="token_revoked")

    none = {how: 0 for how in OwedHow if how is not OwedHow.LOST}
    assert new == none | {OwedHow.OWED: 3}
    assert tried == none | {OwedHow.TRIED: 1}
    assert late == none | {OwedHow.LATE: 1}
    assert await owed(office) == none | {OwedHow.HELD: 1}


async def test_cases_are_due_until_the_clock_has_come_to_them(office):
    case = await office.place()
    await office.change(tables.cases, tables.cases.c.id == case.id, due_at=NOW)

    before = await office.database.read(lambda connection: count_due(connection, NOW))
    await office.orders.run_clock()

    assert before == 1
    assert await office.database.read(lambda connection: count_due(connection, NOW)) == 0
