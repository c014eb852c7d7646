"""A price that has ended without another stops the orders of its offer, and is told of once; on both databases."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select

from core.api import Block, Blocked, CaseQuery, new_id
from core.catalogue.prices import Price
from core.storage import tables
from core.storage.register.registry import Register
from notifications.rules.announcements import Announcements
from notifications.slack.slack_errors import Never
from tests.contract.office import CHANNEL, open_office, via_agent
from tests.fakes.slack import POST
from tests.support.world.seed import INERA, KALLE, NPO_AGENT, role_assignment, slack_user

LONG_AGO, YESTERDAY, TODAY = date(2024, 1, 1), date(2026, 11, 24), date(2026, 11, 25)
STOPPED = Blocked(Block.NO_PRICE, told=True)


@pytest.fixture
async def office(database_url):
    made = await open_office(database_url)
    yield made
    await made.database.close()


@pytest.fixture
async def led(office):
    """The office whose customer service Kalle leads."""
    row = role_assignment(KALLE, INERA, "customer_service_lead")
    await office.database.write(lambda connection: connection.execute(insert(tables.role_assignments), row).close())
    return office


async def sets_price(office, amount_ore, since, until=None):
    price = Price("customer", "startup", "order", amount_ore, "year", since, until)
    register = Register(office.database, office.clock, new_id)
    await register.write("test", lambda writer: writer.prices(NPO_AGENT, [price]))


async def ends(office, until=YESTERDAY):
    await sets_price(office, 150_000, LONG_AGO, until)


async def tick(office):
    while await office.orders.run_clock():
        pass


async def now(office, case):
    return (await office.orders.look(CaseQuery(case.id, None, office.clock()))).case


async def told(office):
    return [card.person_id for card in await office.cards(kind="price_missing")]


def logged(caplog):
    return [each.getMessage() for each in caplog.records if each.getMessage().startswith("price_missing")]


async def test_an_order_of_which_a_price_is_missing_keeps_its_amounts_until_there_is_another(led):
    case = await led.place(**via_agent())
    await ends(led)
    await tick(led)
    stopped = await now(led, case)
    await sets_price(led, 160_000, TODAY)
    await tick(led)
    repriced = await now(led, case)

    assert (stopped.blocked, stopped.order, stopped.content_version) == (STOPPED, case.order, 1)
    assert (repriced.blocked, repriced.order.costs["customer"].startup_ore) == (None, 160_000)


async def test_the_lead_of_customer_service_hears_once_of_a_price_that_stops_many_orders(led, caplog):
    cases = [await led.place(**via_agent(number)) for number in range(3)]
    await ends(led)
    await tick(led)
    for amount in (0, 1):
        # What else changes around the orders is looked at, and told of no more.
        await sets_price(led, amount, TODAY + timedelta(days=30 + amount), TODAY + timedelta(days=30 + amount))
        await led.change(tables.cases, tables.cases.c.closed_at.is_(None), review_at=led.clock())
        await tick(led)

    assert [(await now(led, each)).blocked for each in cases] == [STOPPED] * 3
    assert await told(led) == [KALLE]
    assert logged(caplog) == [f"price_missing offer={NPO_AGENT} since={TODAY}"]
    await led.relay.drain()
    (message,) = led.slack.in_channel(slack_user(KALLE))
    assert message.text == (
        "Ett pris för npo-agent på svenska slutade gälla efter 24 november 2026, och inget nytt pris finns."
    )
    assert "ska priset vara 0 kr" in str(message.blocks)


async def test_two_clocks_at_once_tell_of_a_price_once(led, caplog):
    other = await led.another()
    for number in range(4):
        await led.place(**via_agent(number))
    await ends(led)

    await asyncio.gather(tick(led), tick(other))

    assert (await told(led), len(logged(caplog))) == ([KALLE], 1)
    await other.database.close()


async def test_a_price_that_is_missing_again_is_told_of_again(led):
    await led.place(**via_agent())
    await ends(led)
    await tick(led)
    await sets_price(led, 150_000, TODAY, TODAY)
    await tick(led)
    led.clock.forward(days=1)
    await tick(led)

    assert await told(led) == [KALLE, KALLE]


async def test_without_a_lead_the_channel_of_customer_service_hears_of_it(office):
    await office.place(**via_agent())
    await ends(office)
    await tick(office)
    await office.relay.drain()

    assert await told(office) == [None]
    assert [each.text[:15] for each in office.slack.in_channel(CHANNEL)] == ["Ett pris för np"]


async def test_where_the_lead_is_not_reached_the_channel_hears_of_it(led):
    led.slack.trouble(POST, Never("user_disabled"), to=slack_user(KALLE), times=10)
    await led.place(**via_agent())
    await ends(led)
    await tick(led)
    await led.relay.drain()
    await led.relay.drain()

    assert [each.text[:15] for each in led.slack.in_channel(CHANNEL)] == ["Ett pris för np"]


async def test_an_order_is_not_stopped_before_somebody_is_told(led):
    class Dying(Announcements):
        def price_missing(self, leads, new_id):
            raise RuntimeError("the process dies")

    case = await led.place(**via_agent())
    await ends(led)
    dying = replace(led.orders, engine=replace(led.orders.engine, announcer=Dying()))

    assert await dying.run_clock() == 0
    assert ((await now(led, case)).blocked, await told(led)) == (None, [])
    await tick(led)
    assert ((await now(led, case)).blocked, await told(led)) == (STOPPED, [KALLE])


async def test_the_prices_of_an_offer_that_nobody_has_ordered_are_told_of_to_nobody(led, caplog):
    await ends(led)
    await tick(led)

    assert (await told(led), logged(caplog)) == ([], [])
    assert await led.database.read(lambda connection: connection.execute(select(tables.reviews)).all()) == []
