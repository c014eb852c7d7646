"""Whether a card is still the one to answer, and by what right its reader is asked: from the case as it stands."""

from core.api import Action, Assignee, Case, CaseRecord, Part, PersonId, State, told_by
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


def stands(card: Card, case: Case) -> CardStanding:
    """Whether a card asks its reader something now. One that only shows stands while the order is its side's."""
    if case.is_left_by(card.part, card.step):
        return CardStanding.LEFT
    if _is_replaced(card, case):
        return CardStanding.CHANGED
    asks_in = ASKS_IN.get(card.kind)
    if asks_in is None:
        return CardStanding.LIVE
    if case.state is asks_in:
        return _while_asking(card, case)
    return _of_step(card, case)


def is_too_late(card: Card, case: Case) -> bool:
    """True when what a card was made to ask its reader is asked no more, or by a newer card."""
    letter_asks_in = LETTERS_ASK_IN.get(card.kind)
    if letter_asks_in is None:
        return card.kind in ASKS_IN and stands(card, case) is not CardStanding.LIVE
    is_asked = case.state is letter_asks_in and card.step == case.step
    return not is_asked or any(card.person == each.person for each in case.signatures)


def administers(card: Card, case: Case | None) -> str:
    """The id of the organisation that the reader of a card can mend something in, empty for who is told otherwise."""
    if card.part not in ADMINISTRATORS:
        return ""
    if card.kind is CardKind.NOT_READY:
        return told_by(card.about or "")[1]
    return (case.organisation_of(card.part) or "") if case is not None else ""


def why(card: Card, dossier: CaseRecord) -> Why | None:
    """By what right the reader of a card is asked, None for one who is not."""
    case = dossier.case
    asked = None if stands(card, case) is not CardStanding.LIVE else _asked(card.person, case)
    organisation = dossier.organisation_of(card.part)
    if asked is None or organisation is None:
        return None
    absent = None if asked.absent is None else dossier.people.get(asked.absent)
    return Why(asked.role, organisation, asked.limit_ore, absent)


def handed_by(card: Card, dossier: CaseRecord) -> str | None:
    """The name of the colleague who has left it to the reader of a card to decide; None where nobody has."""
    givers = (each.giver for each in reversed(dossier.case.handed) if each.to == card.person)
    giver = next(givers, None)
    return None if giver is None or _asked(card.person, dossier.case) is None else dossier.people.get(giver)


def is_of_another(card: Card, case: Case) -> bool:
    """True for an orderer's card whose reader is not the person who ordered: that person has left, or was not meant."""
    return card.part is Part.ORDERER and card.person is not None and card.person != case.orderer


def _is_replaced(card: Card, case: Case) -> bool:
    """True for a card of a channel that has a newer one below it."""
    posted_in = POSTED_IN.get(card.kind, frozenset[State]())
    if case.state in posted_in and card.step < case.step:
        return True
    return any(each.state in posted_in and each.step > card.step for each in case.decisions)


def _while_asking(card: Card, case: Case) -> CardStanding:
    asks_somebody = card.kind in ASKING.values() and card.person is not None
    is_asked = not asks_somebody or _asked(card.person, case) is not None
    if card.step < case.step:
        # Asked anew: who is asked has a newer card.
        return CardStanding.CHANGED if is_asked else _of_step(card, case)
    return CardStanding.LIVE if is_asked else _of_reader(card.person, case)


def _of_step(card: Card, case: Case) -> CardStanding:
    decision = case.decision_at(card.step)
    is_changed = decision is not None and decision.action is Action.REPRICE
    return CardStanding.CHANGED if is_changed else CardStanding.DECIDED


def _of_reader(person: PersonId | None, case: Case) -> CardStanding:
    if any(person in {each.person, each.absent} for each in case.attests):
        return CardStanding.ATTESTED
    if person in case.recused:
        return CardStanding.RECUSED
    return CardStanding.HANDED_OVER if person in case.aside else CardStanding.NO_LONGER_ASKED


def _asked(person: PersonId | None, case: Case) -> Assignee | None:
    return next((each for each in case.asked if each.person == person), None)
