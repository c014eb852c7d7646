"""What the operator's commands share: settings, the database, signs of life, and an end that says why."""

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import NoReturn, TypeVar
from urllib.parse import urlsplit

import typer
from sqlalchemy.exc import SQLAlchemyError

from bot.config.settings import WrongSettings, load_database_url
from core.api import TryAgain, Unsure
from core.storage import migrations
from core.storage.database.database import Database, absent_file, open_database
from core.storage.database.losses import is_lost, is_of_disk, name_of
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
    with answering_for_the_database():
        return asyncio.run(_opened(address, work, needs_schema=needs_schema))


@contextmanager
def answering_for_the_database() -> Iterator[None]:
    """End the command with a line when the database cannot be used."""
    try:
        yield
    except TryAgain as hindered:
        if hindered.__cause__ is not None and is_lost(hindered.__cause__):
            _stop_for(hindered.__cause__)
        stop("The database is busy: another program writes to it and does not stop. Try again in a moment.")
    except Unsure:
        stop("The database was lost while something was saved. See whether it was before you type this again.")
    except BrokenPipeError:
        # It is no fault of the database that nobody reads on what is printed: bot.cli.commands.
        raise
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        _stop_for(error)


def _stop_for(error: BaseException) -> NoReturn:
    if is_of_disk(error):
        stop(
            f"The disk of the database is full, or fails ({name_of(error)}). "
            "Make room on it, or mend it, and type this again."
        )
    stop(f"The database cannot be used: {error}")


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
    """Shows how far a long piece of work has come, once it takes longer than a moment."""

    def __init__(self, of: str) -> None:
        self._of = of
        self._next = time.monotonic() + SILENT_SECONDS
        self._shown = False

    def __call__(self, done: int, size: int) -> None:
        if time.monotonic() < self._next:
            return
        self._next, self._shown = time.monotonic() + 0.2, True
        typer.echo(f"\r{done} of {size} {self._of}", nl=False, err=True)

    def end(self) -> None:
        """Leave the line that was written on."""
        if self._shown:
            typer.echo("", err=True)


def stop(why: str) -> NoReturn:
    """End the command, which was not understood or cannot be carried out."""
    typer.secho(why, fg="red", err=True)
    raise typer.Exit(2)
