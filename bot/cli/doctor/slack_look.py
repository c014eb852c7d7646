"""Looks at Slack: the token and what it may, the clock there, the channel, and the workspaces that are kept."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.cli.doctor.drawing_look import CardLook
from bot.cli.doctor.examined import Examined, unseen, well, wrong
from bot.config.app_yaml import bot_scopes
from bot.config.settings import Settings
from core.api import FaultCode, Now
from notifications.slack.channel_news import ChannelNews
from notifications.slack.port import Inspected, Installed
from notifications.slack.slack_errors import SlackProblem, TryLater, Wait, cause_of
from notifications.slack.slack_gateway import Gateway
from notifications.slack.workspaces import UNREADABLE, Workspace, Workspaces, issuer

# Slack's own requests are refused beyond five minutes. A clock that runs on its own is far from right by then.
WRONG_SECONDS = 60


@dataclass(frozen=True)
class StoredOfSlack:
    """What the database knows of workspaces, of what channels took, and of cards."""

    workspaces: Workspaces
    news: ChannelNews
    cards: CardLook


@dataclass(frozen=True)
class SlackLook:
    """Asks Slack with the token of the settings. `stored` is None where the database cannot be read."""

    settings: Settings
    slack: Gateway
    now: Now
    stored: StoredOfSlack | None

    async def look(self) -> AsyncIterator[Examined]:
        """Say what Slack answers, and what is known of the workspaces."""
        token = await self._token()
        try:
            told = await self.slack.inspect(token)
        except SlackProblem as problem:
            yield wrong("doctor.slack.unreachable", url=self.settings.slack_api_url, error=problem.error)
            yield unseen("doctor.slack.unseen")
            return
        yield self._clock(told)
        if self.settings.slack_app_token is not None:
            yield await self._socket(self.settings.slack_app_token.get_secret_value())
        if told.installed is None:
            yield wrong("doctor.token.refused", error=told.error)
            yield unseen("doctor.token.unseen")
            return
        yield well("doctor.token.well", team=told.installed.team, id=told.installed.team_id)
        yield _scopes(told)
        yield await self._channel(token, told.installed)
        if self.stored is None:
            yield unseen("doctor.workspace.unseen")
            return
        for each in _workspaces(await self.stored.workspaces.all(), told.installed, self.now()):
            yield each
        async for each in self.stored.cards.look(token, issuer(told.installed.team_id)):
            yield each

    async def _token(self) -> str:
        """Return the token of the settings, or the one that has followed it."""
        given = self.settings.slack_bot_token.get_secret_value()
        begun = None if self.stored is None else await self.stored.workspaces.begun_with(given)
        return given if begun is None or begun.problem == UNREADABLE else begun.token

    def _clock(self, told: Inspected) -> Examined:
        if told.clock is None:
            return unseen("doctor.clock.unseen")
        seconds = (self.now() - told.clock).total_seconds()
        if abs(seconds) <= WRONG_SECONDS:
            return well("doctor.clock.well")
        return wrong("doctor.clock.ahead" if seconds > 0 else "doctor.clock.behind", seconds=str(round(abs(seconds))))

    async def _socket(self, token: str) -> Examined:
        try:
            await self.slack.offers_socket(token)
        except (Wait, TryLater) as problem:
            return unseen("doctor.socket.unseen", error=problem.error)
        except SlackProblem as problem:
            return wrong("doctor.socket.refused", error=problem.error)
        return well("doctor.socket.well")

    async def _channel(self, token: str, installed: Installed) -> Examined:
        channel = self.settings.slack_channel
        try:
            if not await self.slack.knows_channel(token, channel):
                return wrong("doctor.channel.unknown", channel=channel, team=installed.team)
        except SlackProblem as problem:
            return unseen("doctor.channel.refused", channel=channel, error=problem.error)
        if self.stored is None:
            return unseen("doctor.channel.silent", channel=channel)
        if error := await self.stored.news.refused_with():
            return wrong(f"doctor.channel.closed.{cause_of(error)}", channel=channel, error=error)
        if await self.stored.news.has_taken(channel):
            return well("doctor.channel.well", channel=channel)
        return unseen("doctor.channel.silent", channel=channel)


def _workspaces(kept: Sequence[Workspace], installed: Installed, at: datetime) -> Iterator[Examined]:
    own = [each for each in kept if each.organisation is None]
    if not own:
        yield unseen("doctor.workspace.none")
    elif installed.team_id not in {each.team_id for each in own}:
        names = ", ".join(each.name for each in own)
        yield wrong("doctor.workspace.elsewhere", team=installed.team, known=names)
    for each in kept:
        yield _of_workspace(each, at)


def _scopes(told: Inspected) -> Examined:
    if told.scopes is None:
        return unseen("doctor.scopes.unseen")
    missing = [scope for scope in bot_scopes() if scope not in told.scopes]
    return wrong("doctor.scopes.missing", scopes=", ".join(missing)) if missing else well("doctor.scopes.well")


def _of_workspace(kept: Workspace, at: datetime) -> Examined:
    if kept.problem is None and kept.is_late(at):
        return wrong(f"doctor.fault.{FaultCode.SLACK_TOKEN_EXPIRES}", about=kept.name)
    if kept.problem is None:
        return well("doctor.workspace.well", name=kept.name)
    if kept.problem == UNREADABLE:
        return wrong(f"doctor.fault.{FaultCode.SLACK_TOKEN_UNREADABLE}", about=kept.name)
    return wrong("doctor.workspace.stopped", name=kept.name, error=kept.problem)
