"""An honest small Slack in memory: workspaces, accounts, channels and messages, and trouble on request."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

from notifications.slack.port import Account, Blocks, HistoryPage, Installed, MessagePlace, SeenMessage
from notifications.slack.slack_errors import Gone, Never, SlackProblem, TryLater
from tests.fakes.clock import FakeClock

POST, UPDATE, LOOK_UP, INFO = "chat.postMessage", "chat.update", "users.lookupByEmail", "users.info"
LINK_TO, HISTORY = "chat.getPermalink", "conversations.history"


@dataclass(frozen=True)
class Team:
    """A workspace with the app in it; the app is a member of its `channels`, and `lets_read` direct messages."""

    id: str
    token: str
    accounts: tuple[Account, ...] = ()
    channels: tuple[str, ...] = ()
    enterprise_id: str | None = None
    name: str = "Inera"
    bot_user_id: str = "UBOT"
    lets_read: bool = False


@dataclass(frozen=True)
class Shown:
    """A message as people see it now, and how often it was edited."""

    text: str
    blocks: Blocks
    edits: int = 0
    thread: str | None = None
    by: str | None = None


@dataclass
class Trouble:
    """What goes wrong: before the effect, or (`after`) once it has happened.

    `hang` waits for its event first; `begun` is told of when it waits.
    """

    method: str
    problem: SlackProblem | None
    to: str | None = None
    times: int = 1
    after: bool = False
    hang: asyncio.Event | None = None
    begun: asyncio.Event | None = None

    def meets(self, method, to):
        return self.times > 0 and self.method == method and self.to in (None, to)


@dataclass(frozen=True)
class Call:
    """A call that reached Slack, and when."""

    method: str
    to: str
    at: object


@dataclass
class FakeSlack:
    """Implements notifications.slack.port.Slack; `calls` holds every call that came in, in order."""

    clock: FakeClock
    teams: list[Team] = field(default_factory=list)
    messages: dict[MessagePlace, Shown] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    archived: set[str] = field(default_factory=set)
    read_at_once: ClassVar[int] = 15

    def trouble(self, method, problem=None, **what):
        """Make the next calls of a method go wrong."""
        self.troubles.append(Trouble(method, problem, **what))

    def in_channel(self, channel):
        """The messages of a channel, or of somebody's direct messages by user id, oldest first."""
        where = direct(channel) if channel.startswith("U") else channel
        return [shown for place, shown in self.messages.items() if place.channel == where]

    def sent(self, method):
        """The calls of a method."""
        return [call for call in self.calls if call.method == method]

    async def post(self, token, *, channel, text, blocks, thread_ts=None):
        team = self._team(token)
        place = MessagePlace(self._channel(team, channel), f"{self.clock().timestamp():.0f}.{len(self.messages):06}")
        await self._call(POST, channel, lambda: self.messages.update({place: Shown(text, blocks, thread=thread_ts)}))
        return place

    async def update(self, token, *, place, text, blocks):
        self._team(token)

        def edit():
            if place not in self.messages:
                raise Gone("message_not_found")
            old = self.messages[place]
            self.messages[place] = replace(old, text=text, blocks=blocks, edits=old.edits + 1)

        await self._call(UPDATE, place.channel, edit)

    async def history(self, token, channel, *, oldest, latest, cursor=""):
        team = self._team(token)
        self._channel(team, channel)
        await self._call(HISTORY, channel)
        if not team.lets_read:
            raise Never("missing_scope")
        there = [place for place in self.messages if place.channel == channel and oldest < float(place.ts) < latest]
        start = int(cursor or 0)
        page = there[start : start + self.read_at_once]
        seen = [self._seen(team, each) for each in page]
        end = start + len(page)
        return HistoryPage(seen, str(end) if end < len(there) else "")

    def _seen(self, team, place):
        shown = self.messages[place]
        return SeenMessage(place.ts, shown.by or team.bot_user_id, [*buttons(shown).values()])

    async def has_message(self, token, place):
        self._channel(self._team(token), place.channel)
        await self._call(LINK_TO, place.channel)
        return place in self.messages

    def change(self, user, **changes):
        """Something about an account changes in its workspace."""
        self.teams = [
            replace(team, accounts=tuple(replace(a, **changes) if a.id == user else a for a in team.accounts))
            for team in self.teams
        ]

    async def lookup_by_email(self, token, email):
        team = self._team(token)
        await self._call(LOOK_UP, email)
        return next((replace(each, locale="") for each in team.accounts if each.email == email), None)

    async def user_info(self, token, user):
        team = self._team(token)
        await self._call(INFO, user)
        return next((each for each in team.accounts if each.id == user), None)

    async def auth_test(self, token):
        team = self._team(token)
        return Installed(team.id, team.enterprise_id, team.name, team.bot_user_id)

    def _team(self, token):
        found = next((team for team in self.teams if team.token == token), None)
        if found is None:
            raise Never("invalid_auth")
        return found

    def _channel(self, team, channel):
        if channel in self.archived:
            raise Never("is_archived")
        if channel in team.channels:
            return channel
        account = next((each for each in team.accounts if channel in {each.id, direct(each.id)}), None)
        if account is None:
            raise Never("channel_not_found")
        if account.is_deleted:
            raise Never("user_disabled")
        return direct(account.id)

    async def _call(self, method, to, effect=lambda: None):
        self.calls.append(Call(method, to, self.clock()))
        trouble = next((each for each in self.troubles if each.meets(method, to)), None)
        if trouble is None:
            effect()
            return
        trouble.times -= 1
        if trouble.after:
            effect()
        if trouble.begun is not None:
            trouble.begun.set()
        if trouble.hang is not None:
            await trouble.hang.wait()
        raise trouble.problem or TryLater("timeout")


def direct(user):
    """The channel of the direct messages with a person."""
    return "D" + user.removeprefix("U")


def decides(shown: Shown) -> bool:
    """Say whether a message offers more than to be read in whole."""
    return bool(buttons(shown).keys() - {"kp.details"})


def buttons(shown: Shown) -> Mapping[str, str]:
    """The buttons of a message that carry a value: action id to value."""
    elements = [each for block in shown.blocks if block["type"] == "actions" for each in block["elements"]]
    return {each["action_id"]: each["value"] for each in elements if "value" in each}
