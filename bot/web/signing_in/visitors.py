"""Who is behind a visit: the person who is signed in in that browser, as the register has it at this moment.

Browsers take a cookie whose name begins with `__Host-` from this host alone, over https, and for every path. SameSite
is Lax for a session: links in mails and in Slack lead into the site from elsewhere, and whoever is signed in is to be
known there. A form of another site carries none.
"""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from fastapi import Request, Response

from bot.web.forms import Values, check_origin, is_token, keyed_hash, read_form
from bot.web.pages import speak
from bot.web.problems import Hindered, NotSignedIn, VisitProblem
from core.api import SESSION_LASTS, Assurance, Now, Person, Sessions, WebSession, form_token, token_hash


class Cookie(NamedTuple):
    """A cookie that no script reads and that is sent to this host alone."""

    name: str
    seconds: int
    same_site: Literal["lax", "strict"]

    def read(self, request: Request) -> str:
        """Return what a browser holds; nothing where it holds none."""
        return request.cookies.get(self.name, "")

    def give(self, response: Response, value: str) -> None:
        """Let a browser hold a value, in place of any before."""
        response.set_cookie(
            self.name, value, max_age=self.seconds, path="/", secure=True, httponly=True, samesite=self.same_site
        )

    def take(self, response: Response) -> None:
        """Let a browser hold none any more."""
        response.delete_cookie(self.name, path="/", secure=True, httponly=True, samesite=self.same_site)


SESSION = Cookie("__Host-session", int(SESSION_LASTS.total_seconds()), "lax")


@dataclass(frozen=True)
class SignedIn:
    """Who is signed in. `form_token` stands in every form on a page for them, in the field `form_token`.

    `mark` is the same for whatever session of that person: it says whose a form is that outlasts one.
    """

    session: WebSession
    form_token: str = field(repr=False)
    mark: str = field(repr=False)

    @property
    def person(self) -> Person:
        """Return who it is."""
        return self.session.person

    @property
    def assurance(self) -> Assurance:
        """Return how sure we are of that."""
        return self.session.assurance


@dataclass(frozen=True)
class Received:
    """A form of a page of ours, and who sent it: `visitor` is None where nobody is signed in there any more.

    `is_own` says whether a page of this very session made it; another's changes nothing.
    """

    visitor: SignedIn | None
    values: Values
    is_own: bool


@dataclass(frozen=True)
class Visitors:
    """Asks the register at each visit: whoever has left, or was signed out elsewhere, is signed in no more."""

    sessions: Sessions
    now: Now
    secret_key: str = field(repr=False)

    async def find(self, request: Request) -> SignedIn | None:
        """Return who is signed in, if anybody; from then on the pages speak that person's language."""
        token = SESSION.read(request)
        session = await self.sessions.find(token_hash(token), self.now()) if token else None
        if session is None:
            return None
        speak(request, session.person)
        return SignedIn(session, form_token(token), keyed_hash(self.secret_key, "form owners", session.person.id))

    async def signed_in(self, request: Request) -> SignedIn:
        """Return who is signed in. Raises NotSignedIn, which leads to where one does, and back."""
        visitor = await self.find(request)
        if visitor is None:
            raise NotSignedIn
        return visitor

    async def sent(self, request: Request) -> tuple[SignedIn, Values]:
        """Return who sent a form, and what. Raises NotSignedIn, and Hindered for a form that is not ours."""
        form = await self.received(request)
        if form.visitor is None:
            raise NotSignedIn
        if not form.is_own:
            raise Hindered(VisitProblem.WRONG)
        return form.visitor, form.values

    async def received(self, request: Request) -> Received:
        """Return a form, whoever sent it: what was filled in outlasts a session. Raises Hindered for another site's."""
        check_origin(request)
        visitor, values = await self.find(request), await read_form(request)
        return Received(visitor, values, visitor is not None and is_token(values, visitor.form_token))
