"""The HTTP API: an application of its own, to be mounted at /api/v1, and the signs of life beside it."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse

from core.http import description as about_routes
from core.http.description import CONTACT, LICENCE, complete
from core.http.docs_page import docs_routes
from core.http.health import HealthChecks, health
from core.http.media_types import JSON, Gives, json_body
from core.http.ports import ApiPorts
from core.http.preferences import preferred
from core.http.problems import Problems, ProblemWords
from core.http.protocol import BodyLimit, HeadAsGet, once_each
from core.http.routes import applications as application_routes
from core.http.routes import documents as document_routes
from core.http.routes import holdings as holding_routes
from core.http.routes import orders as order_routes
from core.http.routes import register as register_routes
from core.http.routes import roles as role_routes
from core.http.statuses import status_of
from core.http.turned_away import TurnedAway

__all__ = ["PREFIX", "ApiPorts", "HealthChecks", "ProblemWords", "api", "health", "preferred", "status_of"]

PREFIX = "/api/v1"
# The longest order, two hundred units and three long texts, is about a tenth of this.
MAX_BODY = 1_000_000
ABOUT = """
Orders of Inera's services, for systems of customers and agents, and the register behind them, for Inera's operator.

**Keys.** Every request carries `Authorization: Bearer kp_…`. A key belongs to one person in one organisation and
places, reads, completes and withdraws as that person; the operator's key keeps the register and reads every order. No
key approves or attests.

Applications to become a customer or an agent are sent in and read here too; people decide and sign them.

**What you see** depends on your side of an order: the customer's costs, names and invoice reference are hidden from
the agent, and the agent's from the customer.

**Errors** are problem documents (RFC 9457) with a stable `code`; sentences come in the language of `Accept-Language`
(sv, en), and what each `type` means stands at its address. A query parameter given more than once is refused.

**HEAD** is answered wherever GET is, with the same headers. Bodies are JSON, and so are answers, documents aside:
another `Content-Type` is refused, and so is an `Accept` that leaves out what the address answers with.

**Words** are those of Inera's routines. Money is whole öre excluding VAT, instants are UTC, days are Swedish.
"""


def api(ports: ApiPorts, words: ProblemWords) -> FastAPI:
    """The API as an application; `mount` it. `PREFIX/openapi.json` describes it, and `PREFIX/docs` in a browser.

    Of the ports, `changed` is called when an order, or whose an account is, has changed, so that people may be told;
    `refused` when a wish about an order was refused, so that it may be noted beside the answer. `beside` starts work
    that no answer waits for.
    """
    app, parts, page = _application(), _parts(), docs_routes()
    app.state.ports = ports
    app.add_middleware(BodyLimit, limit=MAX_BODY)
    app.add_middleware(HeadAsGet)
    app.state.problems = Problems(
        words,
        [*page, *(route for part, _ in parts for route in part.routes)],
        TurnedAway(ports.keys, ports.beside, ports.now).answered,
    )
    app.state.problems.answer_for(app)
    for part, dependencies in parts:
        app.include_router(part, dependencies=dependencies)
    # Plain routes: whoever reads needs no key.
    app.router.routes.extend(page)
    _describe(app)
    return app


def mount(app: FastAPI, api: FastAPI) -> None:
    """Let a web application answer with the API at `PREFIX`, and with a problem document where it has no address."""
    app.mount(PREFIX, api)
    problems: Problems = api.state.problems
    problems.answer_elsewhere(app)


def _application() -> FastAPI:
    return FastAPI(
        title=about_routes.NAME,
        version=about_routes.VERSION,
        description=ABOUT,
        contact=CONTACT,
        license_info=LICENCE,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False},
    )


def _parts() -> Sequence[tuple[APIRouter, list[Any]]]:
    """The routes, and what each request of theirs meets first: who asks comes before what is asked for."""
    gives_json = Depends(Gives(JSON))
    seen, asked = [Depends(once_each)], [Depends(once_each), Depends(json_body), gives_json]
    return (
        (order_routes.routes, asked),
        (application_routes.routes, asked),
        (holding_routes.routes, asked),
        # Pages and PDFs, each of which says so itself.
        (document_routes.routes, seen),
        (register_routes.routes, asked),
        (role_routes.routes, asked),
        (about_routes.routes, [gives_json]),
    )


def _describe(app: FastAPI) -> None:
    """Complete the OpenAPI document with what no route says, and keep it as it is sent."""
    plain = app.openapi

    @cache
    def whole() -> dict[str, Any]:
        return complete(plain())

    @cache
    def written(below: str) -> bytes:
        servers: dict[str, Any] = {"servers": [{"url": below}]} if below else {}
        return bytes(JSONResponse(whole() | servers).body)

    async def described(request: Request) -> Response:
        return Response(written(request.scope["root_path"]), media_type=JSON)

    app.openapi = whole
    app.add_route("/openapi.json", described, include_in_schema=False)
