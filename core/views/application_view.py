"""An application as one side may know it: the applicant sees what was sent in, Inera also what is known around it."""

from typing import Annotated

from core.applications.application import Contact, OtherApplication
from core.applications.attachment import AttachedFile
from core.register.organisations import is_personal
from core.shared.disclosure import DisclosedView, Fact, ToAll
from core.shared.traits import TRAITS
from core.shared.value_objects import value
from core.shared.vocabulary import AgreementType, CaseId, CustomerCategory, Language, Role, Side, State
from core.views.record import CaseRecord


@value
class ApplicationView(DisclosedView):
    """What a card, a mail or a page shows of an application. `org_number` and `invoice_address` None for sole traders.

    `signed` are the signatories who have signed. What stands below it is for Inera: the name that the register has for
    the number, whether that organisation has the agreement already, some of the other open applications and how many
    they are, on whose card it stands where that is not its own, the addresses that belong to people already and to
    people who have left, who administers that organisation, where the application names somebody else, and the file
    that came with it.
    """

    agreement: ToAll[AgreementType]
    organisation: ToAll[str]
    org_number: ToAll[str | None]
    is_sole_trader: ToAll[bool]
    category: ToAll[CustomerCategory | None]
    invoice_address: ToAll[str | None]
    invoice_ref: ToAll[str]
    contacts: ToAll[tuple[tuple[Role, Contact], ...]]
    signatures_needed: ToAll[int]
    signed: ToAll[tuple[Contact, ...]]
    language: ToAll[Language]
    document_version: ToAll[str | None]
    document_hash: ToAll[str | None]
    registered_as: Annotated[str | None, Fact.AROUND_APPLICATION] = None
    has_agreement: Annotated[bool, Fact.AROUND_APPLICATION] = False
    others: Annotated[tuple[OtherApplication, ...], Fact.AROUND_APPLICATION] = ()
    others_count: Annotated[int, Fact.AROUND_APPLICATION] = 0
    stands_with: Annotated[CaseId | None, Fact.AROUND_APPLICATION] = None
    known: Annotated[frozenset[str], Fact.AROUND_APPLICATION] = frozenset()
    left: Annotated[frozenset[str], Fact.AROUND_APPLICATION] = frozenset()
    is_new_administrator: Annotated[bool, Fact.AROUND_APPLICATION] = False
    administrators: Annotated[tuple[str, ...], Fact.AROUND_APPLICATION] = ()
    file: Annotated[AttachedFile | None, Fact.AROUND_APPLICATION] = None

    def contact(self, email: str | None) -> Contact | None:
        """Whom an address belongs to."""
        return next((each for _, each in self.contacts if each.email == email), None)


def applied(record: CaseRecord, side: Side) -> ApplicationView:
    """Return what was applied for, for one side."""
    case = record.case
    application, around = case.application, record.applying
    personal = is_personal(application.org_number)
    signed = (application.signatory(each.person) for each in case.signatures)
    return ApplicationView(
        side=side,
        agreement=TRAITS[case.flow].agreement,
        organisation=application.organisation,
        org_number=None if personal else application.org_number,
        is_sole_trader=personal,
        category=application.category,
        invoice_address=None if personal else application.invoice_address,
        invoice_ref=application.invoice_ref,
        contacts=application.roles,
        signatures_needed=application.signatures_needed,
        signed=tuple(each for each in signed if each is not None),
        language=application.language,
        document_version=application.document and application.document.version,
        document_hash=application.document and application.document.hash,
        registered_as=around.name,
        has_agreement=around.has_agreement,
        others=around.others,
        others_count=around.others_count,
        stands_with=_stands_with(record),
        known=frozenset(around.people) - around.left,
        left=around.left,
        is_new_administrator=around.is_new_there(application.administrator),
        administrators=tuple(each.name for each in around.administrators),
        file=around.file,
    )


def _stands_with(record: CaseRecord) -> CaseId | None:
    """The application with the same number that came to customer service first, for one that waits there behind it."""
    case, first = record.case, record.applying.first
    return first if case.state is State.APPLICATION_SUBMITTED and first != case.id else None
