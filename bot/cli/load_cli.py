"""The commands that make the database, and load organisations, people, roles and offers into it."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

import typer

from bot.cli.terminal import Progress, check_schema, in_database, print_json, settled, stop
from bot.config.settings import load_database_url
from core.api import Language, Outcome, new_id
from core.storage import migrations
from core.storage.database.database import Database, name_of
from core.storage.register.loading import FileProblem, LoadFailed, LoadOvertaken, Tally, load
from notifications.texts import say_first

T = TypeVar("T")


def migrate(url: str | None, *, plan: bool, as_json: bool) -> None:
    """Migrate a database, or say what that would do."""
    address = settled(lambda: load_database_url(url))
    if as_json:
        if not plan:
            stop("--json is for --plan.")
        print_json(in_database(address, partial(_planned, name=name_of(address)), needs_schema=False))
        return
    work = partial(_plan if plan else _migrate, name=name_of(address))
    typer.echo(in_database(address, work, needs_schema=False, makes=not plan))


async def _planned(database: Database, name: str) -> Mapping[str, object]:
    schema = await database.read(migrations.schema_of)
    check_schema(schema, may_be_older=True)
    return {
        "database": name,
        "revision": next(iter(schema.revisions), None),
        "newest": migrations.newest(),
        "is_to_be_migrated": not schema.suits_program,
        "others_may_go_on": schema.suits_program or not schema.revisions or schema.lets_others_go_on,
    }


async def _plan(database: Database, name: str) -> str:
    schema = await database.read(migrations.schema_of)
    check_schema(schema, may_be_older=True)
    if schema.suits_program:
        return f"The database {name} is at revision {schema.revisions[0]}. Nothing is to be done."
    if not schema.revisions:
        return f"The database {name} is empty. It goes to revision {migrations.newest()}."
    way = f"The database {name} goes from revision {schema.revisions[0]} to {migrations.newest()}."
    if schema.lets_others_go_on:
        return f"{way} Processes of the version that runs may go on meanwhile."
    return f"{way} End every process of the version that runs first, and start none of it again."


async def _migrate(database: Database, name: str) -> str:
    schema = await database.read(migrations.schema_of)
    if schema.is_newer:
        stop(f"The database is at revision {schema.revisions[0]}, newer than this program's. Nothing was changed.")
    await migrations.upgrade_database(database)
    newest = migrations.newest()
    if schema.revisions == (newest,):
        return f"The database {name} is at revision {newest} already. Nothing was to be done."
    if not schema.revisions:
        return f"The database {name} was empty, and is at revision {newest} now."
    return f"The database {name} went from revision {schema.revisions[0]} to {newest}."


def load_file(file: typer.FileText, url: str | None, *, as_json: bool) -> None:
    """Load a file, and print what it changed or what is wrong in it."""
    try:
        tally = in_database(url, partial(_load, text=_text(file)))
    except LoadFailed as failed:
        if as_json:
            print_json({"problems": [{**asdict(each), "sentence": _told(each)} for each in failed.problems]})
            raise typer.Exit(1) from None
        for problem in failed.problems:
            typer.secho(f"{file.name}:{_told(problem)}", fg="red", err=True)
        typer.secho(
            f"{_counted(len(failed.problems), 'problem', 'problems')}; nothing was changed.", fg="red", err=True
        )
        raise typer.Exit(1) from None
    except LoadOvertaken as overtaken:
        typer.secho(f"{file.name}:{_told(overtaken.problem)}", fg="red", err=True)
        written = _counted(overtaken.written, "entry is", "entries are")
        why = "The register was changed while the file was written. Run it again: all of it is checked anew."
        typer.secho(f"{why} {written} written.", fg="red", err=True)
        raise typer.Exit(1) from None
    count = tally.count
    if as_json:
        print_json({str(outcome): count[outcome] for outcome in Outcome})
        return
    typer.echo(f"{count[Outcome.ADDED]} added, {count[Outcome.CHANGED]} changed, {count[Outcome.SAME]} as they were.")


async def _load(database: Database, text: str) -> Tally:
    checked, written = Progress("entries checked"), Progress("entries written")
    try:
        return await load(
            database, text, now=lambda: datetime.now(UTC), new_id=new_id, checked=checked, written=written
        )
    finally:
        checked.end()
        written.end()


def _text(file: typer.FileText) -> str:
    try:
        return file.read()
    except UnicodeDecodeError:
        stop(f"{file.name} is not text in UTF-8.")


def _told(problem: FileProblem) -> str:
    sentence = say_first(Language.EN, (f"entry_error.{problem.code}", "entry_error.invalid"), **problem.facts)
    # Our own checks have nothing to say but the code.
    is_told = problem.code in {"invalid", "yaml"} and problem.said not in {"", problem.code}
    said = f" ({problem.said})" if is_told else ""
    return f"{problem.line}:{problem.column}: {problem.path}: {sentence}{said}"


def _counted(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"
