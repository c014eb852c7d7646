"""The cards of a case: rows as the relay reads them, and what each of their readers is shown."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

from core.api import (
    DECIDING,
    PART_WAITED_FOR,
    SIDE_OF,
    Action,
    AddressedView,
    CardId,
    Case,
    CaseView,
    Language,
    Part,
    PersonId,
    Recipient,
    Side,
    State,
)
from core.views.case_view import disclose
from core.views.recipients import standing_of
from core.views.record import CaseRecord
from core.workflow.deadlines import REMINDERS
from notifications.cards.card import ASKS_IN, ASKS_OF_A_STEP, REQUEST, Card
from notifications.cards.drawer import about, recipient_of
from notifications.render.drawings import CardFacts, draw_card
from notifications.render.model import CardMessage
from notifications.rules.announcements import ASKING, NUDGED, ORDERS, Announcement, CardKind, Happening
from notifications.rules.audiences import Audience
from tests.support.drawn.sent import as_sent
from tests.support.world import builders

PORTAL = "https://kundportalen.exempel.se"
# A working day and a half after most orders.
NOW = builders.AT + builders.HOUR * 36


def a_card(kind: CardKind, part: Part, case: Case | None = None, **changes: Any) -> Card:
    """A card of a kind: to whoever plays the part, made at the last step at which such a card asks something."""
    made = Card(
        id=CardId("C23456789BCDF"),
        case=None if case is None else case.id,
        person=None if part is Part.CUSTOMER_SERVICE else builders.PLAYS[part],
        kind=kind,
        part=part,
        workspace="T0123456789",
        address="U0123456789",
        place=None,
        must_show=1,
        priority=REQUEST,
        due_at=None,
        leased_until=None,
        attempts=0,
        about=None,
        step=0 if case is None else last_step(kind, case),
    )
    return replace(made, **changes)


def last_step(kind: CardKind, case: Case) -> int:
    """The last step at which a card of a kind was made."""
    asks_in = ASKS_IN.get(kind)
    if asks_in is None or case.state is asks_in:
        return case.step
    return next((each.step for each in reversed(case.decisions) if each.state is asks_in), 0)


def cards_of(case: Case, parts: Collection[Part] = tuple(Part)) -> Iterator[Card]:
    """Every card that has been made of a case by now, to whoever plays one of these parts and may have got it."""
    told = (each for each in ORDERS if each.part in parts and _is_told(each, case))
    announced = {(each.card, each.part): each.audience for each in told}
    for (kind, part), audience in sorted(announced.items()):
        for person in _readers(part, case, audience):
            for step in _steps(kind, case):
                yield a_card(kind, part, case, person=person, step=step)
    if Part.CUSTOMER_SERVICE not in parts:
        return
    is_served = PART_WAITED_FOR.get(case.state) is Part.CUSTOMER_SERVICE
    if is_served or any(PART_WAITED_FOR.get(each.state) is Part.CUSTOMER_SERVICE for each in case.decisions):
        for kind in OF_LEADS:
            yield a_card(kind, Part.CUSTOMER_SERVICE, case, person=builders.SERVICE, step=case.step - (not is_served))


def _is_told(announced: Announcement, case: Case) -> bool:
    if announced.becomes not in OF_REMINDERS:
        return _has_happened(announced.becomes, case)
    waited = _waited_for_people(case)
    if waited is None:
        return False
    part, of = announced.part, PART_WAITED_FOR[waited[0]]
    if announced.audience is Audience.WHO_WAITS:
        return part is not of
    is_its = SIDE_OF[part] is SIDE_OF[of]
    return is_its if announced.audience is Audience.ITS_ADMINISTRATORS else part is of


def _waited_for_people(case: Case) -> tuple[State, int] | None:
    """The last state and step at which people of an organisation were reminded, or may be."""
    here = [(case.state, case.step)] if case.state in REMINDERS else []
    before = [(each.state, each.step) for each in reversed(case.decisions) if each.state in REMINDERS]
    return next(iter([*here, *before]), None)


def channel_cards_of(case: Case) -> Iterator[Card]:
    """Every card by which the people of a role have been asked together by now, in their organisation's channel."""
    for (kind, part), steps in _asked_together(case).items():
        for step in steps:
            yield a_card(kind, part, case, person=None, step=step, asked_only=True)


def _asked_together(case: Case) -> dict[tuple[CardKind, Part], list[int]]:
    asking = dict.fromkeys((each.card, each.part) for each in ORDERS if each.card in ASKING.values())
    return {(kind, part): _steps(kind, case) for kind, part in asking if part in DECIDING}


# What is only told once the clock has reminded somebody.
OF_REMINDERS = frozenset(happening for told in NUDGED.values() for happening in told)
# What tells customer service's lead of a case.
OF_LEADS = (CardKind.UNATTENDED, CardKind.OVERDUE)


def loose(kind: CardKind, part: Part, **changes: Any) -> CardFacts:
    """A card that is drawn without looking at who is asked in its case, or that has none."""
    return replace(
        CardFacts(CardId("C23456789BCDF"), kind, part, "test", "Bo Lund", portal_url=PORTAL, at=NOW), **changes
    )


def facts_of(dossier: CaseRecord, card: Card, **changes: Any) -> CardFacts:
    """A card as it is drawn: with what its case says of it and its reader."""
    name = dossier.people.get(card.person) if card.person is not None else None
    made = CardFacts(card.id, card.kind, card.part, "test", name, portal_url=PORTAL, at=NOW)
    return replace(about(made, card, to_reader(dossier, card)), **changes)


def to_reader(dossier: CaseRecord, card: Card) -> AddressedView:
    """The case of a card as its reader may know it, who has a part on the side still."""
    standing = standing_of(dossier, recipient_of(card) or Recipient(dossier.case.id, card.part, card.person, 0), ())
    return AddressedView(view_of(dossier, SIDE_OF[card.part]), replace(standing, is_outsider=False))


def shown(dossier: CaseRecord, card: Card, language: Language = Language.SV, **changes: Any) -> dict[str, Any]:
    """A card as what is posted."""
    return as_sent(made(dossier, card, language, **changes))


def made(dossier: CaseRecord, card: Card, language: Language = Language.SV, **changes: Any) -> CardMessage:
    """A card as what it says and offers."""
    return draw_card(facts_of(dossier, card, **changes), view_of(dossier, SIDE_OF[card.part]), language)


def view_of(dossier: CaseRecord, side: Side) -> CaseView:
    """What a side sees of a case; kept until it is asked for of another case, since that takes longer than drawing."""
    kept = _views.get(side)
    if kept is None or kept[0] is not dossier:
        kept = _views[side] = (dossier, disclose(dossier, side))
    return kept[1]


_views: dict[Side, tuple[CaseRecord, CaseView]] = {}


def message(facts: CardFacts, view: CaseView | None, language: Language) -> dict[str, Any]:
    """A drawing of a card as what is posted."""
    return as_sent(draw_card(facts, view, language))


def _has_happened(becomes: object, case: Case) -> bool:
    if becomes in {Happening.EMERGENCY_FOR_CUSTOMER, Happening.EMERGENCY_FOR_AGENT}:
        of = {Happening.EMERGENCY_FOR_CUSTOMER: Part.CUSTOMER_EMERGENCY}.get(becomes, Part.AGENT_EMERGENCY)
        return any(each.action is Action.EMERGENCY_ATTEST and each.part is of for each in case.decisions)
    if isinstance(becomes, Happening):
        # Who is blocked is told, and later that it is solved.
        return case.agent is not None or becomes is not Happening.NOBODY_FOR_AGENT
    return becomes in {each.state for each in case.decisions} | {case.state}


def _readers(part: Part, case: Case, audience: Audience) -> list[PersonId | None]:
    if part is Part.CUSTOMER_SERVICE:
        return [builders.SERVICE, builders.SERVICE_COLLEAGUE] if audience is Audience.HELD_IT else [None]
    people = [builders.PLAYS[part], builders.COLLEAGUES.get(part) if audience is not Audience.ORDERER else None]
    is_waited_for = PART_WAITED_FOR.get(case.state) is part
    asked = [each.person for each in case.asked] if audience is Audience.ASKED and is_waited_for else []
    # Another of the orderer's organisation, where that person has left.
    others = [builders.ADMINISTRATOR] if part is Part.ORDERER else []
    return list(dict.fromkeys(each for each in (*people, *asked, *others) if each is not None))


def _steps(kind: CardKind, case: Case) -> list[int]:
    if kind in {*ASKS_OF_A_STEP, CardKind.STANDSTILL}:
        waited = _waited_for_people(case)
        return [] if waited is None else [waited[1]]
    if kind not in {*ASKING.values(), CardKind.CUSTOMER_SERVICE, CardKind.COMPLETION}:
        return [case.step]
    decided = [each.step for each in case.decisions if each.state is ASKS_IN[kind]]
    return list(dict.fromkeys([*decided, *([case.step] if case.state is ASKS_IN[kind] else [])]))
