"""The switch of an organisation's Slack: off once Slack says that the app is no more there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.server.background import Tasks, Work
from notifications.slack.workspaces import Workspaces


@dataclass(frozen=True)
class SlackSwitch:
    """Keeps why a workspace cannot be reached. `relocate` lets the cards of one that is off follow, beside that."""

    workspaces: Workspaces
    relocate: Callable[[], Work]
    tasks: Tasks

    async def off(
        self, workspace: str, problem: str, *, token: str | None = None, since: datetime | None = None
    ) -> None:
        """Switch a workspace off, unless that was said of a former token or happened before the app came (`since`)."""
        if await self.workspaces.note_problem(workspace, problem, token=token, since=since):
            self.tasks.start(self.relocate())
