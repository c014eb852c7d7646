"""The composition root: joins core, notifications and bot into one web application."""

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from secrets import token_urlsafe

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig

from bot.config.settings import Settings
from bot.server.answer_headers import WebApplication
from bot.server.tasks import Tasks, Work
from bot.slack.dependencies import Dependencies
from bot.slack.deployment import Deployment
from bot.slack.homes import Homes
from bot.slack.installations import Installations
from bot.slack.route import SlackDoor
from bot.slack.signature import SlackSignature
from bot.slack.slack_app import slack_app
from bot.web import DrawnPapers, Gate, Site, parts
from bot.web import Pages as WebPages
from bot.wiring.api_words import ApiWords
from bot.wiring.connection import Connection
from bot.wiring.listening import homes_of, listeners
from bot.wiring.mailing import mail_delivery, mail_watch
from bot.wiring.postman import Postman
from bot.wiring.purging import purge_of
from core import http
from core.api import (
    Absences,
    Administration,
    Applications,
    DocumentLinks,
    EidMethod,
    Engine,
    HealthLog,
    HealthPart,
    Identification,
    Orders,
    new_id,
)
from core.storage import migrations
from core.storage.administration.absences import SqlSubstitutes
from core.storage.administration.registrar import SqlRegistrar
from core.storage.audit.refusal_log import SqlRefusalLog
from core.storage.audit.sealing import Sealer
from core.storage.cases.repository import SqlCaseRepository
from core.storage.engine.database import Database, open_database
from core.storage.engine.database_checks import database_checks
from core.storage.engine.patience import TimeLimits
from core.storage.identity.accounts import SqlAccounts
from core.storage.identity.expiring_keys import KeysCheck, KeyWarnings
from core.storage.identity.keys import Keys
from core.storage.identity.personal_links import SqlPersonalLinks
from core.storage.identity.proofs import SqlProofs
from core.storage.reads.documents import SqlDocuments
from core.storage.reads.holdings import SqlHoldings
from core.storage.reads.queries import SqlQueries
from core.storage.register.registry import Register
from notifications.accounts.directory import Directory
from notifications.cards.card import Card
from notifications.cards.pages import CardDrawer
from notifications.documents import Agreements, Library
from notifications.mail.mail_watch import MailWatch, NoMail
from notifications.outbox.delivery import Delivery
from notifications.outbox.heartbeat import RelayCheck
from notifications.outbox.relay import Relay
from notifications.outbox.repository import CardStore
from notifications.outbox.scheduler import Scheduler
from notifications.render.blocks import draw_card
from notifications.rules.announcements import Announcements
from notifications.rules.register_announcements import RegisterAnnouncements
from notifications.slack.slack_gateway import Gateway, open_gateway
from notifications.slack.slack_watch import SlackWatch
from notifications.slack.workspaces import Workspaces

# A call to Slack takes at most ten seconds.
DRAIN_SECONDS = 12.0

log = logging.getLogger(__name__)


class NotMigrated(Exception):
    """The database does not stand at the newest revision: `kundportal migrate` first."""


def now() -> datetime:
    """The clock of the product."""
    return datetime.now(UTC)


def build(settings: Settings, *, eid: EidMethod | None = None) -> FastAPI:
    """The web application; everything it holds is opened when it starts and closed, drained, when it stops.

    `eid` is the method of e-identification, where one has been connected.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with running(settings, eid) as product:
            product.answer_in(app)
            yield

    # The API describes itself where it is mounted; nothing else here is for others to read about. Telemetry that is
    # off is not asked about at every request.
    off: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
    return WebApplication(lifespan=lifespan, openapi_url=None, redirect_slashes=False, telemetry=off)


@dataclass(frozen=True)
class Product:
    """What answers over HTTP: Slack's door, the API, signs of life and pages; and the desk that all of it works at."""

    door: SlackDoor
    api: FastAPI
    health: http.HealthChecks
    site: Site
    desk: Dependencies

    def answer_in(self, app: FastAPI) -> None:
        """Let the web application answer with this."""
        app.state.desk = self.desk
        app.include_router(self.door.router())
        app.include_router(http.health(self.health))
        http.mount(app, self.api)
        self.site.answer_in(app)


@asynccontextmanager
async def running(settings: Settings, eid: EidMethod | None = None) -> AsyncIterator[Product]:
    """Everything joined and at work. Raises NotMigrated."""
    health_log = HealthLog(now)
    mail = mail_watch(settings, now, partial(health_log.note, HealthPart.MAIL))
    async with _database(settings) as database, open_gateway(settings.slack_api_url) as gateway:
        desk, homes = desk_of(settings, database, gateway, eid, mail)
        slack = SlackWatch(desk.workspaces, now, partial(health_log.note, HealthPart.SLACK))
        gateway.listen(slack.record_call)
        scheduler = _scheduler(settings, database, desk)
        others = {
            HealthPart.SLACK: slack,
            HealthPart.MAIL: mail or NoMail(),
            HealthPart.RELAY: RelayCheck(desk.relay, scheduler, now),
            HealthPart.KEYS: KeysCheck(database, now),
        }
        health = http.HealthChecks({**database_checks(database), **others}, health_log)
        product = product_of(settings, database, desk, homes, health)
        postman = Postman(database, mail, settings.default_language, now, desk.relay.wake)
        await postman.begin()
        async with (
            # What the relay shows at its end, home tabs show too.
            _drained(desk.tasks),
            _kept(desk.relay.run(), "relay"),
            # What listeners started may still owe cards.
            _drained(desk.tasks),
            _kept(postman.keep(), "postman"),
            _kept(_connection(settings, desk, slack).keep(), "connection"),
        ):
            with _ticking(scheduler):
                yield product


def desk_of(
    settings: Settings,
    database: Database,
    gateway: Gateway,
    eid: EidMethod | None = None,
    mail: MailWatch | None = None,
) -> tuple[Dependencies, Homes]:
    """The desk with everything joined and nothing at work: no relay, no clock, no greeting to Slack."""
    workspaces = Workspaces(database, settings.secret_key.get_secret_value(), now)
    cards = CardStore(database, now=now, new_id=new_id)
    directory = Directory(database, workspaces, gateway, now=now, new_id=new_id)
    queries, store = SqlQueries(database), SqlCaseRepository(database)
    pages = CardDrawer(database, queries, draw_card, settings.environment, settings.portal_url)

    def shown(card: Card) -> None:
        homes.card_shown(card)

    links = SqlPersonalLinks(database, settings.secret_key.get_secret_value())
    registrar = SqlRegistrar(database, RegisterAnnouncements(), new_id)
    mails = mail_delivery(
        settings, mail, cards=cards, pages=pages, links=links, workspaces=workspaces, now=now, shown=shown
    )
    delivery = Delivery(cards, pages, directory, workspaces, gateway, now, random.random, shown, mails)
    desk = Dependencies(
        here=Deployment(
            settings.environment, settings.portal_url, settings.public_url or "", has_mail=mails is not None
        ),
        orders=Orders(
            Engine(store, Announcements(), now, new_id, _agreements(settings, database).draw_up),
            _look_above_ore(settings),
        ),
        absences=Absences(SqlSubstitutes(database), RegisterAnnouncements(), now, new_id),
        accounts=SqlAccounts(database, RegisterAnnouncements(), new_id, now),
        identification=Identification(store, SqlProofs(database, new_id), eid, now, partial(token_urlsafe, 32)),
        administration=Administration(registrar, RegisterAnnouncements(), now, new_id),
        documents=DocumentLinks(registrar, links, now, new_id),
        queries=queries,
        refusals=SqlRefusalLog(database),
        workspaces=workspaces,
        gateway=gateway,
        cards=cards,
        pages=pages,
        links=links,
        relay=Relay(cards, delivery, now),
        directory=directory,
        tasks=Tasks(),
        now=now,
    )
    homes = homes_of(desk)
    return desk, homes


def product_of(
    settings: Settings, database: Database, desk: Dependencies, homes: Homes, health: http.HealthChecks
) -> Product:
    """What answers over HTTP for a desk."""
    door, api = _door(settings, desk, homes), _api(database, desk)
    return Product(door, api, health, _site(settings, database, desk), desk)


@asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[Database]:
    limits = TimeLimits(settings.database_lock_seconds, settings.database_statement_seconds)
    database = open_database(settings.database_url, limits=limits)
    try:
        if not await database.read(migrations.is_current):
            raise NotMigrated
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def _kept(work: Work, name: str) -> AsyncIterator[None]:
    """Work that goes on meanwhile and is ended, and waited for, in the end."""
    task = asyncio.create_task(work, name=name)
    try:
        yield
    finally:
        await _end(task)


@asynccontextmanager
async def _drained(tasks: Tasks) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await tasks.drain(DRAIN_SECONDS)


@contextmanager
def _ticking(scheduler: Scheduler) -> Iterator[None]:
    scheduler.start()
    try:
        yield
    finally:
        scheduler.stop()


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("task_failed name=%s", task.get_name(), exc_info=error)


def _scheduler(settings: Settings, database: Database, desk: Dependencies) -> Scheduler:
    secret, earlier = settings.history_keys()
    sealer = Sealer(database, secret, now, earlier=earlier)
    purge = purge_of(
        database, settings.retention(), secret_key=secret, earlier=earlier, language=settings.default_language
    )
    return Scheduler(
        desk.orders,
        desk.relay.wake,
        now,
        tell=desk.cards.owe_substitutes,
        seal=sealer.seal,
        purge=lambda: purge.run(now()),
        warn=KeyWarnings(database, now).warn,
    )


def _connection(settings: Settings, desk: Dependencies, slack: SlackWatch) -> Connection:
    return Connection(
        desk.gateway,
        desk.workspaces,
        token=settings.slack_bot_token.get_secret_value(),
        channel=settings.slack_channel,
        language=settings.default_language,
        wake=desk.relay.wake,
        should_test=slack.should_test,
    )


def _door(settings: Settings, desk: Dependencies, homes: Homes) -> SlackDoor:
    installations = Installations(desk.workspaces, settings.slack_app_id)
    secret = settings.slack_signing_secret.get_secret_value()
    return SlackDoor(SlackSignature(secret, time.time), slack_app(listeners(desk, homes), secret), installations.admit)


def _api(database: Database, desk: Dependencies) -> FastAPI:
    queries, register = SqlQueries(database), Register(database, now, new_id)
    ports = http.ApiPorts(
        orders=desk.orders,
        applications=Applications(desk.orders.engine, desk.links),
        queries=queries,
        lists=queries,
        register=register,
        entries=register,
        holdings=SqlHoldings(database),
        accounts=desk.accounts,
        keys=Keys(database),
        now=now,
        papers=DrawnPapers(WebPages(http.preferred, http.status_of, ApiWords(desk.queries))),
        changed=desk.relay.wake,
        refused=lambda refused: desk.tasks.start(desk.refusals.refused(refused)),
        beside=desk.tasks.start,
    )
    return http.api(ports, ApiWords(queries))


def _site(settings: Settings, database: Database, desk: Dependencies) -> Site:
    pages = WebPages(http.preferred, http.status_of, ApiWords(desk.queries))
    gate = Gate(database, settings.secret_key.get_secret_value(), now)
    return Site(pages, parts(desk, pages, gate, _agreements(settings, database)))


def _look_above_ore(settings: Settings) -> int | None:
    return None if settings.fresh_look_above is None else settings.fresh_look_above * 100


def _agreements(settings: Settings, database: Database) -> Agreements:
    library = Library() if settings.agreements_folder is None else Library(settings.agreements_folder)
    return Agreements(library, SqlDocuments(database))
