"""Looks at the database: is it there, at the schema of this program, and does it take what is to be saved?"""

import asyncio
from collections.abc import Sequence

from bot.cli.doctor.examined import Examined, of_part, unseen, well, wrong
from core.api import (
    FaultCode,
    HealthCheck,
    HealthPart,
    PartFinding,
    PartState,
    failing,
    is_nearly_full,
    percent_taken,
)
from core.http.health import SILENCE
from core.storage.cases.attachments import read_taken
from core.storage.database.database import Database, absent_file, free_bytes
from core.storage.database.database_checks import database_checks

# A server that is far away, or asleep, may take a while.
LIMIT_SECONDS = 10.0
# Below so many million bytes somebody should make room: a day of many presses takes a few.
LEAST_FREE = 100
# Each after the one that it stands on.
PARTS = (HealthPart.DATABASE, HealthPart.MIGRATIONS, HealthPart.WRITER)


def absent(url: str) -> Sequence[Examined]:
    """Say that SQLite's file is not there, where it is not: opening it would make it."""
    file = absent_file(url)
    return () if file is None else (wrong("doctor.database.absent", file=str(file)), unseen("doctor.database.unseen"))


def look_at_disk(url: str) -> Sequence[Examined]:
    """Say how much room SQLite's disk has left; whoever looks after PostgreSQL looks after its disk."""
    free = free_bytes(url)
    if free is None:
        return ()
    left = free // 1_000_000
    if left < LEAST_FREE:
        return (wrong("doctor.disk.full", free=str(left)),)
    return (well("doctor.disk.well"),)


async def look_at_database(database: Database) -> Sequence[Examined]:
    """Say of each of its parts how it is, until one is wrong that the next ones stand on."""
    checks, found = database_checks(database), list[Examined]()
    for part in PARTS:
        finding = await _looked(checks[part], part)
        found.append(of_part(finding, f"doctor.{part}.well"))
        if finding.state is not PartState.OK:
            return found if part is PARTS[-1] else [*found, unseen("doctor.database.unseen")]
    return [*found, _uploads(await database.read(read_taken))]


def _uploads(taken: int) -> Examined:
    """Say how much of the room for files that wait is taken."""
    share = str(percent_taken(taken))
    if is_nearly_full(taken):
        return wrong("doctor.uploads.full", share=share)
    return well("doctor.uploads.well", share=share)


async def _looked(check: HealthCheck, part: HealthPart) -> PartFinding:
    try:
        return await asyncio.wait_for(check.look(), LIMIT_SECONDS)
    except TimeoutError:
        return failing(SILENCE.get(part, FaultCode.CHECK_FAILED), {"error": "silence"})
