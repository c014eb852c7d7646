"""What a sandbox is started with: the installed app, its workspaces and the people in them."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from bot.sandbox.manifest import Manifest, load_manifest, load_yaml


class UsedTwice(ValueError):
    """Ids and tokens tell things apart in the whole sandbox, so each is used once."""

    def __init__(self, names: set[str]) -> None:
        super().__init__(f"used twice: {', '.join(sorted(names))}")


class NobodyThere(ValueError):
    """A story is about people of the sandbox alone."""

    def __init__(self, ids: set[str]) -> None:
        super().__init__(f"nobody has the id {', '.join(sorted(ids))}")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WorkspaceMember(_Frozen):
    id: str
    name: str
    real_name: str
    title: str = ""
    email: str | None = None
    locale: str = "sv-SE"
    deleted: bool = False
    is_bot: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False


class Channel(_Frozen):
    """A channel; members of other workspaces make it a shared one. `bot` says that the app is a member."""

    id: str
    name: str
    members: tuple[str, ...] = ()
    bot: bool = False
    private: bool = False


class SandboxWorkspace(_Frozen):
    """A workspace; with a `refresh_token` its bot's token is one that expires, given as the sandbox started."""

    id: str
    name: str
    domain: str
    bot_token: str
    refresh_token: str = ""
    bot_user: str
    locale: str = "sv-SE"
    users: tuple[WorkspaceMember, ...] = ()
    channels: tuple[Channel, ...] = ()

    @property
    def bot_id(self) -> str:
        return "B" + self.bot_user[1:]


class StoryStep(_Frozen):
    """What somebody does next, in words by language: types a command, presses a button (`action`, or `home` on the home
    tab), opens a link or a mail. It is somebody's turn once the button has come, or words that are `seen`, or the mail.
    """

    user: str
    says: dict[str, str]
    command: bool = False
    action: str = ""
    home: str = ""
    seen: str = ""
    link: str = ""
    mail: str = ""


class Story(_Frozen):
    """A story that the page leads through; `{site}` in a link is where the app answers."""

    id: str
    title: dict[str, str]
    steps: tuple[StoryStep, ...]


class SandboxConfig(_Frozen):
    """Times in seconds: how long an app may take to answer and to use a trigger id, when a failed event goes again, how
    long a fault hangs; with token rotation in the manifest how long a token is good for, and a refresh token once used.
    """

    manifest: Manifest
    request_url: str
    signing_secret: str
    app_id: str = "A0SANDBOX01"
    app_token: str = "xapp-1-A0SANDBOX01-1-sandbox"  # noqa: S105 - opens nothing
    client_id: str = "1111111111.2222222222"
    client_secret: str = "a-client-secret-of-the-sandbox"  # noqa: S105 - opens nothing
    configuration_token: str = "xoxe.xoxp-1-of-the-sandbox"  # noqa: S105 - (the same)
    limits: bool = True
    workspaces: tuple[SandboxWorkspace, ...]
    stories: tuple[Story, ...] = ()
    ack_timeout: float = 3.0
    trigger_seconds: float = 3.0
    retry_delays: tuple[float, ...] = (0, 60, 300)
    hang: float = 60.0
    token_seconds: int = 43_200
    refresh_grace: float = 0.0

    @model_validator(mode="after")
    def _ids_are_unique(self) -> "SandboxConfig":
        ids = [thing.id for team in self.workspaces for thing in (*team.users, *team.channels)]
        ids += [team.bot_user for team in self.workspaces] + [team.bot_token for team in self.workspaces]
        if twice := {one for one in ids if ids.count(one) > 1}:
            raise UsedTwice(twice)
        return self

    @model_validator(mode="after")
    def _stories_are_about_people_who_are_here(self) -> "SandboxConfig":
        there = {user.id for team in self.workspaces for user in team.users}
        if strangers := {step.user for story in self.stories for step in story.steps} - there:
            raise NobodyThere(strangers)
        return self


def load_config(path: str | Path, **changes: Any) -> SandboxConfig:
    """Read a sandbox file (YAML); changes replace single keys. The manifest's path begins where the file is."""
    file = Path(path)
    raw = load_yaml(file) | changes
    raw["manifest"] = load_manifest(file.parent / raw["manifest"])
    return SandboxConfig.model_validate(raw)
