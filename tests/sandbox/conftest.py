"""A sandbox and a receiver on loopback, started once and emptied before every test."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from bot.sandbox.app import create_app
from bot.sandbox.server import serve
from tests.sandbox.desk import Desk
from tests.sandbox.places import FakeClock, a_config
from tests.sandbox.receiver import Receiver


@dataclass
class Running:
    url: str
    clock: FakeClock
    receiver: Receiver
    request_url: str


@pytest.fixture(scope="session")
def running() -> Iterator[Running]:
    clock = FakeClock()
    receiver = Receiver(clock)
    with serve(receiver.app()) as app_url:
        request_url = f"{app_url}/slack/events"
        with serve(create_app(a_config(request_url), clock)) as url:
            yield Running(url, clock, receiver, request_url)


@pytest.fixture
async def desk(running: Running) -> AsyncIterator[Desk]:
    async with aiohttp.ClientSession() as http:
        desk = Desk(running.url, running.clock, running.receiver, http)
        # What the test before left to be sent again is given up first.
        await desk.do("reset")
        running.receiver.forget()
        yield desk


@pytest.fixture
async def desk_with(running: Running) -> AsyncIterator[Callable[..., Desk]]:
    """A sandbox with another manifest or setting, beside the common one."""
    running.receiver.forget()
    with ExitStack() as servers:
        async with aiohttp.ClientSession() as http:

            def start(manifest: dict[str, Any] | None = None, **changes: Any) -> Desk:
                config = a_config(running.request_url, manifest).model_copy(update=changes)
                url = servers.enter_context(serve(create_app(config, running.clock)))
                return Desk(url, running.clock, running.receiver, http)

            yield start
