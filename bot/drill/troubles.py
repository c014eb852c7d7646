"""What goes wrong in a drill, made to happen: to processes, database and road, and in the small Slack."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.drill.databases import MadeDatabase
from bot.drill.plan import IN_DATABASE, LASTING, DrillPlan, PlannedTrouble, Trouble
from bot.drill.stack import DrilledProcess, Road
from bot.sandbox.box import Box
from bot.sandbox.interactions.deliveries import DOUBLED
from bot.sandbox.interactions.traffic import LoggedDelivery

# Further apart than Slack's five minutes.
SKEW_SECONDS = 400.0
# What comes late comes after so many others.
LATEST = 40

Hear = Callable[[PlannedTrouble], None]


@dataclass
class SkewedClock:
    """Slack's clock, which may run ahead of ours."""

    ahead: float = 0.0

    def __call__(self) -> float:
        """Return the seconds since 1970."""
        return time.time() + self.ahead


@dataclass(frozen=True)
class Troubles:
    """Where things go wrong. `caused` are those that did, in order."""

    plan: DrillPlan
    box: Box
    clock: SkewedClock
    road: Road
    database: MadeDatabase
    processes: Sequence[DrilledProcess]
    caused: list[PlannedTrouble] = field(default_factory=list[PlannedTrouble])

    async def cause(self, hear: Hear) -> None:
        """Let go wrong what is planned, each in its time, and see in the end that nothing goes wrong any more."""
        loop = asyncio.get_running_loop()
        began, names = loop.time(), [each.name for each in self.processes]
        without = IN_DATABASE - {*self.database.suffers}
        causing = list[asyncio.Task[None]]()
        for each in self.plan.drawn(names, without):
            await asyncio.sleep(max(0.0, began + each.at - loop.time()))
            hear(each)
            self.caused.append(each)
            causing.append(asyncio.create_task(self._cause(each)))
        await asyncio.gather(*causing)
        self.box.faults.plan([])
        self.road.loses = 0

    async def _cause(self, planned: PlannedTrouble) -> None:
        if (fault := planned.fault()) is not None:
            self.box.faults.plan([*self.box.faults.planned, fault])
        elif planned.trouble in LASTING:
            begin, end = self._lasting(planned.trouble)
            begin()
            await asyncio.sleep(planned.seconds)
            end()
        elif planned.trouble is Trouble.KILL:
            next(each for each in self.processes if each.name == planned.target).kill()
        elif planned.trouble is Trouble.ANSWER_LOST:
            self.road.loses += planned.times
        elif planned.trouble is Trouble.OUT_OF_ORDER:
            await self._send_late(planned)
        else:
            await self.database.suffers[planned.trouble]()

    def _lasting(self, trouble: Trouble) -> tuple[Callable[[], None], Callable[[], None]]:
        """What begins and what ends it. An organisation's own Slack would stay off until somebody installs it anew."""
        ineras = self.box.config.workspaces[0]

        def archive(*, is_archived: bool) -> None:
            self.box.world.conversations[ineras.channels[0].id].archived = is_archived

        def skew(seconds: float) -> None:
            self.clock.ahead = seconds

        revoked = self.box.world.revoked
        return {
            Trouble.REVOKED_TOKEN: (lambda: revoked.add(ineras.id), lambda: revoked.discard(ineras.id)),
            Trouble.ARCHIVED_CHANNEL: (lambda: archive(is_archived=True), lambda: archive(is_archived=False)),
            Trouble.CLOCK_SKEW: (lambda: skew(SKEW_SECONDS), lambda: skew(0.0)),
        }[trouble]

    async def _send_late(self, planned: PlannedTrouble) -> None:
        """Let some of what people did come once more; first what has not reached us yet, as after a bad road."""
        draw = self.plan.draw(f"late {planned.at}")
        done = [each for each in self.box.traffic.deliveries if each.type in DOUBLED][-LATEST:]
        chosen = draw.sample(done, min(planned.times, len(done)))
        for each in sorted(chosen, key=_has_come):
            await self.box.deliveries.repeat(each, fresh=True)


def _has_come(sent: LoggedDelivery) -> bool:
    return sent.ok
