"""The pages where whoever sent in an application follows it, answers about it, and takes it back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from starlette.routing import Route

from bot.web.addresses import FORMS, staying
from bot.web.applying.application_fields import AskedFields
from bot.web.applying.drafts import Draft
from bot.web.applying.pdf import pdf
from bot.web.applying.standing import standing
from bot.web.applying.steps import ApplicationSteps
from bot.web.applying.uploads import BROUGHT, DETACH, gone
from bot.web.field_refusals import fields_of
from bot.web.forms import read_form_with_file
from bot.web.gate import Gate
from bot.web.pages import Pages
from core.api import (
    AUTHORITY,
    TRAITS,
    Action,
    ActionNotPossible,
    BroughtFile,
    Case,
    FormKey,
    OrderError,
    Part,
    Purpose,
    State,
    is_personal,
    rows,
)
from notifications.documents import Agreements
from notifications.mail.link_addresses import page_of
from notifications.texts import say

PATH = page_of(Purpose.FOLLOW, "{token}")
WITHDRAW = PATH + "/aterta"
PDF = PATH + "/avtal.pdf"
# The field of a form that says that the file which was sent before is to be taken away.
REMOVED = f"{AUTHORITY}.removed"
# Where there is an agreement to read: that of an application which came to nothing is not kept.
HAS_DOCUMENT = frozenset({State.AGREEMENT_AWAITING_SIGNATURE, State.AGREEMENT_ACTIVE, State.AGREEMENT_EXPIRED})


@dataclass(frozen=True)
class FollowPages:
    """Behind a link to follow an application. Opening any of them changes nothing."""

    pages: Pages
    applications: ApplicationSteps
    agreements: Agreements
    gate: Gate

    def routes(self) -> Sequence[Route]:
        """Return the addresses."""
        return [
            Route(PATH, self.follow),
            Route(PATH, self.answer, methods=["POST"]),
            Route(WITHDRAW, self.ask_withdraw),
            Route(WITHDRAW, self.withdraw, methods=["POST"]),
            Route(PDF, self.pdf),
        ]

    async def follow(self, request: Request) -> Response:
        """Return where the application stands, and the form where it is asked about."""
        case = await self.applications.follow(_token(request))
        return await self._show(request, case, Draft.again(case.flow, case.application))

    async def answer(self, request: Request) -> Response:
        """Change the form, or answer with it."""
        case = await self.applications.follow(_token(request))
        values, file = await read_form_with_file(request, AUTHORITY)
        if file is not None or values.get("do") == DETACH:
            values = {**values, REMOVED: "" if file is not None else "1", BROUGHT: "1" if file is not None else ""}
        draft = Draft.typed(case.flow, values)
        changed = draft.doing(values.get("do", ""))
        if changed is None or file is not None:
            await self.gate.pass_through(request)
        wrong = await self._file(request, case, file, values.get("do", ""))
        if changed is not None or wrong:
            return await self._show(request, case, changed or draft, wrong)
        return await self._answer(request, case, draft.without_empty())

    async def ask_withdraw(self, request: Request) -> Response:
        """Asks whether the application shall be taken back."""
        case = await self.applications.follow(_token(request))
        back = staying(request, _path(request))
        return self.pages.show(request, "withdraw.html", now=standing(case), back=back, can=_may(case, Action.WITHDRAW))

    async def withdraw(self, request: Request) -> Response:
        """Take the application back."""
        await self.applications.withdraw(_token(request))
        return self._done(request)

    async def pdf(self, request: Request) -> Response:
        """Return the agreement to keep, once there is one to sign."""
        return await pdf(self.agreements, await self.applications.follow(_token(request)))

    async def _answer(self, request: Request, case: Case, draft: Draft) -> Response:
        form = draft.with_number_of(case.application).form(self.pages.language(request))
        message = draft.values.get("message", "")
        form_key = self.applications.uploads.answering(_token(request)).key
        brought = BroughtFile(
            form_key, takes_away=bool(draft.values.get(REMOVED)), has_one=bool(draft.values.get(BROUGHT))
        )
        try:
            await self.applications.complete(_token(request), form, message, brought)
        except OrderError as refusal:
            if (wrong := fields_of(refusal)) is None:
                # There is nothing any more that it would be an answer to.
                await self.applications.uploads.forget(FormKey(brought.form))
                raise
            return await self._show(request, case, draft, wrong)
        return self._done(request)

    def _done(self, request: Request) -> Response:
        return RedirectResponse(staying(request, _path(request)), 303)

    async def _file(self, request: Request, case: Case, file: bytes | None, do: str) -> Mapping[str, str]:
        if file is None and do != DETACH:
            return {}
        if not _may(case, Action.ANSWER):
            # What is not asked about is as it was, whatever an old page sends.
            raise ActionNotPossible(action=Action.ANSWER, case=case.id, flow=case.flow)
        uploads = self.applications.uploads
        return await uploads.take(request, uploads.answering(_token(request)), file, do)

    async def _show(
        self, request: Request, case: Case, draft: Draft, wrong: Mapping[str, str] | None = None
    ) -> Response:
        hides_number, language = is_personal(case.application.org_number), self.pages.language(request)
        uploads = self.applications.uploads
        came = await uploads.attached(uploads.answering(_token(request)))
        # What the answer leaves attached if it is sent as it stands.
        file = came if came or draft.values.get(REMOVED) else await uploads.attached(case.id)
        wrong = {**gone(draft.values, came), **(wrong or {})}
        asking = AskedFields(draft, partial(say, language), wrong, answering=True, hides_number=hides_number, file=file)
        return self.pages.show(
            request,
            "follow.html" if not _may(case, Action.ANSWER) else "answer.html",
            422 if wrong else 200,
            now=standing(case),
            asking=asking,
            attached=asking.attached(language),
            removed=REMOVED if draft.values.get(REMOVED) else "",
            brought=BROUGHT if came else "",
            pdf=_path(request) + "/avtal.pdf" if case.state in HAS_DOCUMENT else None,
            anew=FORMS[TRAITS[case.flow].agreement],
            withdraw=staying(request, _path(request) + "/aterta") if _may(case, Action.WITHDRAW) else None,
        )


def _may(case: Case, action: Action) -> bool:
    return any(row.does is action for row in rows(case.flow, case.state) if row.who is Part.APPLICANT)


def _token(request: Request) -> str:
    return request.path_params["token"]


def _path(request: Request) -> str:
    return page_of(Purpose.FOLLOW, _token(request))
