"""`python -m bench.startup`: what the command line and a start of the server cost: processor time, time and memory.

Beside an interpreter that does nothing, in rounds that take turns. The server is started as an operator starts it, on a
migrated SQLite, with a Slack of the benchmark; its first acknowledgement answers a signed request as Slack sends it.
"""

import asyncio
import json
import os
import resource
import sys
import time
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Annotated

import httpx
import typer

from bench.press.load import SECRET, sign
from bench.press.slack import swallowing
from core.storage import migrations
from core.storage.database.database import open_database
from tests.support.machines.product import free_port

NOTHING = [sys.executable, "-c", "pass"]
PRODUCT = [sys.executable, "-m", "bot"]
# What Slack asks first of an address that it is given, in its own words.
BODY = json.dumps({"type": "url_verification", "challenge": "bench"}).encode()
LONGEST, LOOK = 60.0, 0.01
HELP_CPU, FIRST_ACK, MEMORY = "--help: s of CPU", "serve: s to its first ack", "serve: MB after it"
LIMITS = {HELP_CPU: 0.5, FIRST_ACK: 2.0, MEMORY: 150.0}
SERVE_CPU, NOTHING_CPU = "serve: s of CPU to it", "python: s of CPU to start"


class NotStarted(Exception):
    """The server ended, or did not answer in time."""


@dataclass(frozen=True)
class Figure:
    """A median, and the goal where there is one."""

    name: str
    found: float
    limit: float | None


def main(
    rounds: Annotated[int, typer.Option(help="Rounds that count.")] = 5,
    json_file: Annotated[Path | None, typer.Option("--json", help="Where to write the figures.")] = None,
) -> None:
    """Start each again and again; the first round fills what the system remembers of files."""
    found = asyncio.run(measure(rounds))
    for each in found:
        verdict = "" if each.limit is None else "reached" if each.found <= each.limit else "NOT reached"
        goal = "" if each.limit is None else f"goal <= {each.limit:g}: {verdict}"
        typer.echo(f"{each.name:<28}{each.found:>8.2f}  {goal}".rstrip())
    if json_file:
        json_file.write_text(json.dumps({"figures": [asdict(each) for each in found]}, indent=1) + "\n")


async def measure(rounds: int) -> list[Figure]:
    """The medians of so many rounds; of the first alone where none is to count."""
    slack = await swallowing()
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/kundportal.db"
        database = open_database(url)
        await migrations.upgrade_database(database)
        await database.close()
        around = _surroundings(url, slack.sockets[0].getsockname()[1])
        first, *others = [await _round(around) for _ in range(rounds + 1)]
    slack.close()
    taken = others or [first]
    return [Figure(name, round(median(each[name] for each in taken), 3), LIMITS.get(name)) for name in taken[0]]


def _surroundings(url: str, slack: int) -> dict[str, str]:
    return os.environ | {
        "DATABASE_URL": url,
        "SLACK_BOT_TOKEN": "xoxb-bench",
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": f"http://127.0.0.1:{slack}/api/",
        "SLACK_CHANNEL": "C0BENCH001",
        "PORTAL_URL": "https://portal.example.org",
        "SUPPORT_EMAIL": "kundservice@example.se",
        "SECRET_KEY": sha256(SECRET.encode()).hexdigest(),
        "ENVIRONMENT": "test",
    }


async def _round(around: dict[str, str]) -> dict[str, float]:
    nothing, shown = await _cpu(NOTHING, around), await _cpu([*PRODUCT, "--help"], around)
    seconds, cpu, megabytes = await _first_ack(around)
    return {NOTHING_CPU: nothing, HELP_CPU: shown, FIRST_ACK: seconds, SERVE_CPU: cpu, MEMORY: megabytes}


async def _cpu(words: list[str], around: dict[str, str]) -> float:
    """Processor time of a program, from its start to its end."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    quiet = asyncio.subprocess.DEVNULL
    await (await asyncio.create_subprocess_exec(*words, env=around, stdout=quiet, stderr=quiet)).wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


async def _first_ack(around: dict[str, str]) -> tuple[float, float, float]:
    """Seconds from the start of the server until it has acknowledged something; its processor time and memory then."""
    port = free_port()
    quiet, began = asyncio.subprocess.DEVNULL, time.perf_counter()
    server = await asyncio.create_subprocess_exec(
        *PRODUCT, "serve", "--port", str(port), env=around, stdout=quiet, stderr=quiet
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=LONGEST) as client:
            while not await _is_acknowledged(client):
                if server.returncode is not None or time.perf_counter() - began > LONGEST:
                    raise NotStarted
                await asyncio.sleep(LOOK)
        return time.perf_counter() - began, cpu_of(server.pid), _megabytes(server.pid)
    finally:
        if server.returncode is None:
            server.terminate()
        await server.wait()


async def _is_acknowledged(client: httpx.AsyncClient) -> bool:
    stamp = str(int(time.time()))
    signed = {"x-slack-request-timestamp": stamp, "x-slack-signature": sign(SECRET, stamp, BODY)}
    try:
        answer = await client.post("/slack/events", content=BODY, headers=signed | {"content-type": "application/json"})
    except httpx.ConnectError:
        return False
    return answer.is_success


def cpu_of(process: int) -> float:
    """Processor time so far, as Linux counts it."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _megabytes(process: int) -> float:
    """Memory that is its own or shared, as Linux counts it."""
    (line,) = [each for each in Path(f"/proc/{process}/status").read_text().splitlines() if each.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    typer.run(main)
