"""The sandbox as a web application: Slack's side for the app, the page's side for people and tests."""

import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.middleware.trustedhost import TrustedHostMiddleware
from fastapi.responses import FileResponse, JSONResponse
from fastapi.staticfiles import StaticFiles

from bot.sandbox.box import Box, Speaking
from bot.sandbox.config import SandboxConfig
from bot.sandbox.control_api import control_api
from bot.sandbox.interactions.sockets import socket_pages
from bot.sandbox.page_api import page_api
from bot.sandbox.refusals import NotThere
from bot.sandbox.slack_api.oauth_methods import oauth_pages
from bot.sandbox.slack_api.responses import response_urls
from bot.sandbox.slack_api.web_api import web_api
from bot.sandbox.world.world import Clock

PAGE = Path(__file__).parent / "page"


def create_app(
    config: SandboxConfig,
    clock: Clock = time.time,
    mail: socket.socket | None = None,
    speaking: Speaking | None = None,
) -> FastAPI:
    """Make a sandbox with nothing in it yet. The clock gives epoch seconds; what the app gets is signed with them.

    `mail` is where it takes mail by SMTP, if it does. `speaking` is asked for the sandbox in the language of the
    browser that opens the page, where that is another; without it people speak as the configuration says.
    """
    box = Box(config, clock, speaking)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        post = None if mail is None else await box.mailbox.listen(mail)
        yield
        if post is not None:
            post.close()
        await box.deliveries.close()

    app = FastAPI(title="Sandbox", lifespan=lifespan)
    app.state.box = box
    app.add_exception_handler(NotThere, _not_there)
    # A page elsewhere must not reach this one through a name that leads here.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])
    sockets = socket_pages(box.deliveries.sockets)
    for router in (web_api(box), oauth_pages(box), response_urls(box), sockets, page_api(box), control_api(box)):
        app.include_router(router)
    _serve_page(app)
    return app


async def _not_there(_request: Request, refusal: Exception) -> JSONResponse:
    return JSONResponse({"error": str(refusal)}, 404)


def _serve_page(app: FastAPI) -> None:
    app.mount("/page", StaticFiles(directory=PAGE, check_dir=False), name="page")

    @app.get("/", include_in_schema=False)
    async def index() -> FileResponse:
        return FileResponse(PAGE / "index.html")
