"""The table of announcements: when a case becomes something, which people get which card."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from core.api import Action, CardId, CaseAdvanced, NewCard, NewId, Owed, Part, PersonId, Situation, State, eligible

ASK_AT_MOST = 5


class CardKind(StrEnum):
    """What a card is for; stored, so never renamed without a migration."""

    STATUS = "status"  # the orderer's one living card: where the order is
    AGENT_APPROVAL = "agent_approval"  # asks the agent's orderer
    AGENT_ATTEST = "agent_attest"  # asks the agent's attestant
    CUSTOMER_ATTEST = "customer_attest"  # asks the customer's attestant
    CUSTOMER_SERVICE = "customer_service"  # asks customer service, in its channel
    INSTRUCTIONS = "instructions"  # how to get access, to the orderer
    AGENT_START = "agent_start"  # the agent may begin
    OUTCOME = "outcome"  # the order ended in another way: rejected, withdrawn, expired
    LINK = "link"  # asks a person whether an account is theirs; a greeting once it is
    UNDELIVERED = "undelivered"  # tells customer service's channel that a card reached nobody


class Audience(StrEnum):
    """Whom a row means."""

    ORDERER = "orderer"  # the person who ordered
    ASKED = "asked"  # people who may decide this step, at most five
    ACTED = "acted"  # people who decided for this part earlier in the order
    INVOLVED = "involved"  # people who decided for this part, then others who hold its role, at most five
    CHANNEL = "channel"  # customer service's channel


@dataclass(frozen=True)
class Announcement:
    """When a case of a flow becomes a state, an audience playing a part gets a card of a kind."""

    becomes: State
    part: Part
    audience: Audience
    card: CardKind


row = Announcement
# fmt: off
ANNOUNCEMENTS: tuple[Announcement, ...] = (
    row(State.AWAITING_AGENT_APPROVAL,   Part.ORDERER,            Audience.ORDERER, CardKind.STATUS),
    row(State.AWAITING_AGENT_APPROVAL,   Part.AGENT_HANDLER,      Audience.ASKED,   CardKind.AGENT_APPROVAL),
    row(State.AWAITING_AGENT_ATTEST,     Part.AGENT_ATTESTANT,    Audience.ASKED,   CardKind.AGENT_ATTEST),
    row(State.AWAITING_CUSTOMER_ATTEST,  Part.ORDERER,            Audience.ORDERER, CardKind.STATUS),
    row(State.AWAITING_CUSTOMER_ATTEST,  Part.CUSTOMER_ATTESTANT, Audience.ASKED,   CardKind.CUSTOMER_ATTEST),
    row(State.AWAITING_CUSTOMER_SERVICE, Part.CUSTOMER_SERVICE,   Audience.CHANNEL, CardKind.CUSTOMER_SERVICE),
    row(State.INSTRUCTIONS_SENT,         Part.ORDERER,            Audience.ORDERER, CardKind.INSTRUCTIONS),
    row(State.AGENT_INFORMED,            Part.AGENT_HANDLER,      Audience.INVOLVED, CardKind.AGENT_START),
    row(State.AGENT_INFORMED,            Part.ORDERER,            Audience.ORDERER, CardKind.OUTCOME),
    row(State.REJECTED,                  Part.ORDERER,            Audience.ORDERER, CardKind.OUTCOME),
    row(State.REJECTED,                  Part.AGENT_HANDLER,      Audience.ACTED,   CardKind.OUTCOME),
    row(State.REJECTED,                  Part.AGENT_ATTESTANT,    Audience.ACTED,   CardKind.OUTCOME),
    row(State.WITHDRAWN,                 Part.AGENT_HANDLER,      Audience.ACTED,   CardKind.OUTCOME),
    row(State.WITHDRAWN,                 Part.AGENT_ATTESTANT,    Audience.ACTED,   CardKind.OUTCOME),
    row(State.EXPIRED,                   Part.ORDERER,            Audience.ORDERER, CardKind.OUTCOME),
    row(State.EXPIRED,                   Part.AGENT_HANDLER,      Audience.ACTED,   CardKind.OUTCOME),
    row(State.EXPIRED,                   Part.AGENT_ATTESTANT,    Audience.ACTED,   CardKind.OUTCOME),
)
# fmt: on

# Edits are Slack's bottleneck. These are kept equal to the case: the first at every change, the second at every new
# state. A card that asks is repainted once, when its step is decided; the others never.
AT_EVERY_CHANGE = (CardKind.CUSTOMER_SERVICE,)
AT_EVERY_STATE = (CardKind.STATUS, CardKind.UNDELIVERED)
# A case gets one card of these kinds in its life; later rows of the table find it already there.
ONCE = (CardKind.STATUS,)
# These come when a case is closed, and tell what its reader must learn all the same.
LAST_WORDS = (CardKind.INSTRUCTIONS, CardKind.AGENT_START, CardKind.OUTCOME)
ASKING: dict[State, CardKind] = {each.becomes: each.card for each in ANNOUNCEMENTS if each.audience is Audience.ASKED}


class Announcements:
    """Implements core's Announcer port by the table."""

    def announce(self, event: CaseAdvanced, now: Situation, new_id: NewId) -> Owed:
        """See core.ports.Announcer."""
        return owed(event, now, new_id)


def owed(event: CaseAdvanced, now: Situation, new_id: NewId) -> Owed:
    """The cards an event owes and the kinds to repaint, by the table. `now` is the situation after the event."""
    cards = [
        NewCard(id=CardId(new_id("C")), kind=each.card, part=each.part, person=person)
        for each in _rows(event)
        for person in _AUDIENCES[each.audience](event, now, each.part)
    ]
    return Owed(tuple(cards), _repaint(event))


def _rows(event: CaseAdvanced) -> list[Announcement]:
    if event.before.state is event.after.state:
        return []
    is_new = event.decision.action is Action.SUBMIT
    return [each for each in ANNOUNCEMENTS if each.becomes is event.after.state and (is_new or each.card not in ONCE)]


def _repaint(event: CaseAdvanced) -> tuple[str, ...]:
    if event.before.state is event.after.state:
        return AT_EVERY_CHANGE
    left = ASKING.get(event.before.state)
    return (*AT_EVERY_CHANGE, *AT_EVERY_STATE, *([left] if left else []))


def _orderer(event: CaseAdvanced, now: Situation, part: Part) -> tuple[PersonId | None, ...]:  # noqa: ARG001 - one signature
    return (event.after.orderer,)


def _asked(event: CaseAdvanced, now: Situation, part: Part) -> tuple[PersonId | None, ...]:  # noqa: ARG001 - one signature
    return eligible(now, part)[:ASK_AT_MOST]


def _acted(event: CaseAdvanced, now: Situation, part: Part) -> tuple[PersonId | None, ...]:  # noqa: ARG001 - one signature
    earlier = (each.person for each in event.before.decisions if each.part is part and each.person)
    return tuple(dict.fromkeys(each for each in earlier if each != event.decision.person))


def _involved(event: CaseAdvanced, now: Situation, part: Part) -> tuple[PersonId | None, ...]:
    return tuple(dict.fromkeys((*_acted(event, now, part), *_asked(event, now, part))))[:ASK_AT_MOST]


def _channel(event: CaseAdvanced, now: Situation, part: Part) -> tuple[PersonId | None, ...]:  # noqa: ARG001 - one signature
    return (None,)


_AUDIENCES: dict[Audience, Callable[[CaseAdvanced, Situation, Part], tuple[PersonId | None, ...]]] = {
    Audience.ORDERER: _orderer,
    Audience.ASKED: _asked,
    Audience.ACTED: _acted,
    Audience.INVOLVED: _involved,
    Audience.CHANNEL: _channel,
}
