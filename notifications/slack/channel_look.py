"""A channel that an organisation wishes to have its people asked in, looked at in its own Slack before it counts."""

import asyncio
import logging
from dataclasses import dataclass
from typing import Protocol

from core.api import OwnSlack, SeenChannel
from notifications.slack.slack_errors import SlackProblem
from notifications.slack.workspaces import Workspaces

# A form that was sent waits for the answer, and Slack for the form.
LOOK_SECONDS = 1.5
# Slack says the same of a private channel that the app is not in, or must not see.
NOT_THERE = "channel_not_found"
UNSEEN = SeenChannel()

log = logging.getLogger(__name__)


class SeesChannels(Protocol):
    """Asks Slack how channels stand."""

    async def channel_info(self, token: str, channel: str) -> SeenChannel:
        """Return how a channel stands. Raise SlackProblem."""
        ...

    async def knows_channel(self, token: str, channel: str) -> bool:
        """Say whether the app finds a channel, whatever it may see of it. Raise SlackProblem."""
        ...


@dataclass(frozen=True)
class ChannelLook:
    """Looks at channels with the app's token in an organisation's Slack."""

    workspaces: Workspaces
    slack: SeesChannels

    async def look(self, slack: OwnSlack, channel: str) -> SeenChannel:
        """Return how a channel stands, as far as Slack says so in time; else the first message there tells."""
        workspace = await self.workspaces.by_id(slack.issuer)
        if workspace is None or workspace.problem is not None:
            return UNSEEN
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                return await self._seen(workspace.token, channel)
        except TimeoutError:
            return UNSEEN
        except SlackProblem as problem:
            log.info("channel_not_seen channel=%s error=%s", channel, problem.error)
            return UNSEEN

    async def _seen(self, token: str, channel: str) -> SeenChannel:
        try:
            return await self.slack.channel_info(token, channel)
        except SlackProblem as problem:
            if problem.error != NOT_THERE or await self.slack.knows_channel(token, channel):
                raise
            return SeenChannel(problem=NOT_THERE)
