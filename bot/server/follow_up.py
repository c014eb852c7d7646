"""What follows beside an answer, whichever door was used: people are told of a change, history of a refusal."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.server.tasks import Tasks
from core.api import (
    ActOnCase,
    CaseAdvanced,
    Now,
    OrderError,
    Orders,
    PlaceOrder,
    RefusalLog,
    refusal_of,
    refusal_of_order,
)

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
    """What follows a change: the relay wakes, and what must be looked at again at once is."""

    orders: Orders
    wake: Wake
    tasks: Tasks
    now: Now

    def moved(self, event: CaseAdvanced) -> None:
        """Follow a press that counted."""
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
