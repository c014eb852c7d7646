"""The order form as it stands: what it offers, what is filled in, and what has been read from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from core.api import (
    NO_CONTACT,
    CaseId,
    EarlierConnection,
    OfferChoice,
    OfferId,
    OrganisationId,
    Revision,
    TechnicalContact,
)

Named = tuple[OrganisationId, str]
Earlier = tuple[EarlierConnection, str]


@dataclass(frozen=True)
class OrderFormState:
    """What the form offers and what is filled in so far, so that it can be drawn anew when a choice changes.

    `offers` are those of the chosen organisation, `agents` those of the chosen offer; more than a hundred of either
    become a menu that asks while people type. `org_number` is the organisation's, empty where it is personal. `units`
    is what stands in each field for care units. `today` decides which prices hold. `again` is the order that this one
    is filled in from, and `left_out` names its units that have the same already. `has_service` is True for a customer
    that has the service already. `earlier` is what units have of it in other ways, with the name of each one's agent,
    so that what becomes of it is asked, `existing_asked` the sentence that says so, and `existing` what was chosen.
    With `existing_offered` the choice is there before anybody asks, where a form cannot be drawn anew.
    """

    organisations: Sequence[Named]
    today: date
    organisation: OrganisationId | None = None
    offers: Sequence[OfferChoice] = ()
    offer: OfferChoice | None = None
    agents: Sequence[Named] = ()
    agent: Named | None = None
    units: Sequence[str] = ()
    invoice_ref: str = ""
    desired_start: date | None = None
    technical_contact: TechnicalContact = NO_CONTACT
    comment: str = ""
    terms_accepted: bool = False
    org_number: str = ""
    again: CaseId | None = None
    left_out: Sequence[str] = ()
    has_service: bool = False
    earlier: Sequence[Earlier] = ()
    existing_asked: str = ""
    existing_offered: bool = False
    existing: str = ""

    @property
    def chosen(self) -> OrganisationId | None:
        """Return the organisation ordered for: the chosen one, or the only one."""
        return self.organisation or (self.organisations[0][0] if len(self.organisations) == 1 else None)


@dataclass(frozen=True)
class OrderAnswers:
    """What the form says, as the core's PlaceOrder takes it."""

    organisation: OrganisationId
    offer: OfferId
    fields: Revision
    terms_accepted: bool


@dataclass(frozen=True)
class OrderChoices:
    """What is chosen and typed so far, whether or not it makes an order: what the form is drawn anew from."""

    organisation: OrganisationId | None
    offer: OfferId | None
    agent: OrganisationId | None
