"""The commands that end what links a person to a Slack account, and that let it be linked again."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

from bot.cli.terminal import DatabaseUrl, commands, in_database, stop
from core.api import Allowing, Identity, Language, Surface, Undoing, Undone, account_name, new_id
from core.storage.engine.database import Database
from core.storage.identity.accounts import SqlAccounts
from core.storage.retention.personal_export import find_person
from notifications.rules.register_announcements import RegisterAnnouncements
from notifications.texts import say

app = commands()


@app.command()
def unlink(
    person: Annotated[str, typer.Argument(help="The person's e-mail address, or id.")],
    language: Annotated[Language, typer.Option("--language", help="sv or en.")] = Language.EN,
    url: DatabaseUrl = None,
) -> None:
    """End what links a person to Slack accounts: they decide nothing more, and nobody links them again unallowed."""
    ended = in_database(url, lambda database: _unlink(database, person.strip()))
    if ended is None:
        stop(say(language, "purge.no_person", person=person))
    if not ended:
        stop(say(language, "unlinked.command.none", person=person))
    for account in ended:
        typer.echo(say(language, "unlinked.command.done", account=account_name(account)))


@app.command()
def relink(
    person: Annotated[str, typer.Argument(help="The person's e-mail address, or id.")],
    language: Annotated[Language, typer.Option("--language", help="sv or en.")] = Language.EN,
    url: DatabaseUrl = None,
) -> None:
    """Let whoever holds them confirm a person's unlinked Slack accounts again, on the Home tab."""
    allowed = in_database(url, lambda database: _relink(database, person.strip()))
    if allowed is None:
        stop(say(language, "purge.no_person", person=person))
    if not allowed:
        stop(say(language, "unlinked.command.none_barred", person=person))
    for account in allowed:
        typer.echo(say(language, "unlinked.command.allowed", account=account_name(account)))


async def _relink(database: Database, named: str) -> Sequence[Identity] | None:
    person = await database.read(lambda connection: find_person(connection, named))
    if person is None:
        return None
    return await _accounts(database).allow(person, Allowing(Surface.FILE))


async def _unlink(database: Database, named: str) -> Sequence[Identity] | None:
    person = await database.read(lambda connection: find_person(connection, named))
    if person is None:
        return None
    undoing = Undoing(Undone.OPERATOR, Surface.FILE)
    return await _accounts(database).undo(person, undoing)


def _accounts(database: Database) -> SqlAccounts:
    return SqlAccounts(database, RegisterAnnouncements(), new_id, lambda: datetime.now(UTC))
