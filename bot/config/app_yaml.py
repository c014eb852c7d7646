"""The Slack app manifest, with an operator's address in place of the example's."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

EXAMPLE = "https://kundportal.example.se"
# Organisations install the app by pages, which nobody reaches where Slack does not.
OF_INSTALLS = re.compile(r"^  redirect_urls:.*\n(    - .*\n)+", re.MULTILINE)
# Within our package where it is installed, beside the packages in a checkout.
PLACES = tuple(Path(__file__).parents[up] / "app.yaml" for up in (1, 2))


def manifest_path() -> Path:
    """Return the path of app.yaml."""
    return next(place for place in PLACES if place.exists())


def bot_scopes() -> tuple[str, ...]:
    """Return the scopes that the app cannot do without, wherever it is installed."""
    scopes = _scopes()
    return tuple(scope for scope in scopes["bot"] if scope not in scopes["bot_optional"])


def optional_scopes() -> tuple[str, ...]:
    """Return those that whoever installs it in an organisation's Slack may leave out."""
    return tuple(_scopes()["bot_optional"])


def _scopes() -> Mapping[str, list[str]]:
    return yaml.safe_load(manifest_path().read_text("utf-8"))["oauth_config"]["scopes"]


def manifest_for(url: str) -> str:
    """Return the manifest's text with every address leading to a server; `url` without a path."""
    return manifest_path().read_text("utf-8").replace(EXAMPLE, url.rstrip("/"))


def with_rotation(manifest: str) -> str:
    """Return a manifest's text for an app whose tokens expire, and are given anew."""
    return manifest.replace("token_rotation_enabled: false", "token_rotation_enabled: true")


def read_manifest_for(url: str) -> Mapping[str, Any]:
    """Return the same, read."""
    return yaml.safe_load(manifest_for(url))


def read_socket_manifest() -> Mapping[str, Any]:
    """Return that of Socket Mode, read."""
    return yaml.safe_load(socket_manifest())


def socket_manifest() -> str:
    """Return the manifest's text for Socket Mode, in which Slack reaches no address: neither to send nor to lead to."""
    text = OF_INSTALLS.sub("", manifest_path().read_text("utf-8"))
    kept = (line for line in text.splitlines(keepends=True) if EXAMPLE not in line)
    return "".join(kept).replace("socket_mode_enabled: false", "socket_mode_enabled: true")
