"""The pages where somebody reads the agreement of an organisation, by a link made for it."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request, Response
from starlette.routing import Route

from bot.web.applying.pdf import as_pdf
from bot.web.pages import Pages
from bot.web.papers import DrawnPapers
from core.api import DocumentLinks, HeldDocument, Purpose
from notifications.documents import SignedDocument
from notifications.mail.link_addresses import page_of

PATH = page_of(Purpose.READ, "{token}")
PDF = PATH + "/avtal.pdf"


@dataclass(frozen=True)
class ReadingPages:
    """Behind a link to read by. Opening any of them changes nothing."""

    pages: Pages
    papers: DrawnPapers
    documents: DocumentLinks

    def routes(self) -> Sequence[Route]:
        """Return the addresses."""
        return [Route(PATH, self.read), Route(PDF, self.pdf)]

    async def read(self, request: Request) -> Response:
        """Return the document and its signatures, and whether the agreement holds."""
        held = await self._open(request)
        pdf = page_of(Purpose.READ, _token(request)) + "/avtal.pdf"
        return self.pages.show(request, "read.html", held=held, document=SignedDocument(held), pdf=pdf)

    async def pdf(self, request: Request) -> Response:
        """Return the same to keep."""
        held = await self._open(request)
        return as_pdf(await self.papers.pdf(held), held.version, held.case)

    async def _open(self, request: Request) -> HeldDocument:
        return await self.documents.read(_token(request))


def _token(request: Request) -> str:
    return request.path_params["token"]
