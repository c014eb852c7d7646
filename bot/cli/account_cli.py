"""The commands about accounts: what links people to them, signing people out, and installing the app in a Slack."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import typer

from bot.cli.terminal import in_database, settled, stop
from bot.config.settings import load_pages_url
from bot.web.links.installing import Administrators
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
    clean_org_number,
    new_id,
)
from core.storage.database.database import Database
from core.storage.identity.accounts import SqlAccounts
from core.storage.identity.sessions import SqlSessions
from core.storage.reads.queries import SqlQueries
from core.storage.register.register_reads import organisation_by_number
from core.storage.retention.personal_export import find_person
from notifications.mail.link_addresses import link_to_install
from notifications.rules.register_announcements import RegisterAnnouncements
from notifications.slack.install_links import InstallLinks, NewInstallLink
from notifications.texts import counted, say, when


def unlink(person: str, language: Language, url: str | None) -> None:
    """Unlink a person, and print from which accounts."""
    ended = in_database(url, lambda database: account_commands(database).unlink(person.strip()))
    if ended is None:
        stop(say(language, "purge.no_person", person=person))
    if not ended:
        stop(say(language, "unlinked.command.none", person=person))
    for account in ended:
        typer.echo(say(language, "unlinked.command.done", account=account_name(account)))


def relink(person: str, language: Language, url: str | None) -> None:
    """Let a person be linked again, and print to which accounts."""
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


def sign_out(person: str, language: Language, url: str | None) -> None:
    """Sign a person out, and print from how many sessions."""
    ended = in_database(url, lambda database: sign_out_of(database, person.strip()))
    if ended is None:
        stop(say(language, "purge.no_person", person=person))
    typer.echo(counted(language, "signed_out", ended) if ended else say(language, "signed_out.nowhere", person=person))


async def sign_out_of(database: Database, named: str) -> int | None:
    """Sign somebody out everywhere; how many sessions that were, None where there is no such person."""
    person = await database.read(lambda connection: find_person(connection, named))
    return None if person is None else await SqlSessions(database).sign_out(person, _now())


def install_link(organisation: str, administrator: str, language: Language, url: str | None) -> None:
    """Make a link, and print it; until when it is good goes to standard error."""
    address = settled(load_pages_url)
    made = in_database(url, lambda database: make_link(database, organisation, administrator.strip()))
    if made is None:
        stop(say(language, "install_link.none"))
    typer.echo(link_to_install(address, made.token))
    typer.echo(say(language, "install_link.until", until=when(language, made.expires_at)), err=True)


async def make_link(database: Database, number: str, named: str) -> NewInstallLink | None:
    """Make a link for an administrator, named by address or id; None where nobody is that."""
    known = clean_org_number(number) or ""
    organisation = await database.read(lambda connection: organisation_by_number(connection, known))
    person = await database.read(lambda connection: find_person(connection, named))
    if organisation is None or person is None:
        return None
    if await Administrators(SqlQueries(database), _now).of(person, organisation.id) is None:
        return None
    return await InstallLinks(database, _now, new_id).make(organisation.id, person)


def _now() -> datetime:
    return datetime.now(UTC)
