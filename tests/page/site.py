"""The site on a server and a database of its own, for a browser, and what happens behind it meanwhile."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import uvicorn
from fastapi import FastAPI

from bot.demo.run import bind
from core.api import Engine, Orders, new_id
from core.storage.cases.repository import SqlCaseRepository
from core.storage.identity.personal_links import SqlPersonalLinks
from core.storage.reads.documents import SqlDocuments
from notifications.documents import Agreements, Library
from notifications.rules.announcements import Announcements
from tests.flow.slack import until
from tests.support.world.seed import seeded
from tests.web.conftest import Portal, a_browser, site


@dataclass
class Site:
    """Where it answers, and the world behind it."""

    url: str
    portal: Portal
    loop: asyncio.AbstractEventLoop

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Let something happen behind the pages."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout=20)


@dataclass
class _Started:
    server: uvicorn.Server | None = None
    portal: list[Portal] = field(default_factory=list)
    loops: list[asyncio.AbstractEventLoop] = field(default_factory=list)


@contextmanager
def serving(database_url: str) -> Iterator[Site]:
    """The site until the end of the block."""
    with bind(0) as listening:
        started = _Started()
        thread = threading.Thread(target=lambda: asyncio.run(_serve(database_url, listening, started)), daemon=True)
        thread.start()
        until(lambda: started.server is not None and started.server.started, what="the site")
        yield Site(f"http://127.0.0.1:{listening.getsockname()[1]}", started.portal[0], started.loops[0])
        assert started.server is not None
        started.server.should_exit = True
        thread.join(timeout=30)


def now() -> datetime:
    return datetime.now(UTC)


async def _serve(database_url: str, listening, started: _Started) -> None:
    database, app = await seeded(database_url), FastAPI(openapi_url=None)
    agreements = Agreements(Library(), SqlDocuments(database))
    orders = Orders(Engine(SqlCaseRepository(database), Announcements(), now, new_id, agreements.draw_up))
    links = SqlPersonalLinks(database, "secret")
    site(database, orders, links, agreements, now, []).answer_in(app)
    started.portal.append(Portal(database, now, orders, links, agreements, app, a_browser(app), []))
    started.loops.append(asyncio.get_running_loop())
    started.server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
    await started.server.serve([listening])
    await database.close()
