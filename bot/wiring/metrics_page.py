"""`GET /metrics`: what was counted and what stands now, for a Prometheus that has the token."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from fastapi import APIRouter, Request, Response
from prometheus_client.metrics_core import GaugeMetricFamily
from sqlalchemy import Connection

from bot.server.metrics import Metrics
from core import http
from core.api import HealthPart, Now, PartFinding, PartState
from core.storage.cases.clock import count_due
from core.storage.database.database import Database
from notifications.outbox.leases import count_owed


@dataclass(frozen=True)
class MetricsPage:
    """Answers whoever says `Authorization: Bearer` and the token; without the database's part where that is away."""

    token: str
    metrics: Metrics
    checks: http.HealthChecks
    database: Database
    now: Now

    def router(self) -> APIRouter:
        """Return the route, a plain one: the description of the API is for others."""
        router = APIRouter()
        router.add_route("/metrics", self.answer, methods=["GET"], include_in_schema=False)
        return router

    async def answer(self, request: Request) -> Response:
        """Return all of it; 401 for anybody else."""
        given = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, f"Bearer {self.token}".encode()):
            return Response(status_code=401, headers={"WWW-Authenticate": "Bearer"})
        said, kind = self.metrics.text(request.headers.get("accept", ""), await self._standing())
        return Response(said, headers={"Content-Type": kind})

    async def _standing(self) -> Sequence[GaugeMetricFamily]:
        findings = await self.checks.findings()
        gauges = [_parts(findings)]
        if findings[HealthPart.DATABASE].state is PartState.OK:
            gauges += await self.database.read(partial(_work, at=self.now()))
        return gauges


def _parts(findings: Mapping[HealthPart, PartFinding]) -> GaugeMetricFamily:
    family = GaugeMetricFamily("kundportal_part_failing", "1 for a part that /readyz calls failing.", labels=["part"])
    for part, finding in findings.items():
        if finding.state is not PartState.OFF:
            family.add_metric([part], float(finding.state is PartState.FAILING))
    return family


def _work(connection: Connection, at: datetime) -> list[GaugeMetricFamily]:
    cards = GaugeMetricFamily(
        "kundportal_cards_owed", "Cards that are owed now, by how they stand.", labels=["standing"]
    )
    for standing, count in count_owed(connection, at).items():
        cards.add_metric([standing], count)
    due = GaugeMetricFamily("kundportal_cases_due", "Cases that the clock is to act on, and has not yet.")
    due.add_metric([], count_due(connection, at))
    return [cards, due]
