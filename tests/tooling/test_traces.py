"""Traces leave for whoever takes them, whose absence the log tells of once; without a receiver nothing is loaded."""

import asyncio
import logging
import subprocess
import sys
import threading

import pytest

from bot.config.tracing_settings import TraceReceiver
from bot.tracing.open_telemetry import OpenTelemetryTraces, ToldExporter, open_telemetry, silence_library
from bot.tracing.spans import SpanName
from tests.support.machines.collector import collecting
from tests.support.machines.product import ROOT

LIBRARY = "opentelemetry"
LOADED = """
import sys
from bot.demo.run import Demo, bind
from bot.main import build
with bind(0) as product, bind(0) as page:
    place = Demo("sqlite:///nowhere.db", product, page)
    build(place.settings(place.sandbox()))
print([name for name in sys.modules if name.startswith(("opentelemetry.sdk", "opentelemetry.exporter", "requests"))])
"""


@pytest.fixture(autouse=True)
def its_own(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    # As it is before anything has silenced it, and afterwards.
    caplog.set_level(logging.INFO, LIBRARY)
    for name in ("OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES", "OTEL_EXPORTER_OTLP_HEADERS"):
        monkeypatch.delenv(name, raising=False)
    # A receiver in the same process may be slow.
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "60")


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.INFO]


def told(traces: OpenTelemetryTraces) -> None:
    with traces.span(SpanName.JOB, job="tick"):
        pass


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """An end waits for it as well."""
    monkeypatch.setattr("bot.tracing.open_telemetry.END_SECONDS", 60.0)


@pytest.mark.slow
def test_without_a_receiver_nothing_of_it_is_loaded() -> None:
    said = subprocess.run([sys.executable, "-c", LOADED], cwd=ROOT, check=True, capture_output=True, text=True)

    assert said.stdout == "[]\n"


@pytest.mark.usefixtures("patient")
async def test_what_is_left_at_the_end_goes_out_with_what_the_receiver_wants_to_be_shown() -> None:
    with collecting() as collector:
        receiver = TraceReceiver(collector.url, "authorization=Bearer%20of-the-tests", "portal")
        traces = open_telemetry(receiver, {"kundportal.duties": ["clock", "relay"]})
        told(traces)
        await traces.end()

    [span] = collector.spans
    assert span.name == "job tick"
    assert span.process["service.name"] == "portal"
    assert span.process["kundportal.duties"] == ["clock", "relay"]
    assert collector.headers[0]["authorization"] == "Bearer of-the-tests"


@pytest.mark.usefixtures("patient")
async def test_what_the_environment_says_of_a_process_goes_before_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "service.name=of-the-machine,host.name=one")
    with collecting() as collector:
        traces = open_telemetry(TraceReceiver(collector.url, "", "portal"), {})
        told(traces)
        await traces.end()

    [span] = collector.spans
    assert (span.process["service.name"], span.process["host.name"]) == ("of-the-machine", "one")


async def test_the_log_tells_once_of_a_receiver_that_takes_nothing_and_once_when_it_does_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with collecting() as collector:
        exporter = ToldExporter(TraceReceiver(collector.url, "", "portal"))
        silence_library()
        for status in (401, 401, 200, 200, 400):
            collector.status = status
            await asyncio.to_thread(exporter.export, ())
        exporter.shutdown()

    assert lines(caplog) == ["traces_not_sent error=http_401", "traces_sent_again", "traces_not_sent error=http_400"]
    assert not [record for record in caplog.records if record.exc_info]


@pytest.mark.usefixtures("patient")
async def test_the_library_says_what_is_wrong_in_the_environment_and_nothing_afterwards(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_traceidration")
    with collecting() as collector:
        collector.status = 400
        traces = open_telemetry(TraceReceiver(collector.url, "", "portal"), {})
        told(traces)
        await traces.end()

    sampler, *others = lines(caplog)
    assert "parentbased_traceidration" in sampler
    assert others == ["traces_not_sent error=http_400"]


async def test_a_receiver_that_does_not_answer_holds_up_no_end_of_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "600")
    with collecting() as collector:
        collector.is_silent = True
        traces = open_telemetry(TraceReceiver(collector.url, "", "portal"), {})
        told(traces)

        await traces.end()
        waiting = [thread.name for thread in threading.enumerate() if thread.name == "traces"]
        collector.is_silent = False

    # The library waits on, and nobody for it.
    assert waiting == ["traces"]
