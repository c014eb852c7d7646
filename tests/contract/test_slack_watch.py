"""How Slack is, is learned from the calls that are made anyway, and forgotten once they go well."""

from dataclasses import replace

import pytest

from bot.wiring.slack_connection import LONGEST_PAUSE, SlackConnection
from core.api import HEALTHY, UNKNOWN, FaultCode, Language, PartState, failing
from core.storage import tables
from notifications.slack.port import Granted, TokenPair
from notifications.slack.slack_errors import Gone, Never, TryLater, Wait
from notifications.slack.slack_gateway import open_gateway
from notifications.slack.slack_watch import AUTH_TEST, GIVEN, SlackWatch
from tests.contract.office import CHANNEL, TEAM_ID, TOKEN, open_office, team
from tests.fakes.slack import POST, UPDATE
from tests.support.world.seed import NOW, REGION, TEAM

LOOK = "conversations.info"


@pytest.fixture
async def office(fresh_sqlite_url):
    made = await open_office(fresh_sqlite_url)
    yield made
    await made.database.close()


@pytest.fixture
def noted():
    return []


@pytest.fixture
def watch(office, noted):
    return SlackWatch(office.workspaces, office.clock, noted.append)


async def test_before_anything_was_heard_nothing_is_said(watch):
    assert await watch.look() == UNKNOWN


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("invalid_auth", FaultCode.SLACK_TOKEN_REFUSED),
        ("token_revoked", FaultCode.SLACK_TOKEN_REFUSED),
        ("account_inactive", FaultCode.SLACK_TOKEN_REFUSED),
        ("missing_scope", FaultCode.SLACK_SCOPE_MISSING),
        ("access_denied", FaultCode.SLACK_REFUSED),
    ],
)
async def test_a_refused_token_is_said_at_once_by_its_workspace_and_until_it_works_again(watch, noted, error, code):
    watch.record_call(TOKEN, POST, None)
    watch.record_call(TOKEN, POST, Never(error))
    watch.record_call(TOKEN, POST, Never(error))
    watch.record_call(TOKEN, UPDATE, None)
    refused = await watch.look()
    watch.record_call(TOKEN, POST, None)

    assert refused == failing(code, {TEAM: error}, NOW)
    assert noted == [HEALTHY, refused, refused, refused, HEALTHY]


@pytest.mark.parametrize("error", ["missing_scope", "no_permission", "access_denied"])
async def test_a_scope_that_is_missing_is_said_until_its_own_method_goes_well(office, watch, noted, error):
    watch.record_call(TOKEN, POST, Never(error))
    watch.record_call(TOKEN, UPDATE, Never(error))
    for _ in range(3):
        office.clock.forward(minutes=1)
        watch.record_call(TOKEN, AUTH_TEST, None)
        watch.record_call(TOKEN, UPDATE, Never(error))
    watch.record_call(TOKEN, UPDATE, None)
    posting = await watch.look()
    watch.record_call(TOKEN, POST, None)

    assert {(each.state, each.since) for each in noted[:-1]} == {(PartState.FAILING, NOW)}
    assert (posting.about, await watch.look()) == ({TEAM: error}, HEALTHY)


async def test_a_token_is_tested_again_for_what_a_test_would_show(watch):
    watch.record_call(TOKEN, POST, Never("missing_scope"))
    for_a_scope = watch.should_test(TOKEN)
    watch.record_call(TOKEN, UPDATE, Never("token_revoked"))
    for_the_token = watch.should_test(TOKEN)
    watch.record_call(TOKEN, AUTH_TEST, None)

    assert (for_a_scope, for_the_token, watch.should_test(TOKEN)) == (False, True, False)
    assert (await watch.look()).about == {TEAM: "missing_scope"}


async def test_a_token_that_slack_never_took_is_called_by_its_setting(watch):
    watch.record_call("xoxb-wrong", AUTH_TEST, Never("invalid_auth"))

    assert (await watch.look()).about == {GIVEN: "invalid_auth"}
    assert watch.should_test("xoxb-wrong")
    assert not watch.should_test(TOKEN)


async def test_of_several_workspaces_those_that_fail_are_named(office, watch):
    await office.connect(replace(team(), id="T0OTHER", token="xoxb-other"))
    await office.connect(replace(team(), id="T0THIRD", token="xoxb-third"))
    await office.workspaces.note_problem("slack:T0OTHER", "token_revoked")
    for each in (TOKEN, "xoxb-third"):
        watch.record_call(each, POST, None)

    one = await watch.look()
    watch.record_call("xoxb-third", POST, Never("invalid_auth"))

    assert one.about == {"slack:T0OTHER": "token_revoked"}
    assert (await watch.look()).about == {"slack:T0OTHER": "token_revoked", "slack:T0THIRD": "invalid_auth"}


async def test_a_workspace_whose_row_was_deleted_is_named_no_more(office, watch):
    await office.connect(replace(team(), id="T0LEFT", token="xoxb-left"))
    await office.workspaces.note_problem("slack:T0LEFT", "app_uninstalled")
    watch.record_call(TOKEN, POST, None)
    left = await watch.look()
    row = tables.workspaces.c.id == "slack:T0LEFT"
    await office.database.write(lambda connection: connection.execute(tables.workspaces.delete().where(row)))
    office.clock.forward(minutes=1)
    await office.workspaces.by_id(TEAM)

    assert left.about == {"slack:T0LEFT": "app_uninstalled"}
    assert await watch.look() == HEALTHY


async def test_what_an_organisation_does_with_its_own_slack_is_no_fault_of_the_product(office, watch):
    await office.connect(replace(team(), id="T0REGION", token="xoxb-region"), organisation=REGION)
    await office.workspaces.note_problem("slack:T0REGION", "app_uninstalled")
    watch.record_call(TOKEN, POST, None)
    watch.record_call("xoxb-region", POST, Never("token_revoked"))

    assert await watch.look() == HEALTHY


async def test_what_was_refused_in_a_slack_that_an_organisation_has_moved_from_is_said_no_more(office, watch):
    await office.connect(replace(team(), id="T0REGION", token="xoxb-region"), organisation=REGION)
    watch.record_call("xoxb-region", POST, Never("token_revoked"))
    office.clock.forward(minutes=1)
    row = tables.workspaces.c.id == "slack:T0REGION"
    await office.database.write(lambda connection: connection.execute(tables.workspaces.delete().where(row)))
    await office.workspaces.by_id(TEAM)
    moved = await watch.look()

    office.clock.forward(minutes=1)
    watch.record_call(TOKEN, POST, Never("token_revoked"))

    assert moved == HEALTHY
    assert await watch.look() == failing(FaultCode.SLACK_TOKEN_REFUSED, {TEAM: "token_revoked"}, office.clock())


async def test_a_scope_that_may_be_left_out_is_missed_by_nobody(watch):
    watch.record_call(TOKEN, LOOK, Never("missing_scope"))
    without_scope = await watch.look()
    watch.record_call(TOKEN, LOOK, Never("invalid_auth"))

    assert without_scope == HEALTHY
    assert (await watch.look()).about == {TEAM: "invalid_auth"}


async def test_a_lost_call_is_chance_and_three_in_a_row_are_none(office, watch):
    watch.record_call(TOKEN, POST, None)
    said = []
    for error in ("timeout", "connection", "http_503"):
        watch.record_call(TOKEN, POST, TryLater(error))
        said.append(await watch.look())
        office.clock.forward(seconds=1)

    watch.record_call(TOKEN, POST, Gone("message_not_found"))

    assert said == [HEALTHY, HEALTHY, failing(FaultCode.SLACK_UNREACHABLE, {"error": "http_503"}, NOW)]
    assert await watch.look() == HEALTHY


@pytest.mark.parametrize("answer", [Never("channel_not_found"), Wait("ratelimited", 30), Gone("message_not_found")])
async def test_what_slack_refuses_otherwise_says_that_it_is_there(watch, answer):
    watch.record_call(TOKEN, POST, answer)

    assert await watch.look() == HEALTHY


async def test_a_token_that_a_press_found_refused_is_tried_within_a_minute(office, watch):
    connection = SlackConnection(
        office.slack, office.workspaces, token=TOKEN, channel=CHANNEL, language=Language.SV,
        wake=lambda: None, should_test=watch.should_test,
    )  # fmt: skip
    await connection.look()
    asked = []
    office.slack.auth_test = _counted(office.slack.auth_test, asked, watch)
    await connection.look()
    watch.record_call(TOKEN, "views.open", Never("invalid_auth"))

    pause = await connection.look()

    assert (asked, pause, await watch.look()) == ([TOKEN], LONGEST_PAUSE, HEALTHY)


def _counted(auth_test, asked, watch):
    async def counted(token):
        asked.append(token)
        answer = await auth_test(token)
        watch.record_call(token, AUTH_TEST, None)
        return answer

    return counted


async def test_the_gateway_tells_how_each_call_ends(watch):
    heard = []
    async with open_gateway("http://127.0.0.1:9/api/") as gateway:
        gateway.listen(lambda *call: heard.append(call))
        with pytest.raises(TryLater):
            await gateway.auth_test(TOKEN)

    ((token, method, problem, seconds),) = heard
    assert (token, method, problem.error) == (TOKEN, AUTH_TEST, "connection")
    assert seconds > 0


async def test_what_was_refused_to_a_token_that_was_rotated_since_is_said_of_its_workspace(office, watch):
    """Nobody looks for it at Inera, and a call with the next token mends it."""
    mine = {"enterprise_id": None, "bot_user_id": "U0BOT", "channel": None, "language": Language.SV}
    for team_id, token, organisation in (("TREGION", "xoxb-region", REGION), (TEAM_ID, TOKEN, None)):
        known = await office.workspaces.ensure(team_id=team_id, name="", token=token, organisation=organisation, **mine)
        watch.record_call(token, POST, Never("missing_scope"))
        await office.workspaces.ensure(
            team_id=team_id, name="", token=token + "-next", organisation=organisation, **mine
        )
        assert known.token == token
    before = await watch.look()

    watch.record_call(TOKEN + "-next", POST, None)

    assert before.about == {TEAM: "missing_scope"}
    assert await watch.look() == HEALTHY


async def test_a_token_that_has_not_been_rotated_in_time_is_said_whosever_it_is(office, watch):
    tokens = TokenPair("xoxe.xoxb-1", "xoxe-1", 3_601)
    await office.workspaces.install(REGION, Granted("TREGION", None, "", "U0BOT", tokens), Language.SV)
    watch.record_call(TOKEN, POST, None)
    in_time = await watch.look()
    office.clock.forward(seconds=1)

    late = await watch.look()

    await office.workspaces.note_problem("slack:TREGION", "app_uninstalled")
    assert (in_time, late.code, late.about) == (HEALTHY, FaultCode.SLACK_TOKEN_EXPIRES, {"slack:TREGION": "expires"})
    assert await watch.look() == HEALTHY
