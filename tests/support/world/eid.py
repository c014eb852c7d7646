"""A small e-identification: a service over HTTP where people say who they are, and the method that speaks with it."""

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web

from core.ports.identity import Identified
from core.shared.errors import NotIdentified

KEY = "the-customers-key-at-the-service"


@dataclass
class Service:
    """Gives each attempt an address; who opens it as somebody is sent back with a code, which answers once."""

    url: str = ""
    attempts: dict[str, str] = field(default_factory=dict)
    codes: dict[str, tuple[str, str]] = field(default_factory=dict)

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes(
            [web.post("/begin", self.begin), web.get("/login/{page}", self.login), web.post("/answer", self.answer)]
        )
        return app

    async def begin(self, request: web.Request) -> web.Response:
        _check(request)
        page = secrets.token_urlsafe(8)
        self.attempts[page] = (await request.json())["attempt"]
        return web.json_response({"address": f"{self.url}/login/{page}"})

    async def login(self, request: web.Request) -> web.Response:
        """What the person's browser does, with the e-ID in the hand."""
        attempt = self.attempts.pop(request.match_info["page"], None)
        if attempt is None:
            raise web.HTTPNotFound
        code = secrets.token_urlsafe(8)
        self.codes[code] = (attempt, request.query["as"])
        return web.json_response({"code": code})

    async def answer(self, request: web.Request) -> web.Response:
        _check(request)
        found = self.codes.pop((await request.json())["code"], None)
        if found is None:
            raise web.HTTPForbidden
        return web.json_response({"attempt": found[0], "subject": found[1]})


def _check(request: web.Request) -> None:
    if request.headers.get("Authorization") != f"Bearer {KEY}":
        raise web.HTTPUnauthorized


@dataclass(frozen=True)
class HttpMethod:
    """Implements core.ports.cases.EidMethod over the service."""

    url: str
    name: str = "testid"

    async def begin(self, attempt: str) -> str:
        return (await self._post("/begin", {"attempt": attempt}))["address"]

    async def complete(self, answer: Mapping[str, str]) -> Identified:
        found = await self._post("/answer", {"code": answer.get("code", "")})
        return Identified(found["attempt"], found["subject"])

    async def _post(self, path: str, body: Mapping[str, str]) -> Mapping[str, str]:
        headers = {"Authorization": f"Bearer {KEY}"}
        async with aiohttp.ClientSession(self.url, headers=headers) as session, session.post(path, json=body) as answer:
            if answer.status == web.HTTPForbidden.status_code:
                raise NotIdentified
            answer.raise_for_status()
            return await answer.json()


@asynccontextmanager
async def eid_service() -> AsyncIterator[HttpMethod]:
    """The service at work on a port of its own, and the method that knows it."""
    service = Service()
    runner = web.AppRunner(service.app())
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    service.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield HttpMethod(service.url)
    finally:
        await runner.cleanup()


async def identify(address: str, subject: str) -> Mapping[str, str]:
    """Open the address as somebody; what the browser then comes back to us with."""
    async with aiohttp.ClientSession() as session, session.get(address, params={"as": subject}) as answer:
        answer.raise_for_status()
        return await answer.json()
