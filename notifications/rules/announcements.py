"""The table of announcements: when a case becomes something, which people get which card."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.api import (
    PART_WAITED_FOR,
    SIDE_OF,
    TO_CONFIRM,
    Action,
    Block,
    CardId,
    CaseAdvanced,
    DecisionContext,
    NewCard,
    NewId,
    NotReady,
    Nudge,
    Outbox,
    Part,
    PersonId,
    Purpose,
    Side,
    State,
)
from notifications.rules.audiences import INVOLVE_AT_MOST, Audience, contacts, is_same_step, people


class CardKind(StrEnum):
    """What a card is for; stored, so never renamed without a migration."""

    STATUS = "status"  # the orderer's one living card: where the order is
    AGENT_APPROVAL = "agent_approval"  # asks the agent's orderer
    AGENT_ATTEST = "agent_attest"  # asks the agent's attestant
    CUSTOMER_ATTEST = "customer_attest"  # asks the customer's attestant
    CUSTOMER_SERVICE = "customer_service"  # asks customer service, in its channel
    ASSIGNMENT_REVIEW = "assignment_review"  # asks customer service, in its channel, to look at an agentuppdrag
    INSTRUCTIONS = "instructions"  # how to get access, to the orderer
    AGENT_START = "agent_start"  # the agent may begin
    CONTACT_INSTRUCTIONS = "contact_instructions"  # these two go by mail to the technical contact of an order
    CONTACT_START = "contact_start"
    CONFIRMING = "confirming"  # asks, again and again, whether what was carried out works
    REMINDER = "reminder"  # reminds whoever is asked, and asks others who may decide too
    DIGEST = "digest"  # tells whoever has much waiting of all that the clock did, in the place of a card of each
    STANDSTILL = "standstill"  # tells who administers, and who ordered, what an order has waited for all this time
    KEEP_OR_WITHDRAW = "keep_or_withdraw"  # asks who ordered whether to keep an order that nobody answers
    PROGRESS = "progress"  # tells the orderer, in the thread of the status card, that somebody has let the order go on
    OUTCOME = "outcome"  # what became of the order: it ended, in whichever way, or is carried out
    COMPLETION = "completion"  # asks the orderer to complete the order
    BLOCKED = "blocked"  # tells an administrator, or customer service, that nobody can decide the order
    EMERGENCY = "emergency"  # tells those who could have decided that a reserve attestant did
    RECEIPT = "receipt"  # tells a reserve attestant what that person has done, and that others have been told
    HOLD = "hold"  # tells the orderer that customer service has paused the order
    RESUMED = "resumed"  # tells the orderer that it goes on
    HANDED_OVER = "handed_over"  # tells somebody who was asked already that a colleague leaves it to that person
    PRICE_MISSING = "price_missing"  # tells customer service's lead that orders stand still, since a price has ended
    NOT_READY = "not_ready"  # tells an administrator, or customer service, why an order could not be placed
    OVERDUE = "overdue"  # tells customer service's lead, and whoever has taken it, that a case's time has run out
    TAKEN_OVER = "taken_over"  # tells somebody at customer service that the lead has the case instead
    UNATTENDED = "unattended"  # tells customer service's lead that everybody there has a part in a case
    APPLICATION = "application"  # asks customer service to decide an application, and follows it to its end
    NEW_ADMINISTRATOR = "new_administrator"  # tells administrators that an application names others than them
    APPLICATION_RECEIVED = "application_received"  # these go by mail to contacts named in an application
    TO_COMPLETE = "to_complete"
    COMPLETION_REMINDER = "completion_reminder"
    APPLICATION_REJECTED = "application_rejected"
    APPLICATION_APPROVED = "application_approved"  # to the administrator
    AGREEMENT_TO_SIGN = "agreement_to_sign"  # to each signatory
    SIGN_REMINDER = "sign_reminder"
    NAMED_CONTACT = "named_contact"  # to the contact for agreements
    AGREEMENT_DECLINED = "agreement_declined"
    SIGN_EXPIRED = "sign_expired"
    APPLICATION_CANCELLED = "application_cancelled"
    APPLICATION_LAPSED = "application_lapsed"
    AGREEMENT_SIGNED = "agreement_signed"
    INVITATION = "invitation"  # to the administrator, once the agreement is signed
    SUBSTITUTE = "substitute"  # tells a substitute, and the absent person, who decides in whose place
    LINK = "link"  # asks a person whether an account is theirs; a greeting once it is
    LINKED = "linked"  # tells a person, by mail, that an account is the person's since then, and how to undo it
    UNLINKED = "unlinked"  # tells a person, and administrators, that an account is the person's no longer
    GUEST = "guest"  # asks administrators whether a guest's account of one of their people may be linked
    RENAMED = "renamed"  # tells a person that the own name is another in Kundportalen
    ROLE = "role"  # tells somebody of an own role: given, changed, ended
    COLLEAGUE_ROLE = "colleague_role"  # tells who else administers, or no longer, and who may decide more
    OWN_AUTHORITY = "own_authority"  # tells others that somebody has let themselves decide more
    OWN_NAME = "own_name"  # tells others that somebody has let herself be called otherwise
    OWN_SUBSTITUTE = "own_substitute"  # tells others that an administrator has made herself somebody's substitute
    RULES = "rules"  # an organisation asks something else of its decisions
    INVOICES = "invoices"  # an organisation's invoices go elsewhere
    CHANNELS = "channels"  # an organisation asks those who have a role somewhere else
    READY = "ready"  # an organisation can order now
    SLACK_OFF = "slack_off"  # tells administrators, by mail, that the app is no more in their organisation's Slack
    CHANNEL_LOST = "channel_lost"  # tells administrators that a channel which they have chosen takes no messages
    WEEKLY_REPORT = "weekly_report"  # tells administrators, and customer service, what the week was like
    UNDELIVERED = "undelivered"  # tells customer service's channel that a card reached nobody


class Happening(StrEnum):
    """What may happen to a case besides becoming a state."""

    NOBODY_FOR_CUSTOMER = "nobody_for_customer"  # nobody on the customer's side can decide
    NOBODY_FOR_AGENT = "nobody_for_agent"
    AGREEMENT_ENDED = "agreement_ended"  # an agreement or assignment that the order stands on has ended
    EMERGENCY_FOR_CUSTOMER = "emergency_for_customer"  # a reserve attestant attested
    EMERGENCY_FOR_AGENT = "emergency_for_agent"
    SENT_AGAIN = "sent_again"
    HELD = "held"
    RESUMED = "resumed"
    HANDED_OVER = "handed_over"
    CUSTOMER_NOT_READY = "customer_not_ready"  # an order was refused because nobody on the customer's side can attest
    AGENT_NOT_READY = "agent_not_ready"  # the same, at the agent
    PRICE_MISSING = "price_missing"  # a price of an offer has ended without another
    OVERDUE = "overdue"  # customer service's time for a case has run out
    TAKEN_OVER = "taken_over"  # customer service's lead has taken over what a colleague had
    UNATTENDED = "unattended"  # nobody at customer service may act in a case
    PROGRESSED = "progressed"  # somebody else than the orderer has approved or attested, and the order goes on
    APPROVED = "approved"
    REMINDED_TO_SIGN = "reminded_to_sign"
    REMINDED_TO_COMPLETE = "reminded_to_complete"
    REMINDED_TO_CONFIRM = "reminded_to_confirm"
    REMINDED = "reminded"  # whoever is asked has not answered
    REMINDED_OTHERS = "reminded_others"  # others may answer instead
    STANDS_STILL = "stands_still"  # nobody has answered, though reminded
    ASKED_TO_KEEP = "asked_to_keep"  # nobody has answered for so long that whoever ordered may want it no more


@dataclass(frozen=True)
class Announcement:
    """When a case of a flow becomes a state, or something happens to it, an audience playing a part gets a card."""

    becomes: State | Happening
    part: Part
    audience: Audience
    card: CardKind


row = Announcement
# Who answers what waits for an organisation.
ANSWERING = (Part.AGENT_HANDLER, Part.AGENT_ATTESTANT, Part.CUSTOMER_ATTESTANT, Part.ORDERER)
# The same of what is ordered and what is applied for.
TAKEN_OVER = row(Happening.TAKEN_OVER, Part.CUSTOMER_SERVICE, Audience.HELD_IT, CardKind.TAKEN_OVER)
# fmt: off
ORDERS: tuple[Announcement, ...] = (
    row(State.AWAITING_AGENT_APPROVAL,   Part.ORDERER,            Audience.ORDERER, CardKind.STATUS),
    row(State.AWAITING_AGENT_APPROVAL,   Part.AGENT_HANDLER,      Audience.ASKED,   CardKind.AGENT_APPROVAL),
    row(State.AWAITING_AGENT_ATTEST,     Part.AGENT_ATTESTANT,    Audience.ASKED,   CardKind.AGENT_ATTEST),
    row(State.AWAITING_CUSTOMER_ATTEST,  Part.ORDERER,            Audience.ORDERER, CardKind.STATUS),
    row(State.AWAITING_CUSTOMER_ATTEST,  Part.CUSTOMER_ATTESTANT, Audience.ASKED,   CardKind.CUSTOMER_ATTEST),
    row(State.AWAITING_CUSTOMER_SERVICE, Part.CUSTOMER_SERVICE,   Audience.CHANNEL, CardKind.CUSTOMER_SERVICE),
    row(State.AWAITING_REVIEW,           Part.ORDERER,            Audience.ORDERER, CardKind.STATUS),
    row(State.AWAITING_REVIEW,           Part.CUSTOMER_SERVICE,   Audience.CHANNEL, CardKind.ASSIGNMENT_REVIEW),
    row(State.COMPLETION_REQUESTED,      Part.ORDERER,            Audience.ASKED,   CardKind.COMPLETION),
    row(State.INSTRUCTIONS_SENT,         Part.ORDERER,            Audience.RECIPIENT, CardKind.INSTRUCTIONS),
    row(State.INSTRUCTIONS_SENT,         Part.ORDERER, Audience.TECHNICAL_CONTACT, CardKind.CONTACT_INSTRUCTIONS),
    row(State.INSTRUCTIONS_SENT,         Part.CUSTOMER_ATTESTANT, Audience.ACTED,   CardKind.OUTCOME),
    row(State.AGENT_INFORMED,            Part.AGENT_HANDLER,      Audience.INVOLVED, CardKind.AGENT_START),
    row(State.AGENT_INFORMED,            Part.AGENT_ADMINISTRATOR, Audience.INSTEAD, CardKind.AGENT_START),
    row(State.AGENT_INFORMED,            Part.ORDERER,            Audience.ORDERER, CardKind.OUTCOME),
    row(State.AGENT_INFORMED,            Part.ORDERER,   Audience.TECHNICAL_CONTACT, CardKind.CONTACT_START),
    row(State.AGENT_INFORMED,            Part.CUSTOMER_ATTESTANT, Audience.ACTED,   CardKind.OUTCOME),
    row(State.AGENT_INFORMED,            Part.AGENT_ATTESTANT,    Audience.ACTED,   CardKind.OUTCOME),
    row(Happening.REMINDED_TO_CONFIRM,   Part.ORDERER,            Audience.ORDERER, CardKind.CONFIRMING),
    row(Happening.REMINDED_TO_CONFIRM,   Part.AGENT_HANDLER,      Audience.INVOLVED, CardKind.CONFIRMING),
    row(State.CONNECTED,                 Part.ORDERER,            Audience.ORDERER_TOO, CardKind.OUTCOME),
    row(State.CONNECTED,                 Part.AGENT_HANDLER,      Audience.INVOLVED, CardKind.OUTCOME),
    row(State.TERMINATED,                Part.ORDERER,            Audience.ORDERER, CardKind.OUTCOME),
    row(State.TERMINATED,                Part.CUSTOMER_ATTESTANT, Audience.ACTED,   CardKind.OUTCOME),
    row(State.TERMINATED,                Part.AGENT_HANDLER,      Audience.INVOLVED, CardKind.OUTCOME),
    row(State.TERMINATED,                Part.AGENT_ADMINISTRATOR, Audience.INSTEAD, CardKind.OUTCOME),
    row(State.REJECTED,                  Part.ORDERER,            Audience.ORDERER, CardKind.OUTCOME),
    row(State.REJECTED,                  Part.AGENT_HANDLER,      Audience.ACTED,   CardKind.OUTCOME),
    row(State.REJECTED,                  Part.AGENT_ATTESTANT,    Audience.ACTED,   CardKind.OUTCOME),
    row(State.WITHDRAWN,                 Part.AGENT_HANDLER,      Audience.ACTED,   CardKind.OUTCOME),
    row(State.WITHDRAWN,                 Part.AGENT_ATTESTANT,    Audience.ACTED,   CardKind.OUTCOME),
    row(State.CANCELLED,                 Part.ORDERER,            Audience.ORDERER, CardKind.OUTCOME),
    row(State.CANCELLED,                 Part.CUSTOMER_ATTESTANT, Audience.ACTED,   CardKind.OUTCOME),
    row(State.CANCELLED,                 Part.AGENT_HANDLER,      Audience.ACTED,   CardKind.OUTCOME),
    row(State.CANCELLED,                 Part.AGENT_ATTESTANT,    Audience.ACTED,   CardKind.OUTCOME),
    row(State.EXPIRED,                   Part.ORDERER,            Audience.ORDERER, CardKind.OUTCOME),
    row(State.EXPIRED,                   Part.AGENT_HANDLER,      Audience.ACTED,   CardKind.OUTCOME),
    row(State.EXPIRED,                   Part.AGENT_ATTESTANT,    Audience.ACTED,   CardKind.OUTCOME),
    # The gravest first: of what a clock that stood still has missed everybody gets the first row only.
    row(Happening.ASKED_TO_KEEP,         Part.ORDERER,            Audience.WHO_WAITS, CardKind.KEEP_OR_WITHDRAW),
    *(row(Happening.REMINDED, part, Audience.WAITED_FOR, CardKind.REMINDER) for part in ANSWERING),
    *(row(Happening.REMINDED_OTHERS, part, Audience.OTHERS, CardKind.REMINDER) for part in ANSWERING),
    row(Happening.STANDS_STILL,          Part.CUSTOMER_ADMINISTRATOR, Audience.ITS_ADMINISTRATORS, CardKind.STANDSTILL),
    row(Happening.STANDS_STILL,          Part.AGENT_ADMINISTRATOR, Audience.ITS_ADMINISTRATORS, CardKind.STANDSTILL),
    row(Happening.STANDS_STILL,          Part.ORDERER,            Audience.WHO_WAITS, CardKind.STANDSTILL),
    row(Happening.NOBODY_FOR_CUSTOMER,   Part.CUSTOMER_ADMINISTRATOR, Audience.ADMINISTRATORS, CardKind.BLOCKED),
    row(Happening.NOBODY_FOR_AGENT,      Part.AGENT_ADMINISTRATOR, Audience.ADMINISTRATORS, CardKind.BLOCKED),
    row(Happening.AGREEMENT_ENDED,       Part.CUSTOMER_SERVICE,   Audience.CHANNEL, CardKind.BLOCKED),
    row(Happening.EMERGENCY_FOR_CUSTOMER, Part.CUSTOMER_ATTESTANT, Audience.COULD_HAVE, CardKind.EMERGENCY),
    row(Happening.EMERGENCY_FOR_AGENT,   Part.AGENT_ATTESTANT,    Audience.COULD_HAVE, CardKind.EMERGENCY),
    row(Happening.EMERGENCY_FOR_CUSTOMER, Part.CUSTOMER_EMERGENCY, Audience.ACTOR, CardKind.RECEIPT),
    row(Happening.EMERGENCY_FOR_AGENT,   Part.AGENT_EMERGENCY,    Audience.ACTOR,   CardKind.RECEIPT),
    row(Happening.PROGRESSED,            Part.ORDERER,            Audience.ORDERER, CardKind.PROGRESS),
    row(Happening.HELD,                  Part.ORDERER,            Audience.ORDERER, CardKind.HOLD),
    row(Happening.RESUMED,               Part.ORDERER,            Audience.ORDERER, CardKind.RESUMED),
    row(Happening.HANDED_OVER,           Part.AGENT_HANDLER,      Audience.ASKED_BEFORE, CardKind.HANDED_OVER),
    row(Happening.HANDED_OVER,           Part.AGENT_ATTESTANT,    Audience.ASKED_BEFORE, CardKind.HANDED_OVER),
    row(Happening.HANDED_OVER,           Part.CUSTOMER_ATTESTANT, Audience.ASKED_BEFORE, CardKind.HANDED_OVER),
    row(Happening.SENT_AGAIN,            Part.ORDERER,            Audience.RECIPIENT, CardKind.INSTRUCTIONS),
    row(Happening.SENT_AGAIN,            Part.ORDERER, Audience.TECHNICAL_CONTACT, CardKind.CONTACT_INSTRUCTIONS),
    TAKEN_OVER,
)
# Applications and orders share a few states, and one kind of card.
APPLICATIONS: tuple[Announcement, ...] = (
    row(State.APPLICATION_SUBMITTED,     Part.CUSTOMER_SERVICE,   Audience.CHANNEL, CardKind.APPLICATION),
    row(State.APPLICATION_SUBMITTED,     Part.APPLICANT, Audience.ADMINISTRATOR, CardKind.APPLICATION_RECEIVED),
    row(State.APPLICATION_SUBMITTED,     Part.CUSTOMER_ADMINISTRATOR, Audience.PRESENT, CardKind.NEW_ADMINISTRATOR),
    row(State.APPLICATION_COMPLETION_REQUESTED, Part.APPLICANT, Audience.ADMINISTRATOR, CardKind.TO_COMPLETE),
    row(Happening.REMINDED_TO_COMPLETE,  Part.APPLICANT, Audience.ADMINISTRATOR, CardKind.COMPLETION_REMINDER),
    row(State.APPLICATION_REJECTED,      Part.APPLICANT, Audience.CONTACTS, CardKind.APPLICATION_REJECTED),
    row(Happening.APPROVED,              Part.APPLICANT, Audience.ADMINISTRATOR, CardKind.APPLICATION_APPROVED),
    row(Happening.APPROVED,              Part.APPLICANT, Audience.AGREEMENT_CONTACT, CardKind.NAMED_CONTACT),
    row(State.AGREEMENT_AWAITING_SIGNATURE, Part.SIGNATORY, Audience.SIGNATORIES, CardKind.AGREEMENT_TO_SIGN),
    row(Happening.REMINDED_TO_SIGN,      Part.SIGNATORY, Audience.SIGNATORIES, CardKind.SIGN_REMINDER),
    row(State.AGREEMENT_DECLINED,        Part.APPLICANT, Audience.CONTACTS, CardKind.AGREEMENT_DECLINED),
    row(State.AGREEMENT_EXPIRED,         Part.CUSTOMER_SERVICE,   Audience.CHANNEL, CardKind.APPLICATION),
    row(State.AGREEMENT_EXPIRED,         Part.APPLICANT, Audience.CONTACTS, CardKind.SIGN_EXPIRED),
    row(State.CANCELLED,                 Part.APPLICANT, Audience.CONTACTS, CardKind.APPLICATION_CANCELLED),
    row(State.EXPIRED,                   Part.APPLICANT, Audience.CONTACTS, CardKind.APPLICATION_LAPSED),
    row(State.AGREEMENT_ACTIVE,          Part.APPLICANT, Audience.OTHER_CONTACTS, CardKind.AGREEMENT_SIGNED),
    row(State.AGREEMENT_ACTIVE,          Part.APPLICANT, Audience.ADMINISTRATOR, CardKind.INVITATION),
    TAKEN_OVER,
)
ANNOUNCEMENTS = (*ORDERS, *APPLICATIONS)
# What is told beside cases: of an order that became none, and of what stops every order of an offer, once.
BESIDE_CASES: tuple[Announcement, ...] = (
    row(Happening.CUSTOMER_NOT_READY,    Part.CUSTOMER_ADMINISTRATOR, Audience.ADMINISTRATORS, CardKind.NOT_READY),
    row(Happening.AGENT_NOT_READY,       Part.AGENT_ADMINISTRATOR, Audience.ADMINISTRATORS, CardKind.NOT_READY),
    row(Happening.PRICE_MISSING,         Part.CUSTOMER_SERVICE,   Audience.LEADS,   CardKind.PRICE_MISSING),
    row(Happening.UNATTENDED,            Part.CUSTOMER_SERVICE,   Audience.LEADS,   CardKind.UNATTENDED),
    row(Happening.OVERDUE,               Part.CUSTOMER_SERVICE,   Audience.LEADS,   CardKind.OVERDUE),
    row(Happening.OVERDUE,               Part.CUSTOMER_SERVICE,   Audience.HOLDER,  CardKind.OVERDUE),
)
# fmt: on

# Edits are Slack's bottleneck, so cards are kept equal to the case only as far as their readers need it: some at every
# change, some at every new state, one that asks when its step is decided and at `ON_CARDS_THAT_ASK`. See `_repaint`.
AT_EVERY_CHANGE = (CardKind.CUSTOMER_SERVICE, CardKind.APPLICATION)
SAYS_WHO_HAS_IT = (CardKind.OVERDUE, CardKind.TAKEN_OVER)
AT_EVERY_STATE = (
    *(CardKind.STATUS, CardKind.UNDELIVERED, CardKind.COMPLETION, CardKind.HANDED_OVER),
    *(CardKind.UNATTENDED, *SAYS_WHO_HAS_IT),
    *(CardKind.REMINDER, CardKind.STANDSTILL, CardKind.KEEP_OR_WITHDRAW),
)
# Changes within a state that others than customer service must see on their cards.
ON_THE_STATUS = frozenset(
    {
        *(Action.ATTEST, Action.EMERGENCY_ATTEST, Action.HAND_OVER, Action.RECUSE),
        *(Action.HOLD, Action.RESUME, Action.REPRICE, Action.SEND_AGAIN),
        *(Action.REMIND, Action.REMIND_NOW, Action.KEEP),
    }
)
ON_CARDS_THAT_ASK = frozenset(
    {Action.ATTEST, Action.EMERGENCY_ATTEST, Action.HAND_OVER, Action.RECUSE, Action.REVIEW, Action.REPRICE}
)
# The channel's card of a state that is not the last at customer service: kept equal to the case until it is decided.
AT_THE_DESK: dict[State, CardKind] = {State.AWAITING_REVIEW: CardKind.ASSIGNMENT_REVIEW}
# Of applications with one number only the first that waits at customer service has a card, which tells of the others.
TOGETHER = (CardKind.APPLICATION,)
# What says what was carried out, and lets its reader confirm that it works.
LETS_CONFIRM = frozenset({CardKind.INSTRUCTIONS, CardKind.AGENT_START, CardKind.CONFIRMING, CardKind.OUTCOME})
# A case gets one card of these kinds in its life; later rows of the table find it already there.
ONCE = (CardKind.STATUS,)
# These stand in the thread of the living card, where their reader has one.
IN_THE_THREAD = frozenset({CardKind.PROGRESS})
# These come when a case is closed, and tell what its reader must learn all the same.
LAST_WORDS = (
    *(CardKind.INSTRUCTIONS, CardKind.AGENT_START, CardKind.OUTCOME),
    *(CardKind.CONTACT_INSTRUCTIONS, CardKind.CONTACT_START),
)
ASKING: dict[State, CardKind] = {
    each.becomes: each.card
    for each in ANNOUNCEMENTS
    if each.audience is Audience.ASKED and isinstance(each.becomes, State)
}
REMINDED = {
    State.INSTRUCTIONS_SENT: Happening.REMINDED_TO_CONFIRM,
    State.AGENT_INFORMED: Happening.REMINDED_TO_CONFIRM,
    State.AGREEMENT_AWAITING_SIGNATURE: Happening.REMINDED_TO_SIGN,
    State.APPLICATION_COMPLETION_REQUESTED: Happening.REMINDED_TO_COMPLETE,
}
# What the clock does while an order waits for people.
NUDGED = {
    Nudge.ASKED: (Happening.REMINDED,),
    Nudge.OTHERS: (Happening.REMINDED, Happening.REMINDED_OTHERS),
    Nudge.STANDSTILL: (Happening.STANDS_STILL,),
    Nudge.KEEP: (Happening.ASKED_TO_KEEP,),
}
# What the link of a mail about a Slack account is called; it leads to the page about the account.
OF_ACCOUNTS = {CardKind.LINKED: "mail.not_me", CardKind.UNLINKED: "mail.let_in"}

# These lead their reader to install the app in the organisation's own Slack.
LEADS_TO_INSTALL = frozenset({CardKind.SLACK_OFF, CardKind.INVITATION})

# What a mail about an application leads to, besides what it says.
LEADS_TO: dict[CardKind, Purpose] = {
    CardKind.APPLICATION_RECEIVED: Purpose.FOLLOW,
    CardKind.TO_COMPLETE: Purpose.FOLLOW,
    CardKind.COMPLETION_REMINDER: Purpose.FOLLOW,
    CardKind.APPLICATION_APPROVED: Purpose.FOLLOW,
    CardKind.AGREEMENT_TO_SIGN: Purpose.SIGN,
    CardKind.SIGN_REMINDER: Purpose.SIGN,
}
# These bring the signed agreement along, as a file to keep.
ENCLOSES_THE_AGREEMENT = frozenset({CardKind.AGREEMENT_SIGNED, CardKind.INVITATION})
NOBODY = {Side.CUSTOMER: Happening.NOBODY_FOR_CUSTOMER, Side.AGENT: Happening.NOBODY_FOR_AGENT}
HAPPENS = {
    Action.SEND_AGAIN: Happening.SENT_AGAIN,
    Action.HOLD: Happening.HELD,
    Action.RESUME: Happening.RESUMED,
    Action.HAND_OVER: Happening.HANDED_OVER,
    Action.TAKE_OVER: Happening.TAKEN_OVER,
    Action.APPROVE: Happening.APPROVED,
    Action.REMIND_NOW: Happening.REMINDED,
}
# What lets an order go on; a review does where the attests that there are have come to be enough.
LETS_GO_ON = frozenset({Action.APPROVE, Action.ATTEST, Action.EMERGENCY_ATTEST, Action.REVIEW})
NOT_READY = {Side.CUSTOMER: Happening.CUSTOMER_NOT_READY, Side.AGENT: Happening.AGENT_NOT_READY}
EMERGENCY = {
    Part.CUSTOMER_EMERGENCY: Happening.EMERGENCY_FOR_CUSTOMER,
    Part.AGENT_EMERGENCY: Happening.EMERGENCY_FOR_AGENT,
}


class Announcements:
    """Implements core's Announcer port by the table."""

    def announce(self, event: CaseAdvanced, now: DecisionContext, new_id: NewId) -> Outbox:
        """See core.ports.cases.Announcer."""
        return owed(event, now, new_id)

    def not_ready(self, lacking: NotReady, administrators: tuple[PersonId, ...], new_id: NewId) -> tuple[NewCard, ...]:
        """See core.ports.cases.Announcer."""
        return _beside(NOT_READY[SIDE_OF[lacking.part]], {Audience.ADMINISTRATORS: administrators}, new_id)

    def price_missing(self, leads: tuple[PersonId, ...], new_id: NewId) -> tuple[NewCard, ...]:
        """See core.ports.cases.Announcer."""
        return _beside(Happening.PRICE_MISSING, {Audience.LEADS: leads}, new_id)

    def unattended(self, leads: tuple[PersonId, ...], new_id: NewId) -> tuple[NewCard, ...]:
        """See core.ports.cases.Announcer."""
        return _beside(Happening.UNATTENDED, {Audience.LEADS: leads}, new_id)

    def overdue(self, leads: tuple[PersonId, ...], holder: PersonId | None, new_id: NewId) -> tuple[NewCard, ...]:
        """See core.ports.cases.Announcer."""
        others = tuple(each for each in leads if each != holder)
        found = {Audience.LEADS: others} if others or not leads else {}
        return _beside(Happening.OVERDUE, found | ({Audience.HOLDER: (holder,)} if holder else {}), new_id)


def owed(event: CaseAdvanced, now: DecisionContext, new_id: NewId) -> Outbox:
    """The cards an event owes and the kinds to repaint, by the table. `now` is the situation after the event."""
    cards = [_card(each, person, new_id) for each, person in _told(event, now)]
    letters = [
        NewCard(CardId(new_id("C")), each.card, each.part, contact.person, contact.email)
        for each in _rows(event)
        for contact in contacts(each.audience, event.after)
    ]
    return Outbox((*cards, *letters), _repaint(event), () if event.after.is_order else TOGETHER)


def _told(event: CaseAdvanced, now: DecisionContext) -> list[tuple[Announcement, PersonId | None]]:
    found = [(each, person) for each in _rows(event) for person in people(each.audience, event, now, each.part)]
    if event.decision.action is not Action.REMIND:
        return found
    # Whatever a clock that stood still has missed, nobody hears of it twice: the gravest is told.
    return list({person: (each, person) for each, person in reversed(found)}.values())[::-1]


def _beside(happened: Happening, found: Mapping[Audience, tuple[PersonId, ...]], new_id: NewId) -> tuple[NewCard, ...]:
    return tuple(
        _card(each, person, new_id)
        for each in BESIDE_CASES
        if each.becomes is happened and each.audience in found
        for person in found[each.audience][:INVOLVE_AT_MOST] or (None,)
    )


def _card(announced: Announcement, person: PersonId | None, new_id: NewId) -> NewCard:
    part = Part.CUSTOMER_SERVICE if person is None else announced.part
    return NewCard(CardId(new_id("C")), announced.card, part, person)


def _rows(event: CaseAdvanced) -> list[Announcement]:
    table = ORDERS if event.after.is_order else APPLICATIONS
    happened = set(_happenings(event))
    is_new = event.decision.action is Action.SUBMIT
    rows = [each for each in table if each.becomes in happened and (is_new or each.card not in ONCE)]
    if not is_same_step(event):
        return rows
    # Whoever is asked as well, by a hand-over, a review or in turn, gets the card that the others have. It comes first:
    # nobody is reminded of what nobody has asked of them.
    return [each for each in table if each.becomes is event.after.state and each.audience is Audience.ASKED] + rows


def _happenings(event: CaseAdvanced) -> Iterator[State | Happening]:
    if not is_same_step(event):
        yield event.after.state
    if event.decision.action is Action.EMERGENCY_ATTEST:
        yield EMERGENCY[event.decision.part]
    if event.decision.action in HAPPENS:
        yield HAPPENS[event.decision.action]
    if _lets_go_on(event):
        yield Happening.PROGRESSED
    if event.decision.action is Action.REMIND:
        yield from _reminded(event)
    was, blocked = event.before.blocked, event.after.blocked
    # Of a price that is missing customer service hears once, however many orders it stops.
    if blocked is not None and blocked.told and was != blocked and blocked.why is not Block.NO_PRICE:
        side = SIDE_OF[PART_WAITED_FOR[event.after.state]]
        yield NOBODY[side] if blocked.why in {Block.NOBODY, Block.OVER_LIMIT} else Happening.AGREEMENT_ENDED


def _reminded(event: CaseAdvanced) -> Iterator[Happening]:
    if event.after.state in REMINDED:
        yield REMINDED[event.after.state]
    else:
        for nudge in event.before.wait.nudges(event.decision.at):
            yield from NUDGED[nudge]


def _lets_go_on(event: CaseAdvanced) -> bool:
    """True where the orderer learns by it that the order goes on: an edit of the status card notifies nobody."""
    decision = event.decision
    return decision.action in LETS_GO_ON and not is_same_step(event) and decision.person != event.after.orderer


def _repaint(event: CaseAdvanced) -> tuple[str, ...]:
    kinds = [*AT_EVERY_CHANGE]
    asking, action = ASKING.get(event.before.state), event.decision.action
    if not is_same_step(event):
        kinds += (*AT_EVERY_STATE, *(sorted(LETS_CONFIRM) if event.before.state in TO_CONFIRM else ()))
    elif action in ON_THE_STATUS:
        kinds.append(CardKind.STATUS)
    if asking is not None and (not is_same_step(event) or action in ON_CARDS_THAT_ASK or _moves_its_end(event)):
        kinds += (asking, CardKind.HANDED_OVER, CardKind.REMINDER)
    if asking is not None and _moves_its_end(event):
        kinds += (CardKind.STATUS, CardKind.STANDSTILL, CardKind.KEEP_OR_WITHDRAW)
    kinds += _at_the_desk(event)
    if event.before.hold and not event.after.hold:
        kinds.append(CardKind.HOLD)
    if event.before.blocked != event.after.blocked:
        kinds += (CardKind.BLOCKED, CardKind.STATUS, CardKind.STANDSTILL)
    if event.before.agent != event.after.agent:
        # What the agent before was shown is not kept equal to an order that is no longer its.
        kinds += (CardKind.AGENT_APPROVAL, CardKind.AGENT_ATTEST)
    return tuple(dict.fromkeys(kinds))


def _moves_its_end(event: CaseAdvanced) -> bool:
    """True where the last day to answer, which cards say, is another than before."""
    return is_same_step(event) and event.before.wait.closes != event.after.wait.closes


def _at_the_desk(event: CaseAdvanced) -> Iterator[CardKind]:
    """Yield what customer service reads that follows what happens there within a state."""
    if event.before.state in AT_THE_DESK:
        yield AT_THE_DESK[event.before.state]
    if event.before.claimed_by != event.after.claimed_by:
        yield from SAYS_WHO_HAS_IT
