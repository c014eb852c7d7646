"""An application's agreement as a file to keep."""

from fastapi import Response

from bot.web.headers import FOR_DOCUMENTS
from core.api import Case
from notifications.documents import Agreements
from notifications.documents.pdf import draw_pdf


async def pdf(agreements: Agreements, case: Case) -> Response:
    """Return the agreement as it was drawn up. Raises DocumentChanged where there is none."""
    document = await agreements.document(case)
    return as_pdf(await draw_pdf(document), document.version, case.id)


def as_pdf(drawn: bytes, *names: str) -> Response:
    """Return a PDF that a browser shows, named by what it holds: a version, and a number where it has one."""
    headers = FOR_DOCUMENTS | {"Content-Disposition": f'inline; filename="{"-".join(names)}.pdf"'}
    return Response(drawn, media_type="application/pdf", headers=headers)
