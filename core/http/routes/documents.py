"""The documents that an organisation's agreements are, over HTTP: as a page and as a PDF, with the signatures below."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import HTMLResponse

from core.http.access import KeyRoute
from core.http.media_types import Gives
from core.http.ports import ClockPort, HoldingsPort, PapersPort
from core.http.problems import documented
from core.http.routes.holdings import OrganisationPath, Reader
from core.http.statuses import NoSuchEntry
from core.shared.errors import DocumentChanged, NoDocument, NoRole
from core.shared.vocabulary import AgreementType, OrganisationId, Part
from core.views.holdings import DOCUMENT_READERS, HeldDocument, in_force

routes = APIRouter(route_class=KeyRoute, prefix="/organisations", tags=["Organisations"])

PDF = "application/pdf"
Wanted = Annotated[
    str | None,
    Query(
        alias="hash",
        description="The SHA-256 of an agreement's document, as the list of agreements says: an earlier one is read "
        "by it. None: of the agreement that is in force, else of the latest.",
        pattern=r"^[0-9a-f]{64}$",
    ),
]
REFUSES = documented(NoRole, NoSuchEntry, NoDocument, DocumentChanged)
AS_PAGE: dict[int | str, dict[str, Any]] = {200: {"description": "The document.", "headers": {"Content-Language": {}}}}
AS_PDF: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The document.",
        "content": {PDF: {"schema": {"type": "string", "format": "binary"}}},
        "headers": {"Content-Language": {}, "Content-Disposition": {}},
    }
}
# A document is as it was drawn up; whoever may read it today may not tomorrow.
HEADERS = {"Content-Language": "sv", "Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}


@dataclass(frozen=True)
class HeldDocuments:
    """The documents of one organisation's agreements, for whoever may read them."""

    reader: Reader
    holdings: HoldingsPort
    now: ClockPort

    async def find(self, organisation: str, agreement: AgreementType, wanted: str | None) -> HeldDocument:
        """Return a document by its hash, None: that of the agreement in force, else of the latest.

        Raises NoSuchEntry, NoRole, NoDocument, DocumentChanged.
        """
        id_, roles = await self.reader.open(organisation)
        if not roles & DOCUMENT_READERS:
            raise NoRole(part=Part.CUSTOMER_ADMINISTRATOR, organisation=id_)
        return await self.holdings.document(await self._hash(id_, agreement, wanted))

    async def _hash(self, organisation: OrganisationId, agreement: AgreementType, wanted: str | None) -> str:
        """Of a document that is one of the organisation's own. Raises NoDocument."""
        held = await self.holdings.agreements(organisation)
        if wanted is None:
            meant = in_force(held, agreement, self.now())
        else:
            meant = next((each for each in held if each.type is agreement and each.hash == wanted), None)
        if meant is None or meant.hash is None:
            raise NoDocument
        return meant.hash


DocumentsHeld = Annotated[HeldDocuments, Depends()]


@routes.get(
    "/{organisation}/agreements/{agreement}/document.html",
    summary="Read an agreement",
    responses=REFUSES | AS_PAGE,
    response_class=HTMLResponse,
    dependencies=[Depends(Gives("text/html"))],
)
async def read_page(
    documents: DocumentsHeld,
    papers: PapersPort,
    organisation: OrganisationPath,
    agreement: AgreementType,
    wanted: Wanted = None,
) -> Response:
    """The document as a page, in Swedish, the language of what is signed, and who has signed it, when and how.

    A person's key reads as administrator, agreement contact or signatory of its own organisation; Inera's read any.
    """
    document = await documents.find(organisation, agreement, wanted)
    return HTMLResponse(papers.page(document), headers=HEADERS)


@routes.get(
    "/{organisation}/agreements/{agreement}/document.pdf",
    summary="Read an agreement as a PDF",
    responses=REFUSES | AS_PDF,
    response_class=Response,
    dependencies=[Depends(Gives(PDF))],
)
async def read_pdf(
    documents: DocumentsHeld,
    papers: PapersPort,
    organisation: OrganisationPath,
    agreement: AgreementType,
    wanted: Wanted = None,
) -> Response:
    """The same as a PDF; each page says which version it is of, and its SHA-256."""
    document = await documents.find(organisation, agreement, wanted)
    named = {"Content-Disposition": f'inline; filename="{document.version}-{document.case}.pdf"'}
    return Response(await papers.pdf(document), media_type=PDF, headers=HEADERS | named)
