"""What the operator's commands share: settings, the database, signs of life, and an end that says why."""

import asyncio
import errno
import fcntl
import json
import socket
import sqlite3
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from ipaddress import ip_address
from typing import Any, NoReturn, TypeVar
from urllib.parse import urlsplit

import typer
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from bot.config.settings import WrongSettings, load_database_url
from core.api import TryAgain, Unsure
from core.storage import migrations
from core.storage.database.database import Database, absent_file, name_of, open_database, sqlite_file
from core.storage.database.losses import is_lost, is_of_disk
from core.storage.database.losses import name_of as error_name
from core.storage.database.timeouts import UNHURRIED

T = TypeVar("T")

# Anything faster needs no sign of life.
SILENT_SECONDS = 1.0


def in_database(
    url: str | None, work: Callable[[Database], Awaitable[T]], *, needs_schema: bool = True, makes: bool = False
) -> T:
    """Do something in the operator's database; the command ends with a line when it cannot be used."""
    address = settled(lambda: load_database_url(url))
    # Opening it would make it.
    if not makes and (file := absent_file(address)):
        stop(f"There is no database {file}. Is DATABASE_URL right? A new one is made by: kundportal migrate")
    with answering_for_the_database(address):
        return asyncio.run(_opened(address, work, needs_schema=needs_schema))


@contextmanager
def answering_for_the_database(url: str) -> Iterator[None]:
    """End the command with a line when the database cannot be used."""
    try:
        yield
    except TryAgain as hindered:
        if is_lost(hindered.__cause__):
            _stop_without_database(url, hindered.__cause__)
        stop("The database is busy: another program writes to it and does not stop. Try again in a moment.")
    except Unsure:
        stop("The database was lost while something was saved. See whether it was before you type this again.")
    except BrokenPipeError:
        # It is no fault of the database that nobody reads on what is printed: bot.cli.commands.
        raise
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        _stop_without_database(url, error)


def _stop_without_database(url: str, error: BaseException | None) -> NoReturn:
    name, parts = name_of(url), make_url(url)
    if error is not None and is_of_disk(error):
        stop(
            f"The disk of the database is full, or fails ({error_name(error)}). "
            "Make room on it, or mend it, and type this again."
        )
    if isinstance(error, socket.gaierror):
        stop(f"DATABASE_URL: no machine {parts.host} is known here, so {name} cannot be used. Is the name right?")
    if isinstance(error, OSError) and sqlite_file(url) is None:
        place = f"{parts.host}:{parts.port or 5432}"
        stop(f"DATABASE_URL: nobody answers at {place}, so {name} cannot be used. Is it up, and the port right?")
    stop(f"DATABASE_URL: {name} cannot be used: {str(getattr(error, 'orig', error)).splitlines()[0]}")


def check_port(host: str, port: int) -> None:
    """End the command unless a server could listen there; it listens itself only when it can answer."""
    try:
        for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            with socket.socket(family, kind, protocol) as place:
                place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                place.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            stop(f"PORT: another program listens at {host}:{port}. End it, or set another PORT.")
        if error.errno == errno.EACCES:
            stop(f"PORT: only root may listen at {port}. Set a PORT from 1024.")
        stop(f"HOST: this machine has no address {host}. Set HOST to one that it has, such as 127.0.0.1 or 0.0.0.0.")


@contextmanager
def serving_alone(url: str) -> Iterator[None]:
    """Be the only server of SQLite's file, or end the command. Commands may write beside it.

    The lock is the process's: its children have none, and the kernel takes it back however the process ends.
    """
    file = sqlite_file(url)
    if file is None:
        yield
        return
    try:
        # One file for all its names. It is let be: whoever takes it away takes it from under somebody's lock.
        lock = open(f"{file.resolve()}-serving", "a")  # noqa: SIM115 - closed below
    except OSError as error:
        _stop_without_database(url, error)
    with lock:
        try:
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            stop(f"DATABASE_URL: another kundportal serve, or demo, runs on {file}. SQLite serves one: end it first.")
        yield


def dns_server(given: str | None) -> tuple[str, int] | None:
    """Read an IP address with a port, 53 if there is none; the command ends with a line when it is no such thing."""
    if given is None:
        return None
    parts = urlsplit(f"//{given}")
    try:
        return str(ip_address(parts.hostname or "")), parts.port or 53
    except ValueError:
        stop(f"{given} is no IP address, as 192.0.2.53 or [2001:db8::53]:5353.")


def check_database(url: str) -> None:
    """End the command unless the database can be used as it stands."""

    async def nothing(_: Database) -> None:
        return

    in_database(url, nothing)


def check_several(url: str) -> None:
    """End the command where the database serves one process alone."""
    if url.startswith("sqlite"):
        stop("SQLite serves one process that does everything: for --workers and --only, use PostgreSQL.")


async def _opened(url: str, work: Callable[[Database], Awaitable[T]], *, needs_schema: bool) -> T:
    database = open_database(url, limits=UNHURRIED)
    try:
        if needs_schema:
            check_schema(await database.read(migrations.schema_of))
        return await work(database)
    finally:
        await database.close()


def check_schema(schema: migrations.Schema, *, may_be_older: bool = False) -> None:
    """End the command where this program may not run on a schema."""
    if not schema.suits_program and schema.is_newer:
        stop(
            f"The database is at revision {schema.revisions[0]}, too new for this program. Start a newer version of it."
        )
    if not schema.suits_program and not may_be_older:
        stop("The database is not at the newest schema. Run: kundportal migrate")


def settled(load: Callable[[], T]) -> T:
    """Settings from the environment; the command ends with a line for each that is wrong."""
    try:
        return load()
    except WrongSettings as wrong:
        stop(f"These settings must be fixed:\n{wrong}")


class Progress:
    """Shows how far a long piece of work has come, once it takes longer than a moment.

    At a terminal that is a bar, with the time that is left by the time that it took so far.
    """

    def __init__(self, of: str) -> None:
        self._of = of
        self._next = time.monotonic() + SILENT_SECONDS
        self._shown = False
        self._bar: Any = None  # typer's own, whose time begins with the work

    def __call__(self, done: int, size: int) -> None:
        if self._bar is None or done < self._bar.pos:
            self._bar = typer.progressbar(length=size, label=self._of, show_pos=True, file=sys.stderr)
        if time.monotonic() < self._next:
            return
        self._next, self._shown = time.monotonic() + 0.2, True
        if not sys.stderr.isatty():
            typer.echo(f"\r{done} of {size} {self._of}", nl=False, err=True)
            return
        self._bar.update(done - self._bar.pos)

    def end(self) -> None:
        """Leave the line that was written on."""
        if self._shown:
            typer.echo("", err=True)


def print_json(value: object) -> None:
    """Print a value for programs: times in ISO 8601, a dataclass by its fields."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, set):
        return sorted(map(str, value))
    return asdict(value)  # pyright: ignore[reportArgumentType] - what else there is fails here


def stop(why: str) -> NoReturn:
    """End the command, which was not understood or cannot be carried out."""
    typer.secho(why, fg="red", err=True)
    raise typer.Exit(2)
