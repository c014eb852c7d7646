"""The words of the domain as stored values; a stored word is never renamed without a migration."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NewType

CaseId = NewType("CaseId", str)
PersonId = NewType("PersonId", str)
OrganisationId = NewType("OrganisationId", str)
OfferId = NewType("OfferId", str)
CardId = NewType("CardId", str)
LinkId = NewType("LinkId", str)
SignInId = NewType("SignInId", str)
SessionId = NewType("SessionId", str)

# A text by language.
Localised = Mapping["Language", str]

# Who sent in an application on the web is no person here.
NO_PERSON = PersonId("")


class Flow(StrEnum):
    """The route of a case; for orders it is a property of the offer, not of the customer's wish."""

    DIRECT = "direct"
    VIA_AGENT = "via_agent"
    CUSTOMER_APPLICATION = "customer_application"  # an organisation wants to become a customer
    AGENT_APPLICATION = "agent_application"  # an organisation wants to become an agent
    AGENT_ASSIGNMENT = "agent_assignment"  # an agent wants to convey a service (agentuppdrag); ordered as an offer
    TERMINATION = "termination"  # a customer ends what it has connected (uppsägning); begun from the connection


class State(StrEnum):
    """Where a case is and whom it waits for (domain: 6.2)."""

    DRAFT = "draft"
    AWAITING_AGENT_APPROVAL = "awaiting_agent_approval"
    AWAITING_AGENT_ATTEST = "awaiting_agent_attest"
    AWAITING_CUSTOMER_ATTEST = "awaiting_customer_attest"
    AWAITING_CUSTOMER_SERVICE = "awaiting_customer_service"
    AWAITING_REVIEW = "awaiting_review"  # Inera looks at an agentuppdrag before anybody attests it
    INSTRUCTIONS_SENT = "instructions_sent"  # of what connects units, it waits for somebody to say that it works
    COMPLETION_REQUESTED = "completion_requested"
    AGENT_INFORMED = "agent_informed"  # the same through an agent, which may begin
    CONNECTED = "connected"  # somebody who knows has confirmed that it works
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"
    TERMINATED = "terminated"  # customer service has confirmed the last day of a connection
    EXPIRED = "expired"
    APPLICATION_SUBMITTED = "application_submitted"
    APPLICATION_COMPLETION_REQUESTED = "application_completion_requested"
    APPLICATION_REJECTED = "application_rejected"
    APPLICATION_WITHDRAWN = "application_withdrawn"
    AGREEMENT_AWAITING_SIGNATURE = "agreement_awaiting_signature"
    AGREEMENT_ACTIVE = "agreement_active"
    AGREEMENT_DECLINED = "agreement_declined"
    AGREEMENT_EXPIRED = "agreement_expired"  # nobody signed in time; customer service may send it out again


class Action(StrEnum):
    """What a part does to a case; the same word stands in Slack's action ids."""

    SUBMIT = "submit"
    APPROVE = "approve"
    ATTEST = "attest"
    EMERGENCY_ATTEST = "emergency_attest"
    REJECT = "reject"
    REQUEST_COMPLETION = "request_completion"
    SEND_BACK = "send_back"
    ANSWER = "answer"
    HAND_OVER = "hand_over"
    RECUSE = "recuse"
    WITHDRAW = "withdraw"
    CLAIM = "claim"
    RELEASE = "release"
    TAKE_OVER = "take_over"
    SEND_INSTRUCTIONS = "send_instructions"
    INFORM_AGENT = "inform_agent"
    SEND_AGAIN = "send_again"
    CONFIRM_END = "confirm_end"
    CONFIRM_CONNECTION = "confirm_connection"
    HOLD = "hold"
    RESUME = "resume"
    CANCEL = "cancel"
    EXPIRE = "expire"
    ESCALATE = "escalate"
    REVIEW = "review"
    REPRICE = "reprice"
    SIGN = "sign"
    DECLINE = "decline"
    RENEW = "renew"
    REMIND = "remind"
    KEEP = "keep"
    REMIND_NOW = "remind_now"


class Asks(StrEnum):
    """What a person must add before an action counts: the modal that opens."""

    NOTHING = "nothing"
    ORDER = "order"
    CONFIRMATION = "confirmation"
    REASON = "reason"
    CERTIFICATE = "certificate"
    QUESTION = "question"
    ANSWER = "answer"
    COLLEAGUE = "colleague"
    INSTRUCTIONS = "instructions"
    MESSAGE = "message"
    APPLICATION = "application"
    SIGNATURE = "signature"
    LAST_DAY = "last_day"


class Role(StrEnum):
    """What a person is in an organisation (domain: 5.2)."""

    ADMINISTRATOR = "administrator"
    ORDERER = "orderer"
    ATTESTANT = "attestant"
    EMERGENCY_ATTESTANT = "emergency_attestant"
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

    ORDERER = "orderer"  # whoever placed the order; of an agentuppdrag, an orderer at the agent
    AGENT_HANDLER = "agent_handler"  # "the agent's orderer" to people: approves what a customer orders via the agent
    AGENT_ATTESTANT = "agent_attestant"
    AGENT_EMERGENCY = "agent_emergency"
    AGENT_ADMINISTRATOR = "agent_administrator"
    CUSTOMER_ATTESTANT = "customer_attestant"
    CUSTOMER_EMERGENCY = "customer_emergency"
    CUSTOMER_ADMINISTRATOR = "customer_administrator"
    CUSTOMER_SERVICE = "customer_service"
    APPLICANT = "applicant"  # whoever sent in an application, known by the link to it
    SIGNATORY = "signatory"
    CLOCK = "clock"


# Which side a part acts for, and which roles let a person play it. The clock has neither, an applicant no role.
SIDE_OF: dict[Part, Side] = {
    Part.ORDERER: Side.CUSTOMER,
    Part.CUSTOMER_ATTESTANT: Side.CUSTOMER,
    Part.CUSTOMER_EMERGENCY: Side.CUSTOMER,
    Part.CUSTOMER_ADMINISTRATOR: Side.CUSTOMER,
    Part.AGENT_HANDLER: Side.AGENT,
    Part.AGENT_ATTESTANT: Side.AGENT,
    Part.AGENT_EMERGENCY: Side.AGENT,
    Part.AGENT_ADMINISTRATOR: Side.AGENT,
    Part.CUSTOMER_SERVICE: Side.INERA,
    Part.APPLICANT: Side.CUSTOMER,
    Part.SIGNATORY: Side.CUSTOMER,
}
ROLES_OF: dict[Part, frozenset[Role]] = {
    Part.ORDERER: frozenset({Role.ORDERER}),
    Part.CUSTOMER_ATTESTANT: frozenset({Role.ATTESTANT}),
    Part.CUSTOMER_EMERGENCY: frozenset({Role.EMERGENCY_ATTESTANT}),
    Part.CUSTOMER_ADMINISTRATOR: frozenset({Role.ADMINISTRATOR}),
    Part.AGENT_HANDLER: frozenset({Role.AGENT_HANDLER}),
    Part.AGENT_ATTESTANT: frozenset({Role.ATTESTANT}),
    Part.AGENT_EMERGENCY: frozenset({Role.EMERGENCY_ATTESTANT}),
    Part.AGENT_ADMINISTRATOR: frozenset({Role.ADMINISTRATOR}),
    Part.CUSTOMER_SERVICE: frozenset({Role.CUSTOMER_SERVICE, Role.CUSTOMER_SERVICE_LEAD}),
    Part.SIGNATORY: frozenset({Role.SIGNATORY}),
}


class Block(StrEnum):
    """Why nobody can decide a waiting case for now; it is released by itself when the reason is gone (domain: 8)."""

    NOBODY = "nobody"  # nobody who may decide holds the role
    OVER_LIMIT = "over_limit"  # somebody does, but the amount is over everyone's limit
    NO_CUSTOMER_AGREEMENT = "no_customer_agreement"
    NO_AGENT_AGREEMENT = "no_agent_agreement"
    NO_AGENT_ASSIGNMENT = "no_agent_assignment"
    NO_PRICE = "no_price"  # a price has ended without another


class Surface(StrEnum):
    """Where something was done."""

    SLACK = "slack"
    API = "api"
    MAIL = "mail"  # a page behind a personal link in a mail
    CLOCK = "clock"
    FILE = "file"  # a register that was loaded
    WEB = "web"  # a page, by whoever is signed in there, or a form that anybody may fill in


class Assurance(StrEnum):
    """How sure we are of who decided (domain: 4.6)."""

    CLICK = "click"
    CLICK_CONFIRM = "click_confirm"
    EID_LINK = "eid_link"
    MAIL_LINK = "mail_link"  # a personal link sent to the person's address, and a confirmation
    MAIL_CODE = "mail_code"  # a code sent to the person's address, in the browser that asked for it
    SIMPLE_SIGNATURE = "simple_signature"  # the same, below a document
    KEY = "key"
    CLOCK = "clock"
    FORM = "form"  # a form that anybody may fill in: who, is only said


class Purpose(StrEnum):
    """What a personal link is for; it opens nothing else."""

    DECIDE = "decide"  # one decision in a case
    FOLLOW = "follow"  # where an application is; to complete or withdraw it
    SIGN = "sign"  # a signature below one document
    READ = "read"  # the document of an agreement
    FETCH = "fetch"  # the file that came with an application


class LinkState(StrEnum):
    """Where an account's link to a person stands; only a confirmed one decides anything."""

    OFFERED = "offered"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    UNDONE = "undone"  # it was confirmed, and is so no longer until whoever holds the account confirms it anew
    BARRED = "barred"  # the same, but first the person, by mail, or the operator must let it be confirmed
    ASKED = "asked"  # a guest's, which waits for an administrator's yes before its holder may confirm it


class Undone(StrEnum):
    """Why an account stands for a person no longer."""

    OPERATOR = "operator"  # whoever runs the product said so
    ADMINISTRATOR = "administrator"  # an administrator of the person's organisation did, or customer service
    NOT_ME = "not_me"  # the person, or whoever holds the account
    CHANGED = "changed"  # Slack says that the account is no longer what was confirmed


class LineKind(StrEnum):
    """What a line of history tells of."""

    CHANGE = "change"  # somebody did something to a case
    REFUSAL = "refusal"  # somebody was told no
    ROLE = "role"
    SUBSTITUTION = "substitution"
    PERSON = "person"  # somebody left, is back, or has another name
    ORGANISATION = "organisation"  # what an organisation asks of its decisions, what it is, or that it has another name
    AGREEMENT = "agreement"  # what an organisation has agreed with Inera, an agent's assignment too
    CONNECTION = "connection"  # what a case began or ended of what is connected
    IDENTITY = "identity"  # whose an account is
    DELIVERY = "delivery"  # a message did not reach its reader
    SERVICE = "service"  # what there is
    OFFER = "offer"  # what of it may be ordered, by whom, by which route and on which terms
    PRICE = "price"  # what something costs
    KEY = "key"  # a key to the API
    PURGE = "purge"  # until when what was closed has lost its deciders
    BASELINE = "baseline"  # how the register stood where what is kept of history begins


class Happened(StrEnum):
    """The action of a line that is no change of a case and no refusal."""

    GRANTED = "granted"
    CHANGED = "changed"
    ENDED = "ended"
    BEGAN = "began"
    SET = "set"
    LEFT = "left"
    CAME_BACK = "came_back"
    OFFERED = "offered"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    UNLINKED = "unlinked"  # an account that was confirmed stands for the person no longer
    ALLOWED = "allowed"  # one that was unlinked may be confirmed again
    ASKED = "asked"  # a guest's account waits for an administrator's yes
    LET_IN = "let_in"  # a guest's account may be confirmed, as an administrator has said yes
    SIGNED_OUT = "signed_out"  # a person everywhere on the web, by whoever runs the product
    GIVEN_UP = "given_up"
    RESENT = "resent"  # a message that had not arrived, by whoever runs the product
    LET_GO = "let_go"  # one that is sent no more, by the same
    MOVED = "moved"
    SENT = "sent"  # a signed agreement, by mail
    RENAMED = "renamed"  # the names themselves are not kept
    REFUSED = "refused"  # a key to the API, or what it asked for
    STOOD = "stood"  # how the register stood when history began to hold the whole of it
    CARRIED = "carried"  # how it stood where a purge ended, told by what the purge took
    PURGED = "purged"  # a document, or who decided, is kept no longer
    INVOICED = "invoiced"  # where an organisation's invoices go is another
    CHANNELLED = "channelled"  # where an organisation asks those who have a role is another
    TRANSLATED = "translated"  # the language that an organisation's people are spoken to in is another


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


class Existing(StrEnum):
    """What becomes of what the units of an order have of its service already."""

    ADD = "add"  # it stays, beside what is ordered
    REPLACE = "replace"  # it ends when what is ordered begins


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
    """Why something was rejected (domain: 11.3), or why the clock let an order go on."""

    WRONG_UNIT = "wrong_unit"
    WRONG_OFFER = "wrong_offer"
    WRONG_INVOICE = "wrong_invoice"
    NO_BUDGET = "no_budget"
    NOT_OUR_CUSTOMER = "not_our_customer"
    NO_DPA = "no_dpa"
    NOT_NEEDED = "not_needed"
    DUPLICATE = "duplicate"
    NOT_ELIGIBLE = "not_eligible"
    WRONG_SIGNATORY = "wrong_signatory"
    HAS_AGREEMENT = "has_agreement"
    OTHER = "other"
    ENOUGH_ATTESTS = "enough_attests"  # fewer are asked for than when the step began


PAYER_OF: dict[Side, Payer] = {Side.CUSTOMER: Payer.CUSTOMER, Side.AGENT: Payer.AGENT}

# Whom a waiting state waits for, and the parts that decide there (the others answer, or carry out).
PART_WAITED_FOR: dict[State, Part] = {
    State.AWAITING_AGENT_APPROVAL: Part.AGENT_HANDLER,
    State.AWAITING_AGENT_ATTEST: Part.AGENT_ATTESTANT,
    State.AWAITING_CUSTOMER_ATTEST: Part.CUSTOMER_ATTESTANT,
    State.COMPLETION_REQUESTED: Part.ORDERER,
    State.AWAITING_CUSTOMER_SERVICE: Part.CUSTOMER_SERVICE,
    State.AWAITING_REVIEW: Part.CUSTOMER_SERVICE,
    State.INSTRUCTIONS_SENT: Part.ORDERER,
    State.AGENT_INFORMED: Part.ORDERER,
    State.APPLICATION_SUBMITTED: Part.CUSTOMER_SERVICE,
    State.APPLICATION_COMPLETION_REQUESTED: Part.APPLICANT,
    State.AGREEMENT_AWAITING_SIGNATURE: Part.SIGNATORY,
    State.AGREEMENT_EXPIRED: Part.CUSTOMER_SERVICE,
}
# Where whoever is waited for is not alone to act: the agent, or customer service, may know it first.
TO_CONFIRM = frozenset({State.INSTRUCTIONS_SENT, State.AGENT_INFORMED})
# Who takes part in applications alone.
APPLYING = frozenset({Part.APPLICANT, Part.SIGNATORY})
DECIDING = frozenset({Part.AGENT_HANDLER, Part.AGENT_ATTESTANT, Part.CUSTOMER_ATTESTANT})
