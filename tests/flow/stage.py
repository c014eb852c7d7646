"""The demo's product and sandbox, started for a test and stopped after it."""

import asyncio
import shutil
import socket
import sqlite3
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

import httpx
import uvicorn

from bot.demo import run as demo
from bot.demo.run import Demo
from bot.main import build
from bot.sandbox.app import create_app
from bot.sandbox.config import SandboxConfig
from bot.sandbox.server import Server
from bot.server.serving import OPTIONS
from core.api import EidMethod, Language
from notifications.accounts import directory
from notifications.slack import channel_look
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
def playing(place: Demo, eid: EidMethod | None = None, **changes: float) -> Iterator[Slack]:
    """The sandbox with the product behind it, both running."""
    with sandbox(place, **changes) as slack, product(place, eid) as tick:
        # The workspace is known once the product has asked Slack whose token it holds.
        until(lambda: slack.person(OSCAR).opens_home() == 200, what="the workspace")
        yield replace(slack, tick=tick)


def unhurried(slack: SandboxConfig, **changes: float) -> SandboxConfig:
    """The same Slack, which waits: stories are of what happens, and not of how fast."""
    return slack.model_copy(update={"ack_timeout": PATIENCE, "trigger_seconds": PATIENCE, **changes})


@contextmanager
def sandbox(place: Demo, **changes: float) -> Iterator[Slack]:
    """The sandbox alone, unhurried but for these changes."""

    async def speaking(language: str) -> SandboxConfig:
        return unhurried(await demo.speak(place, Language(language)), **changes)

    server = Server(create_app(unhurried(place.sandbox(), **changes), mail=place.mail, speaking=speaking), 0)
    with running(server, place.page), httpx.Client(base_url=place.address, timeout=PATIENCE, verify=False) as http:
        yield Slack(http)


@contextmanager
def product(place: Demo, eid: EidMethod | None = None, *, in_time: bool = False) -> Iterator[Callable[[], None]]:
    """The product alone, and a way to let its clock tick now; it waits as long for Slack as the sandbox does for it,
    unless what is told is that it answers in time.
    """
    settings = place.settings(place.sandbox()).model_copy(update={"database_lock_seconds": int(PATIENCE)})
    server = uvicorn.Server(uvicorn.Config(app := build(settings, eid=eid), log_level="warning", **OPTIONS))
    with nullcontext() if in_time else waiting_for_slack(), running(server, place.product) as loop:

        def tick() -> None:
            asyncio.run_coroutine_threadsafe(app.state.joined.follow_up.look_again(), loop).result(PATIENCE)

        yield tick


@contextmanager
def waiting_for_slack() -> Iterator[None]:
    """Presses that look at something in Slack wait for it, though Slack itself would not wait for them."""
    with (
        patch.object(directory, "LOOK_ONCE_MORE_SECONDS", PATIENCE),
        patch.object(channel_look, "LOOK_SECONDS", PATIENCE),
    ):
        yield


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
        thread.join(PATIENCE)
