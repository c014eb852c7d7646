"""What the app is, is read from its manifest, and a manifest that Slack would refuse is not installed."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from bot.sandbox.config import SandboxConfig, load_config
from bot.sandbox.manifest import ManifestRefused, read_manifest
from tests.sandbox.desk import Desk
from tests.sandbox.places import ANNA, INERA, MANIFEST, OPEN, a_manifest

CONFIGURING = SandboxConfig.model_fields["configuration_token"].default
COMMAND = {"command": "order", "description": "x"}


ASKED = ["commands", "im:history", "users:read"]


def test_optional_scopes_are_granted_too() -> None:
    manifest = a_manifest(oauth_config__scopes={"bot": [*ASKED, "im:write"], "bot_optional": ["im:write"]})

    assert "im:write" in read_manifest(manifest).scopes


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        (a_manifest(without="commands"), "the scope commands"),
        (a_manifest(without="im:history"), "message.im needs the scope im:history"),
        (a_manifest(without="users:read"), "user_change needs the scope users:read"),
        (a_manifest(oauth_config__scopes={"bot": ASKED, "bot_optional": ["im:write"]}), "im:write must stand in"),
        (a_manifest(settings__interactivity={"is_enabled": False}), "interactivity"),
        (a_manifest(features__bot_user={}), "bot_user"),
        (a_manifest(display_information__name=""), "name is missing"),
        (a_manifest(features__slash_commands=[COMMAND]), "must start with a slash"),
    ],
)
def test_a_manifest_that_asks_for_too_much_is_not_installed(manifest: dict[str, Any], reason: str) -> None:
    with pytest.raises(ManifestRefused, match=reason):
        read_manifest(manifest)


def test_a_file_names_its_manifest_beside_it(tmp_path: Path) -> None:
    config = load_config(a_file(tmp_path), request_url="http://127.0.0.1:1/elsewhere")

    assert config.manifest.name == "Kundportal"
    assert config.request_url == "http://127.0.0.1:1/elsewhere"
    assert config.workspaces[0].channels[0].members == (ANNA,)
    assert config.ack_timeout == 3.0


def test_an_id_is_used_once(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match=f"used twice: {ANNA}"):
        load_config(a_file(tmp_path, bot_user=ANNA))


def test_a_word_that_the_file_does_not_know_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="colour"):
        load_config(a_file(tmp_path, colour="red"))


def test_the_manifest_names_what_the_page_offers(running) -> None:
    manifest = read_manifest(MANIFEST)

    assert manifest.command("/order")
    assert manifest.shortcut("new_order")
    assert manifest.command("/other") is None
    assert (manifest.home_tab, manifest.messages_tab, manifest.interactive) == (True, True, True)


def a_file(folder: Path, **more: Any) -> Path:
    person = {"id": ANNA, "name": "anna", "real_name": "Anna"}
    workspace = {"id": INERA, "name": "Inera", "domain": "inera", "bot_token": "xoxb-1", "bot_user": "U0BOT000001"}
    workspace |= {"users": [person], "channels": [{"id": OPEN, "name": "kundservice", "members": [ANNA]}], **more}
    whole = {"manifest": "app.yaml", "request_url": "http://127.0.0.1:1/x", "signing_secret": "s"}
    (folder / "app.yaml").write_text(yaml.safe_dump(MANIFEST), "utf-8")
    file = folder / "sandbox.yaml"
    file.write_text(yaml.safe_dump({**whole, "workspaces": [workspace]}), "utf-8")
    return file


async def test_an_address_that_slack_cannot_call_is_refused_with_where_it_stands(desk: Desk) -> None:
    manifest = a_manifest(
        settings__interactivity={"is_enabled": True, "request_url": "http://here.example/slack/events"},
        oauth_config__redirect_urls=["ftp://here.example"],
    )
    refused = await desk.call("apps.manifest.validate", manifest=json.dumps(manifest), token=CONFIGURING)

    assert refused["error"] == "invalid_manifest"
    assert [each["pointer"] for each in refused["errors"]] == [
        "/oauth_config/redirect_urls/0",
        "/settings/interactivity/request_url",
    ]


async def test_no_workspaces_token_looks_at_manifests(desk: Desk) -> None:
    assert (await desk.call("apps.manifest.validate", manifest=json.dumps(MANIFEST)))["error"] == "invalid_auth"
