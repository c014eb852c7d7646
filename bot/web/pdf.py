"""An application's agreement as a file to keep."""

from fastapi import Response
from starlette.concurrency import run_in_threadpool

from bot.web.headers import FOR_DOCUMENTS
from core.api import Case
from notifications.documents import Agreements
from notifications.documents.pdf import pdf_of


async def pdf(agreements: Agreements, case: Case) -> Response:
    """The agreement as it was drawn up. Raises DocumentChanged where there is none."""
    document = await agreements.document(case)
    drawn = await run_in_threadpool(pdf_of, document)
    name = f"{document.version}-{case.id}.pdf"
    headers = FOR_DOCUMENTS | {"Content-Disposition": f'inline; filename="{name}"'}
    return Response(drawn, media_type="application/pdf", headers=headers)
