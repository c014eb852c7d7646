"""Work that an acknowledgement does not wait for: kept track of, so that a shutdown finishes it."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger(__name__)


class Tasks:
    """Tasks that run beside the answers. What fails is logged by name; nobody waits for it."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run work from now on."""
        task = asyncio.get_running_loop().create_task(work, name=work.__qualname__)
        self._running.add(task)
        task.add_done_callback(self._finished)

    async def drain(self, seconds: float) -> None:
        """Wait for what runs, and for what that starts; cancel what is left after so many seconds."""
        deadline = asyncio.get_running_loop().time() + seconds
        while self._running and (left := deadline - asyncio.get_running_loop().time()) > 0:
            await asyncio.wait(self._running, timeout=left)
        for task in self._running:
            task.cancel()

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("task_failed name=%s", task.get_name(), exc_info=error)
