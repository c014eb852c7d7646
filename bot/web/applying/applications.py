"""The pages where an organisation applies to become a customer or an agent."""

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from starlette.routing import Route

from bot.web.addresses import FORMS, START_LINK, staying
from bot.web.applying.application_fields import AskedFields, ready
from bot.web.applying.drafts import Draft
from bot.web.applying.steps import ApplicationSteps
from bot.web.applying.uploads import BROUGHT, gone
from bot.web.field_refusals import fields_of
from bot.web.forms import Values, read_form_with_file
from bot.web.gate import Gate
from bot.web.pages import Pages
from bot.web.problems import Hindered, VisitProblem
from core.api import AUTHORITY, TRAITS, Apply, Flow, FormKey, KeyReused, OrderError, Surface, application_flow
from notifications.texts import say

ADDRESSES = {path: application_flow(of) for of, path in FORMS.items()}
SENT = "/ansok/tack"
NUMBER = re.compile(r"A-[0-9A-Z]{7}")
SENT_LINKS = (START_LINK,)
KEY = re.compile(r"[\w-]{16,64}")
# People do not see this field; programs that fill in everything do.
TRAP = "website"


def new_key() -> str:
    """Return what a form carries so that it is sent in once."""
    return secrets.token_urlsafe(24)


@dataclass(frozen=True)
class ApplicationPages:
    """Shows the form, keeps what was typed while it is changed, and sends it in once."""

    pages: Pages
    applications: ApplicationSteps
    gate: Gate
    new_key: Callable[[], str]

    def routes(self) -> Sequence[Route]:
        """Return the addresses."""
        return [
            *(Route(path, self.empty) for path in ADDRESSES),
            *(Route(path, self.typed, methods=["POST"]) for path in ADDRESSES),
            Route(SENT + "/{number}", self.sent),
        ]

    async def empty(self, request: Request) -> Response:
        """Return the form as it is before anything is typed, with the key that lets it be sent in once."""
        return await self._form(request, Draft(_flow(request), {}), {"token": self.new_key()})

    async def typed(self, request: Request) -> Response:
        """Change the form, or send it in."""
        values, file = await read_form_with_file(request, AUTHORITY)
        draft = Draft.typed(_flow(request), values)
        changed = draft.doing(values.get("do", ""))
        if values.get(TRAP):
            return await self._form(request, changed or draft, values, {} if changed else {TRAP: "filled"})
        if changed is None or file is not None:
            await self.gate.pass_through(request)
        place = FormKey(values.get("token", "") if file is None else _key(values))
        wrong = await self.applications.uploads.take(request, place, file, values.get("do", ""))
        if changed is not None or wrong:
            return await self._form(request, changed or draft, values, wrong)
        return await self._send(request, draft.without_empty(), values, has_file=file is not None)

    async def sent(self, request: Request) -> Response:
        """Says that it arrived, and its number."""
        number = request.path_params["number"]
        if not NUMBER.fullmatch(number):
            raise Hindered(VisitProblem.NOT_FOUND)
        return self.pages.show(request, "message.html", area="web.sent", values={"number": number}, links=SENT_LINKS)

    async def _send(self, request: Request, draft: Draft, values: Values, *, has_file: bool) -> Response:
        form = draft.form(self.pages.language(request))
        has_file = has_file or bool(values.get(BROUGHT))
        try:
            case = await self.applications.apply(Apply(draft.flow, form, _key(values), Surface.WEB, has_file=has_file))
        except KeyReused as refusal:
            return self._sent_before(request, str(refusal.facts["case"]))
        except OrderError as refusal:
            if (wrong := fields_of(refusal)) is None:
                raise
            return await self._form(request, draft, values, wrong)
        # Whoever reloads the page that comes next sends nothing again.
        return RedirectResponse(staying(request, f"{SENT}/{case.id}"), 303)

    def _sent_before(self, request: Request, number: str) -> Response:
        # Whoever went back and changed something, when the form had been sent.
        links = [(request.url.path, "web.way.form"), START_LINK]
        return self.pages.show(
            request, "message.html", 409, area="web.sent_before", values={"number": number}, links=links
        )

    async def _form(
        self, request: Request, draft: Draft, values: Values, wrong: Mapping[str, str] | None = None
    ) -> Response:
        language, key = self.pages.language(request), values.get("token", "")
        file = await self.applications.uploads.attached(FormKey(key))
        wrong = {**gone(values, file), **(wrong or {})}
        asking = AskedFields(draft, partial(say, language), wrong, file=file)
        kept: dict[str, object] = {"token": key, "trapped": values.get(TRAP, ""), "attached": asking.attached(language)}
        kept |= {
            "brought": BROUGHT if file else "",
            "ready": ready(draft.flow),
            "agreement": TRAITS[draft.flow].agreement.value,
        }
        area = f"web.apply.{draft.flow}"
        return self.pages.show(request, "apply.html", 422 if wrong else 200, asking=asking, area=area, **kept)


def _flow(request: Request) -> Flow:
    return ADDRESSES[request.url.path]


def _key(values: Values) -> str:
    key = values.get("token", "")
    if not KEY.fullmatch(key):
        raise Hindered(VisitProblem.WRONG)
    return key
