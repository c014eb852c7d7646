"""Traces by OpenTelemetry: the ids of a press's trace follow from its own, so that any process can add to it."""

import asyncio
import logging
import re
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from hashlib import sha256
from threading import Thread
from typing import Any, Unpack, cast

import requests
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import (
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    get_current_span,
    set_span_in_context,
    use_span,
)
from opentelemetry.util.re import parse_env_headers

from bot.config.tracing_settings import TraceReceiver
from bot.tracing.spans import SpanFacts, SpanName, Traces
from core.api import OrderError, press_id

KINDS = {
    SpanName.PRESS: SpanKind.SERVER,
    SpanName.CARD: SpanKind.CONSUMER,
    SpanName.SLACK: SpanKind.CLIENT,
    SpanName.MAIL: SpanKind.CLIENT,
}
# What tells spans of one name apart at a glance, of which there are few.
TELLING = ("method", "job", "card")
# What the field has a name of its own for.
ATTRIBUTES = {"status": "http.response.status_code", "route": "http.route"}
# A name, a sentence or an address of mail is no such thing, wherever it may come from.
WORD = re.compile(r"[\w.:/{}-]{1,100}", re.ASCII)
# How long a shutdown waits for a receiver.
END_SECONDS = 3.0

log = logging.getLogger(__name__)

# The press whose first span is begun just now.
_begins: ContextVar[str | None] = ContextVar("begins", default=None)


def ids_of(press: str) -> tuple[int, int]:
    """Return the ids of a press's trace and of its first span."""
    digest = sha256(press.encode()).digest()
    return int.from_bytes(digest[:16]), int.from_bytes(digest[16:24])


class PressSpanIds(RandomIdGenerator):
    """Gives the first span of a press the ids that follow from it, and all others random ones."""

    def generate_trace_id(self) -> int:
        """See IdGenerator."""
        press = _begins.get()
        return super().generate_trace_id() if press is None else ids_of(press)[0]

    def generate_span_id(self) -> int:
        """See IdGenerator."""
        press = _begins.get()
        return super().generate_span_id() if press is None else ids_of(press)[1]


class OpenTelemetryTraces(Traces):
    """Makes spans, and hands them to a processor."""

    def __init__(self, processor: SpanProcessor, resource: Resource) -> None:
        # Nobody else's provider: what libraries would tell of by themselves holds addresses and statements.
        self._provider = TracerProvider(resource=resource, id_generator=PressSpanIds(), shutdown_on_exit=False)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("kundportal")

    def press(self) -> AbstractContextManager[None]:
        """See Traces."""
        press = press_id()
        if press is None or _is_under_way(press):
            return nullcontext()
        token = _begins.set(press)
        try:
            return _at_work(self._span(SpanName.PRESS, {}, around=Context()))
        finally:
            _begins.reset(token)

    def span(self, name: SpanName, **facts: Unpack[SpanFacts]) -> AbstractContextManager[None]:
        """See Traces."""
        # Of what a press leads to, a message alone may be carried elsewhere than where the press is answered.
        return _at_work(self._span(name, facts, around=self._press_of_card() if name is SpanName.CARD else None))

    def past(self, name: SpanName, seconds: float, *, has_failed: bool = False, **facts: Unpack[SpanFacts]) -> None:
        """See Traces."""
        ended = time.time_ns()
        span = self._span(name, facts, began_at=ended - int(seconds * 1e9))
        if has_failed:
            span.set_status(StatusCode.ERROR)
        span.end(ended)

    def note(self, *, has_failed: bool = False, **facts: Unpack[SpanFacts]) -> None:
        """See Traces."""
        span = get_current_span()
        if not span.is_recording():
            return
        span.set_attributes(_attributes(facts))
        if has_failed:
            span.set_status(StatusCode.ERROR)

    async def end(self) -> None:
        """See Traces."""
        # The library waits for half a minute, and for a receiver that is away in vain.
        ending = Thread(target=self._provider.shutdown, name="traces", daemon=True)
        ending.start()
        await asyncio.to_thread(ending.join, END_SECONDS)

    def _press_of_card(self) -> Context | None:
        """Return the press that a card shows, wherever that was; None: what is under way here."""
        press = press_id()
        if press is None or _is_under_way(press):
            return None
        trace, first = ids_of(press)
        # Whether the process of the press has told of it is decided by the trace's id, there as here.
        decision = self._provider.sampler.should_sample(Context(), trace, SpanName.PRESS).decision
        flags = TraceFlags(TraceFlags.SAMPLED if decision.is_sampled() else TraceFlags.DEFAULT)
        parent = SpanContext(trace, first, is_remote=True, trace_flags=flags)
        return set_span_in_context(NonRecordingSpan(parent), Context())

    def _span(
        self, name: SpanName, facts: SpanFacts, *, around: Context | None = None, began_at: int | None = None
    ) -> Span:
        said = _attributes(facts)
        telling = next((said[key] for key in map(_attribute, TELLING) if key in said), None)
        title = name if telling is None else f"{name} {telling}"
        kind = KINDS.get(name, SpanKind.INTERNAL)
        if (press := press_id()) is not None:
            said["kundportal.press"] = press
        return self._tracer.start_span(title, context=around, kind=kind, attributes=said, start_time=began_at)


@contextmanager
def _at_work(span: Span) -> Generator[None]:
    # The library would tell of what is raised with its words and its traceback.
    with use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False):
        try:
            yield
        except OrderError as refusal:
            span.set_attribute(_attribute("code"), refusal.code)
            raise
        except Exception as error:
            span.set_attribute("error.type", type(error).__name__)
            span.set_status(StatusCode.ERROR)
            raise


def _is_under_way(press: str) -> bool:
    return get_current_span().get_span_context().trace_id == ids_of(press)[0]


def _attribute(fact: str) -> str:
    return ATTRIBUTES.get(fact, f"kundportal.{fact}")


def _attributes(facts: SpanFacts) -> dict[str, str | int]:
    given = cast(Mapping[str, Any], facts)
    return {_attribute(fact): value for fact, value in given.items() if isinstance(value, int) or _is_word(value)}


def _is_word(value: str | None) -> bool:
    return value is not None and WORD.fullmatch(value) is not None


class HeardSession(requests.Session):
    """Keeps how the last request ended."""

    last = ""

    def request(self, *args: Any, **named: Any) -> requests.Response:  # Any: the library's own
        """See requests.Session."""
        try:
            answer = super().request(*args, **named)
        except Exception as error:
            self.last = type(error).__name__
            raise
        self.last = f"http_{answer.status_code}"
        return answer


def _exporter_to(receiver: TraceReceiver, session: HeardSession) -> OTLPSpanExporter:
    headers = parse_env_headers(receiver.headers, liberal=True)
    return OTLPSpanExporter(f"{receiver.url}/v1/traces", headers=headers, session=session)


class ToldExporter(SpanExporter):
    """Sends spans to a receiver. The log hears once that it does not take them, and once that it does again."""

    def __init__(self, receiver: TraceReceiver) -> None:
        self._session = HeardSession()
        self._exporter = _exporter_to(receiver, self._session)
        self._is_away = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """See SpanExporter."""
        result = self._exporter.export(spans)
        is_away = result is not SpanExportResult.SUCCESS
        if is_away and not self._is_away:
            log.warning("traces_not_sent error=%s", self._session.last)
        elif self._is_away and not is_away:
            log.info("traces_sent_again")
        self._is_away = is_away
        return result

    def shutdown(self) -> None:
        """See SpanExporter."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """See SpanExporter."""
        return self._exporter.force_flush(timeout_millis)


def silence_library() -> None:
    """Let the library say no more, which writes a line at each try; what is wrong in the environment it has said."""
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)


def refusal_of(receiver: TraceReceiver) -> str | None:
    """Send a receiver a message without spans, and return how that is refused; None where it is taken."""
    session = HeardSession()
    exporter = _exporter_to(receiver, session)
    silence_library()
    try:
        is_taken = exporter.export(()) is SpanExportResult.SUCCESS
    finally:
        exporter.shutdown()
    return None if is_taken else session.last


def open_telemetry(receiver: TraceReceiver, process: Mapping[str, str | int | Sequence[str]]) -> OpenTelemetryTraces:
    """Return what sends traces to a receiver. `process` is what each says of where it comes from.

    What the environment says in OpenTelemetry's own variables goes before that.
    """
    said = {"service.name": receiver.service, **process}
    resource = Resource.create(said).merge(OTELResourceDetector().detect())
    traces = OpenTelemetryTraces(BatchSpanProcessor(ToldExporter(receiver)), resource)
    silence_library()
    return traces
