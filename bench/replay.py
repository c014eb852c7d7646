"""`python -m bench.replay`: how long `verify-history` replays so many rows of history, and in how much memory.

Goal: the time of a row is the same among a million as among ten thousand (at most 1.3 of it), and so is the memory.
"""

import resource
import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, insert, text

from bench.press.turns import databases
from core.api import Action, Case, CaseId
from core.storage import tables
from core.storage.audit.replaying import replay
from core.storage.context.coding import content_hash
from tests.contract.office import Office, open_office
from tests.support.world import many, seed
from tests.support.world.baseline import write_baseline

LIMIT = 1.3
CROWD = 1_000
# So many orders are open at once.
OPEN = 1_000
YES = {"confirmed": True, "certified": True, "message": "Så här", "reason": "Ryms inte"}
# An order that was seen to is copied, its rows among those of the others that were open then, each with a proof of its
# own of what was ordered.
COPIES = Table(
    "copies", MetaData(), Column("n", Integer, primary_key=True), Column("proof", Text), prefixes=["TEMPORARY"]
)
# Each a second after the one before: what nobody changes any more is not looked for again.
LATER = "{0} + 1000000 * CAST(n AS bigint)"
CHANGED = {
    "cases": {
        "id": "'B-' || n",
        "decisions": f"replace(t.decisions, CAST(t.created_at AS text), CAST({LATER.format('t.created_at')} AS text))",
    },
    "history": {
        "id": None,
        "case_id": "'B-' || n",
        "at": LATER.format("t.at"),
        "evidence": "replace(t.evidence, :proof, copies.proof)",
    },
}
ORDERED = {"cases": "n", "history": f"n / {OPEN}, t.id, n"}


def main(
    kind: Annotated[str, typer.Option("--db", help="sqlite or postgres.")] = "sqlite",
    rows: Annotated[list[int], typer.Option(help="How many rows; may be repeated.")] = [10_000, 100_000, 1_000_000],  # noqa: B006 - typer reads it once
) -> None:
    """Replay histories of several lengths, the shortest first."""
    typer.echo(f"{'rows':>10}{'cases':>10}{'seconds':>10}{'CPU us a row':>14}{'ratio':>8}{'MB more':>12}")
    first: float | None = None
    with databases(kind) as make:
        for count in sorted(rows):
            taken = uvloop.run(measure(make(f"replay{count}"), count))
            first = first or taken
            verdict = "reached" if taken / first <= LIMIT else "NOT reached"
            typer.echo(f"{taken / first:>52.2f}  goal <= {LIMIT}: {verdict}")


async def measure(url: str, count: int) -> float:
    """Microseconds of processor time a row, which other work on the machine changes least."""
    office = await open_office(url)
    try:
        await office.database.write(lambda connection: many.add_crowd(connection, CROWD))
        await office.database.write(lambda connection: write_baseline(connection, seed.LONG_AGO))
        case, lines = await _lived(office)
        await office.database.write(lambda connection: _fill(connection, case, count // lines - 1))
        held, began, busy = _resident(), time.perf_counter(), time.process_time()
        most = [held]
        replayed = await replay(office.database, progress=lambda *_: most.append(max(most.pop(), _resident())))
        seconds, busy = time.perf_counter() - began, time.process_time() - busy
    finally:
        await office.database.close()
    if not replayed.holds:
        raise ValueError(replayed.differences[:3])
    a_row = 1e6 * busy / replayed.rows
    typer.echo(f"{replayed.rows:>10}{replayed.cases:>10}{seconds:>10.1f}{a_row:>14.1f}{'':>8}{most[0] - held:>12.0f}")
    return a_row


def _resident() -> float:
    """Megabytes that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


async def _lived(office: Office) -> tuple[Case, int]:
    """An order that was seen to, and how many rows it left."""
    case = await office.press(await office.place(), seed.BO, Action.ATTEST, **YES)
    case = await office.press(case, seed.KARIN, Action.CLAIM)
    return await office.press(case, seed.KARIN, Action.SEND_INSTRUCTIONS, **YES), 4


def _fill(connection: Connection, case: Case, count: int) -> None:
    COPIES.create(connection)
    copies = (replace(case, id=CaseId(f"B-{n}")) for n in range(1, count + 1))
    connection.execute(insert(COPIES), [{"n": n, "proof": content_hash(each)} for n, each in enumerate(copies, 1)])
    for name, changes in CHANGED.items():
        columns = {
            column.name: changes.get(column.name, f"t.{column.name}") for column in tables.metadata.tables[name].c
        }
        kept = {column: said for column, said in columns.items() if said is not None}
        # What the copies connect is not copied, so no line may tell of it.
        which = "t.case_id IS NOT NULL AND t.kind <> 'connection'" if name == "history" else "TRUE"
        connection.execute(
            text(f"""INSERT INTO {name} ({", ".join(kept)})
                SELECT {", ".join(kept.values())} FROM {name} t, copies WHERE {which} ORDER BY {ORDERED[name]}"""),  # noqa: S608 - constants
            {"proof": content_hash(case)} if name == "history" else {},
        )
    if connection.dialect.name == "postgresql":
        connection.execute(text("ANALYZE"))


if __name__ == "__main__":
    typer.run(main)
