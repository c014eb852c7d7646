"""The pages where one signs in: an address, then the code of the mail that comes, or its link."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from starlette.routing import Route

from bot.web.addresses import SIGN_IN, leading_to, led_on, staying
from bot.web.fields import Field, FieldLook, ask
from bot.web.forms import Values, button_of, check_origin, read_form
from bot.web.pages import Pages
from bot.web.signing_in.steps import LINK, SignInSteps
from bot.web.signing_in.visitors import SESSION, Cookie, Visitors
from core.api import CODE_DIGITS, SIGN_IN_LASTS, BegunSession, SignInOver, WrongCode
from notifications.texts import say

CODE = SIGN_IN + "/kod"
BY_LINK = LINK + "/{token}"
# Where one sees where one is signed in, and where one comes who was not on the way to anything.
HOME, WORK = "/inloggningar", "/arbete"
# Of a browser that has asked: what asked is the same that types the code, on a page of ours.
ASKED = Cookie("__Host-sign-in", int(SIGN_IN_LASTS.total_seconds()), "strict")
EMAIL = (Field("email", "sign_in_email", FieldLook.EMAIL, "email"),)
TYPED = (Field("code", "sign_in_code", FieldLook.TEXT, "one-time-code", numeric=True),)
ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
LONGEST = 254


@dataclass(frozen=True)
class SignInPages:
    """Opening any of them signs nobody in: programs that look through mails open every link."""

    pages: Pages
    steps: SignInSteps
    visitors: Visitors

    def routes(self) -> Sequence[Route]:
        """Return the addresses."""
        return [
            Route(SIGN_IN, self.empty),
            Route(SIGN_IN, self.asked, methods=["POST"]),
            Route(CODE, self.waiting),
            Route(CODE, self.typed, methods=["POST"]),
            Route(BY_LINK, self.opened),
            Route(BY_LINK, self.pressed, methods=["POST"]),
        ]

    async def empty(self, request: Request) -> Response:
        """Return the form for an address; whoever is signed in is led on."""
        if await self.visitors.find(request) is not None:
            return RedirectResponse(led_on(request) or staying(request, WORK), 303)
        return await self._form(request, {})

    async def asked(self, request: Request) -> Response:
        """Ask for a mail. What is answered is the same for every address."""
        check_origin(request)
        values = await read_form(request)
        email = values.get("email", "")
        if button_of(values, "show") == "show":
            return await self._form(request, values)
        if not email:
            return await self._form(request, values, {"email": "required"})
        if len(email) > LONGEST or not ADDRESS.fullmatch(email):
            return await self._form(request, values, {"email": "too_long" if len(email) > LONGEST else "email"})
        if not await self.steps.can_ask():
            return await self._form(request, values)
        browser = await self.steps.ask(request, email, self.pages.preferred(request))
        # Whoever reloads the page that comes next asks for no other mail.
        answer = RedirectResponse(leading_to(staying(request, CODE), led_on(request)), 303)
        ASKED.give(answer, f"{browser}.{urlsafe_b64encode(email.encode()).decode()}")
        return answer

    async def waiting(self, request: Request) -> Response:
        """Return the form for the code, in the browser that asked."""
        return self._code(request, {})

    async def typed(self, request: Request) -> Response:
        """Sign in by the code."""
        check_origin(request)
        values = await read_form(request)
        if button_of(values, "show") == "show":
            return self._code(request, values)
        browser, _ = _held(request)
        code = re.sub(r"[\s-]", "", values.get("code", ""))
        if not (code.isascii() and code.isdecimal() and len(code) == CODE_DIGITS):
            return self._code(request, values, {"code": "digits" if code else "required"})
        try:
            begun = await self.steps.by_code(request, browser, code)
        except WrongCode as refusal:
            return self._code(request, values, {"code": refusal.code}, left=refusal.facts["left"])
        except SignInOver:
            return self._over(request)
        return await self._signed_in(request, begun)

    async def opened(self, request: Request) -> Response:
        """Return whom the link signs in, and the button that does."""
        try:
            person = await self.steps.holder(_token(request))
        except SignInOver:
            return self._over(request)
        return self.pages.show(request, "sign_in_link.html", person=person)

    async def pressed(self, request: Request) -> Response:
        """Sign in by the link."""
        check_origin(request)
        try:
            begun = await self.steps.by_link(request, _token(request))
        except SignInOver:
            return self._over(request)
        return await self._signed_in(request, begun)

    async def _signed_in(self, request: Request, begun: BegunSession) -> Response:
        """Give the browser its new session; one that it had before is ended, so that none is left behind."""
        before = await self.visitors.find(request)
        if before is not None:
            await self.visitors.sessions.end(before.person.id, before.session.id)
        answer = RedirectResponse(led_on(request) or staying(request, WORK), 303)
        SESSION.give(answer, begun.token)
        ASKED.take(answer)
        return answer

    async def _form(self, request: Request, values: Values, wrong: Mapping[str, str] | None = None) -> Response:
        can_ask = await self.steps.can_ask()
        asked = ask(partial(say, self.pages.language(request)), EMAIL, values, wrong or {})
        status = 422 if wrong else 200 if can_ask else 503
        return self.pages.show(
            request, "sign_in.html", status, asked=asked, can_ask=can_ask, has_mail=self.steps.has_mail
        )

    def _code(
        self, request: Request, values: Values, wrong: Mapping[str, str] | None = None, left: object = None
    ) -> Response:
        browser, email = _held(request)
        if not browser:
            return RedirectResponse(leading_to(staying(request, SIGN_IN), led_on(request)), 303)
        asked = ask(partial(say, self.pages.language(request)), TYPED, values, wrong or {})
        if left is not None:
            asked = tuple(replace(field, error=say(self.pages.language(request), "err.wrong_code")) for field in asked)
        again = leading_to(staying(request, SIGN_IN), led_on(request))
        status = 422 if wrong else 200
        return self.pages.show(request, "sign_in_code.html", status, asked=asked, email=email, left=left, again=again)

    def _over(self, request: Request) -> Response:
        again = leading_to(staying(request, SIGN_IN), led_on(request))
        return self.pages.show(request, "sign_in_over.html", 410, again=again)


def _token(request: Request) -> str:
    return request.path_params["token"]


def _held(request: Request) -> tuple[str, str]:
    """Return what a browser that asked holds: its secret, and the address that was typed there."""
    browser, _, typed = ASKED.read(request).partition(".")
    try:
        return browser, urlsafe_b64decode(typed).decode()
    except (Error, ValueError):
        return "", ""
