"""On which days what one has connected may end."""

from datetime import date, timedelta

from core.shared.errors import FormError
from core.workflow.context import Standing

# How far ahead what one has may be ended: further away stands a year that was mistyped.
ENDS_WITHIN = timedelta(days=365)


def is_too_far(day: date, today: date) -> bool:
    """Say whether a day is further ahead than anything may be ended."""
    return day > today + ENDS_WITHIN


def check_last_day(last_day: date, standing: Standing, today: date) -> None:
    """Refuse a last day on which what ends was not connected yet, or that is too far away.

    A day that has passed is possible: what has ended already is told afterwards. Raises FormError naming `last_day`.
    """
    since = standing.held_since
    if since is None:
        raise FormError(fields={"last_day": "not_connected"})
    if last_day < since:
        raise FormError(fields={"last_day": "too_early"}, first=since)
    if is_too_far(last_day, today):
        raise FormError(fields={"last_day": "too_far"}, latest=today + ENDS_WITHIN)
