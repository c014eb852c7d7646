"""When the clock acts on a waiting case: one declared policy on Swedish working days (domain: section 9)."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial

from core.shared.vocabulary import TO_CONFIRM, State
from core.shared.working_days import add_working_days, at_closing, day_of, end_of, next_working_day

UNANSWERED_DAYS = 30
GRACE_WORKING_DAYS = 10
RENEWABLE_DAYS = 90
CONFIRMING_WORKING_DAYS = 20
# After so many working days whoever a state waits for is reminded, once for each. A state that stands here has two rows
# of the clock in the flows table, REMIND and EXPIRE, whose guards are `reminders_left` and `all_reminded`.
REMINDERS: dict[State, tuple[int, ...]] = {
    State.APPLICATION_COMPLETION_REQUESTED: (5, 15),
    State.AGREEMENT_AWAITING_SIGNATURE: (5, 15),
}


# Within how many working days what waits for Inera is taken on.
TASKS: dict[State, int] = {
    State.AWAITING_CUSTOMER_SERVICE: 1,
    State.AWAITING_REVIEW: 1,
    State.APPLICATION_SUBMITTED: 1,
}


def _expiry(day: date) -> date:
    return add_working_days(next_working_day(day + timedelta(days=UNANSWERED_DAYS)), GRACE_WORKING_DAYS)


def _within(working_days: int, day: date) -> date:
    return add_working_days(day, working_days)


def _later(day: date) -> date:
    return next_working_day(day + timedelta(days=RENEWABLE_DAYS))


POLICY: dict[State, Callable[[date], date]] = {
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


def due(state: State, since: datetime, reminded: int = 0) -> datetime | None:
    """When the clock's next row of a state comes due for a case that waits there since; None in final states.

    `reminded` is how many reminders have been sent there.
    """
    policy, days = POLICY.get(state), REMINDERS.get(state, ())
    if policy is None:
        return None
    day = day_of(since)
    then = add_working_days(day, days[reminded]) if reminded < len(days) else policy(day)
    return at_closing(then).astimezone(UTC)


def closes_at(state: State, since: datetime) -> datetime | None:
    """When the clock ends a state for a case that waits there since, all reminders sent; None in final states."""
    return due(state, since, len(REMINDERS.get(state, ())))


def days_to_carry_out(ahead: Sequence[State]) -> int | None:
    """In how many working days a case has been carried out whose steps ahead are these, by what is declared of each.

    None where a step is for people whose answer comes when it comes, or where nothing is left to carry out.
    """
    tasks = [at for at, each in enumerate(ahead) if each in TASKS]
    steps = ahead[: tasks[-1] + 1] if tasks else ()
    return sum(TASKS[each] for each in steps) if steps and all(each in TASKS for each in steps) else None


def overdue_before(state: State, at: datetime) -> datetime:
    """Return since when a case must have waited in a state, at the latest, for the clock's row to be due by now."""
    day = day_of(at)
    while at_closing(POLICY[state](day)) >= at:
        day -= timedelta(days=1)
    return end_of(day)
