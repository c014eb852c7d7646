"""The workspaces, people and app that the sandbox's own tests play with."""

import copy
import time
from typing import Any

from bot.sandbox.config import Channel, SandboxConfig, SandboxWorkspace, WorkspaceMember
from bot.sandbox.manifest import read_manifest

SECRET = "made-up-signing-secret"
APP = "A0SANDBOX01"
INERA, REGION = "T0INERA001", "T0REGION01"
TOKEN, OTHER_TOKEN = "xoxb-inera", "xoxb-region"
BOT, OTHER_BOT = "U0BOT000001", "U0BOT000002"
ANNA, BO, GONE, ROBOT, EVA = "U0ANNA00001", "U0BO0000001", "U0GONE00001", "U0ROBOT0001", "U0EVA000001"
# Only what never comes takes this long; and so long an app is waited for that never answers.
PATIENCE, SOON = 60.0, 1.0
OPEN, CLOSED, ELSEWHERE, SHARED = "C0KUNDSERV1", "G0LEDNING01", "C0UTANBOT01", "C0DELAD0001"

MANIFEST: dict[str, Any] = {
    "display_information": {"name": "Kundportal", "description": "Approvals of orders"},
    "features": {
        "bot_user": {"display_name": "Kundportal"},
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
        "slash_commands": [{"command": "/order", "description": "Place an order", "usage_hint": "[what]"}],
        "shortcuts": [{"name": "New order", "type": "global", "callback_id": "new_order", "description": "Order"}],
    },
    "oauth_config": {
        "scopes": {
            "bot": [
                "channels:history",
                "channels:read",
                "chat:write",
                "commands",
                "groups:read",
                "im:history",
                "im:read",
                "im:write",
                "team:read",
                "users:read",
                "users:read.email",
            ]
        }
    },
    "settings": {
        "event_subscriptions": {
            "bot_events": ["app_home_opened", "app_uninstalled", "message.im", "tokens_revoked", "user_change"]
        },
        "interactivity": {"is_enabled": True},
    },
}


class FakeClock:
    """A clock that stands still until it is told; it begins now, since receivers hold signatures against the time."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


def a_manifest(*, without: str = "", **changes: Any) -> dict[str, Any]:
    """The manifest above, less one scope, with whole sections replaced by name (`features.app_home={…}` as a pair)."""
    manifest = copy.deepcopy(MANIFEST)
    scopes = manifest["oauth_config"]["scopes"]
    scopes["bot"] = [scope for scope in scopes["bot"] if scope != without]
    for section, value in changes.items():
        part, _, name = section.partition("__")
        manifest[part][name] = value
    return manifest


def a_person(user: str, name: str, **more: Any) -> WorkspaceMember:
    return WorkspaceMember(id=user, name=name.lower(), real_name=name, email=f"{name.lower()}@example.org", **more)


def a_config(request_url: str, manifest: dict[str, Any] | None = None, **changes: Any) -> SandboxConfig:
    inera = SandboxWorkspace(
        id=INERA,
        name="Inera",
        domain="inera",
        bot_token=TOKEN,
        bot_user=BOT,
        users=(
            a_person(ANNA, "Anna", title="Orderer"),
            a_person(BO, "Bo"),
            a_person(GONE, "Gone", deleted=True),
            a_person(ROBOT, "Robot", is_bot=True),
        ),
        channels=(
            Channel(id=OPEN, name="kundservice", members=(ANNA, BO), bot=True),
            Channel(id=CLOSED, name="ledning", members=(BO,), private=True),
            Channel(id=ELSEWHERE, name="utan-bot", members=(ANNA,)),
            Channel(id=SHARED, name="delad", members=(ANNA, EVA), bot=True),
        ),
    )
    region = SandboxWorkspace(
        id=REGION,
        name="Region",
        domain="region",
        bot_token=OTHER_TOKEN,
        bot_user=OTHER_BOT,
        users=(a_person(EVA, "Eva"),),
    )
    timing = {"ack_timeout": PATIENCE, "retry_delays": (0, 0, 0), "hang": 0.05}
    return SandboxConfig(
        manifest=read_manifest(manifest or MANIFEST),
        request_url=request_url,
        signing_secret=SECRET,
        app_id=APP,
        workspaces=(inera, region),
        **timing | changes,
    )
