"""The product as it runs in a drill: real processes that are started again when they end, and the road to them."""

import asyncio
import multiprocessing
import os
import random
import runpy
import signal
import socket
import sys
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path

import aiohttp
from pydantic import SecretStr

from bot.config.settings import Settings
from bot.sandbox.server import LOOPBACK

# Only what never comes takes this long, however busy the machine is.
PATIENCE_SECONDS = 180.0
# As whatever keeps services running does.
PAUSE_SECONDS = 0.2
# Below those that systems give to connections on their way out: between two lives nobody takes its port.
PORTS = range(20_000, 32_000)
CHUNK = 65_536
# Of a log so many are shown to whoever must know why a process does not start.
LINES = 20
# Of a fall so many: an error, and what ended by it.
LAST_WORDS = 3
# Most of a start is imports: each process is forked from one that has done these and run nothing.
IMPORTED = ("bot.main", "bot.cli.serve_cli", "uvicorn.lifespan.on", "uvicorn.loops.uvloop")
_STARTING = multiprocessing.get_context("forkserver")


class NotUp(Exception):
    """A process does not answer, or does not end when it is told to: its name, and what it logged last."""

    def __init__(self, name: str, logged: str) -> None:
        super().__init__(name)
        self.logged = logged


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment of a process that has these settings, and none of those around us."""
    ours = {name.upper(): _text(getattr(settings, name)) for name in settings.model_fields_set}
    around = {name: value for name, value in os.environ.items() if name.lower() not in Settings.model_fields}
    return around | {name: value for name, value in ours.items() if value is not None}


def _text(value: object) -> str | None:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return None if value is None else str(value)


@dataclass(frozen=True)
class Fall:
    """An end that nobody asked for: with which code, and what was logged last, as one line."""

    code: int
    said: str


@dataclass
class DrilledProcess:
    """A `kundportal serve` that is started again whenever it has ended, until it is told to end."""

    name: str
    options: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    port: int = field(default_factory=lambda: _free_port())
    kills: int = 0
    falls: list[Fall] = field(default_factory=list[Fall])
    _running: BaseProcess | None = None
    _keeping: asyncio.Task[None] | None = None
    _is_stopping: bool = False
    _killed: set[int | None] = field(default_factory=set[int | None])

    @property
    def answers_people(self) -> bool:
        """True where Slack and browsers are answered."""
        return not self.options or "web" in self.options

    @property
    def sends(self) -> bool:
        """True where what is owed is sent, and Slack's workspaces are kept connected."""
        return not self.options or "relay" in self.options

    async def begin(self) -> None:
        """Start it and keep it running."""
        _STARTING.set_forkserver_preload([*IMPORTED])
        self._is_stopping = False
        self._keeping = asyncio.create_task(self._keep(), name=self.name)
        await self.is_up()

    async def is_up(self) -> None:
        """Wait until it answers. Raise NotUp."""
        until = time.monotonic() + PATIENCE_SECONDS
        async with aiohttp.ClientSession() as http:
            while time.monotonic() < until:
                with suppress(aiohttp.ClientError, TimeoutError):
                    async with http.get(f"http://{LOOPBACK}:{self.port}/healthz", timeout=_SHORTLY) as answer:
                        if answer.status == 200:
                            return
                await asyncio.sleep(0.05)
        raise NotUp(self.name, self._logged())

    def kill(self) -> bool:
        """SIGKILL: nothing is drained, nothing said goodbye to. False where it has just ended anyway."""
        if self._running is None or not self._running.is_alive():
            return False
        self._killed.add(self._running.pid)
        self._running.kill()
        self.kills += 1
        return True

    async def end(self) -> None:
        """SIGTERM, as an operator stops it. Raise NotUp where it goes on."""
        self._is_stopping = True
        if self._running is not None:
            self._running.terminate()
        if self._keeping is not None:
            _, late = await asyncio.wait({self._keeping}, timeout=PATIENCE_SECONDS)
            if late:
                raise NotUp(self.name, self._logged())

    async def clear(self) -> None:
        """Leave nothing running, whatever has happened."""
        self._is_stopping = True
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait({self._keeping})
        if self._running is not None:
            self._running.kill()
            self._running.join()

    @property
    def _log(self) -> Path:
        return self.folder / f"{self.name}.log"

    def _logged(self) -> str:
        lines = self._log.read_text("utf-8", errors="replace").splitlines() if self._log.exists() else []
        return "\n".join(lines[-LINES:])

    def _said_last(self) -> str:
        said = [line.strip() for line in self._logged().splitlines() if line.strip()]
        return " / ".join(said[-LAST_WORDS:])

    async def _keep(self) -> None:
        words = ("kundportal", "serve", "--port", str(self.port), *self.options)
        while not self._is_stopping:
            self._running = _STARTING.Process(target=_serve, args=(words, self.environment, self._log))
            self._running.start()
            ended = await _over(self._running)
            was_told = ended == _SAYS_WHY or (self._is_stopping and ended in _TOLD_TO)
            if self._running.pid not in self._killed and not was_told:
                self.falls.append(Fall(ended, self._said_last()))
            if not self._is_stopping:
                await asyncio.sleep(PAUSE_SECONDS)


def _serve(words: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
    """Be the command, with these settings, in a folder that has no `.env`."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(log.parent)
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(out, 1)
    os.dup2(out, 2)
    sys.argv = [*words]
    runpy.run_module("bot", run_name="__main__")


async def _over(process: BaseProcess) -> int:
    """Wait until a process has ended; how it did."""
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(process.sentinel, over.set)
    try:
        await over.wait()
    finally:
        loop.remove_reader(process.sentinel)
    process.join()
    return process.exitcode or 0


_SHORTLY = aiohttp.ClientTimeout(total=2)
# A command that cannot be carried out, as where the database is away: it is tried again until it can.
_SAYS_WHY = 2
# Uvicorn raises the signal anew once it has said goodbye.
_TOLD_TO = (0, -signal.SIGTERM)


def _free_port() -> int:
    while True:
        port = random.SystemRandom().choice(PORTS)
        with suppress(OSError), socket.create_server((LOOPBACK, port)):
            return port


@dataclass
class Road:
    """The way in: carries each connection to one of the processes that answer people, as a load balancer does.

    It `loses` so many answers that come next.
    """

    listening: socket.socket
    processes: Sequence[DrilledProcess]
    loses: int = 0

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[None]:
        """Carry, until the end."""
        server = await asyncio.start_server(self._carry, sock=self.listening)
        try:
            yield
        finally:
            server.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found = await self._reached()
        if found is not None:
            there, back = found
            await asyncio.wait(
                [asyncio.ensure_future(each) for each in (_pour(reader, back), _pour(there, writer, self._loses))],
                return_when=asyncio.FIRST_COMPLETED,
            )
            back.transport.abort()
        writer.transport.abort()

    def _loses(self) -> bool:
        self.loses -= (lost := self.loses > 0)
        return lost

    async def _reached(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        ports = [each.port for each in self.processes if each.answers_people]
        for port in random.SystemRandom().sample(ports, len(ports)):
            with suppress(OSError):
                return await asyncio.open_connection(LOOPBACK, port)
        return None


async def _pour(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, loses: Callable[[], bool] = lambda: False
) -> None:
    with suppress(OSError):
        while (some := await reader.read(CHUNK)) and not loses():
            writer.write(some)
            await writer.drain()
