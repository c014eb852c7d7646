"""Workspaces are rows with encrypted tokens, which presses read from memory; on both databases alike."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from bot.slack.route import Installations
from core.api import Language
from core.storage import tables
from core.storage.tables.homes import UNREADABLE
from notifications.slack.slack_errors import Never
from notifications.slack.token_seal import SealBroken, TokenSeal
from notifications.slack.workspaces import Workspaces, connect_workspace
from tests.contract.office import CHANNEL, TEAM_ID, TOKEN, open_office
from tests.contract.test_cards import counting
from tests.fakes.slack import Team
from tests.support.world.seed import TEAM


@pytest.fixture
async def office(database_url):
    made = await open_office(database_url)
    yield made
    await made.database.close()


async def test_a_workspace_is_made_from_a_token(office):
    office.slack.teams.append(Team("TNEW", "xoxb-new", enterprise_id="E1", name="Region Exempel", bot_user_id="UBOT2"))

    made = await connect_workspace(
        office.slack, office.workspaces, token="xoxb-new", channel=None, language=Language.EN
    )

    assert (made.id, made.team_id, made.enterprise_id, made.name) == ("slack:TNEW", "TNEW", "E1", "Region Exempel")
    assert (made.token, made.bot_user_id, made.channel, made.problem) == ("xoxb-new", "UBOT2", None, None)
    assert [each.id for each in await office.workspaces.all()] == [TEAM, "slack:TNEW"]


@pytest.mark.parametrize(
    ("team", "told"), [("T0STRANGER", "T0STRANGER"), ("T0\nforged=1", "unreadable"), ("T" * 4_000, "unreadable")]
)
async def test_of_a_workspace_that_is_not_ours_the_log_tells_the_id_on_one_line(office, caplog, team, told):
    admitted = await Installations(office.workspaces, "").admit({"team": {"id": team}})

    assert admitted is None
    assert caplog.messages == [f"workspace_unknown team={told} enterprise=None"]


async def test_a_token_that_slack_refuses_makes_no_workspace(office):
    with pytest.raises(Never):
        await connect_workspace(office.slack, office.workspaces, token="x", channel=None, language=Language.EN)

    assert len(await office.workspaces.all()) == 1


async def test_tokens_lie_encrypted(office):
    (stored,) = await office.database.read(lambda c: c.execute(select(tables.workspaces.c.bot_token)).scalars().all())

    assert TOKEN not in stored
    assert (await office.workspaces.by_id(TEAM)).token == TOKEN


async def test_with_another_secret_key_the_workspace_waits_for_its_token(office):
    others = Workspaces(office.database, TokenSeal("another secret"), office.clock)

    found = await others.by_id(TEAM)

    assert (found.token, found.problem) == ("", UNREADABLE)


async def test_under_another_secret_key_the_token_is_encrypted_anew_when_the_server_starts(office):
    others = Workspaces(office.database, TokenSeal("another secret"), office.clock)

    mended = await connect_workspace(office.slack, others, token=TOKEN, channel=CHANNEL, language=Language.SV)

    assert (mended.token, mended.problem) == (TOKEN, None)
    assert await Workspaces(office.database, TokenSeal("another secret"), office.clock).by_id(TEAM) == mended


async def test_a_token_of_an_earlier_key_is_read_and_sealed_anew_with_the_newest(office):
    former = TokenSeal("secret")
    changed = Workspaces(office.database, TokenSeal("another secret", ["secret"]), office.clock)
    read = await changed.by_id(TEAM)

    await changed.seal_anew()

    (stored,) = await office.database.read(lambda c: c.execute(select(tables.workspaces.c.bot_token)).scalars().all())
    assert read.token == TOKEN
    with pytest.raises(SealBroken):
        former.open(stored)
    assert await Workspaces(office.database, TokenSeal("another secret"), office.clock).by_id(TEAM) == read


async def test_a_token_that_no_key_opens_is_left_as_it_is(office):
    before = await office.database.read(lambda c: c.execute(select(tables.workspaces)).all())

    await Workspaces(office.database, TokenSeal("another secret"), office.clock).seal_anew()

    assert await office.database.read(lambda c: c.execute(select(tables.workspaces)).all()) == before


async def test_a_workspace_does_not_show_its_token(office):
    assert TOKEN not in repr(await office.workspaces.by_id(TEAM))


async def test_connecting_again_with_the_same_values_writes_nothing(office):
    with counting() as asked:
        await office.connect(office.slack.teams[0], channel=CHANNEL)

    assert [statement for statement in asked if not statement.startswith("SELECT")] == []


async def test_a_problem_stays_until_the_workspace_is_connected_anew(office):
    await office.workspaces.note_problem(TEAM, "token_revoked")
    noted = await office.workspaces.by_id(TEAM)

    mended = await office.connect(replace(office.slack.teams[0], token="xoxb-new"), channel=CHANNEL)

    assert (noted.problem, mended.problem, mended.token) == ("token_revoked", None, "xoxb-new")


async def test_a_press_finds_its_workspace_in_memory(office):
    await office.workspaces.by_team(TEAM_ID, None)

    with counting() as asked:
        for _ in range(10):
            assert await office.workspaces.by_team(TEAM_ID, None)

    assert asked == []


async def test_a_press_finds_its_workspace_in_memory_however_long_ago_it_was_read(office):
    await office.workspaces.by_team(TEAM_ID, None)
    office.clock.forward(hours=1)

    with counting() as asked:
        assert await office.workspaces.by_team(TEAM_ID, None)

    assert asked == []


async def test_what_another_process_changed_is_known_to_presses_within_ten_seconds(office):
    other, slept = await office.another(), []
    assert (await other.workspaces.by_team(TEAM_ID, None)).problem is None
    await office.workspaces.note_problem(TEAM, "token_revoked")

    async def sleep(seconds):
        slept.append(seconds)
        office.clock.forward(seconds=seconds)
        if len(slept) == 3:
            raise Enough

    with pytest.raises(Enough):
        await other.workspaces.keep(sleep)

    assert slept == [10, 10, 10]
    assert (await other.workspaces.by_team(TEAM_ID, None)).problem == "token_revoked"
    await other.database.close()


async def test_what_is_known_outlives_a_database_that_is_away(office, caplog):
    await office.workspaces.by_team(TEAM_ID, None)
    slept = []

    async def sleep(seconds):
        slept.append(seconds)
        office.clock.forward(seconds=seconds)
        if len(slept) == 3:
            raise Enough
        await office.database.write(lambda c: tables.workspaces.drop(c, checkfirst=True))

    with pytest.raises(Enough):
        await office.workspaces.keep(sleep)

    assert "workspaces_not_read" in caplog.messages
    assert (await office.workspaces.by_team(TEAM_ID, None)).token == TOKEN


async def test_what_another_process_changed_is_known_within_half_a_minute(office):
    other = await office.another()
    assert (await other.workspaces.by_id(TEAM)).problem is None
    await office.workspaces.note_problem(TEAM, "token_revoked")
    office.clock.forward(seconds=30)

    assert (await other.workspaces.by_id(TEAM)).problem == "token_revoked"
    await other.database.close()


async def test_a_team_installed_a_moment_ago_by_another_process_is_found_at_once(office):
    other = await office.another()
    assert await other.workspaces.by_team("TNEW", None) is None
    await office.connect(Team("TNEW", "xoxb-new"))
    office.clock.forward(seconds=1)

    assert (await other.workspaces.by_team("TNEW", None)).token == "xoxb-new"
    await other.database.close()


async def test_a_request_of_an_enterprise_finds_its_only_workspace(office):
    await office.connect(Team("TONE", "xoxb-one", enterprise_id="E1"))

    assert (await office.workspaces.by_team(None, "E1")).id == "slack:TONE"
    assert (await office.workspaces.by_team("TUNKNOWN", "E1")).id == "slack:TONE"
    assert await office.workspaces.by_team(None, None) is None


async def test_of_several_workspaces_of_an_enterprise_none_is_guessed(office):
    await office.connect(Team("TONE", "xoxb-one", enterprise_id="E1"))
    await office.connect(Team("TTWO", "xoxb-two", enterprise_id="E1"))

    assert await office.workspaces.by_team(None, "E1") is None


async def test_an_app_in_a_whole_enterprise_organisation_answers_for_each_of_its_workspaces(office):
    await office.connect(Team("E1", "xoxb-org", enterprise_id="E1"))

    found = [await office.workspaces.by_team(team, "E1") for team in ("TONE", "TTWO", None)]

    assert {(each.id, each.is_org_wide) for each in found} == {("slack:E1", True)}
    assert await office.workspaces.by_team("TONE", None) is None


async def test_a_workspace_of_its_own_goes_before_its_enterprise_organisation(office):
    await office.connect(Team("E1", "xoxb-org", enterprise_id="E1"))
    await office.connect(Team("TONE", "xoxb-one", enterprise_id="E1"))

    assert (await office.workspaces.by_team("TONE", "E1")).token == "xoxb-one"


async def test_everybody_of_an_enterprise_organisation_has_one_account_there(office):
    await office.connect(Team("TELSEWHERE", "xoxb-else", enterprise_id="E2"))
    org = await office.connect(Team("E1", "xoxb-org", enterprise_id="E1"))

    homes = {team: office.workspaces.home_of(org, team) for team in (None, "E1", "TONE", "TTWO", "TELSEWHERE")}

    assert homes == dict.fromkeys((None, "E1", "TONE", "TTWO"), "slack:E1") | {"TELSEWHERE": "slack:TELSEWHERE"}


async def test_whoever_comes_from_another_workspace_has_an_account_there(office):
    one = await office.connect(Team("TONE", "xoxb-one", enterprise_id="E1"))

    homes = [office.workspaces.home_of(one, team) for team in ("TONE", "E1", "TSTRANGER")]

    assert homes == ["slack:TONE", "slack:TONE", "slack:TSTRANGER"]


class Enough(Exception):
    """Ends what goes on for ever."""
