"""Where the app is installed: which requests are let in, and the token that Bolt may use for them, from memory."""

import logging
import re
from dataclasses import dataclass
from typing import Any

from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.identity import caller
from bot.slack.payloads import Payload
from notifications.slack.workspaces import Workspaces

log = logging.getLogger(__name__)

SLACK_ID = re.compile(r"[A-Z0-9]{1,40}")


@dataclass(frozen=True)
class Installations:
    """The workspaces we serve. `app_id` empty: a signature by our secret is proof enough of whose app it is."""

    workspaces: Workspaces
    app_id: str

    async def admit(self, payload: Payload) -> dict[str, Any] | None:
        """What listeners get in their context: the workspace and who calls. None for an app or workspace not ours."""
        if self.app_id and payload.get("api_app_id") != self.app_id:
            return None
        team, enterprise = _team(payload), _enterprise(payload)
        workspace = await self.workspaces.by_team(team, enterprise)
        if workspace is None:
            log.warning("workspace_unknown team=%s enterprise=%s", _id(team), _id(enterprise))
            return None
        return {"workspace": workspace, "caller": caller(payload, workspace)}


async def authorize(context: AsyncBoltContext) -> AuthorizeResult:
    """Bolt's question which token to use, answered from the workspace that was found when the request was let in."""
    workspace = context["workspace"]
    return AuthorizeResult(
        enterprise_id=workspace.enterprise_id,
        team_id=workspace.team_id,
        bot_user_id=workspace.bot_user_id,
        bot_token=workspace.token,
    )


def _id(said: str | None) -> str | None:
    # Only workspaces that are not ours are told of here, and what they say is theirs: a log line is one line.
    return said if said is None or SLACK_ID.fullmatch(said) else "unreadable"


def _team(payload: Payload) -> str | None:
    # A modal opened through a shared channel names the presser's workspace as its team, and ours in the view.
    in_view = (payload.get("view") or {}).get("app_installed_team_id")
    return in_view or (payload.get("team") or {}).get("id") or _authorized(payload, "team_id")


def _enterprise(payload: Payload) -> str | None:
    return (payload.get("enterprise") or {}).get("id") or _authorized(payload, "enterprise_id")


def _authorized(payload: Payload, key: str) -> str | None:
    first = next(iter(payload.get("authorizations") or ()), {})
    return first.get(key) or payload.get(key)
