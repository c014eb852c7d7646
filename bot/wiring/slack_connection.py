"""The workspace whose token we were given: connected as soon as Slack answers, and again after a problem."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from core.api import Language
from notifications.slack.port import Slack
from notifications.slack.slack_errors import SlackProblem
from notifications.slack.workspaces import Workspaces, connect_workspace

# Slack is tried at start until it answers: first after a second, then at most a minute apart.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0

log = logging.getLogger(__name__)


class SlackConnection:
    """Keeps one workspace connected. `wake` is called when cards may be sent there again.

    `should_test` says of a token that calls with it do not go well, whoever made them, and that it should be tested.
    """

    def __init__(
        self,
        slack: Slack,
        workspaces: Workspaces,
        *,
        token: str,
        channel: str | None,
        language: Language,
        wake: Callable[[], None],
        should_test: Callable[[str], bool] = lambda _: False,
        refresh_token: str | None = None,
    ) -> None:
        self._slack = slack
        self._workspaces = workspaces
        self._token = token
        self._refresh_token = refresh_token
        self._channel = channel
        self._language = language
        self._wake = wake
        self._should_test = should_test
        self._workspace: str | None = None
        self._pause = FIRST_PAUSE

    async def keep(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Look after the workspace until cancelled; `sleep` takes seconds."""
        while True:
            await sleep(await self.look())

    async def look(self) -> float:
        """Connect the workspace unless it is connected and well; answers after how many seconds to look again."""
        pause, self._pause = self._pause, min(self._pause * 2, LONGEST_PAUSE)
        try:
            if not await self._is_well():
                await self._connect()
        except SlackProblem as problem:
            log.warning("slack_not_reached error=%s", problem.error)
            return pause
        except Exception:
            # The database may be away for a while; whoever mends a token later must be heard all the same.
            log.exception("connection_stumbled")
            return pause
        return LONGEST_PAUSE

    async def _is_well(self) -> bool:
        known = await self._workspaces.by_id(self._workspace) if self._workspace else None
        return known is not None and known.problem is None and not self._should_test(known.token)

    async def _connect(self) -> None:
        connected = await connect_workspace(
            self._slack,
            self._workspaces,
            token=self._token,
            refresh_token=self._refresh_token,
            channel=self._channel,
            language=self._language,
        )
        self._workspace, self._pause = connected.id, LONGEST_PAUSE
        self._wake()
        log.info("workspace_connected workspace=%s", connected.id)
