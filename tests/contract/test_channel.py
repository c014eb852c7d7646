"""What is for a channel is never lost: it comes once the channel is mended; on both databases alike."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import select

from core.api import Action, Language
from core.storage import tables
from notifications.accounts.directory import LOOK_AGAIN
from notifications.slack.channel_news import ChannelNews
from notifications.slack.slack_errors import Never, TryLater, cause_of
from notifications.texts import keys
from tests.contract.office import CHANNEL, open_office
from tests.fakes.slack import POST, UPDATE
from tests.support.world import seed
from tests.support.world.seed import ANNA, BO, TEAM

NEW_CHANNEL = "CNYKUNDSERV"


@pytest.fixture
async def office(database_url):
    made = await open_office(database_url)
    yield made
    await made.database.close()


@pytest.mark.parametrize("error", ["is_archived", "channel_not_found", "not_in_channel"])
async def test_a_channels_card_comes_by_itself_once_the_channel_is_mended(office, error, caplog):
    office.slack.trouble(POST, Never(error), to=CHANNEL, times=100)
    await office.attest(await office.place(), BO)
    await pass_time(office, minutes=60)
    office.slack.troubles.clear()

    await pass_time(office, minutes=10)

    assert len(office.slack.in_channel(CHANNEL)) == 1
    assert (await office.card(kind="customer_service")).last_error is None
    assert f"channel_unreachable channel={CHANNEL} error={error}" in caplog.text
    assert await office.cards(kind="undelivered") == []


@pytest.mark.parametrize("why", ["not_in_channel", "is_archived", "restricted_action_read_only_channel"])
async def test_an_operator_hears_what_a_channel_takes_and_why_it_takes_nothing(office, why):
    news = ChannelNews(office.database)
    await office.attest(await office.place(), BO)
    unknown = await news.has_taken(CHANNEL), await news.refused_with()
    office.slack.trouble(POST, TryLater("timeout"), to=CHANNEL)
    await office.relay.drain()
    passing = await news.has_taken(CHANNEL), await news.refused_with()
    office.slack.trouble(POST, Never(why), to=CHANNEL)
    await pass_time(office, minutes=1)
    closed = await news.has_taken(CHANNEL), await news.refused_with()
    await pass_time(office, minutes=60)
    mended = await news.has_taken(CHANNEL), await news.refused_with()

    assert (unknown, passing, closed) == ((False, None), (False, None), (False, why))
    assert mended == (True, None)
    assert f"doctor.channel.closed.{cause_of(why)}" in keys(Language.EN)


async def test_a_channel_out_of_reach_is_tried_ever_more_seldom(office):
    office.slack.trouble(POST, Never("is_archived"), to=CHANNEL, times=100)
    await office.attest(await office.place(), BO)

    await pass_time(office, minutes=60)

    assert len([call for call in office.slack.sent(POST) if call.to == CHANNEL]) < 20


async def test_a_channels_card_goes_to_the_channel_that_is_set_instead(office):
    office.slack.archived.add(CHANNEL)
    await office.attest(await office.place(), BO)
    await pass_time(office, minutes=60)
    await set_new_channel(office)

    await pass_time(office, minutes=10)

    assert len(office.slack.in_channel(NEW_CHANNEL)) == 1


async def test_a_card_that_stands_in_a_dead_channel_is_posted_in_the_one_set_instead(office):
    case = await office.attest(await office.place(), BO)
    await office.relay.drain()
    office.slack.trouble(UPDATE, Never("is_archived"), to=CHANNEL, times=100)
    await set_new_channel(office)
    await office.press(case, seed.KARIN, Action.CLAIM)

    await pass_time(office, minutes=10)

    moved = select(tables.history.c.action, tables.history.c.evidence).where(tables.history.c.kind == "delivery")
    (line,) = await office.database.read(lambda connection: connection.execute(moved).all())
    assert len(office.slack.in_channel(NEW_CHANNEL)) == 1
    assert (line.action, json.loads(line.evidence)["error"]) == ("moved", "is_archived")


async def test_a_card_that_stands_in_a_channel_unarchived_again_is_edited_there(office):
    case = await office.attest(await office.place(), BO)
    await office.relay.drain()
    office.slack.trouble(UPDATE, Never("is_archived"), to=CHANNEL, times=5)
    await office.press(case, seed.KARIN, Action.CLAIM)

    await pass_time(office, minutes=10)

    assert [shown.edits for shown in office.slack.in_channel(CHANNEL)] == [1]


async def test_a_notice_of_what_reached_nobody_waits_for_the_channel_too(office):
    office.slack.trouble(POST, Never("user_disabled"), to=seed.slack_user(ANNA), times=10)
    office.slack.trouble(POST, Never("not_in_channel"), to=CHANNEL, times=8)
    await office.place()

    await pass_time(office, minutes=60)

    assert len(office.slack.in_channel(CHANNEL)) == 1


async def test_a_channels_card_outlives_days_of_trouble_in_slack(office):
    office.slack.trouble(POST, TryLater("http_503"), to=CHANNEL, times=200)
    await office.attest(await office.place(), BO)

    await pass_time(office, minutes=60 * 40, step=10)

    assert len(office.slack.in_channel(CHANNEL)) == 1


async def test_what_waited_for_a_channel_comes_as_soon_as_one_is_set(office):
    await office.connect(office.slack.teams.pop(), channel=None)
    await office.attest(await office.place(), BO)
    await office.relay.drain()
    assert (await office.card(kind="customer_service")).last_error == "no_channel"

    await office.connect(office.slack.teams.pop(), channel=CHANNEL)
    await office.relay.drain()

    assert len(office.slack.in_channel(CHANNEL)) == 1


async def test_a_workspace_connected_anew_hurries_nothing_but_what_waits_for_a_channel(office):
    """Customer service's card is being posted, and Anna has not said yet whose her account is."""
    await office.connect(office.slack.teams.pop(), channel=None)
    await office.attest(await office.place(), BO)
    await office.unlink(ANNA)
    await office.relay.drain()
    await office.connect(office.slack.teams.pop(), channel=CHANNEL)
    await office.leases.owing(office.clock())
    (taken,) = await office.leases.claim(TEAM)
    before = await office.cards()

    await office.connect(replace(office.slack.teams.pop(), token="xoxb-new"), channel=CHANNEL)

    assert taken.last_error == "no_channel"
    assert {row.due_at for row in before if row.workspace_id is None} == {office.clock() + LOOK_AGAIN}
    assert await office.cards() == before


async def set_new_channel(office):
    """Somebody sets another channel, and the product is started anew."""
    team = office.slack.teams.pop()
    await office.connect(type(team)(team.id, team.token, team.accounts, (NEW_CHANNEL,)), channel=NEW_CHANNEL)


async def pass_time(office, *, minutes, step=1):
    """Let the relay work once a minute, or more seldom."""
    for _ in range(0, minutes, step):
        await office.relay.drain()
        office.clock.forward(minutes=step)
    await office.relay.drain()
