"""Databases that are made once in a run and then copied: a copy costs a hundredth of migrating and seeding."""

import shutil
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from sqlalchemy import URL, make_url

from core.storage import migrations
from core.storage.database.database import Database, open_database
from core.storage.database.timeouts import TimeLimits
from tests.support.machines.folders import memory
from tests.support.machines.postgres import RUNNING

Fill = Callable[[Database], Awaitable[None]]
# Nobody in Slack waits for an answer here: what a busy machine takes its time over is as good as ever.
PATIENT = TimeLimits(lock_seconds=120, statement_seconds=240)

# What was made in this process: files, and databases by their server.
_made: set[object] = set()
_folder: list[tempfile.TemporaryDirectory[str]] = []


async def migrated(url: str) -> Database:
    """The empty database at a URL with the newest schema."""
    return await filled(url, _nothing)


async def filled(url: str, fill: Fill) -> Database:
    """The empty database at a URL with the newest schema and what a function puts there, which is always the same."""
    parsed = make_url(url)
    copy = _sqlite_copy if parsed.get_backend_name() == "sqlite" else _postgres_copy
    await copy(parsed, fill)
    return open_database(url, limits=PATIENT)


async def _sqlite_copy(url: URL, fill: Fill) -> None:
    template = _sqlite_folder() / f"{_name(fill)}.db"
    if template not in _made:
        await _make(f"sqlite:///{template}", fill)
        _made.add(template)
    shutil.copyfile(template, str(url.database))


async def _postgres_copy(url: URL, fill: Fill) -> None:
    host, name = str(url.query["host"]), _name(fill)
    server = RUNNING[host]
    if (host, name) not in _made:
        # What a fill that failed has left.
        server.drop(name)
        server.create(name)
        await _make(url.set(database=name).render_as_string(hide_password=False), fill)
        _made.add((host, name))
    server.fill(str(url.database), name)


async def _make(url: str, fill: Fill) -> None:
    database = open_database(url)
    await migrations.upgrade_database(database)
    await fill(database)
    await database.close()


def _name(fill: Fill) -> str:
    return f"{fill.__module__}.{fill.__qualname__}"


async def _nothing(database: Database) -> None:
    """Leave it with its schema alone."""


def _sqlite_folder() -> Path:
    if not _folder:
        _folder.append(tempfile.TemporaryDirectory(prefix="kundportal-copies-", dir=memory()))
    return Path(_folder[0].name)
