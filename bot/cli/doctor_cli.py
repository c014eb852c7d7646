"""The command that looks at everything the product stands on, and says how what is wrong is mended."""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import typer

from bot.cli.doctor.database_look import absent, look_at_database, look_at_disk
from bot.cli.doctor.domain_look import DomainLook
from bot.cli.doctor.door_look import DoorLook
from bot.cli.doctor.drawing_look import CardLook, look_at_manifest
from bot.cli.doctor.examined import Examined, Verdict, off, summary, unseen, well, wrong
from bot.cli.doctor.mail_look import look_at_mail
from bot.cli.doctor.register_look import look_at_register
from bot.cli.doctor.slack_look import SlackLook, StoredOfSlack
from bot.cli.doctor.trace_look import look_at_traces
from bot.cli.terminal import dns_server, print_json
from bot.config.settings import Settings, WrongSettings, load_settings
from bot.wiring.joined import join
from core.api import Language
from core.storage.database.database import Database, open_database
from core.storage.database.timeouts import UNHURRIED
from notifications.slack.channel_news import ChannelNews
from notifications.slack.slack_gateway import Gateway, open_gateway
from notifications.texts import name_contact

# A person's, for twelve hours: it stands in no file.
CONFIGURATION = "SLACK_CONFIGURATION_TOKEN"


def doctor(language: Language, name_server: str | None, dkim_selector: str | None, *, as_json: bool) -> None:
    """Print each thing as soon as it was looked at; as JSON all of them in the end."""
    found = asyncio.run(_told(DomainLook(dns_server(name_server), dkim_selector), None if as_json else language))
    if as_json:
        looks = [{"verdict": each.verdict, "key": each.key, "said": each.said(language)} for each in found]
        print_json({"looks": looks, "wrong": sum(each.verdict is Verdict.WRONG for each in found)})
    else:
        for sentence in summary(found, language):
            typer.echo(sentence)
    raise typer.Exit(any(each.verdict is Verdict.WRONG for each in found))


async def _told(domain: DomainLook, language: Language | None) -> list[Examined]:
    found = list[Examined]()
    # Where nobody reads on, what is open is closed first.
    async with aclosing(examine(domain)) as looks:
        async for each in looks:
            if language is not None:
                typer.echo(each.said(language))
            found.append(each)
    return found


async def examine(domain: DomainLook) -> AsyncGenerator[Examined]:
    """Look at one thing after the other."""
    try:
        settings = load_settings()
    except WrongSettings as found:
        for problem in found.problems:
            values = {"setting": problem.setting, "said": problem.said, "meant": problem.meant}
            yield wrong(f"doctor.settings.{problem.kind}", **values)
        yield unseen("doctor.settings.unseen")
        return
    yield well("doctor.settings.well")
    async with aclosing(_beyond(settings, domain)) as looks:
        async for each in looks:
            yield each


async def _beyond(settings: Settings, domain: DomainLook) -> AsyncGenerator[Examined]:
    found = absent(settings.database_url)
    for each in found:
        yield each
    async with _opened(settings, is_there=not found) as database, open_gateway(settings.slack_api_url) as gateway:
        parts = () if database is None else await look_at_database(database)
        for each in (*parts, *(() if found else look_at_disk(settings.database_url))):
            yield each
        can_read = database is not None and all(each.verdict is Verdict.WELL for each in parts[:2])
        readable = database if can_read else None
        for each in () if readable is None else await look_at_register(readable, _now()):
            yield each
        stored = None if readable is None else _stored(settings, gateway, readable)
        async for each in SlackLook(settings, gateway, _now, stored).look():
            yield each
        by_socket = settings.slack_app_token is not None
        yield await look_at_manifest(gateway, settings.public_url, os.environ.get(CONFIGURATION), by_socket=by_socket)
    async for each in _around(settings, domain):
        yield each


async def _around(settings: Settings, domain: DomainLook) -> AsyncGenerator[Examined]:
    if settings.slack_app_token is not None and not settings.public_url:
        yield off("doctor.socket.alone")
    if settings.slack_signing_secret is not None:
        yield await DoorLook(settings.public_url, settings.slack_signing_secret.get_secret_value(), _now).look()
    for each in await look_at_mail(settings, domain):
        yield each
    for each in await look_at_traces(settings.trace_receiver()):
        yield each
    yield _agreements(settings.agreements_folder)


def _agreements(folder: Path | None) -> Examined:
    """Say whose agreements are signed; whether the texts are right nobody finds out from here."""
    if folder is None:
        return unseen("doctor.agreements.templates")
    return well("doctor.agreements.own", folder=str(folder))


def _stored(settings: Settings, gateway: Gateway, database: Database) -> StoredOfSlack:
    name_contact(settings.contact())
    joined, _ = join(settings, database, gateway)
    cards = CardLook(joined.cards, joined.drawer, gateway, _now)
    return StoredOfSlack(joined.workspaces, ChannelNews(database), cards)


@asynccontextmanager
async def _opened(settings: Settings, *, is_there: bool) -> AsyncGenerator[Database | None]:
    if not is_there:
        yield None
        return
    database = open_database(settings.database_url, limits=UNHURRIED)
    try:
        yield database
    finally:
        await database.close()


def _now() -> datetime:
    return datetime.now(UTC)
