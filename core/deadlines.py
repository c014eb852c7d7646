"""When the clock acts on a waiting case: one declared policy on Swedish working days (domain: section 9)."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from core.words import State
from core.working_days import STOCKHOLM, add_working_days, at_closing, next_working_day

UNANSWERED_DAYS = 30
GRACE_WORKING_DAYS = 10


def _expiry(day: date) -> date:
    return add_working_days(next_working_day(day + timedelta(days=UNANSWERED_DAYS)), GRACE_WORKING_DAYS)


def _tomorrow(day: date) -> date:
    return add_working_days(day, 1)


POLICY: dict[State, Callable[[date], date]] = {
    State.AWAITING_AGENT_APPROVAL: _expiry,
    State.AWAITING_AGENT_ATTEST: _expiry,
    State.AWAITING_CUSTOMER_ATTEST: _expiry,
    State.COMPLETION_REQUESTED: _expiry,
    State.AWAITING_CUSTOMER_SERVICE: _tomorrow,
}


def due(state: State, since: datetime) -> datetime | None:
    """When the clock's row of a state comes due for a case that waits there since; None in final states."""
    policy = POLICY.get(state)
    if policy is None:
        return None
    return at_closing(policy(since.astimezone(STOCKHOLM).date())).astimezone(UTC)
