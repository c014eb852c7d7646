"""The whole site on a server and a database of its own, for a browser, and what happens behind it meanwhile."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, cast

import httpx
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from starlette.routing import Route

from bot.config.settings import load_settings
from bot.demo.run import bind
from bot.main import join
from bot.server.serving import EVERYWHERE
from bot.web import DrawnPapers, Gate, Pages, Site
from bot.web.problems import Hindered, VisitProblem
from bot.wiring.api_words import ApiWords
from bot.wiring.joined import Joined
from bot.wiring.pages import install_pages_of, page_routes, publisher_of
from core.http import preferred, status_of
from core.storage.database.database import Database
from core.storage.reads.documents import SqlDocuments
from core.storage.reads.holdings import SqlHoldings
from notifications.documents import Agreements, Library
from tests.fakes.slack import FakeSlack
from tests.flow.slack import PATIENCE, until
from tests.support.world.eid import eid_service
from tests.support.world.seed import seeded
from tests.web.conftest import Portal, a_browser
from tests.web.test_deciding import SETTINGS

# Everything that a publisher can say of itself.
PUBLISHED = {
    "publisher_name": "Region Exempel",
    "public_url": "https://kundportal.example.se",
    "slack_client_id": "1.2",
    "slack_client_secret": "0123456789abcdef0123456789abcdef",
    "publisher_logo": str(Path(__file__).parents[2] / "bot" / "web" / "static" / "portal.svg"),
    "privacy_email": "dso@example.se",
    "accessibility_published": "2026-12-01",
    "accessibility_reviewed": "2026-11-30",
    "accessibility_shortcomings": "Kartan saknar text. / The map has no text.",
}


@dataclass(frozen=True)
class SeenPages(Pages):
    """Pages that remember which template each was drawn from."""

    drawn: dict[str, str] = field(default_factory=dict[str, str])

    def show(self, request: Request, template: str, status: int = 200, **values: object) -> HTMLResponse:
        self.drawn[request.url.path] = template
        return super().show(request, template, status, **values)


@dataclass
class Running:
    """Where it answers, and the world behind it."""

    url: str
    portal: Portal
    joined: Joined
    site: Site
    loop: asyncio.AbstractEventLoop

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Let something happen behind the pages."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(PATIENCE)

    def drawn(self, url: str) -> str:
        """The template of the page that was drawn last at an address."""
        return cast(SeenPages, self.site.pages).drawn[httpx.URL(url).path]


@dataclass
class _Started:
    server: uvicorn.Server | None = None
    world: list[tuple[Portal, Joined, Site]] = field(default_factory=list)
    loops: list[asyncio.AbstractEventLoop] = field(default_factory=list)


@contextmanager
def serving(database_url: str) -> Iterator[Running]:
    """The site until the end of the block."""
    with bind(0) as listening:
        started = _Started()
        thread = threading.Thread(target=lambda: asyncio.run(_serve(database_url, listening, started)), daemon=True)
        thread.start()
        until(lambda: started.server is not None and started.server.started, what="the site")
        yield Running(f"http://127.0.0.1:{listening.getsockname()[1]}", *started.world[0], started.loops[0])
        assert started.server is not None
        started.server.should_exit = True
        thread.join(PATIENCE)


def now() -> datetime:
    return datetime.now(UTC)


async def _serve(database_url: str, listening, started: _Started) -> None:
    database, app = await seeded(database_url), FastAPI(openapi_url=None)
    settings = load_settings(_env_file=None, database_url=database_url, **SETTINGS, **PUBLISHED)
    async with eid_service() as method:
        joined, _ = join(settings, database, FakeSlack(now), method)
        agreements = Agreements(Library(), SqlDocuments(database))
        site = _site(settings, database, joined, agreements)
        site.answer_in(app)
        portal = Portal(database, now, joined.orders, joined.links, agreements, app, a_browser(app), joined.files, [])
        started.world.append((portal, joined, site))
        started.loops.append(asyncio.get_running_loop())
        started.server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
        await started.server.serve([listening])
        await joined.tasks.drain(60)
    await database.close()


def _site(settings, database: Database, joined: Joined, agreements: Agreements) -> Site:
    """The product's own pages, and the two kinds that no address of the site itself leads to."""
    pages, ticks = SeenPages(preferred, status_of, ApiWords(joined.queries), publisher_of(settings)), count()
    # Each form comes an hour after the one before: these tests are about other things than haste.
    gate = Gate(database, "secret", lambda: now() + timedelta(hours=next(ticks)))
    documents = SqlHoldings(database)

    async def hindered(request: Request) -> HTMLResponse:
        raise Hindered(VisitProblem[request.path_params["name"]])

    async def paper(request: Request) -> HTMLResponse:
        """What the API hands out as a file."""
        pages.drawn[request.url.path] = "paper.html"
        held = await documents.document(request.path_params["hash"])
        return HTMLResponse(DrawnPapers().page(held), headers=EVERYWHERE)

    own = (Route("/hindered/{name}", hindered), Route("/paper/{hash}", paper))
    installing = install_pages_of(joined, pages, settings, database)
    return Site(pages, [*page_routes(joined, pages, gate, agreements, settings.retention()), *installing, *own])
