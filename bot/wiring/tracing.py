"""Joins traces to what is traced, where the settings name a receiver of them."""

import os
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib.metadata import version

from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.config.settings import Settings
from bot.server.duties import Duty
from bot.server.metrics import FAILED, answer_of, how_of, type_of, way_of
from bot.tracing.spans import UNTRACED, SpanName, Traces
from notifications.cards.card import Card
from notifications.mail.link_addresses import INSTALLED
from notifications.mail.port import Letter, Mail

# Nobody has pressed anything.
READING = frozenset({"GET", "HEAD", "OPTIONS"})


def traces_of(settings: Settings, duties: frozenset[Duty]) -> Traces:
    """Return what traces this process, by its duties."""
    receiver = settings.trace_receiver()
    if receiver is None:
        return UNTRACED
    # Only now: nobody else waits for it, nor needs it installed.
    from bot.tracing.open_telemetry import open_telemetry

    process = {
        "service.version": version("kundportal"),
        "deployment.environment.name": settings.environment,
        "process.pid": os.getpid(),
        "kundportal.duties": sorted(map(str, duties)),
    }
    return open_telemetry(receiver, process)


class TracedRequests:
    """Traces each request that does more than read, from when its head has come until its answer has left."""

    def __init__(self, app: ASGIApp, traces: Traces) -> None:
        self._app = app
        self._traces = traces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _only_reads(scope):
            await self._app(scope, receive, send)
            return

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                status = message["status"]
                self._traces.note(status=status, route=_route_of(scope), has_failed=status >= 500)
            await send(message)

        with self._traces.press():
            await self._app(scope, receive, noting)


def _only_reads(scope: Scope) -> bool:
    # Whoever comes back from Slack brings what the app is installed with.
    return scope["method"] in READING and scope["path"] != INSTALLED


def _route_of(scope: Scope) -> str:
    """Return an address as the program names it: what stands in the address itself may be a secret."""
    route = scope.get("route")
    # What is mounted names its addresses by what comes after that.
    place = "" if isinstance(route, Mount) else scope.get("root_path", "")
    return place + getattr(route, "path", "")


@dataclass(frozen=True)
class TracedMail:
    """Implements notifications.mail.port.Mail: traces each mail that is handed over."""

    mail: Mail
    traces: Traces

    async def send(self, letter: Letter) -> None:
        """See Mail."""
        with self.traces.span(SpanName.MAIL):
            await self.mail.send(letter)

    async def check(self) -> None:
        """See Mail."""
        await self.mail.check()


def note_answer(traces: Traces, kind: str, status: int) -> None:
    """Tell how Slack was answered."""
    answer = answer_of(status)
    traces.note(type=type_of(kind), answer=answer, has_failed=answer == FAILED)


def trace_card(traces: Traces, card: Card) -> AbstractContextManager[None]:
    """Span all that is done to carry a card to its reader."""
    return traces.span(SpanName.CARD, case=card.case, card=card.kind, way=way_of(card), how=how_of(card))


def trace_job(traces: Traces, job: str) -> AbstractContextManager[None]:
    """Span a job of the clock."""
    return traces.span(SpanName.JOB, job=job)
