"""Where the app is: installed and taken away, in a workspace and in a whole Enterprise organisation."""

from collections.abc import Callable

import pytest
from pydantic import ValidationError
from slack_sdk.errors import SlackApiError

from bot.sandbox.config import OrganisationWorkspace, SandboxWorkspace
from tests.sandbox.desk import Desk, Json, a_button, a_home
from tests.sandbox.places import ANNA, BO, INERA, TOKEN, a_config, a_manifest, a_person

ORGANISATION, NORTH, SOUTH = "E0REGION001", "T0NORR00001", "T0SODER0001"
WHOLE: Json = {"id": ORGANISATION, "name": "Regionen"}
IN_ALL = a_manifest(settings__org_deploy_enabled=True)


def an_organisation(**more: object) -> SandboxWorkspace:
    """Two workspaces under one roof, in which nobody has installed the app."""
    people = (a_person(ANNA, "Anna", workspace=NORTH), a_person(BO, "Bo", workspace=SOUTH))
    inside = (OrganisationWorkspace(id=NORTH, name="Norr"), OrganisationWorkspace(id=SOUTH, name="Söder"))
    made = {"domain": "regionen", "bot_token": "xoxb-all", "bot_user": "U0BOT000003", "workspaces": inside}
    return SandboxWorkspace.model_validate({"installed": False, "users": people} | WHOLE | made | more)


@pytest.fixture
async def organisation(desk_with: Callable[..., Desk]) -> Desk:
    desk = desk_with(IN_ALL, workspaces=(an_organisation(),))
    desk.receiver.forget()
    return desk


async def test_an_organisation_gives_one_token_for_all_its_workspaces(organisation: Desk) -> None:
    given = (await organisation.install(ORGANISATION)).data

    assert (given["team"], given["enterprise"], given["is_enterprise_install"]) == (None, WHOLE, True)
    whose = (await organisation.slack(given["access_token"]).auth_test()).data
    assert (whose["enterprise_id"], whose["is_enterprise_install"]) == (ORGANISATION, True)
    for person, home in ((ANNA, NORTH), (BO, SOUTH)):
        user = (await organisation.slack(given["access_token"]).users_info(user=person))["user"]
        assert (user["team_id"], user["enterprise_user"]["enterprise_id"]) == (home, ORGANISATION)


async def test_what_people_of_an_organisation_do_names_it_and_where_they_are(organisation: Desk) -> None:
    token = (await organisation.install(ORGANISATION))["access_token"]
    heard, by = organisation.receiver, {"user": BO, "team": ORGANISATION}
    where = (await organisation.state(**by))["conversations"][0]["id"]

    await organisation.do("command", **by, channel=where, command="/order")
    command = heard.last("slash_command")
    await organisation.do("home", **by)
    opened = heard.last("app_home_opened")
    block = {"type": "actions", "block_id": "b", "elements": [a_button()]}
    view = (await organisation.call("views.publish", token, user_id=BO, view=a_home(block)))["view"]
    await organisation.do("press", **by, view_id=view["id"], block_id="b", action_id="a")
    pressed = heard.last("block_actions")

    assert (command["team_id"], command["enterprise_id"], command["is_enterprise_install"]) == (
        SOUTH,
        ORGANISATION,
        "true",
    )
    (authorized,) = opened["authorizations"]
    assert (opened["team_id"], opened["enterprise_id"]) == (SOUTH, ORGANISATION)
    assert (authorized["team_id"], authorized["enterprise_id"]) == (None, ORGANISATION)
    assert (pressed["team"], pressed["enterprise"], pressed["user"]["team_id"]) == (None, WHOLE, SOUTH)
    assert pressed["is_enterprise_install"]
    assert (pressed["view"]["team_id"], pressed["view"]["app_installed_team_id"]) == (SOUTH, ORGANISATION)


@pytest.mark.parametrize("asks", [True, False])
async def test_only_an_app_that_asks_for_it_is_offered_to_a_whole_organisation(
    desk_with: Callable[..., Desk], asks: bool
) -> None:
    desk = desk_with(IN_ALL if asks else None, workspaces=(an_organisation(),))

    async with desk.http.get(f"{desk.url}/oauth/v2/authorize", params=asked()) as page:
        assert ("Regionen" in await page.text()) == asks


def asked() -> dict[str, str]:
    return {"client_id": a_config("").client_id, "scope": "commands", "redirect_uri": "https://app.example.org"}


async def test_an_app_hears_nothing_from_where_it_is_not(organisation: Desk) -> None:
    by = {"user": ANNA, "team": ORGANISATION}
    where = (await organisation.state(**by))["conversations"][0]["id"]

    assert (await organisation.do("home", **by))["status"] == 0
    assert (await organisation.do("command", **by, channel=where, command="/order"))["status"] == 0
    assert (await organisation.try_to("shortcut", **by, callback_id="new_order"))[0] == 404
    assert (await organisation.call("auth.test", "xoxb-all"))["error"] == "account_inactive"
    assert organisation.receiver.received == []


async def test_the_last_an_app_hears_from_a_workspace_is_that_it_is_taken_away(desk: Desk) -> None:
    channel, ts = await desk.card()

    told = await desk.do("uninstall", team=INERA)
    pressed = await desk.do("press", channel=channel, ts=ts, block_id="b", action_id="a")

    assert (told["status"], pressed) == (200, {"status": 0, "ok": False})
    assert [each.kind for each in desk.receiver.received] == ["app_uninstalled"]
    assert (await desk.call("auth.test"))["error"] == "invalid_auth"


async def test_an_app_that_is_installed_again_gets_another_token(desk: Desk) -> None:
    await desk.do("uninstall", team=INERA)

    token = (await desk.install())["access_token"]

    assert token != TOKEN
    assert (await desk.slack(token).auth_test())["team_id"] == INERA
    assert (await desk.do("home"))["status"] == 200
    with pytest.raises(SlackApiError):
        await desk.slack(TOKEN).auth_test()


@pytest.mark.parametrize("home", [None, "T0ELSEWHERE"])
def test_whoever_is_of_an_organisation_is_at_home_in_one_of_its_workspaces(home: str | None) -> None:
    with pytest.raises(ValidationError, match=ANNA):
        an_organisation(users=(a_person(ANNA, "Anna", workspace=home),))
