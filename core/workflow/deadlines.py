"""When the clock acts on a waiting case: one declared policy on Swedish working days (domain: section 9)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import partial

from core.register.organisations import REMINDER_DAYS, REMINDER_HOUR
from core.shared.vocabulary import TO_CONFIRM, State
from core.shared.working_days import (
    add_working_days,
    at_closing,
    at_hour,
    day_of,
    end_of,
    is_quiet,
    next_working_day,
)

UNANSWERED_DAYS = 30
GRACE_WORKING_DAYS = 10
RENEWABLE_DAYS = 90
CONFIRMING_WORKING_DAYS = 20


class Nudge(StrEnum):
    """What the clock does while a case waits, before it ends: who is told, and of what."""

    ASKED = "asked"  # whoever is asked is reminded
    OTHERS = "others"  # whoever is asked once more, and others who may decide as well
    STANDSTILL = "standstill"  # who administers, and who ordered, hear what it waits for
    KEEP = "keep"  # who ordered is asked whether to keep it or take it back


# What whoever is asked hears.
ASKS_AGAIN = frozenset({Nudge.ASKED, Nudge.OTHERS})
Days = Callable[[date], date]
# The same by how many working days are between reminders, as the organisation of whoever is asked has it.
OwnDays = Callable[[date, int], date]


@dataclass(frozen=True)
class Reminder:
    """A row of the clock before the last: what is done, on which day after the one on which the wait began."""

    does: Nudge
    on: OwnDays


def _within(working_days: int, day: date) -> date:
    return add_working_days(day, working_days)


def _unanswered(day: date) -> date:
    return next_working_day(day + timedelta(days=UNANSWERED_DAYS))


def _expiry(day: date) -> date:
    return add_working_days(_unanswered(day), GRACE_WORKING_DAYS)


def _later(day: date) -> date:
    return next_working_day(day + timedelta(days=RENEWABLE_DAYS))


def _in_turn(number: int, day: date, apart: int) -> date:
    return add_working_days(day, number * apart)


def _of_all(days: Days, day: date, apart: int) -> date:  # noqa: ARG001 - one signature
    return days(day)


def _reminders(does: Nudge, *numbers: int) -> tuple[Reminder, ...]:
    return tuple(Reminder(does, partial(_in_turn, each)) for each in numbers)


def _fixed(does: Nudge, *days: Days) -> tuple[Reminder, ...]:
    return tuple(Reminder(does, partial(_of_all, each)) for each in days)


# What waits for people of an organisation: it is decided, answered or given up before it ends by itself. The first,
# second and third reminder are as far apart as the organisation has it.
OF_PEOPLE = (
    *_reminders(Nudge.ASKED, 1),
    *_reminders(Nudge.OTHERS, 2),
    *_reminders(Nudge.STANDSTILL, 3),
    *_fixed(Nudge.KEEP, _unanswered),
)
OF_APPLICANTS = _fixed(Nudge.ASKED, partial(_within, 5), partial(_within, 15))
# What is done before a case ends, each once, the earliest first. A state that stands here has two rows of the clock in
# the flows table, REMIND and EXPIRE, whose guards are `reminders_left` and `all_reminded`.
REMINDERS: Mapping[State, tuple[Reminder, ...]] = {
    State.AWAITING_AGENT_APPROVAL: OF_PEOPLE,
    State.AWAITING_AGENT_ATTEST: OF_PEOPLE,
    State.AWAITING_CUSTOMER_ATTEST: OF_PEOPLE,
    # Nobody else can answer; before it ends whoever ordered is reminded once more.
    State.COMPLETION_REQUESTED: (
        *_reminders(Nudge.ASKED, 1, 2),
        *_reminders(Nudge.STANDSTILL, 3),
        *_fixed(Nudge.ASKED, _unanswered),
    ),
    State.APPLICATION_COMPLETION_REQUESTED: OF_APPLICANTS,
    State.AGREEMENT_AWAITING_SIGNATURE: OF_APPLICANTS,
}

# Where whoever ordered is asked, at last, whether to keep what others are waited for.
ASKED_TO_KEEP = frozenset(
    state for state, reminders in REMINDERS.items() if any(each.does is Nudge.KEEP for each in reminders)
)


# Within how many working days what waits for Inera is expected to be done: orderers read that day, and when it has
# passed, customer service hears of it, again and again.
TASKS: dict[State, int] = {
    State.AWAITING_CUSTOMER_SERVICE: 1,
    State.AWAITING_REVIEW: 1,
    State.APPLICATION_SUBMITTED: 1,
}


POLICY: dict[State, Days] = {
    State.AWAITING_AGENT_APPROVAL: _expiry,
    State.AWAITING_AGENT_ATTEST: _expiry,
    State.AWAITING_CUSTOMER_ATTEST: _expiry,
    State.COMPLETION_REQUESTED: _expiry,
    **{state: partial(_within, days) for state, days in TASKS.items()},
    **{state: partial(_within, CONFIRMING_WORKING_DAYS) for state in TO_CONFIRM},
    State.APPLICATION_COMPLETION_REQUESTED: _expiry,
    State.AGREEMENT_AWAITING_SIGNATURE: _expiry,
    State.AGREEMENT_EXPIRED: _later,
}


@dataclass(frozen=True)
class WaitingStep:
    """Where a case waits and since when, and when the clock, and whoever ordered, have reminded there last.

    `apart` are the working days between reminders, `hour` is when on a day they come.
    """

    state: State
    since: datetime
    reminded: datetime | None = None
    nudged: datetime | None = None
    apart: int = REMINDER_DAYS
    hour: int = REMINDER_HOUR

    def nudges(self, until: datetime) -> tuple[Nudge, ...]:
        """What is to be done today that has not been done: of what a stopped clock missed each once.

        It may start anew before the hour: what the day would bring comes at once, or some would be reminded twice.
        """
        return tuple(does for does, day in self._left() if day <= day_of(until))

    @property
    def is_all_reminded(self) -> bool:
        """True once nothing is left to be done but to end it."""
        return not self._left()

    @property
    def due(self) -> datetime | None:
        """When the clock's next row comes due; None in final states."""
        return next((self._at(day) for _, day in self._left()), self.closes)

    @property
    def closes(self) -> datetime | None:
        """When the clock ends it, or begins anew; None in final states. Whoever was reminded late has time left."""
        policy = POLICY.get(self.state)
        if policy is None:
            return None
        day = policy(day_of(self.since))
        if self.reminded is not None and self.is_all_reminded:
            day = max(day, add_working_days(day_of(self.reminded), GRACE_WORKING_DAYS))
        return at_closing(day).astimezone(UTC)

    @property
    def asks_to_keep(self) -> bool:
        """True once whoever ordered has been asked whether to keep it."""
        return any(does is Nudge.KEEP for does, _ in self._done())

    def may_be_nudged_from(self, today: date) -> date:
        """The first day, today or later, on which whoever ordered may remind those who are asked.

        It is a working day after they heard of it last, and no day on which the clock is still to remind them.
        """
        heard = [day_of(at) for at in (self.since, self.nudged) if at is not None]
        heard += [day for does, day in self._done() if does in ASKS_AGAIN]
        if self.reminded is not None and self._is_caught_up:
            heard.append(day_of(self.reminded))
        # What a stopped clock has missed comes as soon as it runs.
        to_hear = {next_working_day(max(day, today)) for does, day in self._left() if does in ASKS_AGAIN}
        first = max(today, add_working_days(max(heard), 1))
        while first in to_hear:
            first = add_working_days(first, 1)
        return first

    @property
    def _is_caught_up(self) -> bool:
        """True where the clock reminded last on a later day than it was to, of whatever it had missed."""
        done = self._done()
        return self.reminded is not None and bool(done) and done[-1][1] < day_of(self.reminded)

    def _left(self) -> list[tuple[Nudge, date]]:
        return [(does, day) for does, day in self._days() if self.reminded is None or day > day_of(self.reminded)]

    def _done(self) -> list[tuple[Nudge, date]]:
        return [(does, day) for does, day in self._days() if self.reminded is not None and day <= day_of(self.reminded)]

    def _days(self) -> list[tuple[Nudge, date]]:
        return [(each.does, each.on(day_of(self.since), self.apart)) for each in REMINDERS.get(self.state, ())]

    def _at(self, day: date) -> datetime:
        return at_hour(day, self.hour).astimezone(UTC)


def is_due(due_at: datetime | None, at: datetime) -> bool:
    """Say whether a row of the clock is to be followed now: on a working day, while it is not quiet."""
    return due_at is not None and due_at <= at and not is_quiet(at)


def days_to_carry_out(ahead: Sequence[State]) -> int | None:
    """In how many working days a case has been carried out whose steps ahead are these, by what is declared of each.

    None where a step is for people whose answer comes when it comes, or where nothing is left to carry out.
    """
    tasks = [at for at, each in enumerate(ahead) if each in TASKS]
    steps = ahead[: tasks[-1] + 1] if tasks else ()
    return sum(TASKS[each] for each in steps) if steps and all(each in TASKS for each in steps) else None


def asked_to_keep_before(at: datetime) -> datetime:
    """Return before when a case must have begun to wait for its orderer to be asked by now whether to keep it."""
    return end_of(day_of(at) - timedelta(days=UNANSWERED_DAYS))


def overdue_before(state: State, at: datetime) -> datetime:
    """Return since when a case must have waited in a state, at the latest, for the clock's row to be due by now."""
    day = day_of(at)
    while at_closing(POLICY[state](day)) >= at:
        day -= timedelta(days=1)
    return end_of(day)
