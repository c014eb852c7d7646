"""The sandbox against Slack's own definitions: its table, its errors, its answers and its payloads."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from bot.sandbox.config import SandboxConfig
from bot.sandbox.slack_api.call import METHODS
from bot.sandbox.slack_api.web_api import CONNECT, HANDLERS, WITHOUT_WORKSPACE
from tests.sandbox.desk import Desk, a_button, a_home, a_modal, a_section, an_input, plain, words
from tests.sandbox.places import ANNA, ELSEWHERE, MANIFEST, OPEN, a_config

ROOT = Path(__file__).parents[2]
SLACK = ROOT / "tests" / "slack"
CONFIGURING = SandboxConfig.model_fields["configuration_token"].default
COMMON = json.loads((SLACK / "methods" / "_common_errors.json").read_text("utf-8"))["errors"]

# Error names that Slack gives though its definitions do not list them, and how they are known.
UNLISTED = {
    "cannot_dm_bot": "many reports of conversations.open with a bot's id",
    "expired_url": "the answer of a response URL, which is no method",
    "invalid_arguments": "in the examples of the views methods, for any argument that is wrong or missing",
    "invalid_attachments": "listed for chat.update and chat.postEphemeral, given by chat.postMessage too",
    "invalid_auth": "listed for auth.test only, given by every method",
    "invalid_blocks": "the answer of a response URL too, which is no method",
    "invalid_json": "the answer to a JSON body that cannot be read",
    "invalid_payload": "the answer of a response URL, which is no method",
    "json_not_object": "the answer to a JSON body that is no object",
    "msg_blocks_too_long": "listed for chat.postMessage, given by the others that take blocks too",
    "used_url": "the answer of a response URL, which is no method",
}


def definition(method: str) -> dict[str, Any]:
    return json.loads((SLACK / "methods" / f"{method}.json").read_text("utf-8"))


def test_every_method_of_the_table_is_handled() -> None:
    assert METHODS.keys() == HANDLERS.keys() | WITHOUT_WORKSPACE.keys() | {CONNECT}


@pytest.mark.parametrize("name", METHODS)
def test_the_table_says_what_slack_says(name: str) -> None:
    slack, ours = definition(name), METHODS[name]

    assert ours.tier == slack.get("rate_limits")
    assert set(ours.scopes) == set(slack["scope"].get("bot", []))
    assert ours.json == slack.get("json_input_supported", False)
    assert set(ours.required) == set(slack["args"].get("required", [])) - {"token"}


def test_every_error_in_the_code_is_known_to_slack() -> None:
    listed = {error for name in METHODS for error in definition(name)["errors"]} | COMMON.keys()
    given = {error for file in (ROOT / "bot" / "sandbox").rglob("*.py") for error in refusals_in(file)}

    assert given - listed <= UNLISTED.keys()
    assert len(given) > 40


def refusals_in(file: Path) -> set[str]:
    calls = [node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Call)]
    named = ("SlackRefusal", "parsed", "person")
    words = [call.args[-1] for call in calls if _name(call) in named and call.args]
    return {word.value for word in words if isinstance(word, ast.Constant) and isinstance(word.value, str)}


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


async def ask_all(desk: Desk) -> dict[str, Any]:
    """One good answer of every method."""
    slack = desk.slack()
    trigger, other = await desk.trigger(), await desk.trigger()
    posted = await slack.chat_postMessage(channel=OPEN, text="x", blocks=[a_section()])
    here = {"channel": OPEN, "ts": posted["ts"]}
    opened = await slack.views_open(trigger_id=trigger, view=a_modal())
    button = {"type": "actions", "block_id": "b", "elements": [a_button()]}
    updated = await slack.views_update(view_id=opened["view"]["id"], view=a_modal(blocks=[button]))
    await desk.do("press", view_id=updated["view"]["id"], block_id="b", action_id="a")
    inside = desk.receiver.last("block_actions")["trigger_id"]
    assert other != inside
    return {
        "apps.connections.open": await slack.apps_connections_open(app_token=a_config("").app_token),
        "apps.manifest.validate": await slack.apps_manifest_validate(manifest=json.dumps(MANIFEST), token=CONFIGURING),
        "auth.test": await slack.auth_test(),
        "blocks.validate": await slack.blocks_validate(blocks=[a_section()]),
        "chat.getPermalink": await slack.chat_getPermalink(channel=OPEN, message_ts=posted["ts"]),
        "chat.postEphemeral": await slack.chat_postEphemeral(channel=OPEN, user=ANNA, text="x"),
        "chat.postMessage": posted,
        "chat.update": await slack.chat_update(**here, text="y"),
        "chat.delete": await slack.chat_delete(**here),
        "conversations.history": await slack.conversations_history(channel=OPEN),
        "conversations.info": await slack.conversations_info(channel=OPEN),
        "conversations.members": await slack.conversations_members(channel=OPEN),
        "conversations.open": await slack.conversations_open(users=ANNA, return_im=True),
        "oauth.v2.access": await desk.install(),
        "team.info": await slack.team_info(),
        "users.conversations": await slack.users_conversations(types="public_channel,im"),
        "users.info": await slack.users_info(user=ANNA),
        "users.list": await slack.users_list(),
        "users.lookupByEmail": await slack.users_lookupByEmail(email="anna@example.org"),
        "views.open": opened,
        "views.publish": await slack.views_publish(user_id=ANNA, view=a_home()),
        "views.push": await slack.views_push(trigger_id=inside, view=a_modal()),
        "views.update": updated,
    }


async def test_every_answer_has_what_slacks_schema_and_example_have(desk: Desk) -> None:
    answers = await ask_all(desk)

    assert answers.keys() == METHODS.keys()
    for method, answer in answers.items():
        slack = definition(method)
        example = slack["examples"]["success"]["example"]
        Draft7Validator(with_any(slack["output"])).validate(answer.data)
        assert unlike(answer.data, example) == [], method


def with_any(schema: Any) -> Any:
    """Slack's schemas name others that are not published, so of several alternatives more than one may seem to fit."""
    told = json.dumps(schema).replace('"oneOf"', '"anyOf"')
    # Its examples say "bot" of the token where its schema knows one other word alone.
    return json.loads(told.replace('["granular_bot"]', '["bot", "granular_bot"]'))


def unlike(ours: Any, example: Any, at: str = "") -> list[str]:
    """Where a value of ours has another type than the one in the same place of an example."""
    if isinstance(ours, dict) and isinstance(example, dict):
        return [one for key in ours.keys() & example.keys() for one in unlike(ours[key], example[key], f"{at}/{key}")]
    if isinstance(ours, list) and isinstance(example, list):
        return [one for item in ours for one in (unlike(item, example[0], f"{at}/0") if example else [])]
    if ours is None or example is None or type(ours) is type(example):
        return []
    return [f"{at}: {ours!r} where Slack has {example!r}"]


# Error -> a call that gives it; the call is checked to be one of the method's own errors.
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("chat.postMessage", {"channel": "C0NOWHERE01", "text": "x"}, "channel_not_found"),
    ("chat.postMessage", {"channel": OPEN}, "no_text"),
    ("chat.postMessage", {"channel": OPEN, "blocks": [{"type": "x"}]}, "invalid_blocks"),
    ("chat.postMessage", {"channel": OPEN, "blocks": "{"}, "invalid_blocks_format"),
    ("chat.update", {"channel": OPEN, "ts": "1.2", "text": "x"}, "message_not_found"),
    ("chat.delete", {"channel": OPEN, "ts": "1.2"}, "message_not_found"),
    ("chat.postEphemeral", {"channel": OPEN, "user": "U0NOBODY001", "text": "x"}, "user_not_in_channel"),
    ("conversations.history", {"channel": "C0NOWHERE01"}, "channel_not_found"),
    ("conversations.history", {"channel": ELSEWHERE}, "not_in_channel"),
    ("conversations.history", {"channel": OPEN, "oldest": "x"}, "invalid_ts_oldest"),
    ("conversations.history", {"channel": OPEN, "latest": "x"}, "invalid_ts_latest"),
    ("conversations.open", {}, "users_list_not_supplied"),
    ("conversations.open", {"users": "U0NOBODY001"}, "user_not_found"),
    ("team.info", {"team": "T0OTHER0001"}, "team_not_found"),
    ("views.open", {"trigger_id": "x", "view": a_modal()}, "invalid_trigger_id"),
    ("views.push", {"trigger_id": "x", "view": a_modal()}, "invalid_trigger_id"),
    ("views.update", {"view_id": "V0", "view": a_modal()}, "not_found"),
    ("blocks.validate", {"blocks": [{"type": "x"}]}, "invalid_blocks"),
    ("apps.manifest.validate", {"manifest": "{}", "token": CONFIGURING}, "invalid_manifest"),
    ("apps.manifest.validate", {"manifest": "{", "token": CONFIGURING}, "invalid_manifest"),
]


@pytest.mark.parametrize(("method", "arguments", "error"), REFUSED)
async def test_a_refusal_is_one_that_the_method_has(desk: Desk, method: str, arguments: Any, error: str) -> None:
    assert (await desk.call(method, **arguments))["error"] == error
    assert error in definition(method)["errors"].keys() | COMMON.keys()


# Keys that Slack sends though its samples do not have them: (payload, path), and how they are known.
UNSAMPLED = {
    ("BlockActionPayload", "/view/blocks"): "the sample of a view has its blocks blanked",
    ("BlockActionPayload", "/message/ts"): "the sample's message was posted by nobody",
    ("BlockActionPayload", "/message/app_id"): "in every answer of chat.postMessage",
    ("BlockActionPayload", "/message/bot_id"): "in every answer of chat.postMessage",
    ("ViewSubmissionPayload", "/view/blocks"): "the sample of a view has its blocks blanked",
    ("ViewSubmissionPayload", "/response_urls"): "documented for inputs with response_url_enabled; empty without",
    ("ViewClosedPayload", "/view/blocks"): "the sample of a view has its blocks blanked",
    ("AppHomeOpenedPayload", "/event/view/blocks"): "the sample of a view has its blocks blanked",
}
PAYLOADS = {
    "AppHomeOpenedPayload": "app_home_opened",
    "BlockActionPayload": "block_actions",
    "SlashCommandPayload": "slash_command",
    "ViewClosedPayload": "view_closed",
    "ViewSubmissionPayload": "view_submission",
}


async def send_all(desk: Desk) -> None:
    await desk.call("views.publish", user_id=ANNA, view=a_home())
    await desk.do("home")
    await desk.do("command", channel=OPEN, command="/order", text="x")
    button = {"type": "actions", "block_id": "b", "elements": [a_button()]}
    view = await desk.modal(notify_on_close=True, close=plain("Close"), blocks=[an_input(), button])
    await desk.do("submit", view_id=view["id"], values=words("x"))
    other = await desk.modal(notify_on_close=True)
    await desk.do("close", view_id=other["id"])


@pytest.mark.parametrize("name", PAYLOADS)
async def test_a_payload_has_the_keys_and_types_of_slacks_sample(desk: Desk, name: str) -> None:
    sample = json.loads((SLACK / "payloads" / f"{name}.json").read_text("utf-8"))
    await send_all(desk)

    sent = desk.receiver.last(PAYLOADS[name])

    new = {path for path in strange_keys(sent, sample) if (name, path) not in UNSAMPLED}
    assert new == set()
    if name != "SlashCommandPayload":  # a form has nothing but text
        assert unlike(sent, sample) == []


def strange_keys(ours: Any, sample: Any, at: str = "") -> set[str]:
    if isinstance(ours, list) and isinstance(sample, list) and ours and sample:
        return strange_keys(ours[0], sample[0], at)
    if not (isinstance(ours, dict) and isinstance(sample, dict) and sample):
        return set()
    new = {f"{at}/{key}" for key in ours.keys() - sample.keys()}
    deeper = [strange_keys(ours[key], sample[key], f"{at}/{key}") for key in ours.keys() & sample.keys()]
    return new.union(*deeper)
