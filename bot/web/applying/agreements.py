"""The pages where an agreement is read before anybody applies: what is signed later, with nothing filled in."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from fastapi import Request, Response
from starlette.routing import Route

from bot.web.addresses import FORMS
from bot.web.applying.pdf import as_pdf
from bot.web.pages import Pages
from bot.web.problems import Hindered, VisitProblem
from core.api import AgreementType, Language, application_flow
from notifications.documents import Library, blank
from notifications.documents.pdf import draw_pdf
from notifications.texts import say

PATH = "/avtal/{type}"


@dataclass(frozen=True)
class AgreementPages:
    """The newest version of each agreement, as a page and as a file."""

    pages: Pages
    library: Library
    drawn: dict[str, bytes] = field(default_factory=dict[str, bytes])

    def routes(self) -> Sequence[Route]:
        """Return the addresses."""
        return [Route(PATH + ".pdf", self.pdf), Route(PATH, self.read)]

    async def read(self, request: Request) -> Response:
        """Return the text, and where it is applied for."""
        of, language = _type(request), self.pages.language(request)
        document = blank(self.library, of)
        has_aid = language is not Language.SV and self.library.has(document.version, language)
        return self.pages.show(
            request,
            "agreement.html",
            of=of.value,
            flow=application_flow(of).value,
            document=document,
            aid=blank(self.library, of, language) if has_aid else None,
            pdf=f"/avtal/{of}.pdf",
            apply=FORMS[of],
        )

    async def pdf(self, request: Request) -> Response:
        """Return the same to keep, or to hand to whoever will sign."""
        version = self.library.newest(of := _type(request))
        if version not in self.drawn:
            foot = say(Language.SV, "web.document.blank_foot", version=version)
            self.drawn[version] = await draw_pdf(blank(self.library, of), foot)
        return as_pdf(self.drawn[version], version)


def _type(request: Request) -> AgreementType:
    try:
        return AgreementType(request.path_params["type"])
    except ValueError:
        raise Hindered(VisitProblem.NOT_FOUND) from None
