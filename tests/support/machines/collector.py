"""A receiver of traces, as operators run one: it takes OTLP over HTTP and keeps each span that comes."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from fastapi import FastAPI, Request, Response
from google.protobuf.message import Message
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from bot.sandbox.server import serve


@dataclass(frozen=True)
class SeenSpan:
    """A span as it came; `says` are its attributes, `process` those of where it came from."""

    name: str
    trace: str
    id: str
    parent: str
    says: Mapping[str, object]
    process: Mapping[str, object]

    @property
    def press(self) -> object:
        return self.says.get("kundportal.press")


@dataclass
class Collector:
    """What came, and how it is answered: by a status, or not while it is silent."""

    url: str = ""
    status: int = 200
    is_silent: bool = False
    spans: list[SeenSpan] = field(default_factory=list)
    strings: set[str] = field(default_factory=set)
    headers: list[Mapping[str, str]] = field(default_factory=list)

    def of_press(self, press: str) -> list[SeenSpan]:
        return [span for span in self.spans if span.press == press]

    def holds(self, *words: str) -> list[str]:
        """Which of these words came, anywhere."""
        came = "\n".join(self.strings).lower()
        return [word for word in words if word.lower() in came]

    async def take(self, request: Request) -> Response:
        body = await request.body()
        while self.is_silent:  # noqa: ASYNC110 - whoever ends it stands in another thread
            await asyncio.sleep(0.02)
        self.headers.append(dict(request.headers))
        if self.status == 200:
            came = ExportTraceServiceRequest.FromString(body)
            self.strings |= {*_strings(came)}
            self.spans += _spans(came)
        return Response(
            ExportTraceServiceResponse().SerializeToString(), self.status, media_type="application/x-protobuf"
        )


@contextmanager
def collecting() -> Iterator[Collector]:
    """A receiver at work."""
    app, collector = FastAPI(openapi_url=None), Collector()
    app.add_route("/v1/traces", collector.take, methods=["POST"])
    with serve(app) as collector.url:
        yield collector


def _spans(came: ExportTraceServiceRequest) -> Iterator[SeenSpan]:
    for process in came.resource_spans:
        where = _said(process.resource.attributes)
        for span in (span for scope in process.scope_spans for span in scope.spans):
            ids = span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex()
            yield SeenSpan(span.name, *ids, _said(span.attributes), where)


def _strings(message: Message) -> Iterator[str]:
    """All that is text in a message; ids are bytes."""
    for descriptor, value in message.ListFields():
        for each in value if descriptor.is_repeated else [value]:
            if isinstance(each, Message):
                yield from _strings(each)
            elif isinstance(each, str):
                yield each


def _said(attributes: list[KeyValue]) -> dict[str, object]:
    return {each.key: _value(each.value) for each in attributes}


def _value(value: AnyValue) -> object:
    kind = value.WhichOneof("value")
    return [_value(each) for each in value.array_value.values] if kind == "array_value" else getattr(value, str(kind))
