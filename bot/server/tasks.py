"""Background tasks that an acknowledgement does not wait for: kept track of, so that a shutdown finishes them."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

Work = Coroutine[Any, Any, None]

log = logging.getLogger(__name__)


class Tasks:
    """Tasks that run beside the answers. What fails is logged by name, and answered where somebody waits for it."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def start(self, work: Work, otherwise: Callable[[], Work] | None = None) -> asyncio.Task[None]:
        """Run work from now on; `otherwise` makes what runs after work that failed."""
        task = asyncio.get_running_loop().create_task(work, name=work.__qualname__)
        self._running.add(task)
        task.add_done_callback(partial(self._finished, otherwise=otherwise))
        return task

    async def drain(self, seconds: float) -> None:
        """Wait for what runs, and for what that starts; cancel what is left after so many seconds."""
        deadline = asyncio.get_running_loop().time() + seconds
        while self._running and (left := deadline - asyncio.get_running_loop().time()) > 0:
            await asyncio.wait(self._running, timeout=left)
        for task in self._running:
            task.cancel()

    def _finished(self, task: asyncio.Task[None], otherwise: Callable[[], Work] | None) -> None:
        self._running.discard(task)
        if task.cancelled() or (error := task.exception()) is None:
            return
        log.error("task_failed name=%s", task.get_name(), exc_info=error)
        if otherwise is not None:
            self.start(otherwise())
