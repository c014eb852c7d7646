"""Everything that can be drawn: every card, modal and home tab, for every state and reader, in both languages."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice
from typing import Any, cast

from bot.views.home.status import answered_message
from core.api import (
    NOT_READY,
    ORDER_FLOWS,
    PART_WAITED_FOR,
    SIDE_OF,
    Action,
    Case,
    CaseId,
    Flow,
    Language,
    Part,
    Routine,
    Side,
    State,
    StepTimes,
    StillWaiting,
    Undone,
    Unit,
    WeekView,
)
from core.views.record import CaseRecord
from notifications.render.drawings import draw_card
from notifications.render.drawings.accounts import LINK_STATES
from notifications.render.mails import Enclosed, draw_mail
from notifications.render.model import with_picture_at
from notifications.rules.announcements import CardKind
from tests.support.drawn import applied
from tests.support.drawn.cards import PORTAL, a_card, cards_of, channel_cards_of, loose, made, view_of
from tests.support.drawn.detours import detours, substituted
from tests.support.drawn.sent import Made, as_sent
from tests.support.drawn.views import (
    HOSTILE,
    METADATA,
    PARTS,
    Drawing,
    home_facts,
    of_view,
    order_forms,
    without_a_case,
)
from tests.support.world import builders

COMMENTED = frozenset({Action.ATTEST, Action.APPROVE})
ROUTINE = f"https://exempel.se/{'rutin/' * 46}"
LINK = "https://kundportal.exempel.se/d/abc?lang=sv"

__all__ = [
    "HOSTILE",
    "LINK",
    "METADATA",
    "PARTS",
    "PORTAL",
    "Drawing",
    "home_facts",
    "in_language",
    "mail_of",
    "nodes",
    "of_dossier",
    "of_part",
    "order_forms",
    "strings",
]


def cases(language: Language) -> Iterator[tuple[str, CaseRecord]]:
    """Every case to draw in a language, with a name that tells it from the others."""
    for flow in ORDER_FLOWS:
        yield from ((f"{flow}, {name}", builders.dossier(case)) for name, case in turns(flow, back=3))
    yield from detours()
    yield from extremes(language)


def turns(flow: Flow, back: int) -> Iterator[tuple[str, Case]]:
    """Of the journeys one for each way to come to a state, looking so many decisions back."""
    found = {(case.state, _latest(case, back), case.content_version > 1): case for _, case in builders.journeys(flow)}
    for (state, actions, is_changed), case in found.items():
        yield f"{state} after {', '.join(actions)}{', changed' if is_changed else ''}", case


def _latest(case: Case, back: int) -> tuple[Action, ...]:
    return tuple(each.action for each in case.decisions[-back:])


def in_language(language: Language, every: int = 1) -> Iterator[Drawing]:
    """(name, kind, value) of everything in a language, or of every so many cases; kind is message, modal or home."""
    for name, dossier in islice(cases(language), None, None, every):
        yield from of_dossier(f"{language}: {name}", dossier, language)
    yield from applied.drawings(language)
    yield from _accounts(language)
    yield from without_a_case(language)


def of_dossier(name: str, dossier: CaseRecord, language: Language) -> Iterator[Drawing]:
    """Everything that the people of a case can be shown of it by now."""
    for part in PARTS:
        yield from of_part(f"{name}: {part}", dossier, part, language)


def of_part(name: str, dossier: CaseRecord, part: Part, language: Language) -> Iterator[Drawing]:
    """What whoever plays a part can be shown: the cards so far as they look now, modals, details, the home tab."""
    for card in cards_of(dossier.case, [part]):
        about = f"{card.kind} at {card.step} for {card.person}"
        yield f"{name}, card {about}", "message", made(dossier, card, language)
    for card in (each for each in channel_cards_of(dossier.case) if each.part is part):
        yield f"{name}, in a channel, card {card.kind} at {card.step}", "message", made(dossier, card, language)
    if part is Part.CUSTOMER_SERVICE:
        note, lost = {"person": "Bo Lund", "error": "user_not_found"}, a_card(CardKind.UNDELIVERED, part, dossier.case)
        yield f"{name}, undelivered", "message", made(dossier, lost, language, note=note)
    yield from of_view(name, view_of(dossier, SIDE_OF[part]), part, language)


def mail_of(card: Any, language: Language) -> dict[str, str]:
    """A card as a mail with a link."""
    enclosed = Enclosed("Bo Lund", link=LINK, label="mail.decide", expires_at=builders.AT)
    paper = draw_mail(card, enclosed, language)
    return {"subject": paper.subject, "text": paper.text, "html": paper.html}


# --- extremes


def extremes(language: Language) -> Iterator[tuple[str, CaseRecord]]:
    """Cases with the most, the longest, the least and the nastiest that can be written."""
    yield from ((f"long {name}", _long(dossier)) for name, dossier in (*_longest(), *detours()))
    # What people write is the same in both languages, and what they leave out.
    name, change = {Language.SV: ("hostile", _hostile), Language.EN: ("bare", _bare)}[language]
    yield from ((f"{name} {about}", change(dossier)) for about, dossier in _turns())


def _turns() -> Iterator[tuple[str, CaseRecord]]:
    for flow in ORDER_FLOWS:
        for name, case in turns(flow, back=1):
            yield f"{flow}, {name}", builders.dossier(substituted(case))


def _longest() -> Iterator[tuple[str, CaseRecord]]:
    """The journeys with the most decisions on the way to each state."""
    for flow in ORDER_FLOWS:
        by_length = sorted(builders.journeys(flow), key=lambda pair: len(pair[1].decisions))
        for state, case in {case.state: case for _, case in by_length}.items():
            yield f"{flow}, the longest way to {state}", builders.dossier(substituted(case))


def _rewritten(dossier: CaseRecord, write: Any, units: tuple[Unit, ...]) -> CaseRecord:
    """The dossier with everything that people write put through `write`, which is given a text's limit."""
    case, order = dossier.case, dossier.case.order
    decisions = tuple(
        replace(
            each,
            reason=each.reason and write(2000),
            internal=each.internal and write(2000),
            message=each.message and write(2900),
            comment=write(500) if each.action in COMMENTED else "",
        )
        for each in case.decisions
    )
    order = replace(
        order,
        units=units,
        invoice_ref=write(2000),
        technical_contact=write(2000),
        comment=write(2000),
        external_case_ref=write(100),
    )
    names = {Language.SV: write(300), Language.EN: write(300)}
    return replace(
        dossier,
        case=replace(case, content=order, decisions=decisions, hold=case.hold and write(2000)),
        offer=builders.offer_words(
            service=names, offer=names, template={Language.SV: write(5000)}, routines=(Routine(names, ROUTINE),) * 5
        ),
        organisations={key: replace(each, name=write(300)) for key, each in dossier.organisations.items()},
        people=dict.fromkeys(dossier.people, write(300)),
    )


def _long(dossier: CaseRecord) -> CaseRecord:
    units = tuple(Unit(f"{number} " + "Vårdcentralen Åäö " * 10, f"SE2222222222-{number:018}") for number in range(200))
    return _rewritten(dossier, lambda limit: ('Å"\\\n' * limit)[:limit], units)


def _hostile(dossier: CaseRecord) -> CaseRecord:
    return _rewritten(dossier, lambda limit: HOSTILE[:limit], (Unit(HOSTILE), Unit(HOSTILE + "2", "SE2222222222-A")))


def _bare(dossier: CaseRecord) -> CaseRecord:
    order = replace(
        dossier.case.order, units=(), invoice_ref="", technical_contact="", comment="", desired_start=None, costs={}
    )
    decisions = tuple(
        replace(each, reason_code=None, reason="", internal="", message="") for each in dossier.case.decisions
    )
    customer = replace(dossier.organisations[builders.CUSTOMER], org_number_is_personal=True, category=None)
    return replace(
        dossier,
        case=replace(dossier.case, content=order, decisions=decisions),
        offer=builders.offer_words(terms_url="", template={}, handles_personal_data=False),
        organisations={**dossier.organisations, builders.CUSTOMER: customer},
        people={},
    )


# --- what hangs on no case


def _accounts(language: Language) -> Iterator[Drawing]:
    for state in LINK_STATES:
        for name in ("Anna Ek", HOSTILE):
            note = {"name": name, "email": "anna.ek@exempel.se", "state": state, "waits": "yes"}
            facts = loose(CardKind.LINK, Part.ORDERER, note=note)
            yield f"{language}: link {state} {name[:4]}", "message", draw_card(facts, None, language)
    linked = loose(CardKind.LINKED, Part.ORDERER, note={"workspace": HOSTILE})
    yield f"{language}: linked", "message", draw_card(linked, None, language)
    for why in Undone:
        for is_own in ("", "yes"):
            note = {"name": HOSTILE, "workspace": HOSTILE, "why": why, "is_own": is_own}
            facts = loose(CardKind.UNLINKED, Part.CUSTOMER_ADMINISTRATOR, note=note)
            yield f"{language}: unlinked {why} {is_own}", "message", draw_card(facts, None, language)
    yield from _switched_off(language)
    yield from _lost_channels(language)
    yield from _guests(language)
    yield from _weeks(language)
    facts = loose(CardKind.UNDELIVERED, Part.CUSTOMER_SERVICE, note={"person": HOSTILE, "error": "channel_not_found"})
    yield f"{language}: undelivered without a case", "message", draw_card(facts, None, language)
    for why in sorted(NOT_READY):
        for part in (Part.CUSTOMER_ADMINISTRATOR, Part.CUSTOMER_SERVICE):
            facts = loose(
                CardKind.NOT_READY, part, administers=builders.CUSTOMER, note={"why": why, "organisation": HOSTILE}
            )
            yield f"{language}: {why} to {part}", "message", draw_card(facts, None, language)
    note = {"since": "2026-11-25", "sv": HOSTILE, "en": HOSTILE}
    facts = loose(CardKind.PRICE_MISSING, Part.CUSTOMER_SERVICE, note=note)
    yield f"{language}: a price is missing", "message", draw_card(facts, None, language)
    for state in ("asked", "confirmed", "declined", "undone", "barred"):
        told = answered_message(state, HOSTILE, language)
        yield f"{language}: link answered, {state}", "message", told


def _switched_off(language: Language) -> Iterator[Drawing]:
    for part in (Part.CUSTOMER_ADMINISTRATOR, Part.CUSTOMER_SERVICE):
        for has_mail in ("", "yes"):
            note = {"organisation": HOSTILE, "workspace": HOSTILE, "has_mail": has_mail}
            told = draw_card(loose(CardKind.SLACK_OFF, part, note=note), None, language)
            yield f"{language}: slack off to {part} {has_mail}", "message", told


def _lost_channels(language: Language) -> Iterator[Drawing]:
    for part in (Part.CUSTOMER_ADMINISTRATOR, Part.CUSTOMER_SERVICE):
        for error in ("not_in_channel", "channel_not_found", "is_archived", "restricted_action", "fatal_error"):
            note = {"organisation": HOSTILE, "role": "attestant", "channel": "C0123456789", "error": error}
            told = draw_card(loose(CardKind.CHANNEL_LOST, part, note=note), None, language)
            yield f"{language}: channel lost to {part} {error}", "message", told


def _guests(language: Language) -> Iterator[Drawing]:
    for part in (Part.CUSTOMER_ADMINISTRATOR, Part.CUSTOMER_SERVICE):
        for state in ("asked", "offered", "confirmed", "declined", "undone", "barred", ""):
            note = {"state": state, "account": "slack:T1/U1", "person": "P-bo", "name": HOSTILE, "workspace": HOSTILE}
            note |= {"organisation": HOSTILE, "organisation_id": "O-region"}
            told = draw_card(loose(CardKind.GUEST, part, note=note if state else {}), None, language)
            yield f"{language}: guest to {part} {state}", "message", told


def _weeks(language: Language) -> Iterator[Drawing]:
    """A week with every step there is and the longest names, and one of which there is nothing to say."""
    steps = tuple(
        StepTimes(Side.INERA, state, 1_000, timedelta(hours=7), timedelta(days=99)) for state in PART_WAITED_FOR
    )
    oldest = (StillWaiting(Side.INERA, CaseId("B-23456789"), State.COMPLETION_REQUESTED, builders.AT),) * 2
    full = WeekView(Side.INERA, date(2026, 11, 23), builders.AT, 1_000, 1_000, 1_000, 1_000, steps, oldest)
    bare = replace(full, placed=0, finished=0, refused=0, waiting=0, steps=(), oldest=())
    for name, week in (("full", full), ("bare", bare)):
        for part, organisation in ((Part.CUSTOMER_SERVICE, ""), (Part.CUSTOMER_ADMINISTRATOR, HOSTILE)):
            facts = loose(CardKind.WEEKLY_REPORT, part, note={"organisation": organisation}, week=week)
            told = with_picture_at(draw_card(facts, None, language), "https://kundportal.exempel.se/b/token.png")
            yield f"{language}: a {name} week to {part}", "message", told


def nodes(drawn: object) -> Iterator[dict[str, Any]]:
    """Every object in a drawing as it is sent, from the whole down to the smallest."""
    yield from _nodes(drawn if isinstance(drawn, dict) or _is_sent(drawn) else as_sent(cast("Made", drawn)))


def _is_sent(drawn: object) -> bool:
    return isinstance(drawn, list) and all(isinstance(part, dict) for part in drawn)


def _nodes(sent: object) -> Iterator[dict[str, Any]]:
    if isinstance(sent, dict):
        yield sent
        for part in sent.values():
            yield from _nodes(part)
    elif isinstance(sent, list):
        for part in sent:
            yield from _nodes(part)


def strings(drawn: object) -> Iterator[str]:
    """Every string in a drawing."""
    return (value for node in nodes(drawn) for value in node.values() if isinstance(value, str))
