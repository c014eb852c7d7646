"""The pages that whoever publishes a site owes its visitors: on personal data, and on how accessible it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import Request, Response
from fastapi.responses import FileResponse
from starlette.routing import Route

from bot.web.pages import Pages
from bot.web.problems import Hindered, VisitProblem
from core.api import Language, Personal, Policy
from notifications.texts import counted, say

PRIVACY, ACCESSIBILITY, LOGO = "/personuppgifter", "/tillganglighet", "/logotyp"


@dataclass(frozen=True)
class NoticePages:
    """The two notices that every page leads to, and the publisher's logo. `retention` is the operator's."""

    pages: Pages
    retention: Mapping[Personal, Policy]

    def routes(self) -> Sequence[Route]:
        """Return the addresses."""
        return [Route(PRIVACY, self.privacy), Route(ACCESSIBILITY, self.accessibility), Route(LOGO, self.logo)]

    async def privacy(self, request: Request) -> Response:
        """Return what is kept of people, why, by which right, for how long, and what they can ask for."""
        language = self.pages.language(request)
        kept = [
            (say(language, f"web.privacy.kept.{policy.what}"), _period(language, policy))
            for policy in self.retention.values()
        ]
        return self.pages.show(request, "privacy.html", kept=kept)

    async def accessibility(self, request: Request) -> Response:
        """Return the accessibility statement."""
        shortcomings = self.pages.publisher.shortcomings.get(self.pages.language(request), ())
        return self.pages.show(request, "accessibility.html", shortcomings=shortcomings)

    async def logo(self, request: Request) -> Response:  # noqa: ARG002 - Starlette's signature
        """Return the publisher's logo."""
        if self.pages.publisher.logo is None:
            raise Hindered(VisitProblem.NOT_FOUND)
        return FileResponse(self.pages.publisher.logo, headers={"Cache-Control": "public, max-age=3600"})


def _period(language: Language, policy: Policy) -> str:
    period = counted(language, f"web.privacy.for.{policy.measure}", policy.keep)
    return say(language, f"web.privacy.since.{policy.since}", period=period)
