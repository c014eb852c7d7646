"""What those who build on the API send and read about applications."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, StrictBool

from core.applications.application import Contact
from core.applications.attachment import FileKind
from core.applications.form import SIGNATORIES_LIMIT, ApplicationForm
from core.http.bodies.step_bodies import StepBody, step_body
from core.register.entries import Email, Entry, LongText, OrgNumber, Text, Whole
from core.shared.vocabulary import AgreementType, CaseId, CustomerCategory, Language, Role, State
from core.views.application_view import ApplicationView
from core.views.case_view import CaseView


class ContactBody(Entry):
    """Somebody named in an application, who is written to by mail."""

    name: Text = Field(description="The person's name.", examples=["Anna Berg"])
    email: Email

    def contact(self) -> Contact:
        """The contact as the core knows it."""
        return Contact(self.name, self.email)


class ApplicationBody(Entry):
    """An application to become a customer or an agent."""

    agreement: AgreementType = Field(description="What is applied for: kundavtal (customer) or agentavtal (agent).")
    organisation: Text = Field(description="The organisation's name.", examples=["Region Exempel"])
    org_number: OrgNumber
    category: CustomerCategory | None = Field(
        default=None, description="The customer category; needed for a kundavtal, ignored for an agentavtal."
    )
    invoice_address: Annotated[LongText, Field(min_length=1)] = Field(description="Where invoices go.")
    invoice_ref: Text = Field(description="What they are marked with.", examples=["REF-4711"])
    administrator: ContactBody = Field(description="Who adds people and roles once the agreement is signed.")
    signatories: list[ContactBody] = Field(
        min_length=1, max_length=SIGNATORIES_LIMIT, description="Who may sign for the organisation."
    )
    signatures_needed: Annotated[int, Whole(1, SIGNATORIES_LIMIT)] = Field(
        default=1, description="How many of the signatories must sign; two where they sign jointly."
    )
    agreement_contact: ContactBody = Field(description="Who is told of changes of the agreement.")
    terms_accepted: StrictBool = Field(description="That the terms are read and accepted: must be true.")
    language: Language = Field(default=Language.SV, description="The language of mails and of the agreement.")

    def form(self) -> ApplicationForm:
        """The form as the core takes it."""
        return ApplicationForm(
            organisation=self.organisation,
            org_number=self.org_number,
            category=self.category,
            invoice_address=self.invoice_address,
            invoice_ref=self.invoice_ref,
            administrator=self.administrator.contact(),
            signatories=tuple(each.contact() for each in self.signatories),
            signatures_needed=self.signatures_needed,
            agreement_contact=self.agreement_contact.contact(),
            terms_accepted=self.terms_accepted,
            language=self.language,
        )


class NamedBody(BaseModel):
    """Somebody named in an application, and in which role."""

    role: Role = Field(description="In which role.")
    name: str = Field(description="The person's name.")
    email: str = Field(description="The address written to.")
    has_signed: bool = Field(description="Whether a signatory has signed; false for others.")
    is_user: bool = Field(description="Whether the address is a user's already; false for others than Inera.")
    has_left: bool = Field(
        description="Whether that user has left, and comes back by this; false for others than Inera."
    )


class FileBody(BaseModel):
    """A file that came with an application, unopened."""

    media_type: FileKind = Field(description="What it is by its first bytes.")
    size: int = Field(description="How many bytes it has.", ge=1)
    sent_at: datetime = Field(description="When it came, in UTC.")


class ApplicationRead(BaseModel):
    """An application as the key may see it."""

    id: str = Field(description="The application's number, as people read it.", examples=["A-7GKX2QP"])
    agreement: AgreementType = Field(description="What is applied for.")
    state: State = Field(description="Where it is.")
    is_open: bool = Field(description="Whether something can still happen to it.")
    content_version: int = Field(description="Raised when the applicant changes it.", ge=1)
    organisation: str = Field(description="The organisation's name.")
    org_number: str | None = Field(description="Ten digits; null for a sole trader, whose number is a personnummer.")
    category: CustomerCategory | None = Field(description="The customer category.")
    invoice_address: str | None = Field(description="Where invoices go; null for a sole trader.")
    invoice_ref: str = Field(description="What they are marked with.")
    named: list[NamedBody] = Field(description="Administrator, signatories and agreement contact.")
    signatures_needed: int = Field(description="How many signatories must sign.", ge=1)
    document_version: str | None = Field(description="The version of the agreement, once the application is approved.")
    language: Language = Field(description="The language of mails and of the agreement.")
    sent_in_at: datetime = Field(description="When it was sent in, in UTC.")
    waiting_since: datetime = Field(description="Since when it has been in its state, in UTC.")
    due_at: datetime | None = Field(description="When the clock next does something about it, in UTC.")
    closed_at: datetime | None = Field(description="When it was closed, in UTC; null while it is open.")
    registered_as: str | None = Field(
        description="The name that the register has for the number already; null for others than Inera."
    )
    has_agreement: bool = Field(description="Whether that organisation has the agreement; false for others than Inera.")
    others: list[CaseId] = Field(
        description="Other open applications with the number, at most five: what waits at customer service first, and "
        "of that what has waited longest. Empty for others than Inera."
    )
    is_new_administrator: bool = Field(
        description="Whether that organisation is known, and is not administered by the one named; false for "
        "others than Inera."
    )
    administrators: list[str] = Field(
        description="Who administers that organisation today, by name; empty for others than Inera."
    )
    file: FileBody | None = Field(
        description="The file that proves that the signatories may sign, which customer service fetches from it; "
        "null for others than Inera, and where none came."
    )
    steps: list[StepBody] = Field(description="The steps in order: decided, current, coming.")


class ApplicationPage(BaseModel):
    """A page of applications, the newest first."""

    items: list[ApplicationRead] = Field(description="The applications.")
    next: str | None = Field(description="The `cursor` of the next page; null on the last.")


def application_read(view: CaseView, one: ApplicationView) -> ApplicationRead:
    """The view of an application, as the API shows it."""
    signed = {each.email for each in one.signed}
    return ApplicationRead(
        id=view.case,
        agreement=one.agreement,
        state=view.state,
        is_open=view.is_open,
        content_version=view.content_version,
        organisation=one.organisation,
        org_number=one.org_number,
        category=one.category,
        invoice_address=one.invoice_address,
        invoice_ref=one.invoice_ref,
        named=[
            NamedBody(
                role=role,
                name=each.name,
                email=each.email,
                has_signed=role is Role.SIGNATORY and each.email in signed,
                is_user=each.email in one.known,
                has_left=each.email in one.left,
            )
            for role, each in one.contacts
        ],
        signatures_needed=one.signatures_needed,
        document_version=one.document_version,
        language=one.language,
        sent_in_at=view.ordered_at,
        waiting_since=view.waiting_since,
        due_at=view.due_at,
        closed_at=view.closed_at,
        registered_as=one.registered_as,
        has_agreement=one.has_agreement,
        others=[each.case for each in one.others],
        is_new_administrator=one.is_new_administrator,
        administrators=list(one.administrators),
        file=one.file and FileBody(media_type=one.file.kind, size=one.file.size, sent_at=one.file.sent_at),
        steps=[step_body(step) for step in view.steps],
    )
