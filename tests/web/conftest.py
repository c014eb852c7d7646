"""The site as a browser reaches it, without one."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.bodies import read_body
from bot.web import Pages, Site
from core.api import CaseNotFound
from core.http import preferred

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
    Site(Pages(preferred, PlainWords()), ROUTES).answer_in(app)
    return app


@pytest.fixture
async def browser(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://kundportal.test", headers=BROWSER) as client:
        yield client
