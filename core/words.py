"""The words of the domain as stored values; a stored word is never renamed without a migration."""

from enum import StrEnum
from typing import NewType

CaseId = NewType("CaseId", str)
PersonId = NewType("PersonId", str)
OrganisationId = NewType("OrganisationId", str)
OfferId = NewType("OfferId", str)
CardId = NewType("CardId", str)


class Flow(StrEnum):
    """The route of a case; for orders it is a property of the offer, not of the customer's wish."""

    DIRECT = "direct"
    VIA_AGENT = "via_agent"


class State(StrEnum):
    """Where a case is and whom it waits for (domain: 6.2)."""

    DRAFT = "draft"
    AWAITING_AGENT_APPROVAL = "awaiting_agent_approval"
    AWAITING_AGENT_ATTEST = "awaiting_agent_attest"
    AWAITING_CUSTOMER_ATTEST = "awaiting_customer_attest"
    AWAITING_CUSTOMER_SERVICE = "awaiting_customer_service"
    INSTRUCTIONS_SENT = "instructions_sent"
    AGENT_INFORMED = "agent_informed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Action(StrEnum):
    """What a part does to a case; the same word stands in Slack's action ids."""

    SUBMIT = "submit"
    APPROVE = "approve"
    ATTEST = "attest"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    CLAIM = "claim"
    RELEASE = "release"
    SEND_INSTRUCTIONS = "send_instructions"
    INFORM_AGENT = "inform_agent"
    EXPIRE = "expire"
    ESCALATE = "escalate"


class Asks(StrEnum):
    """What a person must add before an action counts: the modal that opens."""

    NOTHING = "nothing"
    ORDER = "order"
    CONFIRMATION = "confirmation"
    REASON = "reason"
    CERTIFICATE = "certificate"
    INSTRUCTIONS = "instructions"
    MESSAGE = "message"


class Role(StrEnum):
    """What a person is in an organisation (domain: 5.2)."""

    ADMINISTRATOR = "administrator"
    ORDERER = "orderer"
    ATTESTANT = "attestant"
    AGENT_HANDLER = "agent_handler"
    AGREEMENT_CONTACT = "agreement_contact"
    SIGNATORY = "signatory"
    CUSTOMER_SERVICE = "customer_service"
    CUSTOMER_SERVICE_LEAD = "customer_service_lead"


class Side(StrEnum):
    """The three sides of an order; the information barrier runs between them (domain: 5.4)."""

    CUSTOMER = "customer"
    AGENT = "agent"
    INERA = "inera"


class Part(StrEnum):
    """Who acts in a flow: a role on a side, or the clock."""

    ORDERER = "orderer"
    AGENT_HANDLER = "agent_handler"
    AGENT_ATTESTANT = "agent_attestant"
    CUSTOMER_ATTESTANT = "customer_attestant"
    CUSTOMER_SERVICE = "customer_service"
    CLOCK = "clock"


# Which side a part acts for, and which roles let a person play it. The clock has neither.
SIDE_OF: dict[Part, Side] = {
    Part.ORDERER: Side.CUSTOMER,
    Part.CUSTOMER_ATTESTANT: Side.CUSTOMER,
    Part.AGENT_HANDLER: Side.AGENT,
    Part.AGENT_ATTESTANT: Side.AGENT,
    Part.CUSTOMER_SERVICE: Side.INERA,
}
ROLES_OF: dict[Part, frozenset[Role]] = {
    Part.ORDERER: frozenset({Role.ORDERER}),
    Part.CUSTOMER_ATTESTANT: frozenset({Role.ATTESTANT}),
    Part.AGENT_HANDLER: frozenset({Role.AGENT_HANDLER}),
    Part.AGENT_ATTESTANT: frozenset({Role.ATTESTANT}),
    Part.CUSTOMER_SERVICE: frozenset({Role.CUSTOMER_SERVICE, Role.CUSTOMER_SERVICE_LEAD}),
}


class Surface(StrEnum):
    """Where a decision was made."""

    SLACK = "slack"
    API = "api"
    CLOCK = "clock"


class Assurance(StrEnum):
    """How sure we are of who decided (domain: 4.6)."""

    CLICK = "click"
    CLICK_CONFIRM = "click_confirm"
    KEY = "key"
    CLOCK = "clock"


class OrganisationKind(StrEnum):
    """What an organisation is to Inera; one may be both customer and agent."""

    CUSTOMER = "customer"
    AGENT = "agent"
    INERA = "inera"


class CustomerCategory(StrEnum):
    """Customer categories decide which offers may be ordered."""

    REGION = "region"
    MUNICIPALITY = "municipality"
    STATE_AGENCY = "state_agency"
    PRIVATE_PROVIDER = "private_provider"
    SUPPLIER = "supplier"


class AgreementType(StrEnum):
    """Signed once per organisation and type."""

    KUNDAVTAL = "kundavtal"
    AGENTAVTAL = "agentavtal"


class AgentField(StrEnum):
    """What an offer asks about the agent in the order form."""

    NONE = "none"
    INFORMATION = "information"
    REQUIRED = "required"


class Payer(StrEnum):
    """Who pays a price item."""

    CUSTOMER = "customer"
    AGENT = "agent"


class PriceKind(StrEnum):
    """One-off or recurring."""

    STARTUP = "startup"
    RECURRING = "recurring"


class PriceUnit(StrEnum):
    """What a price is multiplied by."""

    ORDER = "order"
    CARE_UNIT = "care_unit"
    ORGANISATION = "organisation"


class Period(StrEnum):
    """How often a recurring price is charged."""

    MONTH = "month"
    YEAR = "year"


class Language(StrEnum):
    """The languages people can read us in."""

    SV = "sv"
    EN = "en"


class ReasonCode(StrEnum):
    """Why something was rejected (domain: 11.3)."""

    WRONG_UNIT = "wrong_unit"
    WRONG_OFFER = "wrong_offer"
    WRONG_INVOICE = "wrong_invoice"
    NO_BUDGET = "no_budget"
    NOT_OUR_CUSTOMER = "not_our_customer"
    NO_DPA = "no_dpa"
    NOT_NEEDED = "not_needed"
    DUPLICATE = "duplicate"
    OTHER = "other"
