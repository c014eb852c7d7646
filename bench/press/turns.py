"""Rounds that take turns, so that what disturbs the machine disturbs every contender alike."""

import shutil
import tempfile
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.press.child import Round
from bench.press.contenders import Child, Contender, Server
from bench.press.world import World
from tests.support.machines import postgres

MakeDatabase = Callable[[str], str]


def raw() -> Contender:
    """The driver alone."""
    return Child("bench.press.raw")


def step() -> Contender:
    """Use case and store, in process."""
    return Child("bench.press.step")


# name, SQLite's `synchronous`, what presses
FIELDS: dict[str, tuple[tuple[str, str, Callable[[], Contender]], ...]] = {
    "sqlite": (
        ("raw", "FULL", raw),
        ("step", "FULL", step),
        ("ours", "FULL", Server),
        ("ours NORMAL", "NORMAL", Server),
    ),
    "postgres": (
        ("raw", "FULL", raw),
        ("step", "FULL", step),
        ("ours", "FULL", Server),
    ),
}


@dataclass
class Entry:
    """A contender, a database of its own, and its rounds by how many pressed at once."""

    name: str
    contender: Contender
    world: World
    rounds: dict[int, list[Round]] = field(default_factory=dict)

    async def turn(self, count: int, at_once: int) -> None:
        """One round on new orders, which are checked afterwards."""
        presses = await self.world.prepare(count)
        figures = await self.contender.round(presses, at_once)
        await self.world.check(presses)
        self.rounds.setdefault(at_once, []).append(figures)


async def measure(kind: str, only: list[str], at_once: list[int], rounds: int, presses: int) -> list[Entry]:
    """The contenders of a database, in turns; the first round warms up and is not kept."""
    with databases(kind) as make:
        async with AsyncExitStack() as stack:
            contenders = [each for each in FIELDS[kind] if each[0] in only]
            entries = [await stack.enter_async_context(_entered(make(each[0]), *each)) for each in contenders]
            for number in at_once:
                await _take_turns(entries, number, rounds, presses)
    return entries


@asynccontextmanager
async def _entered(url: str, name: str, synchronous: str, contender: Callable[[], Contender]) -> AsyncGenerator[Entry]:
    entry = Entry(name, contender(), await World.new(url))
    try:
        await entry.contender.start(entry.world, synchronous)
        yield entry
    finally:
        await entry.contender.stop()
        await entry.world.database.close()


async def _take_turns(entries: list[Entry], at_once: int, rounds: int, presses: int) -> None:
    for number in range(rounds + 1):
        first = number % len(entries)
        for entry in entries[first:] + entries[:first]:
            await entry.turn(presses, at_once)
    for entry in entries:
        del entry.rounds[at_once][0]


@contextmanager
def databases(kind: str) -> Iterator[MakeDatabase]:
    """Where databases are made; PostgreSQL with its own durable settings, over a Unix socket."""
    if kind == "postgres":
        with postgres.running(settings="") as server:
            yield server.create
        return
    folder = Path(tempfile.mkdtemp(prefix="kundportal-bench-"))
    try:
        yield lambda name: f"sqlite:///{folder / name}.db"
    finally:
        shutil.rmtree(folder)
