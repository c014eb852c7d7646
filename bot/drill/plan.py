"""What goes wrong during a drill, and when: drawn from a seed, so that the same seed plans the same again."""

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.sandbox.slack_api.faults import Fault, FaultKind

# What the product calls while it answers people and shows cards; "*" is whatever it calls next.
METHODS = ("chat.postMessage", "chat.update", "views.open", "users.info", "*")
MOST_TIMES = 4
# Nothing goes wrong before there is something to lose, nor so late that nobody presses any more.
FIRST, LAST = 0.05, 0.95
# In each round of troubles, beside the one that is there as every other kind is.
MORE_KILLS = 3
# What lasts, lasts this long in seconds, and no more than this part of the drill.
LASTS, MOST_OF_IT = (1.0, 10.0), 0.25


class Trouble(StrEnum):
    """What goes wrong."""

    KILL = "kill"  # a process is gone between two instructions
    DATABASE_RESTART = "database_restart"  # the server crashes and recovers, or ends every connection
    FAILOVER = "failover"  # the primary is lost, and another server takes its place
    RATELIMITED = "ratelimited"  # Slack answers 429
    SERVER_ERROR = "server_error"  # Slack answers 500
    TIMEOUT_BEFORE = "timeout_before"  # Slack does not answer, and has done nothing
    TIMEOUT_AFTER = "timeout_after"  # Slack does not answer, and has done what it was asked
    DROP_AFTER = "drop_after"  # Slack has done it, and the connection ends
    REVOKED_TOKEN = "revoked_token"  # for a while Slack takes no call  # noqa: S105 - a word
    ARCHIVED_CHANNEL = "archived_channel"  # for a while customer service's channel takes no message
    CLOCK_SKEW = "clock_skew"  # for a while Slack's clock and ours are too far apart for any press
    DUPLICATE_DELIVERY = "duplicate_delivery"  # Slack sends a press or a form twice
    OUT_OF_ORDER = "out_of_order"  # what was sent a while ago comes once more, after what came later
    ANSWER_LOST = "answer_lost"  # what was answered does not reach whoever asked


# What the small Slack does by itself: to calls, or to what it sends.
IN_SLACK = {each: FaultKind(each) for each in Trouble if each in [*FaultKind]}
# What only a database suffers that has a server, and one that can take its place.
IN_DATABASE = frozenset({Trouble.DATABASE_RESTART, Trouble.FAILOVER})
# What ends after a while.
LASTING = frozenset({Trouble.REVOKED_TOKEN, Trouble.ARCHIVED_CHANNEL, Trouble.CLOCK_SKEW})
# What happens to so many in a row.
REPEATED = frozenset({*IN_SLACK, Trouble.OUT_OF_ORDER, Trouble.ANSWER_LOST})
EVERYBODY = "*"


@dataclass(frozen=True)
class PlannedTrouble:
    """Something that goes wrong, so many seconds after the start; `target` is a process, or a method of Slack's.

    It happens so many `times` in a row, or lasts for so many `seconds`.
    """

    at: float
    trouble: Trouble
    target: str = ""
    times: int = 1
    seconds: float = 0.0

    def fault(self) -> Fault | None:
        """Return it as the small Slack takes it, None for what does not happen there."""
        kind = IN_SLACK.get(self.trouble)
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

    def drawn(self, processes: Sequence[str], without: Collection[Trouble] = ()) -> list[PlannedTrouble]:
        """Return what goes wrong, in order of time: in rounds in which every kind comes, and kills again and again."""
        draw = self.draw("troubles")
        round_ = [*(each for each in Trouble if each not in without), *[Trouble.KILL] * MORE_KILLS]
        kinds = list[Trouble]()
        while len(kinds) < self.troubles:
            kinds += draw.sample(round_, len(round_))
        moments = sorted(draw.uniform(FIRST, LAST) * self.seconds for _ in range(self.troubles))
        return [self._planned(draw, *each, processes) for each in zip(moments, kinds, strict=False)]

    def _planned(self, draw: random.Random, at: float, trouble: Trouble, processes: Sequence[str]) -> PlannedTrouble:
        target = {Trouble.KILL: draw.choice(processes), Trouble.DUPLICATE_DELIVERY: EVERYBODY}.get(trouble)
        if target is None:
            target = draw.choice(METHODS) if trouble in IN_SLACK else ""
        times = draw.randint(1, MOST_TIMES) if trouble in REPEATED else 1
        seconds = min(draw.uniform(*LASTS), self.seconds * MOST_OF_IT) if trouble in LASTING else 0.0
        return PlannedTrouble(round(at, 3), trouble, target, times, round(seconds, 3))
