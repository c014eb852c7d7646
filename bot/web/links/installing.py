"""The pages by which an administrator installs the app in the organisation's own Slack.

Opening one changes nothing. Its form sends the browser to Slack with a word that Slack brings back: it counts once, in
that browser, for the organisation of the link.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Protocol
from urllib.parse import urlencode, urlsplit

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from starlette.routing import Route

from bot.web.forms import check_origin, read_form
from bot.web.headers import POLICY
from bot.web.pages import Pages
from bot.web.signing_in.visitors import Cookie
from core.api import (
    Asking,
    ChangeResult,
    Language,
    LinkUnknown,
    Now,
    OrderError,
    Organisation,
    OrganisationId,
    PersonId,
    Queries,
    Role,
    SetLanguage,
    language_for,
)
from notifications.mail.link_addresses import INSTALL, INSTALLED
from notifications.slack.install_links import STATE_LASTS, InstallLink, InstallLinks
from notifications.slack.port import Granted, SlackApp
from notifications.slack.slack_errors import SlackProblem
from notifications.slack.workspaces import NotInstalled, Workspaces

PATH = INSTALL + "/{token}"
# Slack leads back from elsewhere, and the browser that went there is to be known.
BROWSER = Cookie("__Host-install", int(STATE_LASTS.total_seconds()), "lax")

log = logging.getLogger(__name__)


class CodeExchange(Protocol):
    """Slack, as far as it is asked what somebody's code is good for."""

    async def exchange(self, app: SlackApp, code: str, redirect_uri: str) -> Granted:
        """Return what Slack gives for a code, once. Raise SlackProblem."""
        ...


class LanguageKeeper(Protocol):
    """Keeps which language an organisation's people are spoken to in; the core's `Administration` does."""

    async def set_language(self, command: SetLanguage) -> ChangeResult:
        """Say which. Raises NoRole for whoever does not keep the organisation."""
        ...


@dataclass(frozen=True)
class InstallWay:
    """The way to Slack and back: `url` is where the pages of this product answer."""

    app: SlackApp
    url: str


@dataclass(frozen=True)
class Installer:
    """Installs the app for organisations."""

    links: InstallLinks
    workspaces: Workspaces
    slack: CodeExchange
    way: InstallWay

    async def leave(self, link: InstallLink, browser: str) -> str:
        """Return the address at Slack to send a browser to."""
        said = {
            "client_id": self.way.app.client_id,
            "scope": ",".join(self.way.app.scopes),
            "state": await self.links.leave(link, browser),
            "redirect_uri": self.way.url + INSTALLED,
        }
        return f"{self.way.app.authorize_url}?{urlencode(said)}"

    async def install(self, link: InstallLink, code: str, language: Language) -> str:
        """Install the app and return what the workspace is called. Raise NotInstalled, SlackProblem.

        `language` is for people in that Slack who have chosen none, and whose accounts say none.
        """
        granted = await self.slack.exchange(self.way.app, code, self.way.url + INSTALLED)
        made = await self.workspaces.install(link.organisation, granted, language)
        await self.links.use_up(link)
        log.info("workspace_installed workspace=%s organisation=%s", made.id, link.organisation)
        return made.name


@dataclass(frozen=True)
class Administrators:
    """Says of which organisation somebody is an administrator at this moment, and what she reads."""

    queries: Queries
    now: Now
    keep: LanguageKeeper | None = None

    async def organisation(self, link: InstallLink) -> Organisation:
        """Return a link's organisation. Raises LinkUnknown where whoever made it is no administrator there any more."""
        found = await self.of(link.person, link.organisation)
        if found is None:
            raise LinkUnknown
        return found

    async def of(self, person: PersonId, organisation: OrganisationId) -> Organisation | None:
        """Return the organisation, where somebody is an administrator there."""
        roles = await self.queries.roles_of(Asking(person, organisation), self.now())
        named = roles.get(organisation)
        return named[0] if named is not None and Role.ADMINISTRATOR in named[1] else None

    async def language(self, link: InstallLink, place: Language | None) -> Language:
        """Return the language of whoever a link is for, in a browser that may prefer one, else Swedish."""
        return language_for(await self.queries.person_of(Asking(link.person)), place, Language.SV)

    async def begin_in(self, link: InstallLink, organisation: Organisation, language: Language) -> None:
        """Let an organisation speak a language from now on, where nobody has said which, and it can be saved now."""
        if self.keep is None or organisation.language is not None:
            return
        try:
            await self.keep.set_language(SetLanguage(Asking(link.person, organisation.id), organisation.id, language))
        except OrderError as refused:
            # The app is installed, whatever the organisation speaks.
            log.warning("language_not_begun organisation=%s error=%s", organisation.id, refused.code)


@dataclass(frozen=True)
class InstallPages:
    """Before Slack, and after it."""

    pages: Pages
    installer: Installer
    administrators: Administrators
    relocate: Callable[[], Awaitable[None]]

    def routes(self) -> Sequence[Route]:
        """Return the addresses."""
        return [Route(PATH, self.ask), Route(PATH, self.leave, methods=["POST"]), Route(INSTALLED, self.come_back)]

    async def ask(self, request: Request) -> Response:
        """Return which organisation it is for, and what the app may do there."""
        link = await self.installer.links.open(request.path_params["token"])
        organisation = await self.administrators.organisation(link)
        scopes = [scope.replace(":", "_").replace(".", "_") for scope in self.installer.way.app.scopes]
        response = self._show(request, "ask", organisation=organisation.name, scopes=scopes, until=link.expires_at)
        # Its form leads to Slack, which browsers hold against this too.
        place = urlsplit(self.installer.way.app.authorize_url)
        policy = POLICY.replace("form-action 'self'", f"form-action 'self' {place.scheme}://{place.netloc}")
        response.headers["Content-Security-Policy"] = policy
        return response

    async def leave(self, request: Request) -> Response:
        """Send the browser to Slack."""
        check_origin(request)
        await read_form(request)
        link = await self.installer.links.open(request.path_params["token"])
        await self.administrators.organisation(link)
        browser = token_urlsafe(32)
        response = RedirectResponse(await self.installer.leave(link, browser), 303)
        BROWSER.give(response, browser)
        return response

    async def come_back(self, request: Request) -> Response:
        """Install the app with what Slack sent along; whoever said no there is told that nothing has happened."""
        state, browser = request.query_params.get("state", ""), BROWSER.read(request)
        link = await self.installer.links.come_back(state, browser)
        organisation = await self.administrators.organisation(link)
        response = await self._installed(request, link, organisation)
        BROWSER.take(response)
        return response

    async def _installed(self, request: Request, link: InstallLink, organisation: Organisation) -> Response:
        code = request.query_params.get("code", "")
        if not code:
            return self._show(request, "declined", organisation=organisation.name)
        # What has not left yet a Slack that is off leaves it before another comes in its place.
        await self.relocate()
        try:
            language = await self.administrators.language(link, self.pages.preferred(request))
            workspace = await self.installer.install(link, code, language)
        except NotInstalled as refused:
            return self._show(request, refused.why, status=409, organisation=organisation.name)
        except SlackProblem as problem:
            log.warning("workspace_not_installed organisation=%s error=%s", link.organisation, problem.error)
            return self._show(request, "failed", status=502, organisation=organisation.name)
        await self.relocate()
        await self.administrators.begin_in(link, organisation, language)
        return self._show(request, "done", organisation=organisation.name, workspace=workspace)

    def _show(self, request: Request, state: str, *, status: int = 200, **said: object) -> Response:
        values: dict[str, object] = {"workspace": "", "scopes": (), "until": None} | said
        return self.pages.show(request, "install.html", status, state=state, **values)
