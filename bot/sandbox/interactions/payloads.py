"""The bodies of what Slack sends to an app: interactions, slash commands and events."""

import secrets
from dataclasses import dataclass
from typing import Any

from bot.sandbox.config import SandboxWorkspace, WorkspaceMember
from bot.sandbox.shapes import Json
from bot.sandbox.world.world import Conversation, PostedMessage

# Slack still sends its old verification token; nothing should believe it.
OLD_TOKEN = "sandbox-verification-token"  # noqa: S105 - a constant of the wire format, guards nothing


@dataclass(frozen=True)
class Actor:
    """Who does something, from which workspace, towards the app of which workspace."""

    person: WorkspaceMember
    home: str
    team: SandboxWorkspace
    app_id: str

    def user(self) -> Json:
        person = self.person
        return {"id": person.id, "username": person.name, "name": person.name, "team_id": self.home}


def interaction(kind: str, actor: Actor, **rest: Any) -> Json:
    enterprise = actor.team.enterprise
    return {
        "type": kind,
        "user": actor.user(),
        "api_app_id": actor.app_id,
        "token": OLD_TOKEN,
        # Where a whole Enterprise organisation has the app, Slack may name it alone.
        "team": None if enterprise else {"id": actor.team.id, "domain": actor.team.domain},
        "enterprise": enterprise,
        "is_enterprise_install": enterprise is not None,
        **rest,
    }


def shortcut(actor: Actor, callback_id: str, trigger_id: str, at: float) -> Json:
    user = {"id": actor.person.id, "username": actor.person.name, "team_id": actor.home}
    rest = {"user": user, "callback_id": callback_id, "trigger_id": trigger_id, "action_ts": f"{at:.6f}"}
    sent = interaction("shortcut", actor, **rest)
    # Slack does not say there of which app it is.
    del sent["api_app_id"]
    return sent


def action(block_id: str, element: Json, choice: Json, at: float) -> Json:
    """Build one entry of `actions`: what the element has, and what was chosen in it."""
    carried = ("action_id", "text", "value", "type", "style", "placeholder", "confirm", "url")
    carried += tuple(name for name in element if name.startswith("initial_"))
    parts = {name: element[name] for name in carried if name in element}
    return {**parts, **choice, "block_id": block_id, "action_ts": f"{at:.6f}"}


def message_container(where: Conversation, message: PostedMessage) -> Json:
    container = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": where.id,
        "is_ephemeral": message.only_for is not None,
    }
    return container | ({"thread_ts": message.thread_ts} if message.thread_ts else {})


def channel(where: Conversation) -> Json:
    return {"id": where.id, "name": channel_name(where)}


def channel_name(where: Conversation) -> str:
    if where.kind == "im":
        return "directmessage"
    return "privategroup" if where.private else where.name


def message_for_app(message: PostedMessage, team: SandboxWorkspace, app_id: str, replies: int = 0) -> Json:
    """Build a message as Slack shows it to the app, in answers and in payloads."""
    shown: Json = {
        "type": "message",
        "user": message.user,
        "ts": message.ts,
        "team": team.id,
        "text": message.text,
        **({"bot_id": team.bot_id, "app_id": app_id} if message.bot else {}),
        **({"edited": {"user": message.user, "ts": message.ts}} if message.edited else {}),
        **({"reply_count": replies} if replies else {}),
    }
    for name in ("blocks", "attachments", "thread_ts", "metadata"):
        if (value := getattr(message, name)) is not None:
            shown[name] = value
    return shown


def command(actor: Actor, where: Conversation, words: tuple[str, str], response_url: str, trigger_id: str) -> Json:
    enterprise = actor.team.enterprise
    named = {"enterprise_id": enterprise["id"], "enterprise_name": enterprise["name"]} if enterprise else {}
    return {
        "token": OLD_TOKEN,
        "team_id": actor.home,
        "team_domain": actor.team.domain,
        **named,
        "channel_id": where.id,
        "channel_name": channel_name(where),
        "user_id": actor.person.id,
        "user_name": actor.person.name,
        "command": words[0],
        "text": words[1],
        "api_app_id": actor.app_id,
        "is_enterprise_install": "true" if enterprise else "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }


def event(team: SandboxWorkspace, home: str, app_id: str, inner: Json, at: float) -> Json:
    """Build the envelope of an Events API callback, of what has happened in a workspace (`home`)."""
    enterprise = team.enterprise
    authorization = {
        "enterprise_id": enterprise and enterprise["id"],
        "team_id": None if enterprise else team.id,
        "user_id": team.bot_user,
        "is_bot": True,
        "is_enterprise_install": enterprise is not None,
    }
    return {
        "token": OLD_TOKEN,
        "team_id": home,
        "api_app_id": app_id,
        "event": inner,
        **({"enterprise_id": enterprise["id"]} if enterprise else {}),
        "type": "event_callback",
        "event_id": "Ev0" + secrets.token_hex(4).upper(),
        "event_time": int(at),
        "event_context": secrets.token_urlsafe(24),
        "authorizations": [authorization],
        "is_ext_shared_channel": False,
    }
