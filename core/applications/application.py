"""Applications of organisations to become a customer or an agent: frozen values, and what is known around one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.applications.attachment import AttachedFile
from core.shared.vocabulary import (
    AgreementType,
    CaseId,
    CustomerCategory,
    Flow,
    Language,
    OrganisationId,
    OrganisationKind,
    PersonId,
    Role,
    State,
)

# Whom an agreement is for.
KIND_OF: dict[AgreementType, OrganisationKind] = {
    AgreementType.KUNDAVTAL: OrganisationKind.CUSTOMER,
    AgreementType.AGENTAVTAL: OrganisationKind.AGENT,
}


@dataclass(frozen=True)
class Contact:
    """Somebody named in an application; `person` once the application is approved."""

    name: str
    email: str
    person: PersonId | None = None


@dataclass(frozen=True)
class DrawnUp:
    """The document that is signed: its version, and the SHA-256 of its contents in hex.

    `text` is all of it when it has just been drawn up; it is kept apart from the application.
    """

    version: str
    hash: str
    text: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True)
class Application:
    """What was applied for, and who is to do what. `category` None for agents.

    `signatures_needed` is how many of the signatories must sign ("två i förening"). `document` once it is approved.
    """

    organisation: str
    org_number: str
    category: CustomerCategory | None
    invoice_address: str
    invoice_ref: str
    administrator: Contact
    signatories: tuple[Contact, ...]
    signatures_needed: int
    agreement_contact: Contact
    language: Language = Language.SV
    document: DrawnUp | None = None

    @property
    def roles(self) -> tuple[tuple[Role, Contact], ...]:
        """Who is to have which role."""
        named = ((Role.SIGNATORY, contact) for contact in self.signatories)
        return (
            (Role.ADMINISTRATOR, self.administrator),
            *named,
            (Role.AGREEMENT_CONTACT, self.agreement_contact),
        )

    @property
    def contacts(self) -> tuple[Contact, ...]:
        """Everybody named, each address once."""
        return tuple({contact.email: contact for _, contact in reversed(self.roles)}.values())[::-1]

    def signatory(self, person: PersonId | None) -> Contact | None:
        """Return the signatory who is a person; None for others."""
        return next((contact for contact in self.signatories if person is not None and contact.person == person), None)


_NOBODY = Contact("", "")
EMPTY = Application("", "", None, "", "", _NOBODY, (), 1, _NOBODY)


@dataclass(frozen=True)
class OtherApplication:
    """An open application with the same number as another: what tells them apart."""

    case: CaseId
    flow: Flow
    state: State
    organisation: str
    administrator: Contact
    sent_in_at: datetime


@dataclass(frozen=True)
class Applying:
    """What is known around an application: the organisation with its number, other open ones, and people by e-mail.

    `has_agreement` is True where an agreement of the same type holds, or waits to be signed through another case.
    `others` are some of the other open ones, of `others_count`: first what waits at customer service, and of that what
    has waited longest. `first` is what has waited longest there of all with the number: its card tells of the others.
    `administrators` administer that organisation when the application begins to wait. `left` are the addresses of
    people who have left. `file` proves that its signatories may sign, where one came with it.
    """

    organisation: OrganisationId | None = None
    name: str | None = None
    has_agreement: bool = False
    others: tuple[OtherApplication, ...] = ()
    others_count: int = 0
    first: CaseId | None = None
    people: Mapping[str, PersonId] = field(default_factory=dict[str, PersonId])
    administrators: tuple[Contact, ...] = ()
    left: frozenset[str] = frozenset()
    file: AttachedFile | None = None

    def is_new_there(self, contact: Contact) -> bool:
        """Say whether an application names somebody whom its known organisation has not as administrator."""
        return self.organisation is not None and contact.email not in {
            administrator.email for administrator in self.administrators
        }


NOTHING_KNOWN = Applying()
