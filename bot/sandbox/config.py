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


class NoSuchWorkspace(ValueError):
    """Whoever is of an Enterprise organisation is at home in one of its workspaces, and nobody else in any."""

    def __init__(self, ids: set[str]) -> None:
        super().__init__(f"at home in no workspace of theirs: {', '.join(sorted(ids))}")


class WorkspaceMember(_Frozen):
    """A person; `title` is in one language or several, `workspace` where somebody of an Enterprise organisation is at
    home.
    """

    id: str
    name: str
    real_name: str
    title: str | dict[str, str] = ""
    email: str | None = None
    locale: str = "sv-SE"
    deleted: bool = False
    is_bot: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    workspace: str | None = None


class Channel(_Frozen):
    """A channel; members of other workspaces make it a shared one. `bot` says that the app is a member."""

    id: str
    name: str
    members: tuple[str, ...] = ()
    bot: bool = False
    private: bool = False


class OrganisationWorkspace(_Frozen):
    """One of an Enterprise organisation's workspaces."""

    id: str
    name: str


class SandboxWorkspace(_Frozen):
    """A workspace; or an Enterprise organisation (E…), which has the app for all of its own `workspaces` at once.

    Where the app is not `installed` from the beginning, somebody installs it. With a `refresh_token` its bot's token is
    one that expires, given as the sandbox started.
    """

    id: str
    name: str
    domain: str
    bot_token: str
    refresh_token: str = ""
    bot_user: str
    locale: str = "sv-SE"
    users: tuple[WorkspaceMember, ...] = ()
    channels: tuple[Channel, ...] = ()
    workspaces: tuple[OrganisationWorkspace, ...] = ()
    installed: bool = True

    @property
    def bot_id(self) -> str:
        return "B" + self.bot_user[1:]

    @property
    def enterprise(self) -> dict[str, str] | None:
        """How Slack names an Enterprise organisation that has the app; None for a workspace."""
        return {"id": self.id, "name": self.name} if self.workspaces else None

    def home_of(self, user: str) -> str:
        """Return the workspace that somebody is at home in: this one, or one of the organisation's."""
        return next((person.workspace for person in self.users if person.id == user and person.workspace), self.id)

    @model_validator(mode="after")
    def _everybody_is_at_home_here(self) -> "SandboxWorkspace":
        here = {each.id for each in self.workspaces} or {None}
        if elsewhere := {person.id for person in self.users if not person.is_bot and person.workspace not in here}:
            raise NoSuchWorkspace(elsewhere)
        return self


class StoryStep(_Frozen):
    """What somebody does next, in words by language: types a command, presses a button (`action`, or `home` on the home
    tab), opens a link or a mail. It is somebody's turn once the button has come, or words that are `seen` in
    whichever language, of a mail in its subject.
    """

    user: str
    says: dict[str, str]
    command: bool = False
    action: str = ""
    home: str = ""
    seen: dict[str, str] = {}
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
    # What the first page says of what one will see, by language.
    lead: dict[str, str] = {}
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
        ids += [place.id for team in self.workspaces for place in (team, *team.workspaces)]
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
