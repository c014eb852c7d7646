"""A contender in a process of its own: reads rounds as lines of JSON, presses, and answers with what it took."""

import asyncio
import gc
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import uvloop

from bench.press.world import Press
from bot.server.serving import settle

T = TypeVar("T")
Pressing = Callable[[Press, int], Awaitable[None]]
Round = dict[str, Any]


async def drive(presses: list[T], at_once: int, pressing: Callable[[T, int], Awaitable[None]]) -> list[float]:
    """Press everything, `at_once` at a time; each driver's next press starts when its last one has answered."""
    latencies: list[float] = []

    async def driver(number: int) -> None:
        for press in presses[number::at_once]:
            began = time.perf_counter()
            await pressing(press, number)
            latencies.append(time.perf_counter() - began)

    await asyncio.gather(*(driver(number) for number in range(at_once)))
    return latencies


async def timed(
    presses: list[T], at_once: int, pressing: Callable[[T, int], Awaitable[None]], cpu: Callable[[], float]
) -> Round:
    """One round's figures: seconds in all, seconds of each press, processor seconds by `cpu`."""
    gc.collect()
    busy, began = cpu(), time.perf_counter()
    latencies = await drive(presses, at_once, pressing)
    return {"seconds": time.perf_counter() - began, "cpu": cpu() - busy, "latencies": latencies}


async def serve_rounds(pressing: Pressing, warm: Callable[[Press], Awaitable[None]] | None = None) -> None:
    """Answer a line for each line, until there are no more; `warm` gets a press of each round before it is timed."""
    loop = asyncio.get_running_loop()
    settle()
    _answer({"ready": True})
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        wanted = json.loads(line)
        presses = [Press(*each) for each in wanted["presses"]]
        if warm is not None:
            await warm(presses[0])
        _answer(await timed(presses, wanted["at_once"], pressing, time.process_time))


def _answer(answer: Round) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run a contender to its end; drivers of databases may leave threads behind."""
    uvloop.run(main)
    sys.stdout.flush()
    os._exit(0)
