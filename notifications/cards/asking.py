"""Whether a card is still the one to answer, and by what right its reader is asked: from the case as it stands."""

from core.api import Action, AddressedView, Part, RecipientStanding, State, told_by
from notifications.cards.card import Card
from notifications.render.pieces.facts import CardStanding, Why
from notifications.rules.announcements import ASKING, CardKind

# The state in which a kind of card asks something.
ASKS_IN: dict[CardKind, State] = {
    **{kind: state for state, kind in ASKING.items()},
    CardKind.CUSTOMER_SERVICE: State.AWAITING_CUSTOMER_SERVICE,
    CardKind.ASSIGNMENT_REVIEW: State.AWAITING_REVIEW,
    CardKind.COMPLETION: State.COMPLETION_REQUESTED,
}

ADMINISTRATORS = frozenset({Part.CUSTOMER_ADMINISTRATOR, Part.AGENT_ADMINISTRATOR})

# The state in which a letter asks a contact something.
LETTERS_ASK_IN: dict[CardKind, State] = {
    CardKind.TO_COMPLETE: State.APPLICATION_COMPLETION_REQUESTED,
    CardKind.COMPLETION_REMINDER: State.APPLICATION_COMPLETION_REQUESTED,
    CardKind.AGREEMENT_TO_SIGN: State.AGREEMENT_AWAITING_SIGNATURE,
    CardKind.SIGN_REMINDER: State.AGREEMENT_AWAITING_SIGNATURE,
}


# The states that post a new card in customer service's channel, where the ones before it keep standing.
POSTED_IN: dict[CardKind, frozenset[State]] = {
    CardKind.CUSTOMER_SERVICE: frozenset({State.AWAITING_CUSTOMER_SERVICE}),
    CardKind.APPLICATION: frozenset({State.APPLICATION_SUBMITTED, State.AGREEMENT_EXPIRED}),
}


def stands(card: Card, found: AddressedView) -> CardStanding:
    """Return whether a card asks its reader something now. One that only shows stands while the order is its side's."""
    if found.recipient.has_left:
        return CardStanding.LEFT
    if _is_replaced(card, found):
        return CardStanding.CHANGED
    asks_in = ASKS_IN.get(card.kind)
    if asks_in is None:
        return CardStanding.LIVE
    if found.view.state is asks_in:
        return _while_asking(card, found)
    return _of_step(found.recipient)


def is_too_late(card: Card, found: AddressedView) -> bool:
    """Return whether what a card was made to ask its reader is asked no more, or by a newer card."""
    letter_asks_in = LETTERS_ASK_IN.get(card.kind)
    if letter_asks_in is None:
        return card.kind in ASKS_IN and stands(card, found) is not CardStanding.LIVE
    is_asked = found.view.state is letter_asks_in and card.step == found.view.step
    return not is_asked or found.recipient.has_signed


def administers(card: Card, found: AddressedView | None) -> str:
    """Return the id of the organisation that the reader of a card can mend something in, empty for any other reader."""
    if card.part not in ADMINISTRATORS:
        return ""
    if card.kind is CardKind.NOT_READY:
        return told_by(card.about or "")[1]
    return (found.recipient.organisation or "") if found is not None else ""


def why(card: Card, found: AddressedView) -> Why | None:
    """Return by what right the reader of a card is asked, None for one who is not."""
    asked, organisation = found.recipient.asked, found.recipient.organisation_name
    if asked is None or organisation is None or stands(card, found) is not CardStanding.LIVE:
        return None
    return Why(asked.role, organisation, asked.limit_ore, asked.absent)


def is_of_another(card: Card, found: AddressedView) -> bool:
    """Return whether an orderer's card is to another than the person who ordered, who has left, or was not meant."""
    return card.part is Part.ORDERER and card.person is not None and not found.recipient.is_orderer


def _is_replaced(card: Card, found: AddressedView) -> bool:
    """True for a card of a channel that has a newer one below it."""
    posted_in = POSTED_IN.get(card.kind, frozenset[State]())
    if found.view.state in posted_in and card.step < found.view.step:
        return True
    return not posted_in.isdisjoint(found.recipient.decided_in)


def _while_asking(card: Card, found: AddressedView) -> CardStanding:
    asks_somebody = card.kind in ASKING.values() and card.person is not None
    is_asked = not asks_somebody or found.recipient.asked is not None
    if card.step < found.view.step:
        # Asked anew: who is asked has a newer card.
        return CardStanding.CHANGED if is_asked else _of_step(found.recipient)
    return CardStanding.LIVE if is_asked else _of_reader(found.recipient)


def _of_step(recipient: RecipientStanding) -> CardStanding:
    return CardStanding.CHANGED if recipient.decided is Action.REPRICE else CardStanding.DECIDED


def _of_reader(recipient: RecipientStanding) -> CardStanding:
    if recipient.has_attested:
        return CardStanding.ATTESTED
    if recipient.has_recused:
        return CardStanding.RECUSED
    return CardStanding.HANDED_OVER if recipient.has_stepped_aside else CardStanding.NO_LONGER_ASKED
