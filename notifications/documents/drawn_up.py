"""The agreements of applications: drawn up when an application is approved, and found again to be read and signed."""

from dataclasses import dataclass

from core.api import AGREEMENT_OF, Case, DocumentChanged, Documents, DrawnUp, Language, is_personal
from notifications.documents.agreement import Document, Facts, draw_up, filled
from notifications.documents.library import Library


@dataclass(frozen=True)
class Agreements:
    """Draws up agreements from a library of texts; once drawn up they are kept, whatever becomes of the library."""

    library: Library
    documents: Documents

    def draw_up(self, case: Case) -> DrawnUp:
        """What the signatories of an application will sign: the newest version, and the hash of its text."""
        document = draw_up(self.library, AGREEMENT_OF[case.flow], facts_of(case))
        return DrawnUp(document.version, document.hash, document.text)

    async def document(self, case: Case) -> Document:
        """The document of an application that was approved, as it was drawn up. Raises DocumentChanged without one."""
        drawn_up = case.application.document
        if drawn_up is None:
            raise DocumentChanged(case=case.id)
        return Document(drawn_up.version, await self.documents.text(drawn_up.hash))

    def reading_aid(self, case: Case, language: Language) -> Document | None:
        """The same in another language, to be read and not signed; None where there is none."""
        drawn_up = case.application.document
        if drawn_up is None or language is Language.SV or not self.library.has(drawn_up.version, language):
            return None
        return filled(self.library, drawn_up.version, facts_of(case), language)


def facts_of(case: Case) -> Facts:
    """What an application says that stands in its agreement."""
    sent = case.application
    return Facts(
        number=case.id,
        organisation=sent.organisation,
        org_number=None if is_personal(sent.org_number) else sent.org_number,
        category=sent.category,
        invoice_address=sent.invoice_address,
        invoice_ref=sent.invoice_ref,
        administrator=sent.administrator.name,
        agreement_contact=sent.agreement_contact.name,
        signatories=tuple(each.name for each in sent.signatories),
        signatures_needed=sent.signatures_needed,
    )
