"""The site as a browser reaches it, without one."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import update
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.slack.route import read_body
from bot.web import Gate, Pages, Site
from bot.web.applying.agreements import AgreementPages
from bot.web.applying.applications import ApplicationPages, new_key
from bot.web.applying.following import FollowPages
from bot.web.applying.steps import ApplicationSteps
from bot.web.applying.uploads import Uploads
from bot.web.links.files import FileLinks
from bot.web.links.reading import ReadingPages
from bot.web.links.signing import SigningPages
from bot.web.links.signing_methods import LinkConfirm
from bot.web.notices import NoticePages
from bot.web.papers import DrawnPapers
from bot.wiring.api_words import ApiWords
from core.api import (
    Action,
    ActOnCase,
    Answers,
    ApplicationFiles,
    Applications,
    Asking,
    Case,
    CaseId,
    CaseNotFound,
    CaseQuery,
    CaseView,
    DocumentLinks,
    Engine,
    Language,
    Orders,
    Person,
    PersonId,
    ReasonCode,
    Seen,
    Side,
    Surface,
    new_id,
    retention_with,
)
from core.http import preferred, status_of
from core.identity.personal_links import PersonalLink
from core.shared.vocabulary import LinkId, Purpose
from core.storage import tables
from core.storage.administration.registrar import SqlRegistrar
from core.storage.cases.attachments import SqlAttachments
from core.storage.cases.repository import SqlCaseRepository
from core.storage.database.database import Database
from core.storage.identity.personal_links import SqlPersonalLinks
from core.storage.reads.documents import SqlDocuments
from core.storage.reads.queries import SqlQueries
from notifications.documents import Agreements, Library
from notifications.rules.announcements import Announcements
from tests.fakes.clock import FakeClock
from tests.support.drawn.reached import on_page
from tests.support.world.seed import KARIN, NOW, seeded

BROWSER = {"Accept": "text/html,application/xhtml+xml"}


class PlainWords:
    """Sentences that a test can tell apart."""

    async def refusal(self, language, code, facts):
        return f"{language}: {code}"


async def broken(request: Request) -> Response:
    raise RuntimeError("a fault of ours")


async def refusing(request: Request) -> Response:
    raise CaseNotFound


async def reading(request: Request) -> Response:
    return Response(await read_body(request, 10))


ROUTES = (Route("/broken", broken), Route("/refusing", refusing), Route("/reading", reading, methods=["POST"]))


@pytest.fixture
def app() -> FastAPI:
    app = FastAPI(openapi_url=None)
    app.add_api_route("/elsewhere", lambda: {})
    # What the API answers where nobody has an address.
    app.router.default = JSONResponse({}, 404)
    Site(Pages(preferred, status_of, PlainWords()), ROUTES).answer_in(app)
    return app


@pytest.fixture
async def browser(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with a_browser(app) as client:
        yield client


def a_browser(app: FastAPI) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(
        transport=transport, base_url="http://kundportal.test", headers=BROWSER, event_hooks={"response": [on_page]}
    )


# --- the pages of applications on a real database


@dataclass
class Portal:
    """The site on a database, and what customer service and the mail do meanwhile."""

    database: Database
    clock: FakeClock
    orders: Orders
    links: SqlPersonalLinks
    agreements: Agreements
    app: FastAPI
    browser: httpx.AsyncClient
    files: ApplicationFiles
    changes: list[str]
    numbers: int = 0

    async def case(self, case: CaseId) -> Case:
        return (await self.orders.look(CaseQuery(case, Asking(KARIN), self.clock()))).case

    async def act(self, case: CaseId, action: Action, **answers: object) -> Case:
        """What Karin at customer service does."""
        now = await self.case(case)
        seen = Seen(now.step, now.content_version)
        wish = ActOnCase(
            case=case, by=Asking(KARIN), action=action, seen=seen, surface=Surface.SLACK, answers=Answers(**answers)
        )
        return (await self.orders.act(wish)).after

    async def approve(self, case: CaseId) -> Case:
        await self.act(case, Action.CLAIM)
        return await self.act(case, Action.APPROVE, confirmed=True)

    async def ask(self, case: CaseId, question: str) -> Case:
        await self.act(case, Action.CLAIM)
        return await self.act(case, Action.REQUEST_COMPLETION, message=question)

    async def reject(self, case: CaseId, reason: str) -> Case:
        await self.act(case, Action.CLAIM)
        return await self.act(case, Action.REJECT, reason_code=ReasonCode.OTHER, reason=reason)

    async def follow_link(self, case: Case) -> str:
        """The address in the administrator's mail."""
        return "/a/" + await self._link(case, Purpose.FOLLOW, email=case.application.administrator.email)

    async def fetch_link(self, case: CaseId, person: PersonId) -> str:
        """The address that somebody is given to fetch the file of an application by."""
        reader = Person(person, "Karin", "karin@example.org", Language.SV)
        return "/f/" + (await self.files.make_link(reader, case))[0]

    async def end_roles(self, person: PersonId) -> None:
        """Somebody has no role any more."""
        ended = update(tables.role_assignments).where(tables.role_assignments.c.person_id == person)
        await self.database.write(lambda connection: connection.execute(ended.values(valid_to=self.clock())))

    async def view(self, case: CaseId) -> CaseView:
        """What customer service may know of an application."""
        whole = await SqlQueries(self.database).whole(case, Side.INERA)
        assert whole is not None
        return whole.view

    async def sign_link(self, case: Case, number: int = 0) -> str:
        """The address in a signatory's mail."""
        signatory, document = case.application.signatories[number], case.application.document
        facts = {"email": signatory.email, "person": signatory.person, "document_hash": document.hash}
        return "/s/" + await self._link(case, Purpose.SIGN, **facts)

    async def _link(self, case: Case, purpose: Purpose, **facts: object) -> str:
        self.numbers += 1
        link, at = LinkId(f"L{self.numbers}"), self.clock()
        return await self.links.make(
            PersonalLink(link, purpose, case.id, created_at=at, expires_at=at + timedelta(30), **facts)
        )


@pytest.fixture
async def portal(fresh_sqlite_url: str) -> AsyncIterator[Portal]:
    database, clock, changes = await seeded(fresh_sqlite_url), FakeClock(NOW), list[str]()
    agreements = Agreements(Library(), SqlDocuments(database))
    orders = Orders(Engine(SqlCaseRepository(database), Announcements(), clock, new_id, agreements.draw_up))
    links = SqlPersonalLinks(database, "secret")
    app = FastAPI(openapi_url=None)
    site(database, orders, links, agreements, clock, changes).answer_in(app)
    async with a_browser(app) as browser:
        files = ApplicationFiles(SqlAttachments(database, new_id), SqlQueries(database), links, clock, new_id)
        yield Portal(database, clock, orders, links, agreements, app, browser, files, changes)
    await database.close()


def site(database, orders, links, agreements, clock, changes) -> Site:
    def changed() -> None:
        changes.append("changed")

    registrar = SqlRegistrar(database, new_id)
    gate = Gate(database, "secret", clock)
    pages = Pages(preferred, status_of, ApiWords(SqlQueries(database)))
    files = ApplicationFiles(SqlAttachments(database, new_id), SqlQueries(database), links, clock, new_id)
    applications = ApplicationSteps(Applications(orders.engine, links), changed, Uploads(files, "secret"))
    parts = (
        FileLinks(files),
        ApplicationPages(pages, applications, gate, new_key),
        AgreementPages(pages, agreements.library),
        NoticePages(pages, retention_with({})),
        FollowPages(pages, applications, agreements, gate),
        SigningPages(pages, applications, agreements, LinkConfirm()),
        ReadingPages(pages, DrawnPapers(), DocumentLinks(registrar, links, clock, new_id)),
    )
    return Site(pages, [route for part in parts for route in part.routes()])
