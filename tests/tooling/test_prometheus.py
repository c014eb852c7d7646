"""The alert rules and the dashboard of `deploy/` ask for what there is: a Prometheus that reads it answers each."""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from bot.server.metrics import TOGETHER
from core.api import Action, Seen, Unit
from core.storage import tables
from tests.kill.crowd import Crowd, crowding
from tests.kill.storm import Press
from tests.support.machines.product import PATIENCE, ROOT, free_port
from tests.support.world.seed import BO, CECILIA, NPO_KONSUMENT

DEPLOY = ROOT / "deploy"
RULES = DEPLOY / "prometheus" / "kundportal.rules.yml"
DASHBOARD = DEPLOY / "grafana" / "kundportal.json"
TOKEN = "of-these-tests-and-of-nobody-else-but-them"
# What an alarm holds its figure against.
THRESHOLD = re.compile(r" (?:>|<|==) [\d.]+$")

needs_prometheus = pytest.mark.skipif(shutil.which("prometheus") is None, reason="no prometheus on PATH")


def alarms() -> Mapping[str, str]:
    (group,) = yaml.safe_load(RULES.read_text("utf-8"))["groups"]
    return {rule["alert"]: rule["expr"] for rule in group["rules"]}


def drawn() -> Mapping[str, str]:
    """What the dashboard asks for, by panel, over as long as Grafana would choose."""
    panels = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    targets = [(panel["title"], target) for panel in panels for target in panel.get("targets", ())]
    return {f"{title} {target['refId']}": target["expr"].replace("$__rate_interval", "1m") for title, target in targets}


@needs_prometheus
def test_prometheus_takes_the_rules_and_the_configuration() -> None:
    for check in (("rules", RULES), ("config", "--syntax-only", DEPLOY / "prometheus" / "prometheus.yml")):
        told = subprocess.run(["promtool", "check", *check], capture_output=True, text=True, check=False)
        assert told.returncode == 0, told.stdout + told.stderr


def test_every_alarm_says_how_soon_somebody_is_to_look_and_at_what() -> None:
    (group,) = yaml.safe_load(RULES.read_text("utf-8"))["groups"]
    for rule in group["rules"]:
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"].endswith((".", "?"))
        assert THRESHOLD.search(rule["expr"]), rule["alert"]


@needs_prometheus
@pytest.mark.slow
async def test_each_expression_answers_once_people_have_pressed(
    fresh_postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("METRICS_TOKEN", TOKEN)
    async with crowding(fresh_postgres_url, ()) as crowd, running(crowd, tmp_path) as prometheus:
        await press(crowd, 1)
        await until(lambda: has(prometheus, 'kundportal_refusals_total{code="already_decided"}'))
        # Of a counter that has just come no rate is known.
        await press(crowd, 2)
        await until(
            lambda: has(
                prometheus, "histogram_quantile(0.5, sum by (le) (rate(kundportal_step_seconds_bucket[1m]))) > 0"
            )
        )

        asked = drawn() | {name: THRESHOLD.sub("", expr) for name, expr in alarms().items()}
        for expr in asked.values():
            await until(lambda expr=expr: has(prometheus, expr))
        await until(lambda: has(prometheus, 'sum(kundportal_slack_request_seconds_count{type="view_submission"}) == 6'))
        await until(lambda: rules_are(prometheus, dict.fromkeys(alarms(), "ok")))
        await until(lambda: has(prometheus, 'up{job="kundportal"} == 1'))


async def rules_are(prometheus: httpx.AsyncClient, health: Mapping[str, str]) -> bool:
    (group,) = (await get(prometheus, "rules"))["groups"]
    return {rule["name"]: rule["health"] for rule in group["rules"]} == health


async def press(crowd: Crowd, number: int) -> None:
    """An order that two attest and one of them again; until Slack shows it."""
    case = await crowd.portal.place(offer=NPO_KONSUMENT, units=(Unit(f"Enhet {number}"),), invoice_ref="REF")
    seen = Seen(case.step, case.content_version)
    for person in (BO, BO, CECILIA):
        await crowd.press(case.id, Press(person, Action.ATTEST, seen))
    await until(lambda: is_settled(crowd))


async def is_settled(crowd: Crowd) -> bool:
    return not await crowd.rows(tables.cards, tables.cards.c.due_at.is_not(None))


@asynccontextmanager
async def running(crowd: Crowd, folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A Prometheus by the configuration of `deploy/`, which asks this product every three seconds."""
    [product] = crowd.processes
    (folder / "token").write_text(TOKEN, "utf-8")
    said = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text("utf-8"))
    said["global"] = {"scrape_interval": "3s", "scrape_timeout": "3s", "evaluation_interval": "1s"}
    said["rule_files"] = [str(RULES)]
    (job,) = said["scrape_configs"]
    assert job["authorization"] == {"credentials_file": "/etc/prometheus/kundportal.token"}
    job["authorization"] = {"credentials_file": str(folder / "token")}
    job["static_configs"] = [{"targets": [product.url.removeprefix("http://")]}]
    (folder / "prometheus.yml").write_text(yaml.safe_dump(said), "utf-8")
    address = f"127.0.0.1:{free_port()}"
    command = ["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data"]
    process = await asyncio.create_subprocess_exec(
        *command, f"--web.listen-address={address}", "--log.level=error", stdout=subprocess.DEVNULL
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://{address}", timeout=PATIENCE) as http:
            await until(lambda: is_there(http))
            yield http
    finally:
        process.terminate()
        await process.wait()


async def is_there(prometheus: httpx.AsyncClient) -> bool:
    try:
        return (await prometheus.get("/-/ready")).status_code == 200
    except httpx.TransportError:
        return False


async def get(prometheus: httpx.AsyncClient, what: str, **query: str) -> Any:
    answer = await prometheus.get(f"/api/v1/{what}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


async def ask(prometheus: httpx.AsyncClient, expr: str) -> list[Any]:
    return (await get(prometheus, "query", query=expr))["result"]


async def has(prometheus: httpx.AsyncClient, expr: str) -> bool:
    return bool(await ask(prometheus, expr))


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Let time pass until something holds."""
    async with asyncio.timeout(PATIENCE):
        while not await holds():  # noqa: ASYNC110 - what is waited for is in other processes
            await asyncio.sleep(0.05)


@pytest.mark.slow
def test_any_worker_answers_for_all_of_them(tmp_path: Path) -> None:
    counted = "from bot.server.metrics import Metrics; m = Metrics(); m.answered('block_actions', 200, 0.02)"
    told = f"{counted}; print(m.text('', [])[0].decode())"
    env = os.environ | {TOGETHER: str(tmp_path)}
    for does in (counted, counted):
        subprocess.run([sys.executable, "-c", does], cwd=ROOT, env=env, check=True)

    said = subprocess.run([sys.executable, "-c", told], cwd=ROOT, env=env, check=True, capture_output=True, text=True)

    assert 'kundportal_slack_request_seconds_count{answer="ok",type="block_actions"} 3.0' in said.stdout
