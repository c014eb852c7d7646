"""The demo's product and sandbox, started for a test and stopped after it."""

import asyncio
import shutil
import socket
import sqlite3
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import httpx
import uvicorn

from bot.demo import run as demo
from bot.demo.run import Demo
from bot.main import build
from bot.sandbox.app import create_app
from bot.sandbox.server import Server
from bot.server.serving import OPTIONS
from core.api import EidMethod
from tests.flow.people import OSCAR
from tests.flow.slack import PATIENCE, Slack, until
from tests.support.machines.folders import undisturbed

T = TypeVar("T")
# Inera's workspace in the demo, and Region Exempel's.
TEAM, REGIONS = "T0KUNDDEMO1", "T0REGIONDEM"


def prepare(path: Path) -> Path:
    """Make a database with the demo's people and offers, to be copied."""
    with prepared_at(f"sqlite:///{path}"):
        return path


@contextmanager
def prepared_at(database_url: str) -> Iterator[Demo]:
    """Ports of its own, one for mail among them, and the demo's people and offers in a database that was empty."""
    with demo.bind(0) as product, demo.bind(0) as page, demo.bind(0) as mail:
        place = Demo(database_url, product, page, mail)
        aside(demo.prepare(place))
        yield place


def aside(work: Coroutine[Any, Any, T]) -> T:
    """Do something in a thread of its own, since a browser's driver keeps a loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(work)).result()


@contextmanager
def at_a_place(prepared: Path, folder: Path) -> Iterator[Demo]:
    """Ports of its own, and a copy of the prepared database."""
    with undisturbed(folder) as place, demo.bind(0) as product, demo.bind(0) as page:
        path = shutil.copy(prepared, place / "demo.db")
        yield Demo(f"sqlite:///{path}", product, page)


def with_ineras_slack_alone(place: Demo) -> None:
    """Take the app out of the organisations' own Slacks, as where none of them has installed it."""
    with closing(sqlite3.connect(place.database_url.removeprefix("sqlite:///"))) as database:
        database.execute("DELETE FROM workspaces WHERE organisation_id IS NOT NULL")
        database.commit()


@contextmanager
def with_mail(place: Demo) -> Iterator[Demo]:
    """The same place, with a port for mail."""
    with demo.bind(0) as mail:
        yield replace(place, mail=mail)


@contextmanager
def playing(place: Demo, eid: EidMethod | None = None, ack_timeout: float = PATIENCE) -> Iterator[Slack]:
    """The sandbox with the product behind it, both running; stories are of what happens, and not of how fast."""
    with sandbox(place, ack_timeout=ack_timeout, trigger_seconds=PATIENCE) as slack, product(place, eid) as tick:
        # The workspace is known once the product has asked Slack whose token it holds.
        until(lambda: slack.person(OSCAR).opens_home() == 200, what="the workspace")
        yield replace(slack, tick=tick)


@contextmanager
def sandbox(place: Demo, **changes: float) -> Iterator[Slack]:
    """The sandbox alone, with changes to its times."""
    server = Server(create_app(place.sandbox().model_copy(update=changes), mail=place.mail), 0)
    with running(server, place.page), httpx.Client(base_url=place.address, timeout=PATIENCE, verify=False) as http:
        yield Slack(http)


@contextmanager
def product(place: Demo, eid: EidMethod | None = None) -> Iterator[Callable[[], None]]:
    """The product alone, and a way to let its clock tick now."""
    app = build(place.settings(place.sandbox()), eid=eid)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", **OPTIONS))
    with running(server, place.product) as loop:
        yield lambda: asyncio.run_coroutine_threadsafe(app.state.joined.follow_up.look_again(), loop).result(timeout=15)


@contextmanager
def running(server: uvicorn.Server, listening: socket.socket) -> Iterator[asyncio.AbstractEventLoop]:
    """A server in a thread of its own, on a socket that is bound; its event loop."""
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        await server.serve([listening])

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    try:
        until(lambda: server.started, what="a server")
        yield loops[0]
    finally:
        server.should_exit = True
        thread.join(timeout=30)
