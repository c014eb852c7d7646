"""The demo: the product and a small Slack side by side in one process, with made-up people who are already at work."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import Connection, select, update

from bot.config.app_yaml import manifest_path
from bot.config.settings import DEMO_SECRET_KEY, GivenSettings, Settings
from bot.main import build
from bot.sandbox.app import create_app
from bot.sandbox.config import SandboxConfig, SandboxWorkspace, load_config
from bot.sandbox.server import LOOPBACK, Server
from bot.server.serving import OPTIONS
from core.api import Language, LinkState, OrganisationId, new_id
from core.storage import migrations, tables
from core.storage.database.database import Database, open_database
from core.storage.database.timeouts import UNHURRIED
from core.storage.register.loading import load
from notifications.database import put
from notifications.slack.token_seal import TokenSeal
from notifications.slack.workspaces import Workspaces, issuer

# The workspaces of the small Slack, each with whose it is: None for Inera's own.
Owners = Sequence[tuple[SandboxWorkspace, OrganisationId | None]]

HERE = Path(__file__).parent
# These meet the question whether an account is theirs; the others are linked already.
NOT_LINKED = frozenset({"U0DAVIDLIN1"})


@dataclass(frozen=True)
class Demo:
    """Where it runs: the sockets are bound, so that nobody else takes the ports. Without `mail` no mail is sent.

    `product` is where the product answers, or whoever stands before it.
    """

    database_url: str
    product: socket.socket
    page: socket.socket
    mail: socket.socket | None = None
    secret_key: str = DEMO_SECRET_KEY

    @property
    def address(self) -> str:
        """The address that a person opens in a browser."""
        return _address(self.page)

    @property
    def site(self) -> str:
        """The address where the product's own pages begin."""
        return _address(self.product)

    def sandbox(self, language: Language = Language.SV) -> SandboxConfig:
        """Configure the small Slack, which sends everything to the product; in English everybody there speaks that."""
        request_url = _address(self.product) + "/slack/events"
        slack = load_config(HERE / "sandbox.yaml", request_url=request_url, manifest=manifest_path())
        return slack if language is Language.SV else slack.model_copy(update={"workspaces": _in_english(slack)})

    def settings(self, slack: SandboxConfig) -> Settings:
        """Return the settings of the product, which reaches the small Slack as it would reach Slack."""
        team = slack.workspaces[0]
        return GivenSettings(
            database_url=self.database_url,
            slack_bot_token=SecretStr(team.bot_token),
            slack_signing_secret=SecretStr(slack.signing_secret),
            slack_client_id=slack.client_id,
            slack_client_secret=SecretStr(slack.client_secret),
            slack_api_url=self.address + "/api/",
            slack_app_id=slack.app_id,
            slack_channel=team.channels[0].id,
            portal_url="https://portal.example.org",
            # Nobody's: the domain is reserved for examples, the number for stories.
            support_email="kundservice@example.se",
            support_phone="070-174 06 05",
            secret_key=SecretStr(self.secret_key),
            environment="demo",
            default_language=Language.SV,
            host=LOOPBACK,
            port=self.product.getsockname()[1],
            public_url=self.site,
            smtp_url=None if self.mail is None else SecretStr(f"smtp://{LOOPBACK}:{self.mail.getsockname()[1]}"),
            mail_from="Kundportalen <kundportalen@inera.example>",
            mail_bounce="studs@inera.example",
        )


def bind(port: int) -> socket.socket:
    """Open a listening socket on this port, or on a free one where it is taken."""
    with contextlib.suppress(OSError):
        return socket.create_server((LOOPBACK, port))
    return socket.create_server((LOOPBACK, 0))


async def prepare(demo: Demo) -> None:
    """Bring the database to the newest schema, load the register, let the organisations that have a Slack of their own
    have the app there, and link the accounts; repeatable.
    """
    slack, at = demo.sandbox(), datetime.now(UTC)
    async with _opened(demo) as database:
        await migrations.upgrade_database(database)
        owners = await _load(demo, database, slack, Language.SV, at)
        await database.write(lambda connection: _link(connection, owners, at))


async def speak(demo: Demo, language: Language) -> SandboxConfig:
    """Let everybody, and the channel of customer service, speak a language; return the small Slack in it."""
    slack, at = demo.sandbox(language), datetime.now(UTC)
    async with _opened(demo) as database:
        owners = await _load(demo, database, slack, language, at)
        channels = update(tables.workspaces).where(tables.workspaces.c.id.in_([issuer(team.id) for team, _ in owners]))
        await database.write(lambda connection: connection.execute(channels.values(language=language)).close())
    return slack


@asynccontextmanager
async def _opened(demo: Demo) -> AsyncIterator[Database]:
    database = open_database(demo.database_url, limits=UNHURRIED)
    try:
        yield database
    finally:
        await database.close()


async def _load(demo: Demo, database: Database, slack: SandboxConfig, language: Language, at: datetime) -> Owners:
    """Load the register in a language, let organisations have the app in their workspaces, and say whose each is."""
    text = (HERE / "demo.yaml").read_text("utf-8")
    if language is not Language.SV:
        text = text.replace(f"language: {Language.SV}", f"language: {language}")
    await load(database, text, now=lambda: at, new_id=new_id)
    owners = await database.read(lambda connection: _owners(connection, slack))
    known = Workspaces(database, TokenSeal(demo.secret_key), lambda: at)
    for team, organisation in owners:
        # Inera's own is known by the token in the settings.
        if organisation is not None:
            await known.ensure(
                team_id=team.id,
                enterprise_id=None,
                name=team.name,
                token=team.bot_token,
                bot_user_id=team.bot_user,
                channel=None,
                language=language,
                organisation=organisation,
            )
    return owners


async def serve(demo: Demo, ready: Callable[[], None]) -> None:
    """Run both until interrupted; the product stops first, so that what it owes can still be shown."""
    slack = demo.sandbox()
    app = build(demo.settings(slack))

    async def speaking(language: str) -> SandboxConfig:
        spoken = await speak(demo, Language(language))
        await app.state.joined.workspaces.refresh()
        return spoken

    sandbox = Server(create_app(slack, mail=demo.mail, speaking=speaking), 0)
    product = _Product(app, ready)
    running = asyncio.create_task(sandbox.serve([demo.page]))
    try:
        await product.serve([demo.product])
    finally:
        sandbox.should_exit = True
        await running


class _Product(uvicorn.Server):
    """The product's server, which says when it answers."""

    def __init__(self, app: FastAPI, ready: Callable[[], None]) -> None:
        super().__init__(uvicorn.Config(app, log_level="warning", **OPTIONS))
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


def _address(listening: socket.socket) -> str:
    return f"http://{LOOPBACK}:{listening.getsockname()[1]}"


def _owners(connection: Connection, slack: SandboxConfig) -> Owners:
    """Say whose each workspace is that has the app: the organisation's of its name, and Inera's where there is none."""
    names = select(tables.organisations.c.name, tables.organisations.c.id)
    organisations = {row.name: OrganisationId(row.id) for row in connection.execute(names)}
    return [(team, organisations.get(team.name)) for team in slack.workspaces if team.installed]


def _in_english(slack: SandboxConfig) -> tuple[SandboxWorkspace, ...]:
    english = {"locale": "en-GB"}
    return tuple(
        team.model_copy(update=english | {"users": tuple(user.model_copy(update=english) for user in team.users)})
        for team in slack.workspaces
    )


def _link(connection: Connection, owners: Owners, at: datetime) -> None:
    """Link people to their accounts, on the word of whoever has the Slack."""
    people = {row.email: row.id for row in connection.execute(select(tables.persons.c.id, tables.persons.c.email))}
    rows = [
        {
            "issuer": issuer(team.id),
            "subject": user.id,
            "person_id": people[user.email],
            "state": LinkState.CONFIRMED,
            "at": at,
            "organisation_id": organisation,
        }
        for team, organisation in owners
        for user in team.users
        if user.email in people and user.id not in NOT_LINKED
    ]
    put(connection, tables.identities, rows)
