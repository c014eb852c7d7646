"""Calling the Web API: tokens, scopes, arguments, and every form that Slack's clients send them in."""

import json
from typing import Any

import pytest
from slack_sdk import WebClient

from tests.sandbox.desk import Desk, a_section
from tests.sandbox.places import ANNA, BO, BOT, EVA, GONE, INERA, OPEN, ROBOT, SHARED, TOKEN, a_manifest


async def raw(desk: Desk, verb: str, path: str, **options: Any) -> Any:
    async with desk.http.request(verb, f"{desk.url}/api/{path}", **options) as response:
        return await response.json()


@pytest.mark.parametrize(("token", "error"), [(None, "not_authed"), ("", "not_authed"), ("xoxb-no", "invalid_auth")])
async def test_a_token_that_is_not_good_is_refused(desk: Desk, token: str | None, error: str) -> None:
    assert (await desk.call("auth.test", token))["error"] == error


async def test_a_method_that_is_not_there_is_unknown(desk: Desk) -> None:
    assert (await desk.call("chat.nonsense"))["error"] == "unknown_method"


async def test_the_app_learns_who_it_is(desk: Desk) -> None:
    answer = await desk.call("auth.test")

    assert (answer["team_id"], answer["user_id"], answer["bot_id"]) == (INERA, BOT, "B" + BOT[1:])
    assert (answer["url"], answer["user"]) == ("https://inera.slack.com/", "kundportal")


@pytest.mark.parametrize(
    ("scope", "method", "arguments"),
    [
        ("chat:write", "chat.postMessage", {"channel": OPEN, "text": "x"}),
        ("users:read.email", "users.lookupByEmail", {"email": "anna@example.org"}),
        ("team:read", "team.info", {}),
    ],
)
async def test_a_scope_that_the_manifest_lacks_is_missing(desk_with, scope: str, method: str, arguments: Any) -> None:
    desk = desk_with(a_manifest(without=scope))

    answer = await raw(desk, "POST", method, data={"token": TOKEN, **arguments})

    assert (answer["error"], answer["needed"]) == ("missing_scope", scope)
    assert scope not in answer["provided"].split(",")


async def test_opening_direct_messages_takes_the_scope_for_them(desk_with) -> None:
    desk = desk_with(a_manifest(without="im:write"))

    answer = await desk.call("conversations.open", users=ANNA)

    assert answer["error"] == "missing_scope"
    assert "im:write" in answer["needed"].split(",")


async def test_reading_a_conversation_takes_the_scope_of_its_kind(desk_with) -> None:
    desk = desk_with(a_manifest(without="im:read"))
    direct = await desk.direct()

    assert (await desk.query("conversations.info", channel=OPEN))["ok"]
    assert (await desk.query("conversations.info", channel=direct))["needed"] == "im:read"
    assert (await desk.query("users.conversations", types="im"))["error"] == "missing_scope"


async def test_reading_what_was_written_takes_the_scope_of_its_kind(desk_with) -> None:
    desk = desk_with(a_manifest(without="channels:history"))
    direct = await desk.direct()

    assert (await desk.query("conversations.history", channel=direct))["ok"]
    assert (await desk.query("conversations.history", channel=OPEN))["needed"] == "channels:history"


async def test_an_answer_says_which_scopes_there_are(desk: Desk) -> None:
    answer = await desk.slack().users_info(user=ANNA)

    assert "users:read" in answer.headers["x-oauth-scopes"].split(",")
    assert answer.headers["x-accepted-oauth-scopes"] == "users:read"


@pytest.mark.parametrize(
    ("method", "missing"),
    [("chat.postMessage", ["channel"]), ("chat.update", ["channel", "ts"]), ("views.publish", ["user_id", "view"])],
)
async def test_an_argument_that_is_missing_is_named(desk: Desk, method: str, missing: list[str]) -> None:
    answer = await desk.call(method)

    assert answer["error"] == "invalid_arguments"
    assert answer["response_metadata"]["messages"] == [f"[ERROR] missing required field: {name}" for name in missing]


async def test_the_asynchronous_client_is_understood(desk: Desk) -> None:
    slack = desk.slack()
    direct = (await slack.conversations_open(users=[ANNA]))["channel"]["id"]
    ts = (await slack.chat_postMessage(channel=direct, blocks=[a_section()], text="x"))["ts"]

    assert (await slack.users_info(user=ANNA))["user"]["id"] == ANNA
    assert (await slack.users_lookupByEmail(email="anna@example.org"))["user"]["id"] == ANNA
    assert (await slack.conversations_members(channel=OPEN))["members"] == [ANNA, BO, BOT]
    assert (await slack.team_info())["team"]["id"] == INERA
    assert (await slack.chat_getPermalink(channel=direct, message_ts=ts))["permalink"]
    assert (await slack.blocks_validate(blocks=[a_section()]))["ok"]
    assert (await slack.chat_delete(channel=direct, ts=ts))["ok"]


def test_the_synchronous_client_is_understood(running) -> None:
    slack = WebClient(TOKEN, base_url=f"{running.url}/api/")
    direct = slack.conversations_open(users=ANNA)["channel"]["id"]
    ts = slack.chat_postMessage(channel=direct, blocks=[a_section()], text="x")["ts"]

    assert slack.users_info(user=ANNA)["user"]["id"] == ANNA
    assert slack.users_lookupByEmail(email="anna@example.org")["user"]["id"] == ANNA
    assert slack.conversations_info(channel=OPEN)["channel"]["name"] == "kundservice"
    assert slack.chat_update(channel=direct, ts=ts, text="y")["text"] == "y"
    assert slack.chat_getPermalink(channel=direct, message_ts=ts)["ok"]


async def test_a_form_with_json_in_it_is_understood_as_javascript_sends_it(desk: Desk) -> None:
    form = {"channel": OPEN, "text": "å & b=c", "blocks": json.dumps([a_section("ö")]), "unfurl_links": "false"}

    answer = await raw(desk, "POST", "chat.postMessage", data=form, headers={"Authorization": f"Bearer {TOKEN}"})

    assert (answer["message"]["text"], answer["message"]["blocks"][0]["text"]["text"]) == ("å & b=c", "ö")


async def test_a_token_may_stand_among_the_arguments(desk: Desk) -> None:
    assert (await raw(desk, "GET", f"auth.test?token={TOKEN}"))["ok"]
    assert (await raw(desk, "POST", "auth.test", data={"token": TOKEN}))["ok"]
    assert (await raw(desk, "POST", "auth.test", json={"token": TOKEN}))["ok"]


async def test_a_method_that_takes_no_json_does_not_see_it(desk: Desk) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}

    assert (await raw(desk, "POST", "users.info", json={"user": ANNA}, headers=headers))["error"] == "invalid_arguments"
    assert (await raw(desk, "POST", "users.info", data={"user": ANNA}, headers=headers))["ok"]


@pytest.mark.parametrize(
    ("body", "kind", "error"),
    [
        (b"{", "application/json", "invalid_json"),
        (b"[]", "application/json; charset=utf-8", "json_not_object"),
        (b"token=\xff", "application/x-www-form-urlencoded", "invalid_form_data"),
        (b"x", "text/csv", "invalid_post_type"),
    ],
)
async def test_a_body_that_cannot_be_read_is_named(desk: Desk, body: bytes, kind: str, error: str) -> None:
    assert (await raw(desk, "POST", "auth.test", data=body, headers={"Content-Type": kind}))["error"] == error


async def test_direct_messages_open_once_and_say_so_after(desk: Desk) -> None:
    first = await desk.call("conversations.open", users=ANNA)
    again = await desk.call("conversations.open", users=ANNA, return_im=True)

    assert "already_open" not in first
    assert again["already_open"] is True
    assert (again["channel"]["id"], again["channel"]["user"]) == (first["channel"]["id"], ANNA)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({}, "users_list_not_supplied"),
        ({"users": "U0NOBODY001"}, "user_not_found"),
        ({"users": EVA}, "user_not_found"),
        ({"users": GONE}, "user_disabled"),
        ({"users": ROBOT}, "cannot_dm_bot"),
        ({"users": BOT}, "cannot_dm_bot"),
        ({"users": f"{ANNA},{BO}"}, "missing_scope"),
        ({"channel": OPEN}, "channel_not_found"),
    ],
)
async def test_direct_messages_that_cannot_be_opened_say_why(desk: Desk, arguments: Any, error: str) -> None:
    assert (await desk.call("conversations.open", **arguments))["error"] == error


async def test_people_are_found_by_address_and_by_id(desk: Desk) -> None:
    assert (await desk.query("users.lookupByEmail", email="ANNA@example.org"))["user"]["id"] == ANNA
    assert (await desk.query("users.lookupByEmail", email="gone@example.org"))["error"] == "users_not_found"
    assert (await desk.query("users.lookupByEmail", email="eva@example.org"))["error"] == "users_not_found"
    assert (await desk.query("users.info", user="U0NOBODY001"))["error"] == "user_not_found"
    assert (await desk.query("users.info", user=GONE))["user"]["deleted"] is True
    assert (await desk.query("users.info", user=ANNA, include_locale="true"))["user"]["locale"] == "sv-SE"


async def test_a_person_of_another_workspace_is_a_stranger_without_an_address(desk: Desk) -> None:
    stranger = (await desk.query("users.info", user=EVA))["user"]

    assert stranger["is_stranger"] is True
    assert "email" not in stranger["profile"]


async def test_an_address_is_shown_only_with_the_scope_for_it(desk_with) -> None:
    desk = desk_with(a_manifest(without="users:read.email"))

    assert "email" not in (await desk.query("users.info", user=ANNA))["user"]["profile"]


async def test_a_long_list_comes_in_pages(desk: Desk) -> None:
    first = await desk.query("users.list", limit="2")
    second = await desk.query("users.list", limit="9", cursor=first["response_metadata"]["next_cursor"])

    ids = [person["id"] for person in first["members"] + second["members"]]
    assert ids == [ANNA, BO, GONE, ROBOT, BOT]
    assert second["response_metadata"]["next_cursor"] == ""


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"cursor": "nonsense"}, "invalid_cursor"),
        ({"cursor": "b2Zmc2V0Ojk5"}, "invalid_cursor"),
        ({"limit": "x"}, None),
    ],
)
async def test_a_page_that_is_not_there_is_refused(desk: Desk, arguments: Any, error: str | None) -> None:
    answer = await desk.query("conversations.members", channel=OPEN, **arguments)

    assert answer["error"] == (error or "invalid_limit")


async def test_the_app_sees_its_own_conversations(desk: Desk) -> None:
    direct = await desk.direct()

    own = await desk.query("users.conversations", types="public_channel,im")
    of_eva = await desk.query("users.conversations", user=EVA)

    assert [one["id"] for one in own["channels"]] == [direct, OPEN, SHARED]
    assert [one["id"] for one in of_eva["channels"]] == [SHARED]
    assert (await desk.query("users.conversations", types="nonsense"))["error"] == "invalid_types"


async def test_archived_conversations_can_be_left_out(desk: Desk) -> None:
    await desk.plan(archived=[OPEN])

    answer = await desk.query("users.conversations", exclude_archived="true")

    assert [one["id"] for one in answer["channels"]] == [SHARED]
    assert (await desk.query("conversations.info", channel=OPEN))["channel"]["is_archived"] is True


async def test_a_shared_channel_says_so(desk: Desk) -> None:
    channel = (await desk.query("conversations.info", channel=SHARED, include_num_members="true"))["channel"]

    assert (channel["is_ext_shared"], channel["num_members"]) == (True, 3)
    assert len(channel["shared_team_ids"]) == 2


async def test_another_workspace_is_not_told_of(desk: Desk) -> None:
    assert (await desk.call("team.info", team="T0OTHER0001"))["error"] == "team_not_found"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"blocks": [{"type": "nonsense"}]}, "invalid_blocks"),
        ({"view": {"type": "modal", "blocks": []}}, "invalid_view"),
        ({"message": {"blocks": [{"type": "nonsense"}]}}, "invalid_message"),
        ({"message": []}, "invalid_message"),
        ({}, "invalid_arguments"),
        ({"blocks": [], "message": {}}, "invalid_arguments"),
    ],
)
async def test_blocks_are_validated_on_request(desk: Desk, arguments: Any, error: str) -> None:
    assert (await desk.call("blocks.validate", **arguments))["error"] == error


async def test_validation_tells_what_was_expected_where(desk: Desk) -> None:
    blocks = [{"type": "section", "text": {"type": "invalid", "text": "x"}}]

    (problem,) = (await desk.call("blocks.validate", blocks=blocks))["errors"]

    assert problem == {
        "code": "failed_constraint",
        "message": "unsupported type: invalid",
        "pointer": "/0/text/type",
        "constraint": {"type": "enum", "expected": ["plain_text", "mrkdwn"]},
    }


async def test_another_host_name_does_not_lead_here(desk: Desk) -> None:
    async with desk.http.get(f"{desk.url}/sandbox/world", headers={"Host": "evil.example"}) as response:
        assert response.status == 400
