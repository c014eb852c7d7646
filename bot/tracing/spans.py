"""The spans that a trace is made of, what each may say, and what makes none where nobody has asked for traces."""

from contextlib import AbstractContextManager, nullcontext
from enum import StrEnum
from typing import TypedDict, Unpack


class SpanName(StrEnum):
    """What takes time."""

    PRESS = "press"  # what somebody sent, until it is answered
    TRANSACTION = "transaction"  # a case is read, decided on and saved
    REFUSAL = "refusal"  # history is told of it
    CARD = "card"  # drawn, and carried to its reader
    SLACK = "slack"  # one call
    MAIL = "mail"  # handed to the mail server
    JOB = "job"  # of the clock


class SpanFacts(TypedDict, total=False):
    """All that a span may say: numbers of cases, and words of ours. None of it is about anybody."""

    # A press: what Slack calls it, how it was answered, and its address as the program names it.
    type: str
    answer: str
    route: str
    status: int
    # What somebody, or the clock, did to a case, or was not let do.
    case: str | None
    revision: int
    flow: str
    state: str
    action: str
    surface: str
    code: str
    # A card: its kind, and what became of it.
    card: str
    way: str
    how: str
    # A call to Slack, and a job of the clock.
    method: str
    outcome: str
    job: str


class Traces:
    """Makes no spans. `bot.tracing.open_telemetry` does; whoever tells of something need not know which."""

    def press(self) -> AbstractContextManager[None]:
        """Span what is done under the id of a press, from its beginning; inside that span it makes no other."""
        return nullcontext()

    def span(self, name: SpanName, **facts: Unpack[SpanFacts]) -> AbstractContextManager[None]:  # noqa: ARG002 - see above
        """Span what is done here. What it raises is told by its class alone, a refusal by its code."""
        return nullcontext()

    def past(self, name: SpanName, seconds: float, *, has_failed: bool = False, **facts: Unpack[SpanFacts]) -> None:
        """Tell of what has ended just now and took so long."""

    def note(self, *, has_failed: bool = False, **facts: Unpack[SpanFacts]) -> None:
        """Add to the span that is under way, if there is one."""

    async def end(self) -> None:
        """Let what is left go out, for a moment; nothing is told of afterwards."""


UNTRACED = Traces()
