"""Who presses, types or opens in Slack: an account, in a workspace where the app is installed."""

from dataclasses import dataclass
from typing import NewType

from bot.slack.payloads import Payload
from core.api import Assurance, Identity, Language, Surface
from notifications.slack.workspaces import Workspace, Workspaces

SlackUserId = NewType("SlackUserId", str)


@dataclass(frozen=True)
class Caller:
    """An account that acts through the app of a workspace; whose it is, only a confirmed link says."""

    workspace: Workspace
    user: SlackUserId
    account: Identity

    @property
    def is_at_home(self) -> bool:
        """True for an account of the Slack that it acts in, which alone can say whose it is."""
        return self.account.issuer == self.workspace.id

    @property
    def surface(self) -> Surface:
        """Return where it acts."""
        return Surface.SLACK

    @property
    def language(self) -> Language:
        """Return the language of the workspace, for whoever has chosen none."""
        return self.workspace.language

    @property
    def page_language(self) -> Language | None:
        """Return None: Slack has no pages of ours."""
        return None

    @property
    def signed_in(self) -> Assurance | None:
        """Return None: nobody signs in in Slack."""
        return None


def caller(payload: Payload, workspace: Workspace, workspaces: Workspaces) -> Caller | None:
    """The account behind a payload; None for what no person does, such as an uninstalled app."""
    user = _user(payload)
    if user is None:
        return None
    # Whoever comes from another workspace has an account there, and is known here only if that account is linked.
    home = workspaces.home_of(workspace, _home(payload))
    return Caller(workspace, SlackUserId(user), Identity(home, user))


def _user(payload: Payload) -> str | None:
    if "user_id" in payload:
        return payload["user_id"]
    if payload.get("type") == "event_callback":
        user = payload["event"].get("user")
        return user["id"] if isinstance(user, dict) else user
    return payload["user"]["id"]


def _home(payload: Payload) -> str | None:
    user = payload.get("user")
    if isinstance(user, dict):
        return user.get("team_id")
    # A command, or an event that somebody makes, names the Slack that the account is of; one that describes an account
    # comes from the Slack that tells us of it.
    is_described = isinstance((payload.get("event") or {}).get("user"), dict)
    return None if is_described else payload.get("team_id")
