"""Whoever has the token reads what is counted and what stands now; nobody else does, and it is about nobody."""

import asyncio
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import make_url

from bot.config.settings import load_settings
from bot.main import join, now, product_of
from bot.server.duties import Duty
from bot.server.metrics import Metrics
from bot.server.serving import WebApplication
from core.api import Action, Asking, HealthLog, RefusalRecord, Surface
from core.http import HealthChecks
from core.storage.database.database_checks import database_checks
from notifications.slack.slack_errors import Gone, Never, TryLater, Wait
from tests.fakes.slack import FakeSlack
from tests.support.world.seed import BO, NOW, seeded
from tests.web.conftest import a_browser
from tests.web.test_deciding import SETTINGS

TOKEN = "of-the-tests-and-of-nobody-else-but-them"
METRICS = "/metrics"


@pytest.fixture
async def database(fresh_sqlite_url):
    database = await seeded(fresh_sqlite_url)
    yield database
    await database.close()


@pytest.fixture
def product(database, fresh_sqlite_url):
    """The product as it answers, with a token or without, by some duties."""

    def made(*duties, **more):
        settings = load_settings(_env_file=None, database_url=fresh_sqlite_url, **SETTINGS, **more)
        joined, homes = join(settings, database, FakeSlack(now))
        app = WebApplication(openapi_url=None, redirect_slashes=False)
        checks = HealthChecks(database_checks(database), HealthLog(now))
        product_of(settings, database, joined, homes, checks).answer_in(app, frozenset(duties or Duty))
        return a_browser(app)

    return made


def samples(said):
    return {
        (each.name, *sorted(each.labels.values())): each.value
        for family in text_string_to_metric_families(said)
        for each in family.samples
    }


@pytest.mark.parametrize("given", [None, "", TOKEN, f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN}x", "Bearer ", "Bearer å"])
async def test_nobody_reads_it_without_the_token(product, given):
    headers = {} if given is None else {"Authorization": given.encode()}
    async with product(metrics_token=TOKEN) as visitor:
        answer = await visitor.get(METRICS, headers=headers)

    assert (answer.status_code, answer.text, answer.headers["www-authenticate"]) == (401, "", "Bearer")


async def test_there_is_no_such_address_where_no_token_is_set(product):
    async with product() as visitor:
        answer = await visitor.get(METRICS, headers={"Authorization": "Bearer "})

    assert answer.status_code == 404


@pytest.mark.parametrize("duty", Duty)
async def test_every_process_tells_what_stands_now(product, duty):
    async with product(duty, metrics_token=TOKEN) as visitor:
        answer = await visitor.get(METRICS, headers={"Authorization": f"Bearer {TOKEN}"})

    told = samples(answer.text)
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert {standing: told["kundportal_cards_owed", standing] for standing in ("held", "late", "tried", "owed")} == (
        dict.fromkeys(("held", "late", "tried", "owed"), 0)
    )
    assert told["kundportal_cases_due",] == 0
    assert told["kundportal_part_failing", "database"] == 0


async def test_what_stands_in_the_database_is_left_out_while_that_is_away(product, fresh_sqlite_url):
    await asyncio.to_thread(Path(make_url(fresh_sqlite_url).database).unlink)
    async with product(metrics_token=TOKEN) as visitor:
        answer = await visitor.get(METRICS, headers={"Authorization": f"Bearer {TOKEN}"})

    told = samples(answer.text)
    assert (answer.status_code, told["kundportal_part_failing", "database"]) == (200, 1)
    assert not {name for name, *_ in told} & {"kundportal_cards_owed", "kundportal_cases_due"}


def told(metrics):
    return samples(metrics.text("", [])[0].decode())


@pytest.mark.parametrize(
    ("status", "answer"), [(200, "ok"), (400, "turned_away"), (403, "turned_away"), (500, "failed"), (503, "failed")]
)
def test_a_request_is_timed_by_what_it_is_and_how_it_was_answered(status, answer):
    metrics = Metrics()

    metrics.answered("block_actions", status, 0.02)

    assert told(metrics)["kundportal_slack_request_seconds_bucket", "0.01", *sorted((answer, "block_actions"))] == 0
    assert told(metrics)["kundportal_slack_request_seconds_bucket", "0.025", *sorted((answer, "block_actions"))] == 1


def test_what_slack_has_never_sent_is_counted_together():
    metrics = Metrics()

    for kind in ("new_kind", "newer_kind", ""):
        metrics.answered(kind, 200, 0.02)

    assert told(metrics)["kundportal_slack_request_seconds_count", "ok", "other"] == 3


def test_a_refusal_is_counted_by_its_code_and_its_door_alone():
    metrics = Metrics()

    metrics.refused(RefusalRecord(None, Asking(BO), Action.ATTEST, "stale", Surface.MAIL, NOW))

    assert told(metrics)["kundportal_refusals_total", "mail", "stale"] == 1
    assert BO not in metrics.text("", [])[0].decode()


@pytest.mark.parametrize(
    ("problem", "outcome"),
    [(None, "ok"), (Wait("ratelimited", 1), "wait"), (TryLater("fatal_error"), "try_later"),
     (Gone("message_not_found"), "gone"), (Never("channel_not_found"), "never")],
)  # fmt: skip
def test_a_call_to_slack_is_counted_by_how_it_ended(problem, outcome):
    metrics = Metrics()

    metrics.called("chat.update", problem)

    assert told(metrics)["kundportal_slack_calls_total", *sorted(("chat.update", outcome))] == 1
