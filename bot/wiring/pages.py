"""The pages joined: every address of the site, and what stands behind each."""

from collections.abc import Mapping, Sequence

from starlette.routing import Route

from bot.config.settings import Settings
from bot.forms.order_menus import OrderMenus
from bot.forms.revision_menus import RevisionMenus
from bot.web import DrawnPapers, Gate, Pages, Publisher
from bot.web.applying.agreements import AgreementPages
from bot.web.applying.applications import ApplicationPages, new_key
from bot.web.applying.following import FollowPages
from bot.web.applying.steps import ApplicationSteps
from bot.web.applying.uploads import Uploads
from bot.web.links.accounts import AccountMails, AccountPages, MailedAccounts
from bot.web.links.deciding import Deciding, DecisionForms, LinkDecisions, LinkedCards
from bot.web.links.files import FileLinks
from bot.web.links.installing import Administrators, Installer, InstallPages, InstallWay
from bot.web.links.pictures import PictureLinks
from bot.web.links.reading import ReadingPages
from bot.web.links.signing import SigningPages
from bot.web.links.signing_methods import LinkConfirm
from bot.web.notices import NoticePages
from bot.web.problem_types import ProblemTypes
from bot.web.publisher import LegalGround
from bot.web.signing_in.session_pages import SessionPages
from bot.web.signing_in.sign_in_pages import SignInPages
from bot.web.signing_in.steps import SignInSteps
from bot.web.signing_in.visitors import Visitors
from bot.web.working.answers import PageAnswers
from bot.web.working.visits import PageFollowing
from bot.web.working.working import PageActs, PageRefusals, WorkHome, Working
from bot.wiring.acting import acting_of, refused_of, words_of
from bot.wiring.joined import Joined, personal_home_of
from core.api import Applications, Personal, Policy, new_id
from notifications.database import Transactions
from notifications.documents import Agreements
from notifications.slack.install_links import InstallLinks


def page_routes(
    joined: Joined, pages: Pages, gate: Gate, agreements: Agreements, retention: Mapping[Personal, Policy]
) -> Sequence[Route]:
    """Join every address of the site but those that stand for themselves."""
    visitors = Visitors(joined.sessions, joined.now, gate.secret_key)
    uploads = Uploads(joined.files, gate.secret_key)
    applications = ApplicationSteps(Applications(joined.orders.engine, joined.links), joined.wake, uploads)
    parts = (
        deciding_of(joined, pages),
        account_pages_of(joined, pages),
        ApplicationPages(pages, applications, gate, new_key),
        AgreementPages(pages, agreements.library),
        FollowPages(pages, applications, agreements, gate),
        SigningPages(pages, applications, agreements, LinkConfirm()),
        ReadingPages(pages, DrawnPapers(), joined.documents),
        FileLinks(joined.files),
        PictureLinks(joined.pictures),
        NoticePages(pages, retention),
        *sign_in_pages_of(joined, pages, gate, visitors),
        ProblemTypes(pages),
    )
    return [*(route for part in parts for route in part.routes()), *work_routes(joined, pages, visitors)]


def install_pages_of(joined: Joined, pages: Pages, settings: Settings, database: Transactions) -> Sequence[Route]:
    """Join the pages by which organisations install the app in Slacks of their own; none where the app is not known."""
    app = settings.installable_app()
    if app is None:
        return []
    links = InstallLinks(database, joined.now, new_id)
    way = InstallWay(app, joined.here.public_url)
    installer = Installer(links, joined.workspaces, joined.gateway, way)
    administrators = Administrators(joined.queries, joined.now, joined.administration)
    return InstallPages(pages, installer, administrators, joined.relocate).routes()


def deciding_of(joined: Joined, pages: Pages) -> Deciding:
    """Join the pages behind the link of a mail that asks."""
    revisions = RevisionMenus(OrderMenus(joined.queries, joined.now), joined.now)
    return Deciding(
        pages,
        LinkedCards(joined.links, joined.cards, joined.drawer, joined.now),
        DecisionForms(joined.orders, joined.queries, revisions),
        LinkDecisions(joined.orders, joined.follow_up, joined.notes, joined.identification),
    )


def account_pages_of(joined: Joined, pages: Pages) -> AccountPages:
    """Join the page behind the link of a mail that tells of an account."""
    accounts = MailedAccounts(joined.accounts, joined.queries, joined.workspaces, joined.wake)
    return AccountPages(pages, AccountMails(joined.links, joined.cards), accounts)


def sign_in_pages_of(joined: Joined, pages: Pages, gate: Gate, visitors: Visitors) -> tuple[SignInPages, SessionPages]:
    """Join the pages where one signs in, and sees where one is signed in."""
    steps = SignInSteps(joined.signing_in, joined.sign_in_mails, gate, joined.tasks)
    return SignInPages(pages, steps, visitors), SessionPages(pages, visitors)


def publisher_of(settings: Settings) -> Publisher:
    """Return who publishes the pages."""
    return Publisher(
        name=settings.publisher_name,
        logo=settings.publisher_logo,
        legal_ground=LegalGround(settings.privacy_legal_ground),
        data_protection=settings.privacy_email or "",
        published=settings.accessibility_published,
        reviewed=settings.accessibility_reviewed,
        shortcomings=settings.shortcomings(),
    )


def work_routes(joined: Joined, pages: Pages, visitors: Visitors) -> Sequence[Route]:
    """Join every address of one's work."""
    acting = acting_of(joined, PageFollowing(joined.follow_up))
    own = acting.own
    answers = PageAnswers(pages, own.shows, own.searches)
    acts = PageActs(own.shows, own.changes, own.sent, acting.decisions)
    refusals = PageRefusals(words_of(joined, acting), refused_of(joined), acting.reading, joined.identification)
    home = WorkHome(visitors, answers, personal_home_of(joined), acting.reading)
    return [*home.routes(), *Working(visitors, answers, acts, refusals).routes()]
