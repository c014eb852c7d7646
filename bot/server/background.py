"""What runs beside an answer: tasks, which a shutdown finishes, and what they are started for."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from core.api import (
    ActOnCase,
    CaseAdvanced,
    Now,
    OrderError,
    Orders,
    PlaceOrder,
    RefusalLog,
    TryAgain,
    Unsure,
    beside_press,
    refusal_of,
    refusal_of_order,
)

Work = Coroutine[Any, Any, None]

# After an answer the next press is soon there, where many come.
MOMENT_SECONDS = 0.02

log = logging.getLogger(__name__)


class PressesUnderWay:
    """Whether somebody waits for the answer to a press, a command or a view: what can wait lets them go first."""

    def __init__(self) -> None:
        self._number = 0
        self._none = asyncio.Event()
        self._none.set()
        self._free_from = 0.0

    @contextmanager
    def around(self) -> Generator[None]:
        """Hold while one is answered."""
        self._number += 1
        self._none.clear()
        try:
            yield
        finally:
            self._number -= 1
            self._free_from = asyncio.get_running_loop().time() + MOMENT_SECONDS
            if self._number == 0:
                self._none.set()

    async def are_answered(self) -> None:
        """Return once none is under way, nor was a moment ago."""
        await self._none.wait()
        while (moment := self._free_from - asyncio.get_running_loop().time()) > 0:
            await asyncio.sleep(moment)
            await self._none.wait()


class Tasks:
    """Tasks that run beside the answers. What fails is logged by name, and answered where somebody waits for it."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def start(self, work: Work, otherwise: Callable[[], Work] | None = None) -> asyncio.Task[None]:
        """Run work from now on; `otherwise` makes what runs after work that failed."""
        with beside_press():
            return self._run(work, otherwise)

    def _run(self, work: Work, otherwise: Callable[[], Work] | None = None) -> asyncio.Task[None]:
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
        if isinstance(error, TryAgain | Unsure):
            # The database has been told of where it was lost, or had no turn.
            log.warning("task_failed name=%s error=%s", task.get_name(), error.code)
        else:
            log.error("task_failed name=%s", task.get_name(), exc_info=error)
        if otherwise is not None:
            self._run(otherwise())


# Lets the relay look at once for cards that are due.
Wake = Callable[[], None]


@dataclass(frozen=True)
class RefusalNotes:
    """Lets history tell who was refused what, beside the answer, which waits for nothing."""

    refusals: RefusalLog
    tasks: Tasks
    now: Now

    def action(self, command: ActOnCase, error: OrderError) -> None:
        """Note a refused action on a case."""
        self.tasks.start(self.refusals.refused(refusal_of(command, error, self.now())))

    def order(self, command: PlaceOrder, error: OrderError) -> None:
        """Note an order that was not taken."""
        self.tasks.start(self.refusals.refused(refusal_of_order(command, error, self.now())))


@dataclass(frozen=True)
class CaseFollowUp:
    """Follows a change of a case: its cards are repainted, and what must be looked at again at once is."""

    orders: Orders
    wake: Wake
    tasks: Tasks
    now: Now

    def repaint_cards(self, event: CaseAdvanced) -> None:
        """Let the relay repaint a case's cards, the pressed one among them: the commit left them owed in the outbox."""
        self.wake()
        if event.after.review_at is not None and event.after.review_at <= self.now():
            self.look_again_beside()

    def look_again_beside(self) -> None:
        """Begin to look again, beside the answer."""
        self.tasks.start(self.look_again())

    async def look_again(self) -> None:
        """Do at once what the clock would do at its next tick, since something around cases has changed."""
        if await self.orders.run_clock():
            self.wake()
