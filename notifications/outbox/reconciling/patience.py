"""Asking Slack where nobody waits for the answer: it is asked again once it has had the silence that it asks for."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from notifications.slack.slack_errors import Wait

# A workspace that asks for silence more often than this before it answers, or for a longer one, is left out.
PAUSES, LONGEST_PAUSE_SECONDS = 3, 60.0

Sleep = Callable[[float], Awaitable[None]]
T = TypeVar("T")


async def patiently(ask: Callable[[], Awaitable[T]], sleep: Sleep) -> T:
    """Return what Slack answers in the end. Raise SlackProblem."""
    for _ in range(PAUSES):
        try:
            return await ask()
        except Wait as problem:
            if problem.seconds > LONGEST_PAUSE_SECONDS:
                raise
            await sleep(problem.seconds)
    return await ask()
