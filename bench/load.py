"""`python -m bench.load`: a press beside an idle one, while visitors draw, upload and read, and while a file is loaded.

Goal: its 99th percentile is at most five times the idle one (performance, section 1). While the file is loaded forms
wait too, and connections are held.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
import uvloop

from bench.press.contenders import Server
from bench.press.load import Line, NotCounted
from bench.press.payload import Submission
from bench.press.turns import databases
from bench.press.world import Press, World
from core.api import new_id
from core.storage.identity.api_keys import Keys

LIMIT = 5.0
# Seconds from one press to the next: this is about how long one takes, not about how many there may be.
PACE = 0.05
# Seconds until visitors are all there.
SETTLES = 3
# So many forms are sent at once, each second.
FORMS = 8
# For ten minutes: whatever takes longer is measured for so long.
MOST_PRESSES = 12_000
HALF_A_REQUEST = b"POST /slack/events HTTP/1.1\r\nhost: localhost\r\n"
HEAD = "database    while          presses  p50 ms  p99 ms  most ms"


@dataclass(frozen=True)
class Figure:
    """Presses one after the other, in milliseconds from the last byte sent to the answer."""

    database: str
    during: str
    presses: int
    p50_ms: float
    p99_ms: float
    most_ms: float


@dataclass(frozen=True)
class Found:
    """What was measured on a database, and how it went for those beside."""

    database: str
    figures: tuple[Figure, Figure, Figure]
    visitors: str
    load_seconds: float
    forms: int
    form_p99_ms: float
    connections: int


def main(
    db: Annotated[list[str], typer.Option(help="sqlite, postgres; may be repeated.")] = ["sqlite", "postgres"],  # noqa: B006 - typer reads it once
    organisations: Annotated[int, typer.Option(help="How many are loaded.")] = 10_000,
    connections: Annotated[int, typer.Option(help="How many somebody holds.")] = 500,
    visitors: Annotated[int, typer.Option(help="How many draw agreements, upload slowly and ask for pages.")] = 100,
    presses: Annotated[int, typer.Option(help="How many presses are idle ones.")] = 600,
    json_file: Annotated[Path | None, typer.Option("--json", help="Where to write the figures.")] = None,
) -> None:
    """Measure one press at a time, first with nothing else to do, then beside all of it, on the same server."""
    found = [uvloop.run(_measure(kind, organisations, connections, visitors, presses)) for kind in db]
    typer.echo(HEAD)
    for each in found:
        for row in each.figures:
            typer.echo(
                f"{row.database:<12}{row.during:<13}{row.presses:>9}{row.p50_ms:>8.2f}{row.p99_ms:>8.2f}{row.most_ms:>9.2f}"
            )
    for each in found:
        idle, *others = each.figures
        for row in others:
            ratio = row.p99_ms / idle.p99_ms
            verdict = "reached" if ratio <= LIMIT else "NOT reached"
            typer.echo(f"{each.database}, {row.during}: p99 {ratio:.2f} x idle, goal <= {LIMIT}: {verdict}")
        typer.echo(f"{'':<12}visitors were told {each.visitors}")
        beside = f"{each.forms} forms with p99 {each.form_p99_ms:.0f} ms, {each.connections} connections held"
        typer.echo(f"{'':<12}loaded in {each.load_seconds:.0f} s, {beside}")
    if json_file:
        json_file.write_text(json.dumps([asdict(each) for each in found], indent=1) + "\n")


async def _measure(kind: str, organisations: int, connections: int, visitors: int, presses: int) -> Found:
    with databases(kind) as make, tempfile.TemporaryDirectory(prefix="kundportal-load-") as folder:
        file = Path(folder, "many.yaml")
        await asyncio.to_thread(file.write_text, "".join(_register(organisations)), "utf-8")
        world, server = await World.new(make("load")), Server()
        try:
            await server.start(world, "FULL")
            return await _beside(kind, world, server, file, connections, visitors, presses)
        finally:
            await server.stop()
            await world.database.close()


async def _beside(kind: str, world: World, server: Server, file: Path, held: int, visitors: int, presses: int) -> Found:
    key = await Keys(world.database).create(new_id, datetime.now(UTC), "bench", None)
    waiting = await world.prepare(2 * presses + MOST_PRESSES)
    pressing = _Pressing(waiting, await Submission.like(world, waiting[0]), await server.line())
    await pressing.until(None, 50)
    await world.until_sealed()
    idle = await pressing.until(None, presses)
    async with _visited(server.address, visitors) as told:
        visited = await pressing.until(None, presses)
    async with _held(server.address, held) as open_still, _forms(server.address, key) as forms:
        began = time.perf_counter()
        words, environment = (sys.executable, "-m", "bot", "load", str(file)), os.environ | {"DATABASE_URL": world.url}
        loading = await asyncio.create_subprocess_exec(*words, env=environment, stdout=DEVNULL)
        ended = asyncio.ensure_future(loading.wait())
        busy = await pressing.until(ended, len(waiting))
        if await ended:
            raise ChildProcessError("load")
        seconds, connections = time.perf_counter() - began, open_still()
    pressing.line.close()
    await world.check(pressing.done)
    rows = _figure(kind, "idle", idle), _figure(kind, "visited", visited), _figure(kind, "loading", busy)
    return Found(kind, rows, " ".join(told), seconds, len(forms), 1_000 * _part(forms, 0.99), connections)


class _Pressing:
    """One person after the other, at a pace, on one connection."""

    def __init__(self, waiting: list[Press], submission: Submission, line: Line) -> None:
        self.line = line
        self.done: list[Press] = []
        self._waiting = iter(waiting)
        self._submission = submission

    async def until(self, ended: asyncio.Future[int] | None, most: int) -> list[float]:
        """Seconds of each press, until something has ended or there were so many."""
        taken: list[float] = []
        while len(taken) < most and not (ended and ended.done()):
            press = next(self._waiting, None)
            if press is None:
                break
            body, began = self._submission.body(press), time.perf_counter()
            status, answer = await self.line.post(body)
            taken.append(time.perf_counter() - began)
            if status != 200 or b'"clear"' not in answer:
                raise NotCounted(status, answer)
            self.done.append(press)
            await asyncio.sleep(PACE)
        return taken


@asynccontextmanager
async def _visited(address: tuple[str, int], count: int) -> AsyncGenerator[list[str]]:
    """So many visit at once, in a process of their own; afterwards, how often they were told what."""
    told: list[str] = []
    words = (sys.executable, "-m", "bench.visitors", *map(str, address), str(count))
    visiting = await asyncio.create_subprocess_exec(*words, stdout=PIPE)
    # Until all have come, and what draws PDFs is loaded.
    await asyncio.sleep(SETTLES)
    try:
        yield told
    finally:
        visiting.terminate()
        said, _ = await visiting.communicate()
        told += said.decode().split()


@asynccontextmanager
async def _held(address: tuple[str, int], count: int) -> AsyncGenerator[Callable[[], int]]:
    """Somebody begins requests and does not end them, and begins anew where the server hangs up; how many are held."""
    held: set[asyncio.StreamWriter] = set()

    async def hold() -> None:
        while True:
            reader, writer = await asyncio.open_connection(*address)
            held.add(writer)
            try:
                writer.write(HALF_A_REQUEST)
                await reader.read()
            except OSError:
                continue
            finally:
                held.discard(writer)
                writer.close()

    async with _meanwhile(*(hold() for _ in range(count))):
        yield lambda: len(held)


@asynccontextmanager
async def _forms(address: tuple[str, int], key: str) -> AsyncGenerator[list[float]]:
    """Several people write the register at once, each second; how long each of them waited."""
    taken: list[float] = []

    async def send(client: httpx.AsyncClient, number: int) -> None:
        began = time.perf_counter()
        body = {"email": f"form{number}@example.org", "name": f"Form {began}"}
        (await client.post("/api/v1/register/persons", json=body)).raise_for_status()
        taken.append(time.perf_counter() - began)

    async def again_and_again() -> None:
        while True:
            await asyncio.gather(*(send(client, number) for number in range(FORMS)), asyncio.sleep(1))

    host, port = address
    headers = {"Authorization": f"Bearer {key}"}
    client = httpx.AsyncClient(base_url=f"http://{host}:{port}", headers=headers, timeout=60)
    async with client, _meanwhile(again_and_again()):
        yield taken


@asynccontextmanager
async def _meanwhile(*work: Coroutine[Any, Any, None]) -> AsyncGenerator[None]:
    tasks = [asyncio.create_task(each) for each in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    for each in ended:
        if isinstance(each, Exception):
            raise each


def _figure(kind: str, during: str, taken: list[float]) -> Figure:
    p50, p99, most = (1_000 * _part(taken, part) for part in (0.5, 0.99, 1))
    return Figure(kind, during, len(taken), p50, p99, most)


def _part(taken: list[float], part: float) -> float:
    ordered = sorted(taken)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else 0.0


def _register(organisations: int) -> Iterator[str]:
    """A file of organisations with three people each, who have five roles."""
    yield "organisations:\n"
    for number in range(organisations):
        yield f"""  - org_number: "{_org_number(number)}"
    name: Vårdbolaget {number} AB
    kinds: [customer]
    category: municipality
    agreements: [{{type: kundavtal, from: 2024-01-01}}]
    people:
      - {{name: Anna {number}, email: anna{number}@example.org, roles: [orderer]}}
      - {{name: Bo {number}, email: bo{number}@example.org, roles: [attestant, administrator]}}
      - name: Eva {number}
        email: eva{number}@example.org
        roles: [{{role: attestant, attest_limit: 50000}}, emergency_attestant]
"""


def _org_number(number: int) -> str:
    digits = f"55{number:07}"
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


if __name__ == "__main__":
    typer.run(main)
