"""The port to Slack: the calls that notifications make, and the values that come back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

Json = Mapping[str, Any]
Blocks = Sequence[Json]


@dataclass(frozen=True)
class MessagePlace:
    """Where a message stands."""

    channel: str
    ts: str


@dataclass(frozen=True)
class SeenMessage:
    """A message as Slack has it: when it was posted, by which account, and what every element of it carries."""

    ts: str
    by: str
    values: Sequence[str]


@dataclass(frozen=True)
class HistoryPage:
    """Some messages of a conversation, and where to go on, empty at the end."""

    messages: Sequence[SeenMessage]
    cursor: str


@dataclass(frozen=True)
class Account:
    """An account as its workspace shows it. `locale` as Slack writes it ("sv-SE"), empty when it was not asked for."""

    id: str
    team_id: str
    email: str
    locale: str = ""
    is_bot: bool = False
    is_deleted: bool = False
    is_guest: bool = False
    is_stranger: bool = False
    enterprise_id: str | None = None

    def belongs_to(self, team_id: str, enterprise_id: str | None) -> bool:
        """Say whether it is somebody's there, be it a guest's: no bot's, nor of who has left or is of elsewhere."""
        if self.is_bot or self.is_deleted or self.is_stranger:
            return False
        return self.team_id == team_id or (enterprise_id is not None and self.enterprise_id == enterprise_id)


@dataclass(frozen=True)
class Installed:
    """Whose token it is, by `auth.test`."""

    team_id: str
    enterprise_id: str | None
    team: str
    bot_user_id: str


@dataclass(frozen=True)
class Inspected:
    """What Slack says of a token: whose it is, or the `error` by which it takes none. `clock` is the time there.

    `scopes` are those that it has, None where Slack does not say.
    """

    installed: Installed | None
    error: str
    scopes: frozenset[str] | None
    clock: datetime | None


@dataclass(frozen=True)
class SlackApp:
    """The app as Slack knows it where somebody installs it; `authorize_url` is Slack's page for that."""

    client_id: str
    client_secret: str = field(repr=False)
    authorize_url: str
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class TokenPair:
    """An access token, how long it is good for, and the refresh token that the next pair is given for, once."""

    token: str = field(repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    seconds: int | None = None

    def expires_at(self, since: datetime) -> datetime | None:
        """Return when the token expires that was asked for at a time; None where it does not."""
        return None if self.seconds is None else since + timedelta(seconds=self.seconds)


@dataclass(frozen=True)
class Granted:
    """What Slack gives once somebody has installed the app: `team_id` of a workspace, or of an Enterprise organisation
    that has it in all of its own.
    """

    team_id: str
    enterprise_id: str | None
    name: str
    bot_user_id: str
    tokens: TokenPair


class Slack(Protocol):
    """Calls with a workspace's bot token. Each raises Wait, TryLater, Gone or Never (SlackProblem)."""

    async def post(
        self, token: str, *, channel: str, text: str, blocks: Blocks, thread_ts: str | None = None
    ) -> MessagePlace:
        """Post a message; `channel` may be a user id, which opens the direct messages with that person."""
        ...

    async def update(self, token: str, *, place: MessagePlace, text: str, blocks: Blocks) -> None:
        """Replace a message, text and blocks alike."""
        ...

    async def lookup_by_email(self, token: str, email: str) -> Account | None:
        """Return the account with an e-mail address in the token's workspace; None when there is none."""
        ...

    async def user_info(self, token: str, user: str) -> Account | None:
        """Return an account by Slack user id, with its locale; None where the token's workspace knows of none."""
        ...

    async def auth_test(self, token: str) -> Installed:
        """Return whose token it is, by `auth.test`."""
        ...
