"""Whoever runs this sees in one trace what a press led to, and reads nothing about anybody there."""

import io
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import pytest

from bot.config.settings import Settings
from bot.demo.run import Demo
from bot.sandbox.config import SandboxConfig
from tests.flow.log_lines import MESSAGE, WRITTEN, called, found
from tests.flow.people import ANNA, BO, CECILIA, DISA, attest, place_order
from tests.flow.slack import text, until
from tests.flow.stage import playing, with_mail
from tests.support.machines.collector import Collector, SeenSpan, collecting

CARDS = 5
PERSON_ID = re.compile(r"\bP-\w")


@dataclass(frozen=True)
class TracedPlace(Demo):
    """Where the product sends traces to a receiver."""

    receiver: str = ""

    def settings(self, slack: SandboxConfig) -> Settings:
        return super().settings(slack).model_copy(update={"otel_exporter_otlp_endpoint": self.receiver})


def traced(place: Demo, receiver: str) -> TracedPlace:
    return TracedPlace(place.database_url, place.product, place.page, place.mail, receiver=receiver)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What has ended leaves in a moment, and all of it: a receiver in the same process may be slow."""
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "60")
    monkeypatch.setattr("bot.tracing.open_telemetry.END_SECONDS", 60.0)


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as collector:
        yield collector


@contextmanager
def nobody_listening() -> Iterator[str]:
    """An address that is taken, and where nobody answers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


def press_of(lines: io.StringIO, pattern: str) -> str:
    (line,) = found(lines, pattern)
    return line.rpartition("press=")[2]


def named(spans: list[SeenSpan], name: str) -> list[SeenSpan]:
    return [span for span in spans if span.name.split(" ")[0] == name]


def shown(spans: list[SeenSpan]) -> list[SeenSpan]:
    return [card for card in named(spans, "card") if card.says.get("kundportal.outcome") == "shown"]


def test_a_press_and_the_messages_that_show_it_are_one_trace(
    place: Demo, lines: io.StringIO, collector: Collector
) -> None:
    with playing(traced(place, collector.url)) as slack:
        case = place_order(slack, "npo-producent")
        attest(slack, BO, case)
        press = press_of(lines, f"case_changed case={case} revision=2 action=attest")
        until(lambda: len(shown(collector.of_press(press))) >= CARDS, what="five cards")
        spans = until(
            lambda: collector.of_press(press) if named(collector.of_press(press), "press") else None, what="it"
        )

    [first], [saved] = named(spans, "press"), named(spans, "transaction")
    assert {span.trace for span in spans} == {first.trace}
    assert (first.parent, saved.parent) == ("", first.id)
    assert first.says["kundportal.type"] == "view_submission"
    assert (first.says["kundportal.answer"], first.says["http.response.status_code"]) == ("ok", 200)
    said = ("case", "revision", "flow", "state", "action", "surface")
    values = (case, 2, "direct", "awaiting_customer_service", "attest", "slack")
    assert tuple(saved.says[f"kundportal.{each}"] for each in said) == values
    assert {card.parent for card in named(spans, "card")} == {first.id}
    carried = {call.parent for call in named(spans, "slack") if call.says["kundportal.outcome"] == "ok"}
    assert {card.id for card in shown(spans)} <= carried


def test_a_mail_is_part_of_the_trace_and_nothing_about_anybody_is(
    place: Demo, lines: io.StringIO, collector: Collector
) -> None:
    with with_mail(place) as posted, playing(traced(posted, collector.url)) as slack:
        disa = slack.person(DISA)
        case = place_order(slack, "npo-producent")
        attest(slack, BO, case)
        disa.press(disa.message("Ta ärendet", case), "kp.claim")
        disa.press(disa.message("Skicka instruktion", "Disa Fors", case), "kp.send_instructions")
        disa.submit(disa.modal("Anna Berg"), message=text(MESSAGE))
        slack.person(ANNA).message("Så får ni tillgång", case)
        press = press_of(lines, f"case_changed case={case} .*action=send_instructions")
        mails = until(lambda: named(collector.of_press(press), "mail"), what="the mail")
        slack.tick()
        until(lambda: [span for span in collector.spans if not span.press], what="what nobody pressed")

    letters = {card.id for card in named(collector.of_press(press), "card") if card.says["kundportal.way"] == "mail"}
    assert {mail.parent for mail in mails} <= letters
    assert named(collector.spans, "transaction")
    assert collector.holds(*WRITTEN, *called(), *(ANNA, BO, DISA), "xoxb-", "Traceback") == []
    assert [each for each in collector.strings if PERSON_ID.search(each)] == []


def test_a_refusal_is_told_by_its_code(place: Demo, lines: io.StringIO, collector: Collector) -> None:
    with playing(traced(place, collector.url)) as slack:
        case = place_order(slack, "npo-producent")
        cecilia = slack.person(CECILIA)
        asked = cecilia.message("Attestera", case)
        attest(slack, BO, case)

        cecilia.press(asked, "kp.attest")

        [refusal] = until(lambda: named(collector.spans, "refusal"), what="the refusal")

    assert (refusal.says["kundportal.code"], refusal.says["kundportal.case"]) == ("already_decided", case)
    assert refusal.press == press_of(lines, f"refused code=already_decided .*case={case} press=")


def test_a_form_of_a_page_is_told_of_without_the_secret_of_its_address(place: Demo, collector: Collector) -> None:
    posted = traced(place, collector.url)
    with playing(posted), httpx.Client(base_url=posted.site, timeout=60, verify=False) as browser:
        browser.get("/d/a-secret-that-is-read")
        status = browser.post("/d/a-secret-that-is-sent", data={"name": "Anna Berg"}).status_code
        [form] = until(
            lambda: [each for each in collector.spans if each.says.get("http.route") == "/d/{token}"], what="it"
        )

    assert form.says["http.response.status_code"] == status
    assert collector.holds("a-secret", "Anna") == []


def test_a_receiver_that_is_away_costs_nobody_anything(
    place: Demo, lines: io.StringIO, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "1")
    with nobody_listening() as address, playing(traced(place, address)) as slack:
        until(lambda: found(lines, "traces_not_sent"), what="a receiver that takes nothing")
        case = place_order(slack, "npo-producent")
        attest(slack, BO, case)
        slack.person(DISA).message("Ta ärendet", case)

    assert found(lines, "traces") == ["traces_not_sent error=ConnectionError"]
    assert not [record for record in caplog.records if record.exc_info]
