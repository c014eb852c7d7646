"""What a week was like for one reader: how long its steps took, what came of orders, and what waits since then."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from statistics import median
from typing import Protocol

from core.shared.disclosure import DisclosedView, ToAll
from core.shared.value_objects import value
from core.shared.vocabulary import PART_WAITED_FOR, CaseId, Flow, OrganisationId, Side, State
from core.shared.working_days import day_of, in_the_morning, is_quiet, next_working_day, week_of, working_time_between
from core.workflow.flows import is_final

REFUSED = frozenset({State.REJECTED, State.APPLICATION_REJECTED})
# Ended by somebody who wanted no answer any more, or by the clock.
UNDONE = frozenset(
    {State.WITHDRAWN, State.CANCELLED, State.EXPIRED, State.APPLICATION_WITHDRAWN, State.AGREEMENT_DECLINED}
)
# So many of what waits are named, those that have waited longest.
NAMED = 2
# The states that wait for somebody, in the order of the flows.
WAITED_IN = tuple(PART_WAITED_FOR)


@value
class StepTimes(DisclosedView):
    """How much working time a step took, where it ended in the week: so many times, the median and the slowest."""

    state: ToAll[State]
    count: ToAll[int]
    median: ToAll[timedelta]
    slowest: ToAll[timedelta]


@value
class StillWaiting(DisclosedView):
    """A case that waits, in which state and since when."""

    case: ToAll[CaseId]
    state: ToAll[State]
    since: ToAll[datetime]


@value
class WeekView(DisclosedView):
    """A week, from its Monday on, as it was for an organisation; what waits is as it was `made_at`.

    `steps` are in the order of the flows, `oldest` begin with what has waited longest.
    """

    first_day: ToAll[date]
    made_at: ToAll[datetime]
    placed: ToAll[int]
    finished: ToAll[int]
    refused: ToAll[int]
    waiting: ToAll[int]
    steps: ToAll[tuple[StepTimes, ...]]
    oldest: ToAll[tuple[StillWaiting, ...]]

    @property
    def has_news(self) -> bool:
        """False where nothing happened, and nothing waits."""
        return bool(self.placed or self.finished or self.refused or self.waiting or self.steps)


@dataclass(frozen=True)
class EndedStep:
    """A state that a case came out of in the week, and into which; it had stood there since `began_at`."""

    flow: Flow
    state: State
    target: State
    began_at: datetime
    ended_at: datetime

    @cached_property
    def took(self) -> timedelta:
        """Return the working time between; several readers are told of one step."""
        return working_time_between(self.began_at, self.ended_at)


@dataclass
class KnownWeek:
    """What is known of a week for one reader, whatever its side is in each case.

    `took` has the working time of each step that ended, by state; `oldest` what has waited longest, the longest first.
    """

    sides: set[Side] = field(default_factory=set[Side])
    placed: int = 0
    finished: int = 0
    refused: int = 0
    waiting: int = 0
    took: dict[State, list[timedelta]] = field(default_factory=dict[State, list[timedelta]])
    oldest: list[tuple[CaseId, State, datetime]] = field(default_factory=list[tuple[CaseId, State, datetime]])

    def add(self, step: EndedStep) -> None:
        """Count a step that ended in the week, and its case by how it closed where it did."""
        self.took.setdefault(step.state, []).append(step.took)
        if is_final(step.flow, step.target):
            self.finished += step.target not in REFUSED | UNDONE
            self.refused += step.target in REFUSED

    @property
    def side(self) -> Side:
        """Return the side that the reader is told as: of one with two sides the customer's."""
        return next(side for side in Side if side in self.sides)


class Weeks(Protocol):
    """Reads weeks from wherever history is."""

    async def week(self, first_day: date, at: datetime) -> Mapping[OrganisationId | None, WeekView]:
        """Return the week from a Monday on as Inera (None) sees it, and as each organisation does; what waits is as it
        is now. Nothing where there was no history before the week's end.
        """
        ...


def week_due(at: datetime) -> date | None:
    """Return the Monday of the week that is to be told of by now: the last one that ended, from nine o'clock on the
    first working day after it; never at rest.
    """
    this_monday = day_of(at) - timedelta(days=day_of(at).weekday())
    is_due = at >= in_the_morning(next_working_day(this_monday)) and not is_quiet(at)
    return this_monday - timedelta(days=7) if is_due else None


def report_id(first_day: date, organisation: OrganisationId | None = None) -> str:
    """Return what a report is known by: the same for whoever makes it, so that it is made once."""
    return week_of(in_the_morning(first_day)) + ("" if organisation is None else f"/{organisation}")


def week_view(week: KnownWeek, first_day: date, made_at: datetime) -> WeekView:
    """Return the week as its reader sees it."""
    return WeekView(
        side=week.side,
        first_day=first_day,
        made_at=made_at,
        placed=week.placed,
        finished=week.finished,
        refused=week.refused,
        waiting=week.waiting,
        steps=tuple(_steps(week)),
        oldest=tuple(StillWaiting(week.side, *waits) for waits in week.oldest[:NAMED]),
    )


def _steps(week: KnownWeek) -> Iterator[StepTimes]:
    for state in WAITED_IN:
        if times := week.took.get(state):
            usual = timedelta(seconds=median(time.total_seconds() for time in times))
            yield StepTimes(week.side, state, len(times), usual, max(times))
