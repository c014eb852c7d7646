"""What everything else is joined from: use cases, reads and ways out, made from the settings and a database."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from secrets import randbelow, token_urlsafe

from bot.acts.deployment import Deployment
from bot.acts.home_lists import HomeLists, HomeSections, PersonalHome
from bot.acts.people import People
from bot.config.settings import Settings, Switch
from bot.server.background import CaseFollowUp, PressesUnderWay, RefusalNotes, Tasks, Wake
from bot.server.metrics import Metrics
from bot.slack.accounts import AccountChecks, SlackAccounts
from bot.slack.homes import HomeReads, Homes, LinkOffers
from bot.slack.switch import SlackSwitch
from bot.tracing.spans import UNTRACED, Traces
from bot.wiring.mailing import mail_delivery, sign_in_mails
from bot.wiring.telling import ToldCases, ToldRefusals
from bot.wiring.tracing import TracedMail, trace_card
from core.api import (
    CODE_DIGITS,
    Absences,
    AccountLinks,
    Accounts,
    Administration,
    ApplicationFiles,
    CaseRepository,
    DocumentLinks,
    EidMethod,
    Engine,
    Identification,
    Inbox,
    Now,
    Orders,
    PersonalLinks,
    Queries,
    RefusalLog,
    Sessions,
    SigningIn,
    SignInSecrets,
    code_key,
    new_id,
)
from core.storage.administration.absences import SqlSubstitutes
from core.storage.administration.registrar import SqlRegistrar
from core.storage.audit.refusal_log import SqlRefusalLog
from core.storage.cases.attachments import SqlAttachments
from core.storage.database.database import Database
from core.storage.identity.accounts import SqlAccounts
from core.storage.identity.personal_links import SqlPersonalLinks
from core.storage.identity.proofs import SqlProofs
from core.storage.identity.sessions import SqlSessions
from core.storage.identity.sign_ins import SqlSignIns
from core.storage.reads.documents import SqlDocuments
from core.storage.reads.inbox import SqlInbox
from core.storage.reads.queries import SqlQueries
from core.storage.reads.waiting import count_waiting
from core.storage.reads.weekly import SqlWeeks
from notifications.accounts.directory import Directory
from notifications.accounts.linked_slacks import LinkedSlacks
from notifications.accounts.sign_in_mails import SignInMails
from notifications.cards.card import Card
from notifications.cards.drawer import CardDrawer
from notifications.documents import Agreements, Library
from notifications.documents.chart import png_of
from notifications.mail.port import Mail
from notifications.outbox.card_relocation import CardRelocation
from notifications.outbox.delivery_results import DeliveryResults
from notifications.outbox.leases import CardLeases
from notifications.outbox.mail_delivery import AroundCard, MailDelivery
from notifications.outbox.reconciling.reconciliation import Reconciliation
from notifications.outbox.relay import Relay
from notifications.outbox.repository import CardStore
from notifications.outbox.slack_delivery import Delivery
from notifications.render.drawings import draw_card
from notifications.reports.pictures import Pictures
from notifications.reports.weekly_reports import WeeklyReports
from notifications.rules.announcements import Announcements
from notifications.rules.register_announcements import RegisterAnnouncements
from notifications.slack.channel_look import ChannelLook
from notifications.slack.install_links import InstallLinks
from notifications.slack.slack_gateway import Gateway
from notifications.slack.token_rotation import TokenRotation
from notifications.slack.token_seal import TokenSeal
from notifications.slack.workspaces import Workspaces


def now() -> datetime:
    """Return the time, by the clock of the product."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Joined:
    """Use cases, reads and ways out, joined once. Nobody who listens or answers is given it whole."""

    here: Deployment
    orders: Orders
    absences: Absences
    accounts: Accounts
    identification: Identification
    administration: Administration
    documents: DocumentLinks
    files: ApplicationFiles
    queries: Queries
    inbox: Inbox
    refusals: RefusalLog
    workspaces: Workspaces
    gateway: Gateway
    cards: CardStore
    drawer: CardDrawer
    links: PersonalLinks
    relay: Relay
    wake: Wake
    directory: Directory
    slacks: LinkedSlacks
    tasks: Tasks
    presses: PressesUnderWay
    now: Now
    signing_in: SigningIn
    sessions: Sessions
    sign_in_mails: SignInMails | None
    relocation: CardRelocation
    metrics: Metrics
    traces: Traces
    pictures: Pictures

    async def relocate(self) -> None:
        """Let cards follow a Slack that was switched off, or on again."""
        if await self.relocation.run():
            self.wake()

    @property
    def slack_switch(self) -> SlackSwitch:
        """What switches an organisation's Slack off."""
        return SlackSwitch(self.workspaces, self.relocate, self.tasks)

    @property
    def channel_look(self) -> ChannelLook:
        """What looks at channels before organisations have their people asked there."""
        return ChannelLook(self.workspaces, self.gateway)

    @property
    def people(self) -> People:
        """Who presses."""
        return People(self.queries, self.now)

    @property
    def follow_up(self) -> CaseFollowUp:
        """What follows a change."""
        return CaseFollowUp(self.orders, self.wake, self.tasks, self.now)

    @property
    def notes(self) -> RefusalNotes:
        """What history is told of refusals."""
        return RefusalNotes(self.refusals, self.tasks, self.now)

    @property
    def slack_accounts(self) -> SlackAccounts:
        """What is known of accounts."""
        return SlackAccounts(self.directory, self.accounts, self.wake, self.now)

    @property
    def checks(self) -> AccountChecks:
        """Whose accounts are."""
        return AccountChecks(self.people, self.workspaces, self.directory, self.slack_accounts)


@dataclass(frozen=True)
class CardParts:
    """Where cards lie, how they are drawn, how people are found for them, and the way out to Slack."""

    cards: CardStore
    leases: CardLeases
    results: DeliveryResults
    drawer: CardDrawer
    directory: Directory
    workspaces: Workspaces
    gateway: Gateway
    links: PersonalLinks
    relocation: CardRelocation
    pictures: Pictures


def join(
    settings: Settings,
    database: Database,
    gateway: Gateway,
    eid: EidMethod | None = None,
    mail: Mail | None = None,
    wake: Wake | None = None,
    traces: Traces = UNTRACED,
) -> tuple[Joined, Homes]:
    """Join everything, with nothing at work: no relay, no clock, no greeting to Slack.

    `wake` wakes relays elsewhere, where this process has none at work.
    """

    metrics = Metrics()

    def shown(card: Card) -> None:
        metrics.shown(card, now())
        traces.note(outcome="shown")
        homes.card_shown(card)

    def lost(card: Card) -> None:
        metrics.lost(card)
        traces.note(outcome="lost", has_failed=True)

    parts = _card_parts(settings, database, gateway, lost)
    sent, around = mail and TracedMail(mail, traces), partial(trace_card, traces)
    mails = _mails(settings, database, sent, parts, shown=shown, around=around)
    delivery = _delivery(settings, parts, mails, shown=shown, around=around)
    presses = PressesUnderWay()
    relay = Relay(parts.leases, delivery, now, metrics.looked, presses.are_answered)
    signing = sign_in_mails(settings, sent, database, parts.workspaces)
    joined = _joined(
        settings,
        database,
        parts,
        relay=relay,
        wake=wake or relay.wake,
        presses=presses,
        eid=eid,
        sign_in_mails=signing,
        metrics=metrics,
        traces=traces,
    )
    homes = homes_of(joined)
    return joined, homes


def _joined(
    settings: Settings,
    database: Database,
    parts: CardParts,
    *,
    relay: Relay,
    wake: Wake,
    presses: PressesUnderWay,
    eid: EidMethod | None,
    sign_in_mails: SignInMails | None,
    metrics: Metrics,
    traces: Traces,
) -> Joined:
    cases, registrar = ToldCases(database, metrics, traces), SqlRegistrar(database, new_id)
    return Joined(
        here=_deployment(settings, has_mail=sign_in_mails is not None),
        orders=_orders(settings, database, cases),
        absences=Absences(SqlSubstitutes(database), RegisterAnnouncements(), now, new_id),
        accounts=AccountLinks(SqlAccounts(database, new_id), RegisterAnnouncements(), now, new_id),
        identification=Identification(cases, SqlProofs(database, new_id), eid, now, partial(token_urlsafe, 32)),
        administration=Administration(registrar, RegisterAnnouncements(), now, new_id, has_eid=eid is not None),
        documents=DocumentLinks(registrar, parts.links, now, new_id),
        files=ApplicationFiles(SqlAttachments(database, new_id), SqlQueries(database), parts.links, now, new_id),
        queries=SqlQueries(database),
        inbox=SqlInbox(database),
        refusals=ToldRefusals(SqlRefusalLog(database), metrics, traces),
        workspaces=parts.workspaces,
        gateway=parts.gateway,
        cards=parts.cards,
        drawer=parts.drawer,
        links=parts.links,
        relay=relay,
        wake=wake,
        directory=parts.directory,
        slacks=LinkedSlacks(database),
        tasks=Tasks(),
        presses=presses,
        now=now,
        relocation=parts.relocation,
        signing_in=_signing_in(settings, database),
        sessions=SqlSessions(database),
        sign_in_mails=sign_in_mails,
        metrics=metrics,
        traces=traces,
        pictures=parts.pictures,
    )


def _signing_in(settings: Settings, database: Database) -> SigningIn:
    key = code_key(settings.secret_key.get_secret_value())
    secrets = SignInSecrets(partial(token_urlsafe, 32), new_code, key)
    return SigningIn(SqlSignIns(database), secrets, now, new_id)


def new_code() -> str:
    """Make the code of a mail to sign in by."""
    return f"{randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"


def homes_of(joined: Joined) -> Homes:
    """Join the home tabs."""
    offers = LinkOffers(joined.directory, joined.here, joined.wake)
    return Homes(HomeReads(personal_home_of(joined), offers), joined.gateway, joined.tasks)


def personal_home_of(joined: Joined) -> PersonalHome:
    """Join what a home page is read from."""
    lists = HomeLists(joined.queries, joined.inbox, joined.now, joined.here)
    sections = HomeSections(joined.people, joined.absences, joined.administration, joined.slacks)
    return PersonalHome(joined.people, lists, sections)


def rotation_of(settings: Settings, database: Database, joined: Joined) -> TokenRotation | None:
    """Join what rotates Slack's tokens; None where the app is not known by which Slack gives them."""
    app, seal = settings.slack_app(), TokenSeal(*settings.token_keys())
    if app is None:
        return None
    return TokenRotation(database, seal, joined.workspaces, joined.gateway, app, joined.slack_switch.off, now)


def reconciliation_of(database: Database, joined: Joined) -> Reconciliation:
    """Join what looks for messages that Slack has no more."""
    return Reconciliation(database, joined.workspaces, joined.gateway, now, asyncio.sleep)


def weekly_reports_of(settings: Settings, database: Database) -> WeeklyReports | None:
    """Join what tells of each week; None where nobody is to be told."""
    if settings.weekly_report is Switch.OFF:
        return None
    return WeeklyReports(database, SqlWeeks(database), now, new_id)


def agreements_of(settings: Settings, database: Database) -> Agreements:
    """Join the texts of agreements, ours or those of a folder."""
    library = Library() if settings.agreements_folder is None else Library(settings.agreements_folder)
    return Agreements(library, SqlDocuments(database))


def _deployment(settings: Settings, *, has_mail: bool) -> Deployment:
    return Deployment(settings.environment, settings.portal_url, settings.public_url or "", has_mail=has_mail)


def _orders(settings: Settings, database: Database, cases: CaseRepository) -> Orders:
    above_ore = None if settings.fresh_look_above is None else settings.fresh_look_above * 100
    engine = Engine(cases, Announcements(), now, new_id, agreements_of(settings, database).draw_up)
    return Orders(engine, above_ore)


def _card_parts(settings: Settings, database: Database, gateway: Gateway, lost: Callable[[Card], None]) -> CardParts:
    secret = settings.secret_key.get_secret_value()
    workspaces = Workspaces(database, TokenSeal(*settings.token_keys()), now)
    return CardParts(
        cards=CardStore(database, now, new_id),
        leases=CardLeases(database, now, new_id, count_waiting),
        results=DeliveryResults(database, now, new_id, lost),
        drawer=CardDrawer(
            database,
            SqlQueries(database),
            SqlInbox(database),
            draw_card,
            settings.environment,
            settings.portal_url,
        ),
        directory=Directory(database, workspaces, gateway, now=now, new_id=new_id),
        workspaces=workspaces,
        gateway=gateway,
        links=SqlPersonalLinks(database, secret),
        relocation=CardRelocation(database, now, new_id),
        pictures=Pictures(database, now, secret, png_of),
    )


def _mails(
    settings: Settings,
    database: Database,
    mail: Mail | None,
    parts: CardParts,
    *,
    shown: Callable[[Card], None],
    around: AroundCard,
) -> MailDelivery | None:
    return mail_delivery(
        settings,
        mail,
        results=parts.results,
        drawer=parts.drawer,
        links=parts.links,
        workspaces=parts.workspaces,
        agreements=SqlQueries(database),
        now=now,
        shown=shown,
        around=around,
        installs=None if settings.installable_app() is None else InstallLinks(database, now, new_id),
        pictures=parts.pictures,
    )


def _delivery(
    settings: Settings,
    parts: CardParts,
    mails: MailDelivery | None,
    *,
    shown: Callable[[Card], None],
    around: AroundCard,
) -> Delivery:
    return Delivery(
        results=parts.results,
        drawer=parts.drawer,
        directory=parts.directory,
        workspaces=parts.workspaces,
        slack=parts.gateway,
        now=now,
        chance=random.random,
        shown=shown,
        around=around,
        mails=mails,
        relocation=parts.relocation,
        pictures=parts.pictures,
        url=settings.public_url or "",
    )
