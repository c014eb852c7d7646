"""The Slack app manifest against the code, both ways, and against Slack's own schema."""

import ast
import copy
import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from fastapi import FastAPI
from typer.testing import CliRunner

from bot.cli.commands import app
from bot.config.app_yaml import bot_scopes, optional_scopes, socket_manifest
from bot.slack import slack_app
from bot.slack.route import SlackDoor
from notifications.mail.link_addresses import INSTALLED
from notifications.slack import slack_gateway

ROOT = Path(__file__).parents[2]
MANIFEST: dict[str, Any] = yaml.safe_load((ROOT / "app.yaml").read_text("utf-8"))
SLACK = ROOT / "tests" / "slack"
BOT = frozenset(MANIFEST["oauth_config"]["scopes"]["bot"])
# For channels of organisations, and for second copies: whoever installs the app may leave them out.
OPTIONAL = frozenset(MANIFEST["oauth_config"]["scopes"]["bot_optional"])
SCOPES = BOT - OPTIONAL
DISPENSABLE = frozenset({"conversations.info", "conversations.history"})
# What an event asks for, as Slack's documentation of each event says.
SCOPE_OF_EVENT = {
    "app_home_opened": None,
    "app_uninstalled": None,
    "tokens_revoked": None,
    "user_change": "users:read",
}


@pytest.mark.parametrize("version", ["1.0.0", "2.0.0"])
def test_it_is_a_manifest_by_slacks_schema(version: str) -> None:
    schema = json.loads((SLACK / "manifest" / f"manifest.schema.{version}.json").read_text("utf-8"))

    jsonschema.Draft7Validator(schema).validate(MANIFEST)


def _registered() -> set[tuple[str, str]]:
    """What `slack_app` registers listeners for: the method of Bolt's app, and its constant argument."""
    tree = ast.parse(inspect.getsource(slack_app))
    calls = (each for each in ast.walk(tree) if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute))
    named = ((each.func.attr, each.args) for each in calls if getattr(each.func.value, "id", "") == "app")
    return {(method, str(_value(arguments[0]))) for method, arguments in named if arguments}


def _value(argument: ast.expr) -> object:
    if isinstance(argument, ast.Constant):
        return argument.value
    return getattr(slack_app, argument.id, "") if isinstance(argument, ast.Name) else ""


def _listened(method: str) -> set[str]:
    return {name for found, name in _registered() if found == method}


def test_every_command_has_a_listener_and_every_listener_its_command() -> None:
    declared = {each["command"] for each in MANIFEST["features"]["slash_commands"]}

    assert declared == _listened("command")


def test_every_shortcut_has_a_listener_and_every_listener_its_shortcut() -> None:
    declared = {each["callback_id"] for each in MANIFEST["features"]["shortcuts"]}

    assert all(each["type"] == "global" for each in MANIFEST["features"]["shortcuts"])
    assert declared == _listened("global_shortcut")


def test_every_event_has_a_listener_and_every_listener_its_event() -> None:
    declared = set(MANIFEST["settings"]["event_subscriptions"]["bot_events"])

    assert declared == _listened("event")
    assert declared <= SCOPE_OF_EVENT.keys()
    assert {SCOPE_OF_EVENT[each] for each in declared} <= {None, *SCOPES}


def test_presses_modals_and_searches_are_sent_to_us() -> None:
    interactivity = MANIFEST["settings"]["interactivity"]

    assert interactivity["is_enabled"]
    assert interactivity["message_menu_options_url"]
    assert {"block_action", "view_submission", "options"} <= {method for method, _ in _registered()}


def test_an_enterprise_organisation_may_have_it_in_all_its_workspaces_at_once() -> None:
    assert MANIFEST["settings"]["org_deploy_enabled"] is True


def test_the_home_tab_and_messages_are_on() -> None:
    home = MANIFEST["features"]["app_home"]

    assert home["home_tab_enabled"]
    assert home["messages_tab_enabled"]


@pytest.mark.parametrize("version", ["1.0.0", "2.0.0"])
def test_that_of_socket_mode_is_one_too_and_differs_in_what_slack_would_reach_alone(version: str) -> None:
    schema = json.loads((SLACK / "manifest" / f"manifest.schema.{version}.json").read_text("utf-8"))
    by_socket = yaml.safe_load(socket_manifest())

    jsonschema.Draft7Validator(schema).validate(by_socket)
    assert [*_addresses(by_socket)] == []
    assert by_socket["settings"].pop("socket_mode_enabled") is True
    assert _without_addresses(MANIFEST) == _without_addresses(by_socket)


@pytest.mark.parametrize("words", [["--url", "https://server.example"], ["--socket-mode"]])
def test_that_of_an_app_whose_tokens_expire_differs_in_nothing_else(words: list[str]) -> None:
    usual, expiring = [
        yaml.safe_load(CliRunner().invoke(app, ["manifest", *words, *more]).output)
        for more in ([], ["--token-rotation"])
    ]

    assert expiring["settings"].pop("token_rotation_enabled") is True
    assert usual["settings"].pop("token_rotation_enabled") is False
    assert usual == expiring


def _without_addresses(manifest: dict[str, Any]) -> dict[str, Any]:
    whole = copy.deepcopy(manifest)
    whole["settings"].pop("socket_mode_enabled", None)
    whole["oauth_config"].pop("redirect_urls", None)
    settings = whole["settings"]
    for part in (settings["event_subscriptions"], settings["interactivity"], *whole["features"]["slash_commands"]):
        for name in ("request_url", "message_menu_options_url", "url"):
            part.pop(name, None)
    return whole


def test_every_address_is_the_one_route_or_where_an_installation_ends() -> None:
    web = FastAPI(openapi_url=None)
    SlackDoor(None, None).answer_in(web)  # pyright: ignore[reportArgumentType]
    paths = [*(route.path for route in web.routes), INSTALLED]

    assert {"/" + each.split("/", 3)[3] for each in _addresses(MANIFEST)} == set(paths)


def _addresses(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        for value in part.values():
            yield from _addresses(value)
    elif isinstance(part, list):
        for value in part:
            yield from _addresses(value)
    elif isinstance(part, str) and part.startswith("https://"):
        yield part


def _methods_called() -> set[str]:
    """Every Web API method that the gateway names; nothing else of ours talks to Slack."""
    tree = ast.parse(inspect.getsource(slack_gateway))
    texts = {each.value for each in ast.walk(tree) if isinstance(each, ast.Constant) and isinstance(each.value, str)}
    return {each for each in texts if (SLACK / "methods" / f"{each}.json").exists()}


def test_every_method_called_has_its_scope() -> None:
    methods = _methods_called()

    assert {"chat.postMessage", "chat.update", "views.open", "users.lookupByEmail"} <= methods
    for method in methods:
        needed = _scopes_of(method)
        asked = OPTIONAL if method in DISPENSABLE else SCOPES
        assert not needed or needed & asked, f"{method} needs one of {needed}"


def test_what_may_be_left_out_is_needed_by_nothing_else() -> None:
    used = {scope for method in DISPENSABLE for scope in _scopes_of(method)}

    assert _methods_called() >= DISPENSABLE
    assert used >= OPTIONAL
    assert OPTIONAL < BOT, "Slack takes only a scope that is asked for as one that may be left out"
    assert (set(bot_scopes()), set(optional_scopes())) == (SCOPES, OPTIONAL)


def test_no_scope_is_asked_for_in_vain() -> None:
    used = {scope for method in _methods_called() for scope in _scopes_of(method)}
    # Commands are no method; users:read.email adds the address to what users:read gives; im:write is what lets a
    # message to a user id open the conversation.
    assert used | {"commands", "users:read.email", "im:write"} >= SCOPES


def test_what_people_write_is_not_read() -> None:
    assert {scope for scope in BOT if "history" in scope} == {"im:history"} <= OPTIONAL
    assert MANIFEST["features"]["app_home"]["messages_tab_read_only_enabled"]


def _scopes_of(method: str) -> set[str]:
    definition = json.loads((SLACK / "methods" / f"{method}.json").read_text("utf-8"))
    return set(definition["scope"].get("bot", ()))
