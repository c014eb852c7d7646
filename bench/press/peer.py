"""`python -m bench.press.peer URL`: the whole press as one contender of a comparison with other engines.

It speaks lines of JSON: says that it is ready, reads `{"n": orders, "conc": at once}`, answers with what that took. A
step is a press; where others drive four steps of each order, it presses four times as many orders once. The server of
the URL must let its user create databases; this one's is made anew.
"""

import asyncio
import json
import sys
from statistics import quantiles
from typing import Any

import asyncpg
import uvloop
from sqlalchemy import URL, make_url

from bench.press.child import Round
from bench.press.contenders import Server
from bench.press.world import World

NAME = "peer_kundportal"
STEPS = 4


async def main(url: str) -> None:
    """Serve rounds until there are no more."""
    world = await World.new(await _fresh(make_url(url)))
    server = Server()
    await server.start(world, "FULL")
    _say({"ready": True})
    loop = asyncio.get_running_loop()
    try:
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            wanted = json.loads(line)
            _say(await _round(world, server, wanted["n"], wanted["conc"]))
    finally:
        await server.stop()
        await world.database.close()


async def _round(world: World, server: Server, orders: int, at_once: int) -> dict[str, float]:
    began = asyncio.get_running_loop().time()
    presses = await world.prepare(STEPS * orders)
    made = asyncio.get_running_loop().time() - began
    took = await server.round(presses, at_once)
    await world.check(presses)
    return {"start_s": orders / made, **_figures(took)}


def _figures(took: Round) -> dict[str, float]:
    steps, parts = len(took["latencies"]), quantiles(took["latencies"], n=100)
    return {
        "steps_s": steps / took["seconds"],
        "p50_ms": 1_000 * parts[49],
        "p99_ms": 1_000 * parts[98],
        "cpu_ms": 1_000 * took["cpu"] / steps,
    }


async def _fresh(place: URL) -> str:
    connection = await asyncpg.connect(host=place.host, port=place.port, user=place.username, database=place.database)
    await connection.execute(f'DROP DATABASE IF EXISTS "{NAME}" WITH (FORCE)')
    await connection.execute(f'CREATE DATABASE "{NAME}"')
    await connection.close()
    return place.set(database=NAME).render_as_string(hide_password=False)


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1]))
