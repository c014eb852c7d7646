"""The workspace whose token we hold heals by itself while the product runs; on both databases alike."""

from dataclasses import replace

import pytest

from bot.wiring.slack_connection import LONGEST_PAUSE, SlackConnection
from core.api import Language
from core.storage import tables
from notifications.slack.slack_errors import Never
from tests.contract.office import CHANNEL, TOKEN, open_office
from tests.contract.test_cards import counting
from tests.fakes.slack import POST
from tests.support.world.seed import TEAM


@pytest.fixture
async def office(database_url):
    made = await open_office(database_url)
    yield made
    await made.database.close()


@pytest.fixture
def woken():
    return []


@pytest.fixture
def connection(office, woken):
    return SlackConnection(
        office.slack,
        office.workspaces,
        token=TOKEN,
        channel=CHANNEL,
        language=Language.SV,
        wake=lambda: woken.append("relay"),
    )


async def test_a_revoked_token_that_works_again_gets_what_waited_without_a_new_start(office, connection, woken):
    await connection.look()
    await office.place()
    office.slack.trouble(POST, Never("token_revoked"))
    await office.relay.drain()
    office.clock.forward(seconds=LONGEST_PAUSE)

    await connection.look()

    await office.relay.drain()
    assert (await office.workspaces.by_id(TEAM)).problem is None
    assert len(office.slack.messages) == 3
    assert woken == ["relay", "relay"]


async def test_a_token_that_stays_revoked_is_tried_once_a_minute(office, connection, woken):
    await connection.look()
    await office.workspaces.note_problem(TEAM, "token_revoked")
    revoked = office.slack.teams[0]
    office.slack.teams[0] = replace(revoked, token="xoxb-other")

    pauses = [await connection.look() for _ in range(5)]

    assert pauses == [LONGEST_PAUSE] * 5
    assert (await office.workspaces.by_id(TEAM)).problem == "token_revoked"
    assert woken == ["relay"]


async def test_before_slack_has_answered_once_it_is_asked_ever_more_seldom(office, connection):
    office.slack.teams.clear()

    assert [await connection.look() for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]


async def test_a_workspace_that_is_well_costs_one_statement_a_minute_at_most(office, connection, woken):
    await connection.look()
    office.clock.forward(seconds=LONGEST_PAUSE)

    with counting() as asked:
        pause = await connection.look()

    assert len(asked) <= 1
    assert pause == LONGEST_PAUSE
    assert woken == ["relay"]


async def test_a_database_that_is_away_does_not_end_the_watch(office, connection, caplog):
    await office.database.write(lambda connection: tables.workspaces.drop(connection))

    assert await connection.look() == 1
    assert "connection_stumbled" in caplog.text
