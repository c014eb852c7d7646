"""`python -m bench.servers`: our server beside others that are installed: how quick, how large, and what they let pass.

granian and hypercorn are no part of the lock. Install them beside it to measure them; whatever is missing is left out.
"""

import asyncio
import os
import select
import socket
import sys
import time
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import chain, repeat
from pathlib import Path
from statistics import median, quantiles
from typing import Annotated

import typer
import uvloop

from bench.press.child import timed
from bench.press.load import Line, over_http
from bench.press.payload import Submission
from bench.press.slack import swallowing
from bench.press.turns import databases
from bench.press.world import World
from bench.served import HOST, SERVERS

OURS = "uvicorn"
GET = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n"
POST = (
    b"POST /ansok HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-www-form-urlencoded\r\n"
    b"content-length: 100000\r\n\r\n"
)
# Whoever has not been cut off after this is held to no limit that matters.
LONGEST = 100.0
LARGE = 20_000_000
# A server that takes nothing more for so long waits for its client to read.
FULL = 5.0
# Three of them on a busy machine take their time.
STARTING = 120.0


@dataclass
class Contender:
    """A server at work. `rounds` has, by what was asked, seconds in all and of each request of every round."""

    name: str
    world: World
    process: Process
    port: int
    rounds: dict[str, list[tuple[float, list[float]]]] = field(default_factory=dict)

    async def line(self) -> "Getting":
        """A connection of one's own."""
        return (await asyncio.get_running_loop().create_connection(Getting, HOST, self.port))[1]

    async def get(self, count: int, at_once: int) -> None:
        """A round of a route that reads nothing."""
        lines = [await self.line() for _ in range(at_once)]
        took = await timed([GET] * count, at_once, lambda _, number: lines[number].get(), time.process_time)
        self._keep("get", took["seconds"], took["latencies"], lines)

    async def press(self, count: int, at_once: int) -> None:
        """A round of presses, each counted."""
        presses = await self.world.prepare(count)
        lines = [await self.line() for _ in range(at_once)]
        submission = await Submission.like(self.world, presses[0])
        took = await over_http(presses, [*lines], submission, self.process.pid)
        await self.world.check(presses)
        self._keep("press", took["seconds"], took["latencies"], lines)

    def megabytes(self) -> float:
        """What the server holds, its workers' too."""
        return sum(_resident(pid) for pid in _family(self.process.pid)) / 1e6

    def _keep(self, what: str, seconds: float, latencies: list[float], lines: list["Getting"]) -> None:
        self.rounds.setdefault(what, []).append((seconds, latencies))
        for line in lines:
            line.close()


class Getting(Line):
    """A line that can ask for the simple route too."""

    async def get(self) -> None:
        """Ask, and read the answer."""
        status, _ = await self.ask(GET)
        if status != 200:
            raise ConnectionError(status)


def main(
    rounds: Annotated[int, typer.Option(help="How many count, after one that warms up.")] = 7,
    gets: Annotated[int, typer.Option(help="In each round.")] = 1_000,
    presses: Annotated[int, typer.Option(help="In each round.")] = 200,
    at_once: Annotated[int, typer.Option(help="How many ask at once.")] = 16,
    connections: Annotated[int, typer.Option(help="How many are held for the size.")] = 500,
) -> None:
    """Measure in rounds that take turns, on SQLite, and then what each server lets a client do."""
    uvloop.run(_measure(rounds, gets, presses, at_once, connections))


async def _measure(rounds: int, gets: int, presses: int, at_once: int, connections: int) -> None:
    async with AsyncExitStack() as stack:
        make = stack.enter_context(databases("sqlite"))
        names = [each for each in SERVERS if find_spec(each) is not None]
        for missing in SERVERS.keys() - set(names):
            typer.echo(f"{missing}: not installed, left out")
        contenders = [await stack.enter_async_context(_served(name, make(name))) for name in names]
        for number in range(rounds + 1):
            first = number % len(contenders)
            for contender in contenders[first:] + contenders[:first]:
                await contender.get(gets, at_once)
                await contender.press(presses, at_once)
        _tell_speed(contenders)
        for contender in contenders:
            await _tell_size(contender, connections)
        for line in await asyncio.gather(*map(_limits, contenders)):
            typer.echo(line)


@asynccontextmanager
async def _served(name: str, url: str) -> AsyncGenerator[Contender]:
    world, slack = await World.new(url), await swallowing()
    with socket.create_server((HOST, 0)) as free:
        port = free.getsockname()[1]
    about = {"BENCH_DATABASE": url, "BENCH_SLACK": f"http://{HOST}:{slack.sockets[0].getsockname()[1]}/api/"}
    words = (sys.executable, "-m", "bench.served", name, str(port))
    process = await asyncio.create_subprocess_exec(*words, env=os.environ | about)
    try:
        await world.until_connected(STARTING)
        yield Contender(name, world, process, port)
    finally:
        process.terminate()
        await process.wait()
        slack.close()
        await world.database.close()


# --- speed and size


def _tell_speed(contenders: list[Contender]) -> None:
    typer.echo("server      what    a second  x ours  p50 ms  p99 ms")
    ours = next(each for each in contenders if each.name == OURS)
    for contender in contenders:
        for what, (_, *rounds) in contender.rounds.items():
            seconds = [took for took, _ in rounds]
            ratio = median(took / own for took, (own, _) in zip(seconds, ours.rounds[what][1:], strict=True))
            each = [one for _, latencies in rounds for one in latencies]
            p50, p99 = median(each) * 1e3, quantiles(each, n=100)[98] * 1e3
            rate = len(rounds[0][1]) / median(seconds)
            typer.echo(f"{contender.name:11} {what:6} {rate:9.0f} {ratio:7.2f} {p50:7.2f} {p99:7.2f}")


async def _tell_size(contender: Contender, connections: int) -> None:
    before = contender.megabytes()
    lines = [await contender.line() for _ in range(connections)]
    for line in lines:
        await line.get()
    held = contender.megabytes()
    typer.echo(f"{contender.name:11} {before:.0f} MB, with {connections} connections {held:.0f} MB")
    for line in lines:
        line.close()


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in _family(int(child)))]


def _resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


# --- what a client may do


async def _limits(contender: Contender) -> str:
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(len(ATTEMPTS)) as threads:
        tried = [loop.run_in_executor(threads, _tried, contender.port, name, *each) for name, each in ATTEMPTS.items()]
        return f"{contender.name}: " + "; ".join(await asyncio.gather(*tried))


def _tried(port: int, name: str, beginning: bytes, more: bytes, pause: float) -> str:
    """Send a beginning, and then something again and again, until the server hangs up."""
    began, sent, how = time.monotonic(), 0, "still open"
    with socket.create_connection((HOST, port)) as line, suppress(ConnectionError):
        line.settimeout(FULL)
        how = "hung up"
        for part in chain((beginning,), repeat(more)):
            try:
                line.sendall(part)
            except TimeoutError:
                how = "takes no more"
                break
            sent += len(part)
            if sent > LARGE or time.monotonic() - began > LONGEST:
                how = "still open"
                break
            # What is pipelined is not read: whoever sends so much never looks at an answer.
            readable, _, _ = select.select([] if more is GETS else [line], [], [], pause)
            if readable and not line.recv(65_536):
                break
    return f"{name}: {how} after {time.monotonic() - began:.1f} s, {sent} bytes"


GETS = GET * 500
ATTEMPTS: dict[str, tuple[bytes, bytes, float]] = {
    "endless header": (b"GET / HTTP/1.1\r\nhost: localhost\r\nx: ", b"x" * 8_192, 0.001),
    "endless headers": (b"GET / HTTP/1.1\r\nhost: localhost\r\n", b"x: y\r\n" * 1_000, 0.001),
    "slow header": (b"GET / HTTP/1.1\r\nhost: localhost\r\nx: ", b"x", 1.0),
    "slow body": (POST, b"x", 1.0),
    "silent": (b"", b"", 1.0),
    "idle after an answer": (GET, b"", 1.0),
    "pipelined, unread": (GET, GETS, 0.001),
}


if __name__ == "__main__":
    typer.run(main)
