"""Documents of agreements as files: a page in HTML that needs nothing else, and a PDF."""

from bot.web.pages import TEMPLATES
from core.api import HeldDocument
from notifications.documents import SignedDocument
from notifications.documents.pdf import draw_pdf


class DrawnPapers:
    """Implements `core.ports.cases.Papers`."""

    def page(self, document: HeldDocument) -> str:
        """See core.ports.cases.Papers."""
        return TEMPLATES.get_template("paper.html").render(held=document, document=SignedDocument(document))

    async def pdf(self, document: HeldDocument) -> bytes:
        """See core.ports.cases.Papers."""
        return await draw_pdf(SignedDocument(document))
