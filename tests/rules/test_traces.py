"""A press is one trace, whichever processes have a part in it, and no span says anything about anybody."""

import ast
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from bot.server.metrics import Metrics, outcome_of
from bot.slack.route import Intake
from bot.slack.switch import SlackSwitch
from bot.tracing.open_telemetry import OpenTelemetryTraces
from bot.tracing.spans import SpanName
from bot.wiring.slack_ears import SlackEars
from bot.wiring.tracing import TracedMail, TracedRequests
from core.api import CaseNotFound, new_press_id, under_press
from notifications.mail.link_addresses import INSTALLED
from notifications.mail.port import Letter
from notifications.slack.slack_errors import Never, TryLater
from notifications.slack.slack_watch import SlackWatch
from notifications.slack.workspaces import Workspaces
from tests.fakes.clock import FakeClock
from tests.support.world.seed import NOW

ROOT = Path(__file__).parents[2]
PRESS = "0a1b2c3d4e5f"


class Process:
    """One process that traces, and what it has told of."""

    def __init__(self):
        self._exporter = InMemorySpanExporter()
        self.traces = OpenTelemetryTraces(SimpleSpanProcessor(self._exporter), Resource({}))

    @property
    def told(self):
        return self._exporter.get_finished_spans()

    def span(self, name):
        (span,) = [each for each in self.told if each.name == name]
        return span


@pytest.fixture
def process():
    return Process()


def test_a_card_that_another_process_carries_stands_in_the_trace_of_its_press():
    web, relay = Process(), Process()

    with under_press(PRESS), web.traces.press():
        pass
    with under_press(PRESS), relay.traces.span(SpanName.CARD, card="status"):
        relay.traces.past(SpanName.SLACK, 0.2, method="chat.update")

    press, card, call = web.span("press"), relay.span("card status"), relay.span("slack chat.update")
    assert press.parent is None
    assert {span.context.trace_id for span in (press, card, call)} == {press.context.trace_id}
    assert (card.parent.span_id, call.parent.span_id) == (press.context.span_id, card.context.span_id)
    assert {span.attributes["kundportal.press"] for span in (press, card, call)} == {PRESS}


def test_presses_have_traces_of_their_own(process):
    for _ in range(2):
        with under_press(new_press_id()), process.traces.press(), process.traces.span(SpanName.TRANSACTION):
            pass

    assert len({span.context.trace_id for span in process.told}) == 2
    assert len({span.context.span_id for span in process.told}) == 4


def test_a_press_is_spanned_once_however_many_doors_it_comes_through(process):
    with under_press(PRESS), process.traces.press(), process.traces.press():
        process.traces.note(type="block_actions")

    assert process.span("press").attributes["kundportal.type"] == "block_actions"
    assert process.span("press").kind is SpanKind.SERVER


def test_what_no_press_led_to_begins_a_trace_of_its_own_and_holds_what_it_does(process):
    with (
        process.traces.press(),
        process.traces.span(SpanName.JOB, job="tick"),
        process.traces.span(SpanName.TRANSACTION),
    ):
        pass

    job, transaction = process.span("job tick"), process.span("transaction")
    assert job.parent is None
    assert transaction.parent.span_id == job.context.span_id
    assert "kundportal.press" not in {*job.attributes, *transaction.attributes}


def test_what_has_ended_is_told_of_as_long_as_it_took(process):
    process.traces.past(SpanName.SLACK, 1.5, method="chat.postMessage", outcome="ok")

    call = process.span("slack chat.postMessage")
    assert call.end_time - call.start_time == 1_500_000_000
    assert (call.kind, call.status.status_code) == (SpanKind.CLIENT, StatusCode.UNSET)


def test_a_refusal_is_told_by_its_code_and_is_no_fault(process):
    with pytest.raises(CaseNotFound), process.traces.span(SpanName.TRANSACTION):
        raise CaseNotFound

    span = process.span("transaction")
    assert (span.attributes["kundportal.code"], span.status.status_code) == (CaseNotFound.code, StatusCode.UNSET)


def test_a_fault_is_told_by_its_class_and_not_by_its_words(process):
    with pytest.raises(RuntimeError), process.traces.span(SpanName.MAIL):
        raise RuntimeError("anna.berg@example.org")

    span = process.span("mail")
    assert (span.attributes["error.type"], span.status.status_code) == ("RuntimeError", StatusCode.ERROR)
    assert "anna" not in span.to_json()


@pytest.mark.parametrize("said", ["Anna Berg", "anna.berg@example.org", "Åsa", "B-1\nB-2", "", None, "A" * 101])
def test_what_is_no_word_of_ours_is_left_out(process, said):
    with process.traces.span(SpanName.REFUSAL, case=said, code="stale"):
        process.traces.note(action=said)

    assert dict(process.span("refusal").attributes) == {"kundportal.code": "stale"}


def test_what_is_told_too_late_is_let_be(process):
    process.traces.note(outcome="shown")

    assert process.told == ()


def test_a_press_is_told_of_whole_or_not_at_all_where_only_some_are(monkeypatch):
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "0.5")
    web, relay, presses = Process(), Process(), [new_press_id() for _ in range(60)]

    for press in presses:
        with under_press(press), web.traces.press():
            pass
        with under_press(press), relay.traces.span(SpanName.CARD):
            pass

    told = [{span.attributes["kundportal.press"] for span in each.told} for each in (web, relay)]
    assert told[0] == told[1]
    assert 0 < len(told[0]) < len(presses)


async def test_a_request_is_known_by_how_the_program_names_its_address(process):
    async def answer(_: Request):
        return PlainTextResponse("", 202)

    api = FastAPI()
    api.add_api_route("/orders/{order}", answer, methods=["GET", "POST"])
    page = Route("/d/{token}", answer, methods=["GET", "POST"])
    app = TracedRequests(Starlette(routes=[Mount("/api", api), page]), process.traces)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as visitor:
        for address in ("/d/a-secret", "/api/orders/a-secret"):
            await visitor.get(address)
            with under_press(new_press_id()):
                await visitor.post(f"{address}?more=secrets")

    assert [each.attributes["http.route"] for each in process.told] == ["/d/{token}", "/api/orders/{order}"]
    assert {each.attributes["http.response.status_code"] for each in process.told} == {202}
    assert not [each for each in process.told if "secret" in each.to_json()]


async def test_an_address_that_is_unknown_where_it_is_mounted_is_known_by_that_place(process):
    app = TracedRequests(Starlette(routes=[Mount("/api", FastAPI())]), process.traces)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as visitor:
        with under_press(PRESS):
            await visitor.post("/api/a-secret")

    assert process.span("press").attributes["http.route"] == "/api"


async def test_what_somebody_who_only_reads_leads_to_begins_a_trace_of_its_own(process):
    async def refuse(_):
        with process.traces.span(SpanName.REFUSAL, code="stale"):
            process.traces.past(SpanName.SLACK, 0.2, method="views.open")
        return PlainTextResponse("")

    app = TracedRequests(Starlette(routes=[Route("/", refuse)]), process.traces)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as visitor:
        with under_press(PRESS):
            await visitor.get("/")

    refusal, call = process.span("refusal"), process.span("slack views.open")
    assert (refusal.parent, call.parent.span_id) == (None, refusal.context.span_id)
    assert refusal.attributes["kundportal.press"] == PRESS
    assert len(process.told) == 2


async def test_whoever_comes_back_from_slack_with_the_app_installed_is_spanned(process):
    async def install(_):
        return PlainTextResponse("")

    app = TracedRequests(Starlette(routes=[Route(INSTALLED, install)]), process.traces)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as visitor:
        with under_press(PRESS):
            await visitor.get(f"{INSTALLED}?code=a-secret")

    assert process.span("press").attributes["http.route"] == INSTALLED
    assert "secret" not in process.span("press").to_json()


@pytest.mark.parametrize(
    ("method", "problem", "status"),
    [
        ("users.lookupByEmail", Never("users_not_found"), StatusCode.UNSET),
        ("users.info", TryLater("timeout"), StatusCode.ERROR),
        ("chat.postMessage", Never("user_not_found"), StatusCode.ERROR),
        ("chat.postMessage", None, StatusCode.UNSET),
    ],
)
def test_a_call_has_failed_by_all_that_slack_answers_but_that_nobody_is_there(process, method, problem, status):
    nowhere = Workspaces(None, None, None)
    watch = SlackWatch(nowhere, FakeClock(NOW), lambda _: None)

    SlackEars(watch, SlackSwitch(nowhere, None, None), Metrics(), process.traces).hear("xoxb-1", method, problem, 0.1)

    call = process.span(f"slack {method}")
    assert (call.status.status_code, call.attributes["kundportal.outcome"]) == (status, outcome_of(problem))


async def test_a_request_that_is_answered_by_a_fault_of_ours_has_failed(process):
    async def answer(_):
        return PlainTextResponse("", 503)

    app = TracedRequests(Starlette(routes=[Route("/", answer, methods=["POST"])]), process.traces)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as visitor:
        with under_press(PRESS):
            await visitor.post("/")

    assert process.span("press").status.status_code is StatusCode.ERROR


async def test_what_comes_over_a_socket_is_spanned_where_it_is_taken(process):
    async def nobody(_):
        return None

    heard = []
    intake = Intake(None, nobody, lambda *answer: heard.append(answer), process.traces.press)

    with under_press(PRESS):
        await intake.take({"type": "block_actions"})

    assert [kind for kind, *_ in heard] == ["block_actions"]
    assert process.span("press").attributes["kundportal.press"] == PRESS


async def test_a_mail_that_is_not_taken_is_told_of_without_its_reader(process):
    class Away:
        async def send(self, letter):
            raise TryLater(letter.to)

    letter = Letter("anna.berg@example.org", "Hej", "Hej", "Hej", "sv", "<1@here>")

    with pytest.raises(TryLater):
        await TracedMail(Away(), process.traces).send(letter)

    assert process.span("mail").attributes["error.type"] == "TryLater"
    assert "anna" not in process.span("mail").to_json()


def test_one_file_knows_open_telemetry():
    files = [file for package in ("core", "notifications", "bot") for file in (ROOT / package).rglob("*.py")]
    knowing = {file.relative_to(ROOT).as_posix() for file in files if any(map(_is_its, _imported(file)))}

    assert knowing == {"bot/tracing/open_telemetry.py"}


def _is_its(module):
    return module.partition(".")[0] in {"opentelemetry", "requests"}


def _imported(file):
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
