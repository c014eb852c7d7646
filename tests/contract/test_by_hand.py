"""Whoever runs the product sends a message again that did not arrive, or lets it go; history tells of both."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from core.api import CardId
from core.storage import tables
from notifications.outbox.by_hand import ByHand, CardsByHand
from notifications.outbox.leases import outstanding
from notifications.slack.slack_errors import Never, TryLater
from tests.contract.office import identity, open_office
from tests.fakes.slack import POST, buttons
from tests.support.world import seed
from tests.support.world.seed import BO, TEAM

BOS = seed.slack_user(BO)


@pytest.fixture
async def office(database_url):
    made = await open_office(database_url)
    yield made
    await made.database.close()


@pytest.fixture
def hand(office):
    return CardsByHand(office.database, office.clock)


async def bos_is_lost(office, times=1):
    """Bo's question is given up, and customer service knows."""
    await office.place()
    office.slack.trouble(POST, Never("restricted_action"), to=BOS, times=times)
    await office.relay.drain()
    return await office.card(person_id=BO)


async def told(office):
    """What history tells of messages: what, by which way, of which card's reader."""
    history = tables.history.c
    query = select(history.action, history.surface, history.about_id).where(history.kind == "delivery")
    return [tuple(row) for row in await office.database.read(lambda connection: connection.execute(query).all())]


async def owed(office):
    """The cards that somebody should look at, or that are on their way."""
    return await office.database.read(lambda connection: outstanding(connection, office.clock()))


async def test_a_message_that_was_lost_is_sent_again_at_once(office, hand):
    card = await bos_is_lost(office)

    assert await hand.retry(card.id) is ByHand.DONE
    await office.relay.drain()

    (arrived,) = office.slack.in_channel(BOS)
    assert "kp.attest" in buttons(arrived)
    assert (await office.card(person_id=BO)).given_up_at is None
    assert ("resent", "file", BO) in await told(office)


async def test_a_message_that_is_to_be_tried_later_is_tried_at_once_and_from_the_beginning(office, hand):
    await office.place()
    office.slack.trouble(POST, TryLater("http_503"), to=BOS)
    await office.relay.drain()
    card = await office.card(person_id=BO)

    assert await hand.retry(card.id) is ByHand.DONE
    again = await office.card(person_id=BO)

    assert (card.attempts, again.attempts, again.due_at) == (1, 0, office.clock())


async def test_a_message_that_is_let_go_is_not_sent_and_nobody_need_look_at_it(office, hand):
    await office.place()
    office.slack.trouble(POST, TryLater("http_503"), to=BOS)
    await office.relay.drain()
    card = await office.card(person_id=BO)

    assert await hand.let_go(card.id) is ByHand.DONE
    office.clock.forward(hours=25)
    await office.relay.drain()

    assert office.slack.in_channel(BOS) == []
    assert await owed(office) == []
    assert await told(office) == [("let_go", "file", BO)]


async def test_a_lost_message_that_is_let_go_is_named_no_more_and_was_lost_when_it_was(office, hand):
    card = await bos_is_lost(office, times=100)
    office.clock.forward(hours=1)
    await office.relay.drain()

    assert await hand.let_go(card.id) is ByHand.DONE
    after = await office.card(person_id=BO)

    assert (after.given_up_at, after.due_at, after.owed_at) == (card.given_up_at, None, None)
    assert [each for each in await owed(office) if each.card == card.id] == []


async def test_a_message_that_was_lost_goes_to_the_account_that_its_reader_has_now(office, hand):
    card = await bos_is_lost(office, times=100)
    await office.change(tables.cards, tables.cards.c.id == card.id, due_at=None)
    await office.unlink(BO)

    assert await hand.retry(card.id) is ByHand.DONE
    await office.relay.drain()

    again = await office.card(person_id=BO, kind="customer_attest")
    assert (again.workspace_id, again.address, again.ts) == (None, None, None)
    assert "kp.attest" not in str(office.slack.in_channel(BOS))


@pytest.mark.parametrize("why", ["workspace_changed", "unlinked", "slack_off"])
async def test_a_message_that_is_kept_as_it_stands_is_not_sent_again(office, hand, why):
    await office.place()
    await office.relay.drain()
    card = await office.card(person_id=BO)
    await office.change(tables.cards, tables.cards.c.id == card.id, given_up_at=office.clock(), last_error=why)

    assert await hand.retry(card.id) is ByHand.NOTHING
    assert await hand.let_go(card.id) is ByHand.NOTHING
    assert await owed(office) == []


async def test_a_message_that_stands_and_was_let_go_shows_the_next_change_of_its_case(office, hand):
    case = await office.place()
    await office.relay.drain()
    (anna,) = await office.cards(kind="status")
    await office.change(tables.cards, tables.cards.c.id == anna.id, due_at=office.clock())
    await hand.let_go(anna.id)

    await office.attest(case, BO)
    await office.relay.drain()

    (shown,) = await office.cards(kind="status")
    assert shown.does_show > anna.does_show


async def test_a_message_that_was_let_go_is_not_sent_when_its_reader_links_an_account(office, hand):
    await office.unlink(BO)
    await office.place()
    await office.relay.drain()
    card = await office.card(person_id=BO, kind="customer_attest")
    await office.change(tables.cards, tables.cards.c.id == card.id, given_up_at=office.clock(), last_error="declined")
    await hand.let_go(card.id)

    await office.directory.answer_link(identity(BO), yes=True, at=office.clock())
    await office.relay.drain()

    assert (await office.card(person_id=BO, kind="customer_attest")).ts is None


@pytest.mark.parametrize("does", ["retry", "let_go"])
async def test_what_has_arrived_or_is_not_there_is_left_alone(office, hand, does):
    await office.place()
    await office.relay.drain()
    before = await office.cards()

    assert await getattr(hand, does)((await office.card(person_id=BO)).id) is ByHand.NOTHING
    assert await getattr(hand, does)(CardId("C23456789BCD")) is ByHand.UNKNOWN
    assert (await office.cards(), await told(office)) == (before, [])


@pytest.mark.parametrize("does", ["retry", "let_go"])
@pytest.mark.parametrize(("seconds", "came_of_it"), [(1, ByHand.AT_WORK), (0, ByHand.DONE)])
async def test_what_a_relay_has_in_its_hands_is_left_to_it(office, hand, does, seconds, came_of_it):
    await office.place()
    card = (await office.cards())[0]
    held = office.clock() + timedelta(seconds=seconds)
    await office.change(tables.cards, tables.cards.c.id == card.id, leased_until=held)

    assert await getattr(hand, does)(card.id) is came_of_it


async def test_what_waits_for_its_slack_to_be_mended_is_not_sent_by_asking_again(office, hand):
    await office.place()
    await office.relay.drain()
    await office.change(tables.cards, tables.cards.c.person_id == BO, due_at=office.clock())
    await office.workspaces.note_problem(TEAM, "token_revoked")

    assert await hand.retry((await office.card(person_id=BO)).id) is ByHand.HELD
    assert await hand.let_go((await office.card(person_id=BO)).id) is ByHand.DONE
