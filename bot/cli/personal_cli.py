"""The commands about personal data: what is kept no longer goes, and what is stored about one person."""

import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import typer

from bot.cli.terminal import Progress, in_database, print_json, settled, stop
from bot.config.settings import PurgeSettings, load_purge_settings
from bot.wiring.purging import purge_of
from core.api import Language
from core.storage.database.database import Database
from core.storage.retention.personal_export import Line, export_address, export_person, find_person
from core.storage.retention.purging import Purge
from notifications.slack.pacing import buckets_to
from notifications.texts import counted, say


def purge(language: Language, url: str | None, *, dry_run: bool, as_json: bool) -> None:
    """Purge, and print what went; or print what would go."""
    settings = settled(load_purge_settings)
    if dry_run:
        due = in_database(url, lambda database: _joined(database, settings).due(datetime.now(UTC)))
        _print(due, "purge.would", None if as_json else language)
        return
    gone, left = in_database(url, lambda database: purge_now(_joined(database, settings), datetime.now(UTC)))
    _print(gone, "purge.gone", None if as_json else language)
    if left["history"]:
        typer.secho(say(language, "purge.history_kept"), fg="red", err=True)
        raise typer.Exit(1)


def export(person: str, out: Path | None, language: Language, url: str | None) -> None:
    """Print it, or write it to a file."""
    found = in_database(url, lambda database: _export(database, person.strip()))
    if found is None:
        stop(say(language, "purge.no_person", person=person))
    text = json.dumps(found, ensure_ascii=False, indent=2)
    if out is None:
        typer.echo(text)
    else:
        with open(out, "w", encoding="utf-8", opener=_for_its_owner) as file:
            file.write(text + "\n")


def _for_its_owner(path: str, flags: int) -> int:
    """Open a file that is made for its owner alone, where there is none."""
    return os.open(path, flags, 0o600)


async def purge_now(purge: Purge, at: datetime) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Take what is due, and show how far that has come; return what went, and what is due all the same, by kind."""
    shown = dict[str, Progress]()

    def told(kind: str, done: int, size: int) -> None:
        shown.setdefault(kind, Progress(kind.replace("_", " ")))(done, size)

    gone = await purge.run(at, told)
    for progress in shown.values():
        progress.end()
    return gone, await purge.due(at)


def _joined(database: Database, settings: PurgeSettings) -> Purge:
    (secret, earlier), language = settings.history_keys(), settings.default_language
    return purge_of(database, settings.retention(), secret_key=secret, earlier=earlier, language=language)


def _print(counts: Mapping[str, int], title: str, language: Language | None) -> None:
    """Print what went, by kind; as JSON where no language is spoken."""
    if language is None:
        print_json(counts)
        return
    typer.echo(say(language, title))
    for kind, count in counts.items():
        typer.echo("  " + counted(language, f"purge.{kind}", count))


async def _export(database: Database, named: str) -> Mapping[str, Sequence[Line]] | None:
    person = await database.read(lambda connection: find_person(connection, named))
    progress = Progress("rows")
    if person is None:
        found = await export_address(database, named, buckets_to, progress)
    else:
        found = await export_person(database, person, buckets_to, progress)
    progress.end()
    return found if any(found.values()) else None
