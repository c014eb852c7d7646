"""What is counted and timed, as Prometheus takes it: each label has few values, and none is about anybody."""

import os
from collections.abc import Iterator, Sequence
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from core.api import CaseAdvanced, RefusalRecord, Surface, TryAgain
from notifications.cards.card import Card
from notifications.mail.port import MAIL
from notifications.outbox.scheduler import JOBS
from notifications.slack.slack_errors import Gone, Never, SlackProblem, TryLater, Wait

# Where the processes of one `serve --workers` keep what they have counted, for whichever of them is asked.
TOGETHER = "PROMETHEUS_MULTIPROC_DIR"
# Slack waits three seconds for an answer.
ANSWER_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3)
MESSAGE_SECONDS = (0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1_800, 7_200)
MINUTE, HOUR, DAY = 60, 3_600, 86_400
STEP_SECONDS = (MINUTE, 10 * MINUTE, HOUR, 4 * HOUR, DAY, 2 * DAY, 4 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 60 * DAY)
# What Slack sends, as it calls it; anything else is `other`.
PRESSES = ("block_actions", "view_submission")
SENT = (*PRESSES, "block_suggestion", "command", "shortcut", "event_callback")
OK, FAILED = "ok", "failed"
WAYS = SLACK, BY_MAIL = "slack", "mail"
ERRORS: dict[type[SlackProblem], str] = {Wait: "wait", TryLater: "try_later", Gone: "gone", Never: "never"}

# When each counter began is nobody's question, and would be as many lines again.
disable_created_metrics()


class Metrics:
    """Counts and times what passes; with several workers, together with the others."""

    def __init__(self) -> None:
        self._is_together = TOGETHER in os.environ
        registry = self._registry = None if self._is_together else CollectorRegistry()
        self._answers = Histogram(
            "kundportal_slack_request_seconds",
            "From a request of Slack's to its answer: of a press, until Slack knows that it counts.",
            ("type", "answer"),
            buckets=ANSWER_SECONDS,
            registry=registry,
        )
        self._messages = Histogram(
            "kundportal_press_to_message_seconds",
            "From a change of an order to a message that shows it.",
            ("way", "how"),
            buckets=MESSAGE_SECONDS,
            registry=registry,
        )
        self._steps = Histogram(
            "kundportal_step_seconds",
            "How long an order or application stood in a state, by what ended that.",
            ("state", "action"),
            buckets=STEP_SECONDS,
            registry=registry,
        )
        self._changes = Counter("kundportal_changes", "Changes of cases.", ("action", "surface"), registry=registry)
        self._refusals = Counter("kundportal_refusals", "Refused actions.", ("code", "surface"), registry=registry)
        self._calls = Counter("kundportal_slack_calls", "Calls to Slack.", ("method", "outcome"), registry=registry)
        self._sent = Counter("kundportal_cards_shown", "Cards sent, or edited.", ("way", "how"), registry=registry)
        self._lost = Counter("kundportal_cards_lost", "Cards that reached nobody.", ("way",), registry=registry)
        self._rounds = Counter("kundportal_relay_rounds", "Looks of the relay.", ("outcome",), registry=registry)
        self._runs = Counter("kundportal_clock_runs", "Jobs of the clock.", ("task", "outcome"), registry=registry)
        self._begin()

    def _begin(self) -> None:
        """Say of what alarms are about that it has not come yet: what was not there before has no rise."""
        for way in WAYS:
            self._lost.labels(way)
        self._refusals.labels(TryAgain.code, Surface.SLACK)
        for outcome in (OK, *ERRORS.values()):
            self._calls.labels("chat.postMessage", outcome)
        for outcome in (OK, FAILED):
            self._rounds.labels(outcome)
            for kind in PRESSES:
                self._answers.labels(kind, outcome)
            for job in JOBS:
                self._runs.labels(job, outcome)

    def answered(self, kind: str, status: int, seconds: float) -> None:
        """Count an answer to Slack."""
        self._answers.labels(type_of(kind), answer_of(status)).observe(seconds)

    def changed(self, event: CaseAdvanced) -> None:
        """Count a change of a case, and how long it had waited where it waits no more."""
        before, decision = event.before, event.decision
        self._changes.labels(decision.action, decision.surface).inc()
        if before.state is not event.after.state:
            seconds = (decision.at - before.waiting_since).total_seconds()
            self._steps.labels(before.state, decision.action).observe(seconds)

    def refused(self, refused: RefusalRecord) -> None:
        """Count a refused action."""
        self._refusals.labels(refused.code, refused.surface).inc()

    def called(self, method: str, problem: SlackProblem | None) -> None:
        """Count a call to Slack."""
        self._calls.labels(method, outcome_of(problem)).inc()

    def shown(self, card: Card, at: datetime) -> None:
        """Count a card that was sent or edited, and how long what it shows had waited."""
        labels = way_of(card), how_of(card)
        self._sent.labels(*labels).inc()
        if card.owed_at is not None:
            self._messages.labels(*labels).observe((at - card.owed_at).total_seconds())

    def lost(self, card: Card) -> None:
        """Count a card that reached nobody."""
        self._lost.labels(way_of(card)).inc()

    def looked(self, error: Exception | None) -> None:
        """Count a look of the relay, or work of it that failed."""
        self._rounds.labels(OK if error is None else FAILED).inc()

    def ran(self, job: str, error: Exception | None) -> None:
        """Count a job of the clock."""
        self._runs.labels(job, OK if error is None else FAILED).inc()

    def text(self, accept: str, gauges: Sequence[GaugeMetricFamily]) -> tuple[bytes, str]:
        """Return all of it, and what stands now, in a format that `accept` names, and what that is called."""
        registry = self._registry or CollectorRegistry()
        if self._is_together:
            MultiProcessCollector(registry)
        encode, kind = choose_encoder(accept)
        return encode(_Scraped(registry, gauges)), kind


class _Scraped(Collector):
    """What was counted, and what stands now."""

    def __init__(self, counted: CollectorRegistry, gauges: Sequence[GaugeMetricFamily]) -> None:
        self._counted = counted
        self._gauges = gauges

    def collect(self) -> Iterator[Metric]:
        """See prometheus_client.registry.Collector."""
        yield from self._counted.collect()
        yield from self._gauges


def type_of(kind: str) -> str:
    """Return what Slack has sent, in a word of few."""
    return kind if kind in SENT else "other"


def answer_of(status: int) -> str:
    """Return what Slack was answered, by the status of that."""
    return OK if status < 400 else "turned_away" if status < 500 else FAILED


def outcome_of(problem: SlackProblem | None) -> str:
    """Return how a call to Slack has ended."""
    return OK if problem is None else ERRORS.get(type(problem), FAILED)


def way_of(card: Card) -> str:
    """Return by which way a card goes."""
    return BY_MAIL if card.workspace == MAIL else SLACK


def how_of(card: Card) -> str:
    """Return whether a card is sent, or edited where it stands."""
    return "posted" if card.place is None else "edited"
