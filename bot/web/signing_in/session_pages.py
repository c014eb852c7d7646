"""The pages of somebody's sessions: where one is signed in, and signing out, here, there or everywhere."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from starlette.routing import Route

from bot.web.addresses import staying
from bot.web.forms import button_of
from bot.web.pages import Pages
from bot.web.problems import NotSignedIn
from bot.web.signing_in.sign_in_pages import HOME
from bot.web.signing_in.visitors import SESSION, Visitors
from core.api import SessionId

SIGN_OUT, SIGNED_OUT = "/logga-ut", "/utloggad"


@dataclass(frozen=True)
class SessionPages:
    """Each person sees and ends her own."""

    pages: Pages
    visitors: Visitors

    def routes(self) -> Sequence[Route]:
        """Return the addresses."""
        return [
            Route(HOME, self.listed),
            Route(HOME, self.end, methods=["POST"]),
            Route(SIGN_OUT, self.sign_out, methods=["POST"]),
            Route(SIGNED_OUT, self.signed_out),
        ]

    async def listed(self, request: Request) -> Response:
        """Return where the person is signed in."""
        visitor = await self.visitors.signed_in(request)
        sessions = await self.visitors.sessions.of(visitor.person.id, self.visitors.now())
        return self.pages.show(request, "sessions.html", visitor=visitor, sessions=sessions)

    async def end(self, request: Request) -> Response:
        """Sign out of one browser, or of all."""
        visitor, values = await self.visitors.sent(request)
        session = None if button_of(values, "all", "end") == "all" else SessionId(values.get("session", ""))
        await self.visitors.sessions.end(visitor.person.id, session)
        if session is None or session == visitor.session.id:
            return _out(request)
        return RedirectResponse(staying(request, HOME), 303)

    async def sign_out(self, request: Request) -> Response:
        """Sign out of this browser; whoever is signed in there no more has what was asked for."""
        try:
            visitor, _ = await self.visitors.sent(request)
        except NotSignedIn:
            return _out(request)
        await self.visitors.sessions.end(visitor.person.id, visitor.session.id)
        return _out(request)

    async def signed_out(self, request: Request) -> Response:
        """Say that one is signed out."""
        return self.pages.show(request, "signed_out.html")


def _out(request: Request) -> Response:
    answer = RedirectResponse(staying(request, SIGNED_OUT), 303)
    SESSION.take(answer)
    return answer
