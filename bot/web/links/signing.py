"""The pages where a signatory reads an agreement, signs it, or declines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from starlette.routing import Route

from bot.web.addresses import START_LINK, staying
from bot.web.applying.pdf import pdf
from bot.web.applying.standing import standing
from bot.web.applying.steps import ApplicationSteps
from bot.web.field_refusals import fields_of
from bot.web.fields import AskedField, Field, FieldLook, ask
from bot.web.forms import Values, button_of, read_form
from bot.web.links.signing_methods import SigningMethod
from bot.web.pages import Pages
from bot.web.problems import Hindered, VisitProblem
from core.api import OrderError, Purpose, State, ToSign
from notifications.documents import Agreements
from notifications.mail.link_addresses import PATHS, page_of
from notifications.texts import say

PATH = page_of(Purpose.SIGN, "{token}")
DECLINE = PATH + "/avboj"
PDF = PATH + "/avtal.pdf"
DONE = PATHS[Purpose.SIGN] + "/klart/"
# How it ended, by where the case stands afterwards.
ENDS = {State.AGREEMENT_ACTIVE: "all", State.AGREEMENT_AWAITING_SIGNATURE: "one", State.AGREEMENT_DECLINED: "declined"}
# Whoever declined may want to begin anew, as a customer or as an agent.
LINKS = {"all": (START_LINK,), "one": (START_LINK,), "declined": (("/", "web.way.apply"),)}
REASON = (Field("reason", "decline_reason", FieldLook.LONG),)


@dataclass(frozen=True)
class SigningPages:
    """Behind a link to sign. Opening any of them changes nothing; a signature or a no uses the link up."""

    pages: Pages
    applications: ApplicationSteps
    agreements: Agreements
    method: SigningMethod

    def routes(self) -> Sequence[Route]:
        """Return the addresses."""
        return [
            Route(DONE + "{how}", self.done),
            Route(PATH, self.read),
            Route(PATH, self.sign, methods=["POST"]),
            Route(DECLINE, self.ask_decline),
            Route(DECLINE, self.decline, methods=["POST"]),
            Route(PDF, self.pdf),
        ]

    async def read(self, request: Request) -> Response:
        """Return the document, and what is asked to sign it."""
        return await self._show(request, await self._open(request))

    async def pdf(self, request: Request) -> Response:
        """Return the document to keep."""
        return await pdf(self.agreements, (await self._open(request)).case)

    async def sign(self, request: Request) -> Response:
        """Sign what was shown."""
        values = await read_form(request)
        waiting = await self._open(request)
        if button_of(values, "show") == "show":
            return await self._show(request, waiting, values)
        if wrong := self.method.missing(values):
            return await self._show(request, waiting, values, wrong)
        event = await self.applications.sign(_token(request), values.get("document", ""), self.method.name)
        return self._ended(request, event.after.state)

    async def ask_decline(self, request: Request) -> Response:
        """Asks why."""
        return self._show_decline(request, await self._open(request), {})

    async def decline(self, request: Request) -> Response:
        """Decline to sign, for the whole organisation."""
        values = await read_form(request)
        waiting = await self._open(request)
        if button_of(values, "show") == "show":
            return self._show_decline(request, waiting, values)
        try:
            event = await self.applications.decline(_token(request), values.get("reason", ""))
        except OrderError as refusal:
            if (wrong := fields_of(refusal)) is None:
                raise
            return self._show_decline(request, waiting, values, wrong)
        return self._ended(request, event.after.state)

    async def done(self, request: Request) -> Response:
        """Says how it ended. It knows of no agreement: the link is used up."""
        how = request.path_params["how"]
        if how not in ENDS.values():
            raise Hindered(VisitProblem.NOT_FOUND)
        return self.pages.show(request, "message.html", area=f"web.signed.{how}", values={}, links=LINKS[how])

    async def _open(self, request: Request) -> ToSign:
        return await self.applications.to_sign(_token(request))

    async def _show(
        self, request: Request, waiting: ToSign, values: Values | None = None, wrong: Mapping[str, str] | None = None
    ) -> Response:
        language = self.pages.language(request)
        return self.pages.show(
            request,
            "sign.html",
            422 if wrong else 200,
            now=standing(waiting.case),
            waiting=waiting,
            document=await self.agreements.document(waiting.case),
            aid=self.agreements.reading_aid(waiting.case, language),
            method=self.method.name,
            asked=self._ask(request, self.method.fields, values, wrong),
            pdf=_path(request) + "/avtal.pdf",
            decline=staying(request, _path(request) + "/avboj"),
        )

    def _show_decline(
        self, request: Request, waiting: ToSign, values: Values, wrong: Mapping[str, str] | None = None
    ) -> Response:
        asked = self._ask(request, REASON, values, wrong)
        back = staying(request, _path(request))
        status, now = 422 if wrong else 200, standing(waiting.case)
        return self.pages.show(request, "decline.html", status, now=now, asked=asked, back=back)

    def _ask(
        self, request: Request, fields: Sequence[Field], values: Values | None, wrong: Mapping[str, str] | None
    ) -> tuple[AskedField, ...]:
        return ask(partial(say, self.pages.language(request)), fields, values or {}, wrong or {})

    def _ended(self, request: Request, state: State) -> Response:
        return RedirectResponse(staying(request, DONE + ENDS[state]), 303)


def _token(request: Request) -> str:
    return request.path_params["token"]


def _path(request: Request) -> str:
    return page_of(Purpose.SIGN, _token(request))
