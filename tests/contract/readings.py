"""What a piece of work reads of a database, as it plans by itself: SQLite's steps, or PostgreSQL's pages."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from core.storage.database.database import Database
from tests.contract.statements import GROWING, statements_of

Work = Callable[[Connection], Any]
READ = {"SELECT", "WITH", "UPDATE", "INSERT", "DELETE"}
# SQLite is asked this often, in steps of the machine that runs its statements.
STEPS = 10


class _Undone(Exception):
    """The work is undone once it is known what it read."""


@dataclass
class Reading:
    """How much was read, and which tables that grow with the orders were read from end to end."""

    amount: int = 0
    scans: set[str] = field(default_factory=set[str])


async def reading(database: Database, work: Work) -> Reading:
    """What work reads; nothing of it stays."""
    found = Reading()

    def read(connection: Connection) -> None:
        (_count_steps if connection.dialect.name == "sqlite" else _count_pages)(connection, work, found)
        raise _Undone

    try:
        await database.write(read)
    except _Undone:
        return found
    raise AssertionError


def _count_steps(connection: Connection, work: Work, found: Reading) -> None:
    driver: Any = connection.connection.driver_connection

    def note() -> None:
        found.amount += STEPS

    driver.set_progress_handler(note, STEPS)
    try:
        work(connection)
    finally:
        driver.set_progress_handler(None, 0)


def _count_pages(connection: Connection, work: Work, found: Reading) -> None:
    with connection.begin_nested() as once:
        statements = statements_of(connection, work)
        once.rollback()
    for statement, values in statements:
        if statement.split()[0].upper() in READ:
            told: Any = connection.exec_driver_sql(
                f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", values
            ).scalar()
            plan = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
            found.amount += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
            found.scans |= {node["Relation Name"] for node in _nodes(plan) if node["Node Type"] == "Seq Scan"} & {
                *GROWING
            }


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The parts of a plan that were run."""
    if plan["Actual Loops"]:
        yield plan
        for part in plan.get("Plans", ()):
            yield from _nodes(part)
