"""A second message of a card that nobody pressed is found where Slack lets the app read it, and loses its buttons."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import and_

from core.api import Unit
from core.storage import tables
from notifications.outbox.reconciling import stray_copies
from notifications.slack.port import MessagePlace
from notifications.slack.slack_errors import Gone, Never, TryLater, Wait
from tests.contract.office import CHANNEL, open_office
from tests.contract.test_reconciling import Desk
from tests.fakes.slack import HISTORY, POST, UPDATE, FakeSlack, buttons, direct
from tests.support.world import seed
from tests.support.world.seed import ANNA, BO, TEAM

ANNAS, BOS = (seed.slack_user(person) for person in (ANNA, BO))
TWICE = "längre upp"


@pytest.fixture
async def office(database_url):
    made = await open_office(database_url)
    made.slack.teams = [replace(each, lets_read=True) for each in made.slack.teams]
    yield made
    await made.database.close()


@pytest.fixture
def reconcile(office):
    return Desk(office)


async def post_twice(office, *, times=1):
    """Bo's question arrives, again and again, without our hearing of it; an hour ago."""
    case = await office.place()
    office.slack.trouble(POST, TryLater("timeout"), to=BOS, after=True, times=times)
    for _ in range(times + 1):
        await office.relay.drain()
        office.clock.forward(minutes=1)
    office.clock.forward(hours=1)
    return case


def bos(office):
    """Bo's messages, the oldest first: their buttons."""
    return [buttons(each) for each in office.slack.in_channel(BOS)]


async def test_a_second_copy_loses_its_buttons_and_the_card_says_no_more_that_there_is_one(office, reconcile):
    await post_twice(office)
    before = office.slack.in_channel(BOS)[1]

    (copy,) = (await reconcile(repair=True)).copies
    await office.relay.drain()

    first, second = office.slack.in_channel(BOS)
    assert (copy.card, copy.is_mended) == ((await office.card(person_id=BO)).id, True)
    assert first.text == "Det här meddelandet kom två gånger. Det andra gäller."
    assert (buttons(first), buttons(second)) == ({}, buttons(before))
    assert TWICE in str(before.blocks)
    assert TWICE not in str(second.blocks)
    assert (await reconcile(repair=True)).copies == []


async def test_each_of_several_copies_is_found_however_many_failures_lie_between(office, reconcile):
    await post_twice(office, times=4)

    found = await reconcile(repair=True)

    assert len(found.copies) == 4
    assert [bool(each) for each in bos(office)] == [False] * 4 + [True]


async def test_without_a_repair_a_copy_is_named_and_everything_stays(office, reconcile):
    await post_twice(office)
    before, rows = dict(office.slack.messages), await office.cards()

    (copy,) = (await reconcile()).copies

    assert not copy.is_mended
    assert (office.slack.messages, await office.cards()) == (before, rows)


async def test_where_the_app_may_not_read_that_is_said_and_nothing_else_is_missed(office, reconcile):
    await post_twice(office)
    office.slack.teams = [replace(each, lets_read=False) for each in office.slack.teams]

    found = await reconcile(repair=True)

    assert (found.copies, found.unread, found.left_out, found.looked_for) == ([], {TEAM}, {}, 3)
    assert (await office.card(person_id=BO)).doubted_at is not None


async def test_nothing_is_read_where_every_post_was_heard(office, reconcile):
    await office.place()
    await office.relay.drain()

    await reconcile(repair=True)

    assert office.slack.sent(HISTORY) == []


async def test_what_was_posted_a_moment_ago_may_still_be_written_down(office, reconcile):
    await post_twice(office)
    known = MessagePlace(direct(BOS), f"{(office.clock() - timedelta(minutes=1)).timestamp():.0f}.000099")
    office.slack.messages[known] = office.slack.in_channel(BOS)[1]

    found = await reconcile(repair=True)

    assert [each.place for each in found.copies] != [known]
    assert [bool(each) for each in bos(office)] == [False, True, True]


async def test_a_copy_that_somebody_pressed_is_known_and_keeps_its_buttons(office, reconcile):
    await post_twice(office)
    card = await office.card(person_id=BO)
    (first, _) = [place for place in office.slack.messages if place.channel == direct(BOS)]
    await office.store.adopt(card.id, first.channel, first.ts)
    # Something else went unheard there, so that the conversation is read.
    await office.change(tables.cards, tables.cards.c.id == card.id, doubted_at=seed.NOW)
    await office.relay.drain()

    found = await reconcile(repair=True)

    assert found.copies == []
    assert all(bos(office))


async def test_what_somebody_else_wrote_is_let_be(office, reconcile):
    await post_twice(office)
    (first, _) = [place for place in office.slack.messages if place.channel == direct(BOS)]
    office.slack.messages[first] = replace(office.slack.messages[first], by="U0OTHERAPP1")

    assert (await reconcile(repair=True)).copies == []
    assert all(bos(office))


async def test_a_long_conversation_is_read_page_by_page(office, reconcile, monkeypatch):
    monkeypatch.setattr(FakeSlack, "read_at_once", 2)
    await post_twice(office, times=4)

    assert len((await reconcile(repair=True)).copies) == 4
    assert len(office.slack.sent(HISTORY)) == 3


async def test_silence_that_slack_asks_for_is_kept(office, reconcile):
    await post_twice(office)
    office.slack.trouble(HISTORY, Wait("ratelimited", 7))
    office.slack.trouble(UPDATE, Wait("ratelimited", 9), to=direct(BOS))

    assert len((await reconcile(repair=True)).copies) == 1
    assert reconcile.slept == [7, 9]


@pytest.mark.parametrize(
    ("problem", "is_mended"),
    [
        (Gone("message_not_found"), True),
        (Gone("edit_window_closed"), False),
        (TryLater("timeout"), False),
        (Never("internal_error"), False),
    ],
)
async def test_a_copy_is_mended_where_it_is_gone_and_named_where_slack_lets_nobody_change_it(
    office, reconcile, problem, is_mended
):
    await post_twice(office)
    office.slack.trouble(UPDATE, problem, to=direct(BOS))

    found = await reconcile(repair=True)

    assert [each.is_mended for each in found.copies] == [is_mended]
    assert ((await office.card(person_id=BO)).doubted_at is None) is is_mended


@pytest.mark.parametrize("problem", [TryLater("timeout"), Never("channel_not_found")])
async def test_a_conversation_that_cannot_be_read_stays_in_doubt(office, reconcile, problem):
    await post_twice(office)
    office.slack.trouble(HISTORY, problem)

    found = await reconcile(repair=True)

    assert (found.copies, found.left_out) == ([], {})
    assert (await office.card(person_id=BO)).doubted_at is not None


async def test_what_people_write_in_a_channel_is_not_read(office, reconcile):
    case = await office.place()
    await office.attest(case, BO)
    office.slack.trouble(POST, TryLater("timeout"), to=CHANNEL, after=True)
    await post_twice(office)

    await reconcile(repair=True)

    assert {each.to for each in office.slack.sent(HISTORY)} == {direct(BOS)}
    assert len({row.channel for row in await office.cards() if row.doubted_at is not None}) == 1


async def test_every_conversation_in_doubt_is_read(office, reconcile, monkeypatch):
    monkeypatch.setattr(stray_copies, "AT_ONCE", 1)
    office.slack.trouble(POST, TryLater("timeout"), to=ANNAS, after=True)
    await post_twice(office)

    found = await reconcile(repair=True)

    assert {each.place.channel for each in found.copies} == {direct(ANNAS), direct(BOS)}


async def test_what_is_left_of_a_copy_is_in_its_readers_language(office, reconcile):
    await office.change(tables.persons, tables.persons.c.id == BO, language="en")
    await post_twice(office)

    await reconcile(repair=True)

    assert office.slack.in_channel(BOS)[0].text == "This message came twice. The other one counts."


async def test_a_token_that_is_refused_leaves_the_workspace_out(office, reconcile):
    await post_twice(office)
    office.slack.trouble(HISTORY, Never("token_revoked"))

    assert (await reconcile(repair=True)).left_out == {TEAM: "token_revoked"}


async def test_a_card_that_is_being_carried_is_left_to_the_relay(office, reconcile):
    await post_twice(office)
    card = await office.card(person_id=BO)
    # Something else went unheard there, so that the conversation is read.
    other = await office.place(key="V2", units=(Unit("Enhet 2"),))
    await office.relay.drain()
    theirs = tables.cards.c.case_id == other.id, tables.cards.c.person_id == BO
    await office.change(tables.cards, and_(*theirs), doubted_at=seed.NOW)
    held = office.clock() + timedelta(seconds=30)
    await office.change(tables.cards, tables.cards.c.id == card.id, leased_until=held)

    assert (await reconcile(repair=True)).copies == []
    assert office.slack.sent(HISTORY) != []
    assert all(bos(office))
