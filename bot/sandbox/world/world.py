"""Who and what is in the sandbox's workspaces: people, conversations and the messages in them."""

import hashlib
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bot.sandbox.block_kit.elements import Former
from bot.sandbox.config import Channel, SandboxConfig, SandboxWorkspace, WorkspaceMember
from bot.sandbox.shapes import Json, State
from bot.sandbox.world.tokens import ExpiringTokens

Clock = Callable[[], float]


@dataclass(frozen=True, kw_only=True)
class PostedMessage:
    """A message as it was sent; `only_for` names the one person who sees an ephemeral one.

    `former` are the blocks it had before, the latest first: somebody may just be pressing what they showed.
    """

    ts: str
    channel: str
    user: str
    bot: bool
    text: str
    blocks: list[Json] | None = None
    attachments: list[Json] | None = None
    thread_ts: str | None = None
    only_for: str | None = None
    edited: bool = False
    metadata: Json | None = None
    former: Former = ()


@dataclass
class Conversation:
    """A channel or the direct messages of one person with the app. `team` is the workspace it lives in."""

    id: str
    team: str
    kind: str
    name: str
    members: tuple[str, ...]
    bot: bool = False
    private: bool = False
    archived: bool = False
    opened: bool = True
    messages: dict[str, PostedMessage] = field(default_factory=dict)
    unread: dict[str, int] = field(default_factory=dict)
    states: dict[tuple[str, str], State] = field(default_factory=dict)
    last_ts: int = 0

    def thread(self, ts: str) -> list[PostedMessage]:
        return [one for one in self.messages.values() if one.thread_ts == ts and one.ts != ts]

    def seen_by(self, user: str) -> list[PostedMessage]:
        return [one for one in self.messages.values() if one.only_for in (None, user)]

    def next_ts(self, now: float) -> str:
        """Return a time stamp that no other message of this conversation has."""
        self.last_ts = max(int(now * 1_000_000), self.last_ts + 1)
        return f"{self.last_ts // 1_000_000}.{self.last_ts % 1_000_000:06}"


class World:
    def __init__(self, config: SandboxConfig, now: float) -> None:
        self.meet(config)
        self.home_team = {person.id: team.id for team in config.workspaces for person in _people(team, config)}
        self.conversations = {one.id: one for team in config.workspaces for one in _conversations(team, config)}
        self.tokens = {team.id: team.bot_token for team in config.workspaces if not team.refresh_token}
        self.revoked: set[str] = set()
        self.expiring = ExpiringTokens(config.token_seconds, config.refresh_grace)
        for team in config.workspaces:
            if team.refresh_token:
                self.expiring.keep(team.id, team.bot_token, team.refresh_token, now)
        # Where the app is not: nobody has installed it there, or somebody has taken it away.
        self.without_app = {team.id for team in config.workspaces if not team.installed}

    def meet(self, config: SandboxConfig) -> None:
        """Know the workspaces and people as they are in a configuration with the same ones."""
        self.teams = {team.id: team for team in config.workspaces}
        self.people = {person.id: person for team in config.workspaces for person in _people(team, config)}
        # What each code of an installation is for: a workspace, and where whoever holds it was sent back to.
        self.codes: dict[str, tuple[str, str]] = {}

    def team_of_token(self, token: str, now: float) -> SandboxWorkspace | None:
        found = next((team for team in self.teams.values() if self.tokens.get(team.id) == token), None)
        return found or self.teams.get(self.expiring.team_of(token, now) or "")

    def install(self, team: str) -> None:
        """Let the app be in a workspace."""
        if team in self.revoked:
            self.revoked.discard(team)
            self.expiring.end(team)
        self.without_app.discard(team)

    def uninstall(self, team: str) -> None:
        """Take the app away from a workspace; should it be installed there again, it gets other tokens."""
        self.without_app.add(team)
        self.tokens[team] = f"xoxb-{secrets.token_hex(12)}"
        self.expiring.end(team)

    def direct(self, user: str, team: str) -> Conversation | None:
        conversation = self.conversations.get(direct_id(self.teams[team].bot_user, user))
        return conversation if conversation and conversation.team == team else None

    def find(self, team: str, name: str) -> Conversation | None:
        """Return a conversation that a workspace's app can address: by id, by channel name, or a person's direct
        messages.
        """
        conversation = self.conversations.get(name)
        if conversation and conversation.team == team:
            return conversation
        if name in self.people:
            return self.direct(name, team)
        plain = name.removeprefix("#")
        return next((one for one in self.of_team(team) if one.kind == "channel" and one.name == plain), None)

    def of_team(self, team: str) -> Iterator[Conversation]:
        return (one for one in self.conversations.values() if one.team == team)

    def of_person(self, user: str) -> list[Conversation]:
        return [one for one in self.conversations.values() if user in one.members]

    def listed(self, team: str, user: str, element: Json) -> list[Conversation]:
        """Return what a conversations_select lists for a person in a workspace, by its filter.

        Nobody sees a private channel without being in it, and an archived one is not listed.
        """
        asked = element.get("filter", {})
        kinds = asked.get("include", ["im", "mpim", "private", "public"])
        seen = (one for one in self.of_team(team) if user in one.members or not one.private)
        return [
            one
            for one in seen
            if _kind(one) in kinds
            and not one.archived
            and not (asked.get("exclude_bot_users") and one.kind == "im")
            and not (asked.get("exclude_external_shared_channels") and self._is_shared(one))
        ]

    def _is_shared(self, where: Conversation) -> bool:
        return any(self.home_team[user] != where.team for user in where.members)

    def knows(self, team: str, user: str) -> WorkspaceMember | None:
        """Return a person whom a workspace's app can see: one of its own, or one who shares a channel with it."""
        shared = any(user in one.members for one in self.of_team(team))
        return self.people.get(user) if shared or self.home_team.get(user) == team else None


def _kind(where: Conversation) -> str:
    if where.kind == "im":
        return "im"
    return "private" if where.private else "public"


def direct_id(bot_user: str, user: str) -> str:
    digest = hashlib.sha256(f"{bot_user}:{user}".encode()).hexdigest()
    return "D" + digest[:10].upper()


def _people(team: SandboxWorkspace, config: SandboxConfig) -> Iterator[WorkspaceMember]:
    yield from team.users
    manifest = config.manifest
    yield WorkspaceMember(
        id=team.bot_user, name=manifest.bot_name.lower(), real_name=manifest.bot_name, locale=team.locale, is_bot=True
    )


def _conversations(team: SandboxWorkspace, config: SandboxConfig) -> Iterator[Conversation]:
    for person in team.users:
        if not person.is_bot:
            yield _direct(team, person, config.manifest.name)
    for channel in team.channels:
        yield _channel(team, channel)


def _direct(team: SandboxWorkspace, person: WorkspaceMember, app: str) -> Conversation:
    name = direct_id(team.bot_user, person.id)
    return Conversation(name, team.id, "im", app, (person.id,), bot=True, private=True, opened=False)


def _channel(team: SandboxWorkspace, channel: Channel) -> Conversation:
    return Conversation(
        channel.id, team.id, "channel", channel.name, channel.members, bot=channel.bot, private=channel.private
    )
