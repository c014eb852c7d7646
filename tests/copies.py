"""Databases that are made once in a run and then copied: a copy costs a hundredth of migrating and seeding."""

import shutil
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
from sqlalchemy import URL, make_url

from core import migrations
from core.storage.database import Database, open_database
from tests.folders import memory

Fill = Callable[[Database], Awaitable[None]]

# What was made in this process, by the server or kind of file and the name of the fill.
_made: set[tuple[str, str]] = set()
_folder: list[tempfile.TemporaryDirectory[str]] = []


async def migrated(url: str) -> Database:
    """The empty database at a URL with the newest schema."""
    return await filled(url, _nothing)


async def filled(url: str, fill: Fill) -> Database:
    """The empty database at a URL with the newest schema and what a function puts there, which is always the same."""
    parsed = make_url(url)
    copy = _sqlite_copy if parsed.get_backend_name() == "sqlite" else _postgres_copy
    await copy(parsed, fill)
    return open_database(url)


async def _sqlite_copy(url: URL, fill: Fill) -> None:
    template = _sqlite_folder() / f"{fill.__name__}.db"
    await _once("sqlite", fill, f"sqlite:///{template}")
    shutil.copyfile(template, str(url.database))


async def _postgres_copy(url: URL, fill: Fill) -> None:
    name = f"filled_{fill.__name__}"
    server = await asyncpg.connect(host=url.query["host"], user=url.username, database="postgres")
    try:
        if (str(url.query["host"]), fill.__name__) not in _made:
            await server.execute(f'CREATE DATABASE "{name}"')
            await _once(str(url.query["host"]), fill, url.set(database=name).render_as_string(hide_password=False))
        await server.execute(f'DROP DATABASE "{url.database}"')
        await server.execute(f'CREATE DATABASE "{url.database}" TEMPLATE "{name}" STRATEGY file_copy')
    finally:
        await server.close()


async def _once(place: str, fill: Fill, url: str) -> None:
    if (place, fill.__name__) in _made:
        return
    database = open_database(url)
    await migrations.upgrade_database(database)
    await fill(database)
    await database.close()
    _made.add((place, fill.__name__))


async def _nothing(database: Database) -> None:
    """Leave it with its schema alone."""


def _sqlite_folder() -> Path:
    if not _folder:
        _folder.append(tempfile.TemporaryDirectory(prefix="kundportal-copies-", dir=memory()))
    return Path(_folder[0].name)
