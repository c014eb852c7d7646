"""The site: the pages' addresses, and a helpful page for whatever goes wrong on the way to one."""

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, RedirectResponse
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.server.serving import AnswerHeaders, BodyTooLarge, BodyTooSlow, InTurn
from bot.web.addresses import to_sign_in
from bot.web.headers import HEADERS
from bot.web.pages import Pages
from bot.web.problems import Hindered, NotSignedIn, VisitProblem, problem_at
from core.api import OrderError

log = logging.getLogger(__name__)

STATIC = Path(__file__).parent / "static"
# From one page to the next: some three hundred a second, each drawn in one to three milliseconds.
APART_SECONDS = 0.003


@dataclass(frozen=True)
class Site:
    """All pages together. `routes` are those of its parts."""

    pages: Pages
    routes: Sequence[Route] = ()

    def answer_in(self, app: FastAPI) -> None:
        """Let an application answer with these pages wherever it has no address of its own."""
        site = self._application()
        site.router.default = self._nowhere(app.router.default)
        # Not mounted at "/", which would also take what an address of the application has no method for.
        app.router.default = AnswerHeaders(InTurn(site, APART_SECONDS), HEADERS)

    def _application(self) -> Starlette:
        own = [Route("/", self._start), *(Route(f"/{name}", _static) for name in ("portal.css", "portal.svg"))]
        site = Starlette(routes=[*own, *self.routes])
        site.router.redirect_slashes = False
        site.add_exception_handler(HTTPException, self._http)
        site.add_exception_handler(OrderError, self._refused)
        site.add_exception_handler(Hindered, self._hindered)
        site.add_exception_handler(NotSignedIn, _signing_in)
        site.add_exception_handler(BodyTooLarge, self._too_large)
        site.add_exception_handler(BodyTooSlow, self._too_slow)
        site.add_exception_handler(ClientDisconnect, self._hung_up)
        site.add_exception_handler(Exception, self._failed)
        return site

    def _nowhere(self, plain: ASGIApp) -> ASGIApp:
        """Return what has no address: a page for a browser, and for other programs what they got before."""

        async def nowhere(scope: Scope, receive: Receive, send: Send) -> None:
            for_people = scope["type"] == "http" and "text/html" in Request(scope).headers.get("accept", "")
            page = self.pages.problem(Request(scope), VisitProblem.NOT_FOUND) if for_people else plain
            await page(scope, receive, send)

        return nowhere

    async def _start(self, request: Request) -> Response:
        return self.pages.show(request, "start.html")

    async def _http(self, request: Request, error: Exception) -> Response:
        raised = cast(HTTPException, error)
        response = self.pages.problem(request, problem_at(raised.status_code, otherwise=VisitProblem.WRONG))
        response.headers.update(raised.headers or {})
        return response

    async def _refused(self, request: Request, error: Exception) -> Response:
        return await self.pages.refused(request, cast(OrderError, error))

    async def _hindered(self, request: Request, error: Exception) -> Response:
        hindered = cast(Hindered, error)
        response = self.pages.problem(request, hindered.problem)
        if hindered.wait is not None:
            response.headers["Retry-After"] = str(math.ceil(hindered.wait.total_seconds()))
        return response

    async def _too_large(self, request: Request, error: Exception) -> Response:  # noqa: ARG002 - Starlette's signature
        return self.pages.problem(request, VisitProblem.TOO_LARGE)

    async def _too_slow(self, request: Request, error: Exception) -> Response:  # noqa: ARG002 - Starlette's signature
        return self.pages.problem(request, VisitProblem.TOO_SLOW)

    async def _hung_up(self, request: Request, error: Exception) -> Response:  # noqa: ARG002 - Starlette's signature
        # Nobody is left to read this.
        log.info("page_hung_up method=%s", request.method)
        return self.pages.problem(request, VisitProblem.WRONG)

    async def _failed(self, request: Request, error: Exception) -> Response:
        # Without the address, which may hold somebody's personal link.
        log.error("page_failed method=%s", request.method, exc_info=error)
        return self.pages.problem(request, VisitProblem.FAILED)


async def _signing_in(request: Request, error: Exception) -> Response:  # noqa: ARG001 - Starlette's signature
    return RedirectResponse(to_sign_in(request), 303)


async def _static(request: Request) -> Response:
    return FileResponse(STATIC / Path(request.url.path).name, headers={"Cache-Control": "public, max-age=3600"})
