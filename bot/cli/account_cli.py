"""The commands that end what links a person to a Slack account, and that let it be linked again."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import typer

from bot.cli.terminal import DatabaseUrl, commands, in_database, stop
from core.api import (
    AccountLinks,
    Allowing,
    Identity,
    Language,
    PersonId,
    Surface,
    Undoing,
    Undone,
    account_name,
    new_id,
)
from core.storage.database.database import Database
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
    ended = in_database(url, lambda database: account_commands(database).unlink(person.strip()))
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
    allowed = in_database(url, lambda database: account_commands(database).relink(person.strip()))
    if allowed is None:
        stop(say(language, "purge.no_person", person=person))
    if not allowed:
        stop(say(language, "unlinked.command.none_barred", person=person))
    for account in allowed:
        typer.echo(say(language, "unlinked.command.allowed", account=account_name(account)))


@dataclass(frozen=True)
class AccountCommands:
    """What an operator does with the accounts of a person, who is named by address or id."""

    find: Callable[[str], Awaitable[PersonId | None]]
    accounts: AccountLinks

    async def unlink(self, named: str) -> Sequence[Identity] | None:
        """End what links the person to accounts; which these were, None where there is no such person."""
        person = await self.find(named)
        return None if person is None else await self.accounts.undo(person, Undoing(Undone.OPERATOR, Surface.FILE))

    async def relink(self, named: str) -> Sequence[Identity] | None:
        """Let the person's unlinked accounts be linked again; which these are, None where there is no such person."""
        person = await self.find(named)
        return None if person is None else await self.accounts.allow(person, Allowing(Surface.FILE))


def account_commands(database: Database) -> AccountCommands:
    """Join the commands to a database."""
    accounts = AccountLinks(SqlAccounts(database, new_id), RegisterAnnouncements(), lambda: datetime.now(UTC), new_id)
    return AccountCommands(lambda named: database.read(lambda connection: find_person(connection, named)), accounts)
