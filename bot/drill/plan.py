"""What goes wrong during a drill, and when: drawn from a seed, so that the same seed plans the same again."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.sandbox.slack_api.faults import Fault, FaultKind

# What the product calls while it answers people and shows cards; "*" is whatever it calls next.
METHODS = ("chat.postMessage", "chat.update", "views.open", "users.info", "*")
MOST_TIMES = 4
# Nothing goes wrong before there is something to lose, nor so late that nobody presses any more.
FIRST, LAST = 0.05, 0.95


class Trouble(StrEnum):
    """What goes wrong."""

    KILL = "kill"  # a process is gone between two instructions
    RATELIMITED = "ratelimited"  # Slack answers 429
    SERVER_ERROR = "server_error"  # Slack answers 500


# What the small Slack does to calls by itself.
OF_CALLS = {each: FaultKind(each) for each in Trouble if each in [*FaultKind]}


@dataclass(frozen=True)
class PlannedTrouble:
    """Something that goes wrong, so many seconds after the start; `target` is a process, or a method of Slack's."""

    at: float
    trouble: Trouble
    target: str
    times: int = 1

    def fault(self) -> Fault | None:
        """Return it as the small Slack takes it, None for what does not happen there."""
        kind = OF_CALLS.get(self.trouble)
        return None if kind is None else Fault(kind=kind, method=self.target, times=self.times)


@dataclass(frozen=True)
class DrillPlan:
    """A drill: for how many seconds so many presses a second are made while so much goes wrong."""

    seed: int
    seconds: float
    presses: float
    troubles: int

    def draw(self, what: str) -> random.Random:
        """Chance for one thing, which does not depend on how often another was left to chance."""
        return random.Random(f"{self.seed} {what}")  # noqa: S311 - it guards nothing, and must be the same again

    def drawn(self, processes: Sequence[str]) -> list[PlannedTrouble]:
        """Return what goes wrong, in order of time. Every kind of trouble comes before one comes again."""
        draw = self.draw("troubles")
        kinds = list[Trouble]()
        while len(kinds) < self.troubles:
            kinds += draw.sample([*Trouble], len(Trouble))
        moments = sorted(draw.uniform(FIRST, LAST) * self.seconds for _ in range(self.troubles))
        return [_planned(draw, at, kind, processes) for at, kind in zip(moments, kinds, strict=False)]


def _planned(draw: random.Random, at: float, trouble: Trouble, processes: Sequence[str]) -> PlannedTrouble:
    if trouble is Trouble.KILL:
        return PlannedTrouble(at, trouble, draw.choice(processes))
    return PlannedTrouble(at, trouble, draw.choice(METHODS), draw.randint(1, MOST_TIMES))
