"""The picture of a message lies where its address says, for whoever has that, until it expires."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import insert, select

from bot.web import Pages, Site
from bot.web.links.pictures import PictureLinks
from core.api import Language
from core.http import preferred, status_of
from core.storage import tables
from notifications.documents.chart import FOLDER, Chart
from notifications.mail.link_addresses import link_to_picture
from notifications.reports.pictures import LASTS, Pictures
from tests.fakes.clock import FakeClock
from tests.support.world.seed import NOW, seeded

SECRET = "of-the-tests-and-of-nobody-else-at-all"
PNG = b"\x89PNG\r\n\x1a\nof a week"
CHART = Chart("", "", "", "", ())
OURS = "https://kundportal.example.se"


@pytest.fixture
async def pictures(tmp_path) -> AsyncIterator[Pictures]:
    database = await seeded(f"sqlite:///{tmp_path}/pictures.db")
    week = {"id": "2026-W48", "content": "{}", "made_at": NOW}
    await database.write(lambda connection: connection.execute(insert(tables.weekly_reports), [week]))
    yield Pictures(database, FakeClock(NOW), SECRET, lambda _: PNG)
    await database.close()


@pytest.fixture
async def browser(pictures) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    Site(Pages(preferred, status_of, None), PictureLinks(pictures).routes()).answer_in(app)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=OURS) as client:
        yield client


async def test_whoever_has_the_address_gets_the_picture_and_may_keep_it_for_an_hour(pictures, browser):
    kept = await pictures.of("2026-W48", Language.SV, CHART)

    answer = await browser.get(link_to_picture(OURS, kept.token))

    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, PNG, "image/png")
    assert answer.headers["cache-control"] == "private, max-age=3600"
    assert answer.headers["x-content-type-options"] == "nosniff"
    # 256 bits, in letters that every program takes in an address.
    assert len(kept.token) == 43


async def test_nobody_finds_a_picture_by_the_report_that_it_is_of(pictures, browser):
    await pictures.of("2026-W48", Language.SV, CHART)

    for name in ("2026-W48", "", "%25", "_" * 43):
        assert (await browser.get(f"/b/{name}.png")).status_code == 404


async def test_a_stolen_database_opens_no_picture_and_another_key_has_it_drawn_anew(pictures, browser):
    kept = await pictures.of("2026-W48", Language.SV, CHART)
    (row,) = await pictures.database.read(lambda connection: connection.execute(select(tables.report_pictures)).all())

    assert kept.token not in str(row)
    assert (await browser.get(link_to_picture(OURS, row.token))).status_code == 404
    assert (await pictures.of("2026-W48", Language.SV, CHART)).token == kept.token

    under_another = await replace(pictures, secret_key="another" * 5).of("2026-W48", Language.SV, CHART)
    assert under_another.token != kept.token
    assert (await browser.get(link_to_picture(OURS, kept.token))).status_code == 404


async def test_once_it_has_expired_there_is_no_picture(pictures, browser):
    kept = await pictures.of("2026-W48", Language.SV, CHART)
    pictures.now.forward(days=LASTS.days, seconds=-1)
    before = await browser.get(link_to_picture(OURS, kept.token))
    pictures.now.at += timedelta(seconds=1)

    assert before.status_code == 200
    assert (await browser.get(link_to_picture(OURS, kept.token))).status_code == 404


async def test_another_language_has_a_picture_of_its_own_and_the_same_one_is_drawn_once(pictures):
    swedish, again = [await pictures.of("2026-W48", Language.SV, CHART) for _ in range(2)]
    english = await pictures.of("2026-W48", Language.EN, CHART)

    assert swedish == again
    assert swedish.token != english.token


@pytest.mark.slow
def test_a_chart_is_drawn_where_nobodys_home_can_be_written_and_leaves_nothing_behind(tmp_path):
    drawing = f"from notifications.documents.chart import Chart, png_of; png_of({CHART!r})"
    homes = {FOLDER, "XDG_CONFIG_HOME", "XDG_CACHE_HOME"}
    told = {name: value for name, value in os.environ.items() if name not in homes}

    done = subprocess.run(
        [sys.executable, "-c", drawing],
        env=told | {"HOME": "/proc/nobody", "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert FOLDER not in done.stderr
    assert list(tmp_path.iterdir()) == []
