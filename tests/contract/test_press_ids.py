"""A card knows by which press it changed last, and since when that is not shown; on both databases alike."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from core.api import Unit, press_id, under_press
from notifications.slack.port import MessagePlace
from notifications.slack.slack_errors import Never, TryLater
from tests.contract.office import open_office, team
from tests.fakes.slack import POST, Team
from tests.support.world import seed
from tests.support.world.seed import BO, CECILIA, NOW, TEAM

BOS = seed.slack_user(BO)
SECOND = timedelta(seconds=1)


@pytest.fixture
async def office(database_url):
    made = await open_office(database_url)
    yield made
    await made.database.close()


async def test_what_a_press_owes_is_owed_by_its_id_since_then(office):
    with under_press("first"):
        case = await office.place()
    await office.relay.drain()
    office.clock.forward(seconds=5)

    with under_press("second"):
        await office.attest(case, BO)

    repainted, new = [row for row in await office.cards() if row.does_show], await office.cards(does_show=0)
    assert {(row.press_id, row.owed_at) for row in (*repainted, *new)} == {("second", NOW + 5 * SECOND)}
    assert (len(repainted), len(new)) == (3, 2)


async def test_what_nobody_has_shown_is_owed_since_the_first_press_and_by_the_last(office):
    with under_press("first"):
        case = await office.place()
    office.clock.forward(seconds=5)

    with under_press("second"):
        await office.attest(case, BO)

    card = await office.card(person_id=CECILIA)
    assert (card.press_id, card.owed_at) == ("second", NOW)


async def test_what_is_shown_is_owed_since_no_time(office):
    await office.place()

    await office.relay.drain()

    assert {row.owed_at for row in await office.cards()} == {None}


async def test_what_changes_while_a_card_is_sent_is_owed_since_the_card_came(office):
    case = await office.place()
    await office.leases.owing(NOW)
    bos = next(card for card in await office.leases.claim(TEAM) if card.person == BO)
    await office.attest(case, CECILIA)
    office.clock.forward(seconds=5)

    await office.results.record(bos, MessagePlace("D1", "1.1"), shown=bos.must_show)

    card = await office.card(person_id=BO)
    assert (card.due_at, card.owed_at) == (NOW + 5 * SECOND, NOW + 5 * SECOND)


async def test_what_reaches_nobody_is_owed_since_no_time(office):
    office.slack.trouble(POST, Never("is_archived"), to=BOS)
    await office.place()

    await office.relay.drain()

    card = await office.card(person_id=BO)
    assert (card.given_up_at, card.owed_at) == (NOW, None)


async def test_what_is_tried_again_is_owed_since_the_press(office):
    office.slack.trouble(POST, TryLater("timeout"), to=BOS)
    await office.place()

    await office.relay.drain()

    card = await office.card(person_id=BO)
    assert (card.attempts, card.owed_at) == (1, NOW)


async def test_a_card_is_carried_under_the_press_that_owes_it(office):
    carried = []
    delivery = replace(office.delivery, shown=lambda card: carried.append((card.press_id, press_id())))
    with under_press("first"):
        await office.place()
    await office.leases.owing(NOW)

    await delivery.deliver(TEAM, await office.leases.claim(TEAM))

    assert carried == [("first", "first")] * 3
    assert press_id() is None


async def test_whoever_is_not_found_is_looked_for_under_the_press_that_owes_the_card(office, monkeypatch):
    held, looked, lost, look = [], [], [], office.slack.lookup_by_email

    @contextmanager
    def around(card):
        held.append(card.press_id)
        yield
        held.remove(card.press_id)

    async def watched(token, email):
        looked.append((press_id(), *held))
        return await look(token, email)

    monkeypatch.setattr(office.slack, "lookup_by_email", watched)
    results = replace(office.results, lost=lambda card: lost.append((card.press_id, press_id(), *held)))
    office.slack.teams[0] = Team(team().id, team().token, ())
    await office.unlink(BO)
    for press in ("first", "second"):
        with under_press(press):
            await office.place(key=press, units=(Unit(press),))

    await replace(office.delivery, around=around, results=results).seek(await office.leases.claim_homeless())

    assert sorted(lost) == [("first", "first", "first"), ("second", "second", "second")]
    assert looked in ([("first", "first")], [("second", "second")])
