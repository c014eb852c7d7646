"""The Slack app manifest as the sandbox installs it: what the app may do, and what Slack would refuse about it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

# What an event asks for before Slack lets an app subscribe to it.
EVENT_SCOPES: dict[str, str] = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "team_join": "users:read",
    "user_change": "users:read",
}


# The C loader is many times faster and not there in every build of PyYAML.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class ManifestRefused(ValueError):
    """The manifest asks for something that Slack would not install; the message names every such thing."""


class SlashCommand(BaseModel):
    model_config = ConfigDict(frozen=True)

    command: str
    description: str
    usage_hint: str = ""


class Shortcut(BaseModel):
    model_config = ConfigDict(frozen=True)

    name: str
    type: str
    callback_id: str
    description: str = ""


class Manifest(BaseModel):
    """The parts of an app manifest that decide what the installed app can do."""

    model_config = ConfigDict(frozen=True)

    name: str
    description: str = ""
    bot_name: str = ""
    scopes: frozenset[str] = frozenset()
    optional_scopes: frozenset[str] = frozenset()
    commands: tuple[SlashCommand, ...] = ()
    shortcuts: tuple[Shortcut, ...] = ()
    bot_events: frozenset[str] = frozenset()
    interactive: bool = False
    home_tab: bool = False
    messages_tab: bool = False
    messages_read_only: bool = False
    socket_mode: bool = False
    token_rotation: bool = False
    for_organisations: bool = False

    def command(self, name: str) -> SlashCommand | None:
        return next((one for one in self.commands if one.command == name), None)

    def shortcut(self, callback_id: str) -> Shortcut | None:
        return next((one for one in self.shortcuts if one.callback_id == callback_id), None)


def load_manifest(path: Path) -> Manifest:
    """Read a manifest file; Raise ManifestRefused."""
    return read_manifest(load_yaml(path))


def load_yaml(path: Path) -> Any:  # Any: a file holds what its reader then checks
    """Read a YAML file."""
    return yaml.load(path.read_text(encoding="utf-8"), _LOADER)  # noqa: S506 - both loaders are safe ones


def read_manifest(raw: Mapping[str, Any]) -> Manifest:
    """Install what a manifest declares, optional scopes included. Raise ManifestRefused."""
    features, settings = _part(raw, "features"), _part(raw, "settings")
    shown, home = _part(raw, "display_information"), _part(features, "app_home")
    granted = _part(_part(raw, "oauth_config"), "scopes")
    manifest = Manifest(
        name=shown.get("name", ""),
        description=shown.get("description", ""),
        bot_name=_part(features, "bot_user").get("display_name", ""),
        scopes=frozenset(granted.get("bot", ())),
        optional_scopes=frozenset(granted.get("bot_optional", ())),
        commands=tuple(SlashCommand.model_validate(one) for one in features.get("slash_commands", ())),
        shortcuts=tuple(Shortcut.model_validate(one) for one in features.get("shortcuts", ())),
        bot_events=frozenset(_part(settings, "event_subscriptions").get("bot_events", ())),
        interactive=_part(settings, "interactivity").get("is_enabled", False),
        home_tab=home.get("home_tab_enabled", False),
        messages_tab=home.get("messages_tab_enabled", False),
        messages_read_only=home.get("messages_tab_read_only_enabled", False),
        socket_mode=settings.get("socket_mode_enabled", False),
        token_rotation=settings.get("token_rotation_enabled", False),
        for_organisations=settings.get("org_deploy_enabled", False),
    )
    if problems := list(_problems(manifest)):
        raise ManifestRefused("; ".join(problems))
    return manifest


def _part(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return raw.get(name) or {}


def _problems(manifest: Manifest) -> Iterator[str]:
    if not manifest.name:
        yield "display_information.name is missing"
    if not manifest.bot_name:
        yield "features.bot_user.display_name is missing, so there is no bot to post as"
    for scope in sorted(manifest.optional_scopes - manifest.scopes):
        yield f"the optional scope {scope} must stand in oauth_config.scopes.bot too"
    yield from _undeclared(manifest)
    for event in sorted(manifest.bot_events):
        scope = EVENT_SCOPES.get(event)
        if scope and scope not in manifest.scopes:
            yield f"the event {event} needs the scope {scope}"


def _undeclared(manifest: Manifest) -> Iterator[str]:
    if (manifest.commands or manifest.shortcuts) and "commands" not in manifest.scopes:
        yield "slash commands and shortcuts need the scope commands"
    if manifest.shortcuts and not manifest.interactive:
        yield "shortcuts need settings.interactivity.is_enabled"
    for command in manifest.commands:
        if not command.command.startswith("/"):
            yield f"the command {command.command} must start with a slash"
