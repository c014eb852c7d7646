"""The composition root: joins core, notifications and bot into one web application."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig

from bot.config.settings import Settings
from bot.server.background import Tasks, Work
from bot.server.duties import EVERY_DUTY, Duty
from bot.server.serving import WebApplication
from bot.slack.homes import Homes
from bot.slack.route import Installations, Intake, SlackDoor, SlackSignature
from bot.slack.slack_app import slack_app
from bot.slack.socket_mode import SlackSocket, SocketWatch
from bot.tracing.spans import UNTRACED, Traces
from bot.web import DrawnPapers, Gate, Site
from bot.web import Pages as WebPages
from bot.wiring.api_words import ApiWords
from bot.wiring.joined import Joined, agreements_of, join, now, reconciliation_of, rotation_of, weekly_reports_of
from bot.wiring.listening import listeners
from bot.wiring.mail_connection import MailConnection
from bot.wiring.mailing import mail_watch
from bot.wiring.metrics_page import MetricsPage
from bot.wiring.pages import install_pages_of, page_routes, publisher_of
from bot.wiring.purging import purge_of
from bot.wiring.slack_connection import SlackConnection
from bot.wiring.slack_ears import SlackEars
from bot.wiring.tracing import TracedRequests, note_answer, trace_job, traces_of
from core import http
from core.api import (
    Applications,
    EidMethod,
    HealthCheck,
    HealthLog,
    HealthPart,
    TryAgain,
    Unsure,
    new_id,
)
from core.storage import migrations
from core.storage.audit.sealing import Sealer
from core.storage.database.database import Database, open_database
from core.storage.database.database_checks import database_checks
from core.storage.database.timeouts import TimeLimits
from core.storage.identity.api_keys import Keys
from core.storage.identity.expiring_keys import KeysCheck, KeyWarnings
from core.storage.reads.holdings import SqlHoldings
from core.storage.reads.queries import SqlQueries
from core.storage.register.registry import Register
from notifications.mail.mail_watch import NoMail
from notifications.outbox.doorbell import Doorbell
from notifications.outbox.heartbeat import RelayCheck
from notifications.outbox.scheduler import Scheduler
from notifications.reports.weekly_reports import WeeklyReports
from notifications.slack.slack_gateway import open_gateway
from notifications.slack.slack_watch import SlackWatch
from notifications.slack.token_rotation import TokenRotation
from notifications.texts import name_contact

# A call to Slack takes at most ten seconds.
DRAIN_SECONDS = 12.0
# How long a start waits, each time, for a database that is on its way up itself or that another takes the place of.
START_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)

log = logging.getLogger(__name__)


class NotMigrated(Exception):
    """The database does not stand at the newest revision: `kundportal migrate` first."""


def build(settings: Settings, *, eid: EidMethod | None = None, duties: frozenset[Duty] = EVERY_DUTY) -> FastAPI:
    """The web application; everything it holds is opened when it starts and closed, drained, when it stops.

    `eid` is the method of e-identification, where one has been connected. A process without the web's duty answers
    with signs of life alone.
    """
    name_contact(settings.contact())
    traces = traces_of(settings, duties)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(traces.end)
            product = await _begun(lambda: stack.enter_async_context(running(settings, eid, duties, traces)))
            product.answer_in(app, duties)
            yield

    # The API describes itself where it is mounted; nothing else here is for others to read about. FastAPI's own
    # telemetry would tell of whole addresses; off, it is not asked about at every request.
    off: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
    app = WebApplication(lifespan=lifespan, openapi_url=None, redirect_slashes=False, telemetry=off)
    if traces is not UNTRACED:
        app.add_middleware(TracedRequests, traces=traces)
    return app


async def _begun(begin: Callable[[], Awaitable["Product"]]) -> "Product":
    """Begin, again after a pause where the database is lost meanwhile: nobody has been answered yet."""
    for pause in START_PAUSES:
        try:
            return await begin()
        except (TryAgain, Unsure):
            log.warning("start_waits_for_database seconds=%s", pause)
            await asyncio.sleep(pause)
    return await begin()


@dataclass(frozen=True)
class Product:
    """What answers over HTTP: Slack's door, the API, signs of life and pages; and what they stand on.

    Without a signing secret there is no door: Slack is heard over a socket alone.
    """

    door: SlackDoor | None
    intake: Intake
    api: FastAPI
    health: http.HealthChecks
    site: Site
    joined: Joined
    metrics: MetricsPage | None

    def answer_in(self, app: FastAPI, duties: frozenset[Duty] = EVERY_DUTY) -> None:
        """Let the web application answer with this."""
        app.state.joined = self.joined
        if self.door is not None and Duty.WEB in duties:
            # Asked for first: nothing is asked for as often, and nobody waits for anything else as people do for it.
            self.door.answer_in(app)
        app.include_router(http.health(self.health))
        if self.metrics is not None:
            app.include_router(self.metrics.router())
        if Duty.WEB not in duties:
            return
        http.mount(app, self.api)
        self.site.answer_in(app)


@asynccontextmanager
async def running(
    settings: Settings,
    eid: EidMethod | None = None,
    duties: frozenset[Duty] = EVERY_DUTY,
    traces: Traces = UNTRACED,
) -> AsyncIterator[Product]:
    """Everything joined, and at work by these duties. Raises NotMigrated."""
    health_log = HealthLog(now)
    mail = mail_watch(settings, now, partial(health_log.note, HealthPart.MAIL))
    async with _database(settings) as database, open_gateway(settings.slack_api_url) as gateway:
        bell = None if Duty.RELAY in duties else Doorbell(database.ring)
        joined, homes = join(settings, database, gateway, eid, mail, bell and bell.wake, traces)
        slack = SlackWatch(joined.workspaces, now, partial(health_log.note, HealthPart.SLACK))
        gateway.listen(SlackEars(slack, joined.slack_switch, joined.metrics, traces).hear)
        scheduler = _scheduler(settings, database, joined)
        socket = _socket_watch(settings, health_log)
        others = {
            HealthPart.SLACK: slack,
            HealthPart.MAIL: mail or NoMail(),
            HealthPart.KEYS: KeysCheck(database, now),
            **_at_work(joined, scheduler, duties),
        }
        by_socket = {} if socket is None else {HealthPart.SOCKET: socket}
        health = http.HealthChecks({**database_checks(database), **others, **by_socket}, health_log)
        product = product_of(settings, database, joined, homes, health)
        mails = MailConnection(database, mail, settings.default_language, now, joined.wake)
        await mails.begin()
        await joined.workspaces.seal_anew()
        async with (
            _kept(joined.workspaces.keep(), "workspaces"),
            # What the relay shows at its end, home tabs show too.
            _drained(joined.tasks),
            _kept(joined.relay.run(), "relay") if bell is None else _kept(bell.run(), "doorbell"),
            # What listeners started may still owe cards.
            _drained(joined.tasks),
            _sending(settings, database, joined, mails, slack) if Duty.RELAY in duties else nullcontext(),
            _ticking(joined, scheduler) if Duty.CLOCK in duties else nullcontext(),
            _heard(settings, product.intake, socket) if Duty.WEB in duties else nullcontext(),
        ):
            yield product


def product_of(
    settings: Settings, database: Database, joined: Joined, homes: Homes, health: http.HealthChecks
) -> Product:
    """Return what answers over HTTP."""
    admit = Installations(joined.workspaces, settings.slack_app_id).admit

    def answered(kind: str, status: int, seconds: float) -> None:
        joined.metrics.answered(kind, status, seconds)
        note_answer(joined.traces, kind, status)

    @contextmanager
    def around() -> Generator[None]:
        with joined.presses.around(), joined.traces.press():
            yield

    intake = Intake(slack_app(listeners(joined, homes)), admit, answered, around)
    door, api, site = _door(settings, intake), _api(database, joined), _site(settings, database, joined)
    return Product(door, intake, api, health, site, joined, _metrics(settings, database, joined, health))


@asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[Database]:
    limits = TimeLimits(settings.database_lock_seconds, settings.database_statement_seconds)
    database = open_database(settings.database_url, limits=limits)
    try:
        if not await database.read(migrations.suits_program):
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


@asynccontextmanager
async def _sending(
    settings: Settings, database: Database, joined: Joined, mails: MailConnection, slack: SlackWatch
) -> AsyncIterator[None]:
    """Both ways out kept open, and a relay that hears of what other processes commit."""
    async with (
        _kept(mails.keep(), "postman"),
        _kept(_connection(settings, joined, slack).keep(), "connection"),
        _kept(database.hear(joined.relay.wake), "bell"),
    ):
        yield


@asynccontextmanager
async def _ticking(joined: Joined, scheduler: Scheduler) -> AsyncIterator[None]:
    # What has run out while nobody was here need not wait for the clock.
    joined.tasks.start(scheduler.rotate())
    scheduler.start()
    try:
        yield
    finally:
        await scheduler.stop()


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("task_failed name=%s", task.get_name(), exc_info=error)


def _at_work(joined: Joined, scheduler: Scheduler, duties: frozenset[Duty]) -> Mapping[HealthPart, HealthCheck]:
    """What is to be at work here beside the web."""
    relay = joined.relay if Duty.RELAY in duties else None
    clock = scheduler if Duty.CLOCK in duties else None
    return {} if relay is None and clock is None else {HealthPart.RELAY: RelayCheck(relay, clock, now)}


def _scheduler(settings: Settings, database: Database, joined: Joined) -> Scheduler:
    secret, earlier = settings.history_keys()
    sealer = Sealer(database, secret, now, earlier=earlier)
    purge = purge_of(
        database, settings.retention(), secret_key=secret, earlier=earlier, language=settings.default_language
    )
    return Scheduler(
        joined.orders,
        joined.wake,
        tell=partial(_tell, joined),
        seal=sealer.seal,
        purge=lambda: purge.run(now()),
        warn=KeyWarnings(database, now).warn,
        offer=joined.cards.offer_reminders,
        rotate=partial(_rotated, rotation_of(settings, database, joined)),
        report=partial(_told, weekly_reports_of(settings, database)),
        reconcile=reconciliation_of(database, joined).run_by_day,
        ran=joined.metrics.ran,
        around=partial(trace_job, joined.traces),
    )


async def _tell(joined: Joined) -> int:
    """Owe cards about what has changed beside cases."""
    return await joined.cards.owe_substitutes() + await joined.relocation.run()


async def _rotated(rotation: TokenRotation | None) -> int:
    """Get Slack's next tokens, where the app is known by which they are given."""
    return 0 if rotation is None else await rotation.run()


async def _told(reports: WeeklyReports | None) -> int:
    """Tell of the week, where anybody is to be told."""
    return 0 if reports is None else await reports.run()


def _connection(settings: Settings, joined: Joined, slack: SlackWatch) -> SlackConnection:
    refresh = settings.slack_refresh_token
    return SlackConnection(
        joined.gateway,
        joined.workspaces,
        token=settings.slack_bot_token.get_secret_value(),
        channel=settings.slack_channel,
        language=settings.default_language,
        wake=joined.wake,
        should_test=slack.should_test,
        refresh_token=None if refresh is None else refresh.get_secret_value(),
    )


def _door(settings: Settings, intake: Intake) -> SlackDoor | None:
    if settings.slack_signing_secret is None:
        return None
    return SlackDoor(SlackSignature(settings.slack_signing_secret.get_secret_value(), time.time), intake)


def _metrics(settings: Settings, database: Database, joined: Joined, health: http.HealthChecks) -> MetricsPage | None:
    if settings.metrics_token is None:
        return None
    return MetricsPage(settings.metrics_token.get_secret_value(), joined.metrics, health, database, now)


def _socket_watch(settings: Settings, log: HealthLog) -> SocketWatch | None:
    return None if settings.slack_app_token is None else SocketWatch(now, partial(log.note, HealthPart.SOCKET))


@asynccontextmanager
async def _heard(settings: Settings, intake: Intake, watch: SocketWatch | None) -> AsyncIterator[None]:
    """Slack, heard over a socket where there is a token for one."""
    if settings.slack_app_token is None or watch is None:
        yield
        return
    socket = SlackSocket(intake, settings.slack_app_token.get_secret_value(), settings.slack_api_url, watch)
    async with _kept(socket.keep(), "socket"):
        yield


def _api(database: Database, joined: Joined) -> FastAPI:
    queries, register = SqlQueries(database), Register(database, now, new_id)
    ports = http.ApiPorts(
        orders=joined.orders,
        applications=Applications(joined.orders.engine, joined.links),
        queries=queries,
        lists=queries,
        register=register,
        entries=register,
        holdings=SqlHoldings(database),
        accounts=joined.accounts,
        keys=Keys(database),
        now=now,
        papers=DrawnPapers(),
        changed=joined.wake,
        refused=lambda refused: joined.tasks.start(joined.refusals.refused(refused)),
        beside=joined.tasks.start,
    )
    return http.api(ports, ApiWords(queries))


def _site(settings: Settings, database: Database, joined: Joined) -> Site:
    pages = WebPages(http.preferred, http.status_of, ApiWords(joined.queries), publisher_of(settings))
    gate = Gate(database, settings.secret_key.get_secret_value(), now)
    agreements = agreements_of(settings, database)
    routes = page_routes(joined, pages, gate, agreements, settings.retention())
    return Site(pages, [*routes, *install_pages_of(joined, pages, settings, database)])
