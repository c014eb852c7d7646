"""A card as the relay works on it, whether it still asks its reader something, and by what right."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.api import (
    DECIDING,
    ROLES_OF,
    Action,
    AddressedView,
    CardId,
    CaseId,
    OrganisationId,
    Part,
    PersonId,
    RecipientStanding,
    State,
    told_by,
)
from notifications.render.pieces.facts import CardStanding, Why
from notifications.rules.announcements import ASKING, CardKind
from notifications.slack.port import MessagePlace

REQUEST, REPAINT, PRESSED, REDUCE = 1, 2, 0, 3
"""Priorities: what a person just pressed, what asks somebody, what only repaints, what was closed long ago."""


# What these are about is no card that they are a second message of.
ABOUT_ELSE = frozenset(
    {
        *(CardKind.LINK, CardKind.LINKED, CardKind.UNLINKED, CardKind.UNDELIVERED, CardKind.SUBSTITUTE),
        *(CardKind.NOT_READY, CardKind.PRICE_MISSING, CardKind.UNATTENDED, CardKind.OVERDUE),
        *(CardKind.SLACK_OFF, CardKind.CHANNEL_LOST, CardKind.GUEST, CardKind.WEEKLY_REPORT, CardKind.DIGEST),
    }
)


# The state in which a kind of card asks something.
ASKS_IN: dict[CardKind, State] = {
    **{kind: state for state, kind in ASKING.items()},
    CardKind.CUSTOMER_SERVICE: State.AWAITING_CUSTOMER_SERVICE,
    CardKind.ASSIGNMENT_REVIEW: State.AWAITING_REVIEW,
    CardKind.COMPLETION: State.COMPLETION_REQUESTED,
}
# What reminds somebody of a step asks in whichever state that is.
ASKS_OF_A_STEP = frozenset({CardKind.REMINDER, CardKind.KEEP_OR_WITHDRAW})
ASKS = ASKS_OF_A_STEP | ASKS_IN.keys()

ADMINISTRATORS = frozenset({Part.CUSTOMER_ADMINISTRATOR, Part.AGENT_ADMINISTRATOR})

# The state in which a letter asks a contact something.
LETTERS_ASK_IN: dict[CardKind, State] = {
    CardKind.TO_COMPLETE: State.APPLICATION_COMPLETION_REQUESTED,
    CardKind.COMPLETION_REMINDER: State.APPLICATION_COMPLETION_REQUESTED,
    CardKind.AGREEMENT_TO_SIGN: State.AGREEMENT_AWAITING_SIGNATURE,
    CardKind.SIGN_REMINDER: State.AGREEMENT_AWAITING_SIGNATURE,
}


# Why a card was given up that whoever runs the product has let go.
LET_GO = "let_go"

# The states that post a new card in customer service's channel, where the ones before it keep standing.
POSTED_IN: dict[CardKind, frozenset[State]] = {
    CardKind.CUSTOMER_SERVICE: frozenset({State.AWAITING_CUSTOMER_SERVICE}),
    CardKind.APPLICATION: frozenset({State.APPLICATION_SUBMITTED, State.AGREEMENT_EXPIRED}),
}


@dataclass(frozen=True)
class Card:
    """A row of `cards`. `place` None: not posted yet. `leased_until` is the proof that it is ours to work on.

    `step` is the step of its case when it was made: what it asks, it asks at that step.
    `is_reduced` once its order was closed so long ago that one line of it is left. `line` is the line of history that a
    card without a case tells of. `does_show` is 0 until it was shown. `email` is that of a contact whom a case names,
    who is written to by mail alone. `is_given_up` once it has been told of as lost. `asked_only`
    in a channel where those alone decide who are asked. `owed_at` is since when a change of its case is not shown, and
    `press_id` of what changed it last. `doubted_at` is when a call was begun that may have posted a message of it which
    nobody knows of. `asked_in` is the card that tells its reader in its place.
    """

    id: CardId
    case: CaseId | None
    person: PersonId | None
    kind: CardKind
    part: Part
    workspace: str | None
    address: str | None
    place: MessagePlace | None
    must_show: int
    priority: int
    due_at: datetime | None
    leased_until: datetime | None
    attempts: int
    about: str | None
    last_error: str | None = None
    step: int = 0
    is_reduced: bool = False
    line: int | None = None
    does_show: int = 0
    email: str | None = None
    is_given_up: bool = False
    asked_only: bool = False
    owed_at: datetime | None = None
    press_id: str | None = None
    doubted_at: datetime | None = None
    asked_in: CardId | None = None

    def is_ours_for(self, period: timedelta, at: datetime) -> bool:
        """Return whether nobody else works on it for so long; what takes longer could be done twice."""
        return self.leased_until is not None and at + period <= self.leased_until

    @property
    def is_copy(self) -> bool:
        """True for a second message of a card, left by a crash between posting and recording."""
        return self.about is not None and self.kind not in ABOUT_ELSE

    @property
    def is_of_a_channel(self) -> bool:
        """True for the one card by which a channel hears of something."""
        return self.person is None and self.email is None and not self.is_copy

    @property
    def is_in_role_channel(self) -> bool:
        """True for one that asks all who have a role, in a channel of their organisation's."""
        return self.is_of_a_channel and self.part in DECIDING


def owed(id_: CardId, kind: CardKind, part: Part, at: datetime, **more: object) -> dict[str, object]:
    """The row of a card that was never shown and is due now; `more` are columns such as the person it is for."""
    made: dict[str, object] = {
        "id": id_,
        "kind": kind,
        "part": part,
        "must_show": 1,
        "does_show": 0,
        "priority": REQUEST,
        "due_at": at,
        "attempts": 0,
    }
    return made | more


def card_from_row(row: Any) -> Card:  # Any: a SQLAlchemy row has its columns as attributes
    """The card in a row that holds every column of `cards`."""
    return Card(
        id=row.id,
        case=row.case_id,
        person=row.person_id,
        kind=CardKind(row.kind),
        part=Part(row.part),
        workspace=row.workspace_id,
        address=row.address,
        place=MessagePlace(row.channel, row.ts) if row.channel and row.ts else None,
        must_show=row.must_show,
        priority=row.priority,
        due_at=row.due_at,
        leased_until=row.leased_until,
        attempts=row.attempts,
        about=row.about,
        last_error=row.last_error,
        step=row.step,
        is_reduced=row.is_reduced,
        line=row.line_id,
        does_show=row.does_show,
        email=row.email,
        is_given_up=row.given_up_at is not None,
        asked_only=row.asked_only,
        owed_at=row.owed_at,
        press_id=row.press_id,
        doubted_at=row.doubted_at,
        asked_in=row.asked_in,
    )


def slack_of(card: Card) -> tuple[str, OrganisationId]:
    """Return which workspace a card tells of that it is off, and whose it was."""
    workspace, _, organisation = (card.about or "//").split("/", 2)
    return workspace, OrganisationId(organisation)


def channel_of(card: Card) -> tuple[str, str, int]:
    """Return of which organisation and role a card tells that its channel is lost, and when it was lost."""
    organisation, role, lost_at = (card.about or "//0").split("/")
    return organisation, role, int(lost_at)


def stands(card: Card, found: AddressedView) -> CardStanding:
    """Return whether a card asks its reader something now. One that only shows stands while the order is its side's."""
    if found.recipient.has_left:
        return CardStanding.LEFT
    if _is_replaced(card, found):
        return CardStanding.CHANGED
    if card.kind in ASKS_OF_A_STEP:
        return _at_its_step(card, found)
    asks_in = ASKS_IN.get(card.kind)
    if asks_in is None:
        return CardStanding.LIVE
    if found.view.state is asks_in:
        return _while_asking(card, found)
    return _of_step(found.recipient)


def asks_too_late(card: Card, found: AddressedView) -> bool:
    """Return whether what a card was made to ask its reader is asked no more, or by a newer card."""
    letter_asks_in = LETTERS_ASK_IN.get(card.kind)
    if letter_asks_in is None:
        return card.kind in ASKS and (stands(card, found) is not CardStanding.LIVE or _is_kept(card, found))
    is_asked = found.view.state is letter_asks_in and card.step == found.view.step
    return not is_asked or found.recipient.has_signed


def is_news(card: Card, found: AddressedView) -> bool:
    """Return whether what a card was to tell holds still, for a message that tells it with others."""
    if found.recipient.is_outsider:
        return False
    if card.kind is CardKind.OUTCOME:
        return not found.view.is_open
    if card.kind is CardKind.STANDSTILL:
        return card.step == found.view.step
    is_new_price = any(
        each.action is Action.REPRICE and each.content_version == found.view.content_version - 1
        for each in found.view.steps
    )
    return is_new_price and not asks_too_late(card, found)


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
    if organisation is None or stands(card, found) is not CardStanding.LIVE:
        return None
    if card.is_in_role_channel:
        (role,) = ROLES_OF[card.part]
        return Why(role, organisation, in_channel=True, asked_only=card.asked_only)
    if asked is None:
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


def _is_kept(card: Card, found: AddressedView) -> bool:
    """True for a card that asks whether to keep an order that has been kept since."""
    offered = found.view.offers.get(card.part, ())
    return card.kind is CardKind.KEEP_OR_WITHDRAW and all(row.does is not Action.KEEP for row in offered)


def _while_asking(card: Card, found: AddressedView) -> CardStanding:
    asks_somebody = card.kind in ASKING.values() and card.person is not None
    is_asked = not asks_somebody or found.recipient.asked is not None
    if card.step < found.view.step:
        # Asked anew: who is asked has a newer card.
        return CardStanding.CHANGED if is_asked else _of_step(found.recipient)
    return CardStanding.LIVE if is_asked else _of_reader(found.recipient)


def _at_its_step(card: Card, found: AddressedView) -> CardStanding:
    recipient = found.recipient
    if card.step < found.view.step:
        return _of_step(recipient)
    is_done = recipient.has_attested or recipient.has_recused or recipient.has_stepped_aside
    return _of_reader(recipient) if is_done else CardStanding.LIVE


def _of_step(recipient: RecipientStanding) -> CardStanding:
    return CardStanding.CHANGED if recipient.decided is Action.REPRICE else CardStanding.DECIDED


def _of_reader(recipient: RecipientStanding) -> CardStanding:
    if recipient.has_attested:
        return CardStanding.ATTESTED
    if recipient.has_recused:
        return CardStanding.RECUSED
    return CardStanding.HANDED_OVER if recipient.has_stepped_aside else CardStanding.NO_LONGER_ASKED
