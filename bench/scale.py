"""`python -m bench.scale`: what people and the clock wait for among many orders, beside the same among a thousand.

Goal: at most 1.3 of it among a million (performance, section 1).
"""

import json
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Annotated

import typer
import uvloop
from sqlalchemy import Connection, Table, text

from bench.press.turns import databases
from bench.press.world import World, orders_on
from bot.main import now
from core.api import Asking, CaseList, Inbox, InboxQuery, Language, new_id
from core.storage import tables
from core.storage.reads.inbox import SqlInbox
from core.storage.reads.waiting import count_waiting
from notifications.outbox.leases import CardLeases
from notifications.slack.token_seal import TokenSeal
from notifications.slack.workspaces import Workspaces
from tests.support.world import many, seed

Work = Callable[[], Awaitable[object]]

FEW, LIMIT = 1_000, 1.3
CROWD = 1_000
PAGE = 10
# Half of the copies were closed long ago at the customer that presses; half wait at others.
CLOSED = "n % 2 = 0"
OTHERS = f"substr('000000' || (n % {CROWD}), -6)"
OTHERS_ON_POSTGRES = f"lpad(CAST(n % {CROWD} AS text), 6, '0')"
COPIED = {
    "cases": {
        "id": "'B-' || n",
        "customer_id": "CASE WHEN {closed} THEN t.customer_id ELSE 'O-X' || {other} END",
        "orderer_id": "CASE WHEN {closed} THEN t.orderer_id ELSE 'P-X' || {other} END",
        "state": "CASE WHEN {closed} THEN 'instructions_sent' ELSE t.state END",
        "closed_at": "CASE WHEN {closed} THEN t.created_at END",
        "due_at": "CASE WHEN {closed} THEN NULL ELSE t.due_at END",
    },
    "case_units": {
        "case_id": "'B-' || n",
        "customer_id": "CASE WHEN {closed} THEN t.customer_id ELSE 'O-X' || {other} END",
    },
    "case_words": {"case_id": "'B-' || n"},
    "history": {"id": None, "case_id": "'B-' || n"},
    "cards": {
        "id": "t.id || n",
        "case_id": "'B-' || n",
        "person_id": "'P-X' || {other}",
        "workspace_id": f"'{seed.TEAM}'",
        "channel": f"'{many.CHANNEL}'",
        "ts": "t.id || n",
        "does_show": "t.must_show",
        "due_at": "NULL",
    },
}
# What the closed ones connected, each a unit of its own.
CONNECTED = """INSERT INTO connections
        (organisation_id, service_id, offer_id, agent_id, unit_key, unit_name, valid_from, case_id)
    SELECT c.customer_id, o.service_id, c.offer_id, c.agent_id, 'enhet ' || c.id, 'Enhet ' || c.id, c.closed_at, c.id
    FROM cases c JOIN offers o ON o.id = c.offer_id WHERE c.state = 'instructions_sent'"""


@dataclass(frozen=True)
class Compared:
    """What one thing takes among few orders and among many, in milliseconds: medians, and that of each ratio."""

    database: str
    orders: int
    what: str
    among_few: float
    among_many: float
    ratio: float


@dataclass(frozen=True)
class Among:
    """A world with so many orders, and what is measured in it."""

    world: World
    cards: CardLeases
    inbox: Inbox

    async def works(self, presses: int) -> dict[str, Work]:
        """What is measured, by name; each press is of an order of its own."""
        orders, waiting = orders_on(self.world.database), iter(await self.world.prepare(presses))
        return {
            "inbox": self._inbox,
            "press": lambda: orders.act(next(waiting).command()),
            "claim": lambda: self.cards.claim(seed.TEAM),
            "tick": orders.run_clock,
        }

    async def _inbox(self) -> None:
        await self.inbox.page(Asking(seed.BO), InboxQuery(size=PAGE), now())
        await self.inbox.page(Asking(seed.ANNA), InboxQuery(CaseList.ORDERED, size=PAGE), now())


def main(
    db: Annotated[list[str], typer.Option(help="sqlite, postgres; may be repeated.")] = ["sqlite", "postgres"],  # noqa: B006 - typer reads it once
    orders: Annotated[int, typer.Option(help="How many are many.")] = 1_000_000,
    rounds: Annotated[int, typer.Option(help="Rounds that count, in each world.")] = 9,
    presses: Annotated[int, typer.Option(help="How often each is done in a round.")] = 40,
    json_file: Annotated[Path | None, typer.Option("--json", help="Where to write the figures.")] = None,
) -> None:
    """Measure two worlds in turns; a million orders take some minutes to make and some gigabytes."""
    found = list[Compared]()
    typer.echo(f"{'':<11}{'':<8}{FEW:>10}{orders:>10}   ratio")
    for kind in db:
        for each in uvloop.run(_measure(kind, orders, rounds, presses)):
            found.append(each)
            verdict = "reached" if each.ratio <= LIMIT else "NOT reached"
            figures = f"{each.among_few:>10.2f}{each.among_many:>10.2f}{each.ratio:>8.2f}"
            typer.echo(f"{each.database:<11}{each.what:<8}{figures}  goal <= {LIMIT}: {verdict}")
    if json_file:
        json_file.write_text(json.dumps([asdict(each) for each in found], indent=1) + "\n")


async def _measure(kind: str, orders: int, rounds: int, presses: int) -> list[Compared]:
    with databases(kind) as make:
        async with AsyncExitStack() as stack:
            small, large = [await _world(stack, make(name), count) for name, count in (("few", FEW), ("many", orders))]
            found = [await _turns(small, large, presses) for _ in range(rounds + 1)][1:]
    rows = list[Compared]()
    for what in found[0]:
        few, much = (median(each[what][place] for each in found) for place in (0, 1))
        ratio = median(each[what][1] / each[what][0] for each in found)
        rows.append(Compared(kind, orders, what, round(few, 3), round(much, 3), round(ratio, 3)))
    return rows


async def _turns(few: Among, much: Among, times: int) -> dict[str, tuple[float, float]]:
    """Milliseconds of each among few and among many, medians: what disturbs the machine disturbs both."""
    here, there = await few.works(times), await much.works(times)
    found: dict[str, tuple[float, float]] = {}
    for what in here:
        pairs = [(await _timed(here[what]), await _timed(there[what])) for _ in range(times)]
        found[what] = median(a for a, _ in pairs), median(b for _, b in pairs)
    return found


async def _world(stack: AsyncExitStack, url: str, count: int) -> Among:
    world = await World.new(url)
    stack.push_async_callback(world.database.close)
    await _workspace(world)
    began = time.perf_counter()
    await world.database.write(lambda connection: many.add_crowd(connection, CROWD))
    await world.database.write(lambda connection: _fill(connection, count))
    if world.database.dialect == "postgresql":
        # As its own upkeep does by and by; SQLite is never told how its rows are spread.
        await world.database.write(lambda connection: connection.execute(text("ANALYZE")).close())
    typer.echo(f"made {count} orders in {time.perf_counter() - began:.0f} s", err=True)
    return Among(world, CardLeases(world.database, now, new_id, count_waiting), SqlInbox(world.database))


async def _workspace(world: World) -> None:
    await Workspaces(world.database, TokenSeal("k" * 32), now).ensure(
        team_id=seed.TEAM.removeprefix("slack:"),
        enterprise_id=None,
        name="Exempel",
        token="xoxb-bench",  # noqa: S106 - no Slack is asked
        bot_user_id="U0BENCHBOT",
        channel=many.CHANNEL,
        language=Language.SV,
    )


def _fill(connection: Connection, count: int) -> None:
    """Copies of the one order there is, made where they are kept, however long that takes."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
    for name, changes in COPIED.items():
        connection.execute(
            text(_copying(tables.metadata.tables[name], changes, connection.dialect.name)), {"count": count}
        )
    connection.execute(text(CONNECTED))


def _copying(table: Table, changes: dict[str, str | None], dialect: str) -> str:
    other = OTHERS_ON_POSTGRES if dialect == "postgresql" else OTHERS
    columns = {column.name: changes.get(column.name, f"t.{column.name}") for column in table.columns}
    kept = {name: sql.format(closed=CLOSED, other=other) for name, sql in columns.items() if sql is not None}
    return f"""INSERT INTO {table.name} ({", ".join(kept)})
        WITH RECURSIVE copies(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < :count)
        SELECT {", ".join(kept.values())} FROM {table.name} t, copies"""  # noqa: S608 - constants


async def _timed(work: Work) -> float:
    began = time.perf_counter()
    await work()
    return 1_000 * (time.perf_counter() - began)


if __name__ == "__main__":
    typer.run(main)
