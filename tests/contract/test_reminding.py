"""Whoever is asked is reminded once, in Slack, by however many clocks run, and never at night; on both databases."""

import asyncio
from datetime import timedelta

import pytest

from core.api import Action, CaseQuery
from core.storage.audit.replaying import replay
from core.use_cases.clock import Clock
from notifications.rules.announcements import CardKind
from notifications.slack.port import MessagePlace
from tests.contract.office import open_office
from tests.fakes.slack import buttons, decides
from tests.support.drawn.reading import as_read
from tests.support.world.baseline import write_baseline
from tests.support.world.seed import ADA, ANNA, BO, CECILIA, LONG_AGO


@pytest.fixture
async def office(database_url):
    made = await open_office(database_url)
    await made.database.write(lambda connection: write_baseline(connection, LONG_AGO))
    yield made
    await made.database.close()


async def tick(office):
    return await Clock(office.orders.engine).run()


async def stored(office, case):
    """The case as it stands."""
    return (await office.orders.look(CaseQuery(case.id, None, office.clock()))).case


async def shown(office, kind, person):
    """The messages of a kind that somebody has got, as they look now."""
    cards = [card for card in await office.cards(kind=kind) if card.person_id == person]
    return [office.slack.messages[MessagePlace(card.channel, card.ts)] for card in cards]


async def wait_until_due(office, case, times=1):
    """The clock comes to what is due, so many times."""
    for _ in range(times):
        case = await stored(office, case)
        office.clock.at = case.due_at
        assert await tick(office) == 1
    return await stored(office, case)


async def test_of_several_clocks_one_reminds_and_whoever_is_reminded_decides_by_the_reminder(office):
    case = await office.place()
    await office.relay.drain()
    office.clock.at = case.due_at

    ticked = await asyncio.gather(*(tick(office) for _ in range(4)))
    await office.relay.drain()
    (reminder,) = await shown(office, CardKind.REMINDER, BO)
    asked = decides(reminder)
    await office.attest(await stored(office, case), BO)
    await office.relay.drain()

    assert sum(ticked) == 1
    assert {card.person_id for card in await office.cards(kind=CardKind.REMINDER)} == {BO, CECILIA}
    assert asked
    assert [decides(each) for person in (BO, CECILIA) for each in await shown(office, CardKind.REMINDER, person)] == [
        False,
        False,
    ]
    found = await replay(office.database)
    assert (found.holds, found.differences) == (True, [])


@pytest.mark.parametrize("quiet", [timedelta(hours=10), timedelta(days=1, hours=12)])
async def test_what_is_due_at_night_waits_for_the_morning_and_costs_no_look_at_the_case(office, quiet):
    case = await office.place()
    # Friday at nine in the evening, or noon on the Saturday after it.
    office.clock.at = case.due_at + quiet + timedelta(hours=2)

    assert await office.orders.engine.cases.due(office.clock(), 100) == ()
    assert await tick(office) == 0
    office.clock.at = case.due_at + timedelta(days=3)
    assert await tick(office) == 1


async def test_whoever_ordered_reminds_those_who_are_asked_by_the_status_card_which_says_when(office):
    case = await office.place()
    await office.relay.drain()
    (status,) = await shown(office, CardKind.STATUS, ANNA)
    early = set(buttons(status))
    office.clock.forward(days=1)

    assert [await office.store.offer_reminders() for _ in range(2)] == [1, 0]
    await office.relay.drain()
    (status,) = await shown(office, CardKind.STATUS, ANNA)
    offered = set(buttons(status))
    await office.press(await stored(office, case), ANNA, Action.REMIND_NOW)
    await office.relay.drain()

    (reminder,) = await shown(office, CardKind.REMINDER, BO)
    (status,) = await shown(office, CardKind.STATUS, ANNA)
    assert ("kp.remind_now" in early, "kp.remind_now" in offered) == (False, True)
    assert "kp.remind_now" not in buttons(status)
    assert decides(reminder)
    assert "Den som beställde bad om svar **26\N{NO-BREAK SPACE}november" in as_read({"blocks": reminder.blocks})
    assert "Påminnelse skickad **26\N{NO-BREAK SPACE}november" in as_read({"blocks": status.blocks})
    found = await replay(office.database)
    assert (found.holds, found.differences) == (True, [])


@pytest.mark.parametrize(("placed", "days", "painted"), [(0, 1, 1), (0, 2, 0), (2, 1, 0), (2, 2, 0), (2, 3, 1)])
async def test_a_status_card_is_painted_anew_on_the_working_day_after_somebody_was_asked_and_on_no_other(
    office, placed, days, painted
):
    """Placed on a Wednesday, it is the Thursday and not the Friday; placed on a Friday, it is the Monday."""
    office.clock.forward(days=placed)
    await office.place()
    await office.relay.drain()
    office.clock.forward(days=days)

    assert await office.store.offer_reminders() == painted


async def test_whoever_ordered_reads_on_the_status_card_whom_an_order_was_handed_over_to(office):
    case = await office.place()
    await office.relay.drain()
    (status,) = await shown(office, CardKind.STATUS, ANNA)
    assert "Bo Ek" in as_read({"blocks": status.blocks})

    await office.press(case, BO, Action.HAND_OVER, to=CECILIA)
    await office.relay.drain()

    (status,) = await shown(office, CardKind.STATUS, ANNA)
    assert "Cecilia" in as_read({"blocks": status.blocks})
    assert "Bo Ek" not in as_read({"blocks": status.blocks})


async def test_whoever_ordered_keeps_the_order_with_one_press_and_the_card_says_so(office):
    case = await wait_until_due(office, await office.place(), times=4)
    await office.relay.drain()
    # Anna was to get three messages, of which Slack takes two at once.
    office.clock.forward(seconds=1)
    await office.relay.drain()
    (asked,) = await shown(office, CardKind.KEEP_OR_WITHDRAW, ANNA)
    offered = set(buttons(asked))

    await office.press(case, ANNA, Action.KEEP)
    await office.relay.drain()

    assert {"kp.keep", "kp.withdraw"} <= offered
    assert "kp.keep" not in buttons((await shown(office, CardKind.KEEP_OR_WITHDRAW, ANNA))[0])
    assert {card.person_id for card in await office.cards(kind=CardKind.STANDSTILL)} == {ADA, ANNA}
    found = await replay(office.database)
    assert (found.holds, found.differences) == (True, [])
