"""The six cards that matter are read at a glance: few lines, and whole in the window of a desk and of a phone."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser

from core.api import (
    COUNTED,
    DECIDING,
    PART_WAITED_FOR,
    SIDE_OF,
    Action,
    CaseId,
    Flow,
    InboxPage,
    InboxQuery,
    Language,
    ListedCase,
    Part,
    Payer,
    PersonId,
    Side,
    State,
    StepTimes,
    StillWaiting,
    Unit,
    WeekView,
    path,
)
from core.views.case_view import disclose
from core.views.record import CaseRecord
from notifications.cards.card import Card
from notifications.cards.channel_notes import CALLED_AT_MOST
from notifications.render.drawings import draw_card
from notifications.render.drawings.nudges import NAMED
from notifications.render.model import Called, CardMessage
from notifications.render.surfaces import block_kit
from notifications.rules.announcements import CardKind
from tests.page.conftest import PATIENCE_MS, Sandbox, pane
from tests.page.product import ANNA, BERTIL, Json
from tests.support.drawn import detours
from tests.support.drawn.cards import a_card, loose, made, shown
from tests.support.world import builders

pytestmark = pytest.mark.slow

PLACES = ("Norr", "Söderbygden", "Ekbacken", "Centrum", "Rosengård")
KINDS = (
    "Vårdcentralen",
    "Barnmorskemottagningen",
    "Ungdomsmottagningen",
    "Barnavårdscentralen",
    "Folktandvården",
    "Rehabmottagningen",
    "Psykiatrimottagningen",
    "Habiliteringen",
)
COUNTS = (1, 3, 40)
# Accounts that a message in a channel calls, for the two who are asked.
ACCOUNTS = (ANNA, BERTIL)
FIRST_NAMES = ("Anna-Karin", "Bo", "Cecilia", "Muhammed", "Ingegerd")
# A warning is a line or two that most orders have not.
FOR_WARNINGS = 3
# How many lines there are beside buttons and the sender, what is wider than its card, and how much room there is.
MEASURE = """(card) => {
  const middles = [], area = card.closest("[role=log]");
  const walk = document.createTreeWalker(card, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const around = node.parentElement;
    if (!node.textContent.trim() || !around.closest(".blocks") || around.closest("button, select")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) if (box.width && box.height) middles.push((box.top + box.bottom) / 2);
  }
  middles.sort((one, other) => one - other);
  const lines = middles.filter((middle, at) => at === 0 || middle - middles[at - 1] > 6).length;
  const right = card.getBoundingClientRect().right;
  const isWide = (each) =>
    each.getBoundingClientRect().right > right + 1 || (each.clientWidth && each.scrollWidth > each.clientWidth + 1);
  const wide = [...card.querySelectorAll("*")].filter(isWide).map((each) => each.outerHTML.slice(0, 120));
  return { lines, wide, height: card.getBoundingClientRect().height, room: area.clientHeight };
}"""


@dataclass(frozen=True)
class Seen:
    """A window, and how many lines of a card it takes at most."""

    width: int
    height: int
    lines: int


DESK, PHONE = Seen(1280, 800, 10), Seen(390, 844, 16)


def units(count: int) -> tuple[Unit, ...]:
    """Care units of names as they are, some with an HSA-id."""
    for_each = enumerate(f"{KINDS[number // 5]} {PLACES[number % 5]}" for number in range(count))
    return tuple(Unit(name, f"SE2222222222-A{number:03d}" if number % 2 == 0 else None) for number, name in for_each)


def at(*actions: Action, flow: Flow, count: int) -> CaseRecord:
    """Return an order of so many units after what was done to it."""
    start, why = date(2026, 6, 1), "Vi byter journalsystem i juni."
    content = replace(builders.order(flow), units=units(count), desired_start=start, comment=why)
    return builders.dossier(builders.after(*actions, flow=flow, content=content))


def six(count: int) -> Iterator[tuple[str, CaseRecord, CardKind, Part]]:
    """Return the cards that are decided by, and the one that tells the orderer."""
    via, approved, attested = Flow.VIA_AGENT, (Action.APPROVE,), (Action.APPROVE, Action.ATTEST)
    customer = CardKind.CUSTOMER_ATTEST, Part.CUSTOMER_ATTESTANT
    yield "agent's orderer", at(flow=via, count=count), CardKind.AGENT_APPROVAL, Part.AGENT_HANDLER
    yield "agent's attestant", at(*approved, flow=via, count=count), CardKind.AGENT_ATTEST, Part.AGENT_ATTESTANT
    yield "customer's attestant", at(flow=Flow.DIRECT, count=count), *customer
    yield "customer's attestant, via agent", at(*attested, flow=via, count=count), *customer
    done = at(*attested, Action.ATTEST, flow=via, count=count)
    yield "customer service", done, CardKind.CUSTOMER_SERVICE, Part.CUSTOMER_SERVICE
    yield "the orderer", at(*attested, flow=via, count=count), CardKind.STATUS, Part.ORDERER


def drawn() -> Iterator[tuple[str, Json]]:
    """Return every one of them, by what it is; those that decide also as they stand in a channel, and call people."""
    for language in Language:
        for count in COUNTS:
            for name, record, kind, part in six(count):
                yield f"{name}, {count}, {language}", shown(record, a_card(kind, part, record.case), language)
                if part in DECIDING:
                    card = a_card(kind, part, record.case, person=None, asked_only=True)
                    asked = (record.people[each.person] for each in record.case.asked)
                    called = [Called(account, person) for account, person in zip(ACCOUNTS, asked, strict=True)]
                    posted = block_kit.message(made(record, card, language), called)
                    yield f"{name}, in a channel, {count}, {language}", posted
                    yield f"{name}, in a channel of many, {count}, {language}", calling_many(record, card, language)


def calling_many(record: CaseRecord, card: Card, language: Language) -> Json:
    """Return the card as it calls as many as a message calls at most, all of whom are asked."""
    names = [f"{first} {last}" for last in ("Söderberg", "Wallin", "Öhrn", "Ek") for first in FIRST_NAMES]
    people = {PersonId(f"P-{place}"): name for place, name in enumerate(names)}
    asked = tuple(replace(record.case.asked[0], person=person) for person in people)
    crowded = replace(record, case=replace(record.case, asked=asked), people={**record.people, **people})
    accounts = [*ACCOUNTS, *(f"U0MANY{place:05}" for place in range(CALLED_AT_MOST - len(ACCOUNTS)))]
    called = [Called(account, name) for account, name in zip(accounts, names, strict=True)]
    return block_kit.message(made(crowded, card, language), called)


def warned() -> Iterator[tuple[str, Json]]:
    """Return cards with what differs from the usual: another version or price, several who attest, a reminder."""
    changed = [case for name, case in builders.journeys(Flow.DIRECT) if name == "submit, request_completion, answer"]
    version = next(case for case in changed if case.content_version == 2)
    silent = replace(version, decisions=tuple(replace(each, message="") for each in version.decisions))
    kind, part = CardKind.CUSTOMER_ATTEST, Part.CUSTOMER_ATTESTANT
    dearer = detours.dearer(builders.after(), Payer.CUSTOMER)
    records = {
        "version": builders.dossier(silent),
        "price": builders.dossier(replace(dearer, content=replace(dearer.order, coming_costs={}))),
        "several": detours.several(Action.ATTEST),
    }
    for language in Language:
        for name, record in records.items():
            card = a_card(kind, part, record.case, person=builders.COLLEAGUE)
            yield f"{name}, {language}", shown(record, card, language)
        nudged = at(Action.APPROVE, Action.ATTEST, Action.REMIND_NOW, flow=Flow.VIA_AGENT, count=3)
        yield f"nudged, {language}", shown(nudged, a_card(CardKind.STATUS, Part.ORDERER, nudged.case), language)


def reminding() -> Iterator[tuple[str, Json]]:
    """Return what people get while an order waits, also once its orderer has reminded of it."""
    nudged = builders.dossier(builders.unanswered(builders.after(Action.REMIND_NOW, flow=Flow.VIA_AGENT)))
    handler, administrator, orderer = Part.AGENT_HANDLER, Part.AGENT_ADMINISTRATOR, Part.ORDERER
    kinds = [(CardKind.REMINDER, handler), (CardKind.STANDSTILL, administrator), (CardKind.STANDSTILL, orderer)]
    for language in Language:
        for kind, part in [*kinds, (CardKind.KEEP_OR_WITHDRAW, orderer)]:
            yield f"{kind} for {part}, {language}", shown(nudged, a_card(kind, part, nudged.case), language)
        for name, message in told_together(language):
            yield f"{name}, {language}", message


def told_together(language: Language) -> Iterator[tuple[str, Json]]:
    """Return what whoever has much waiting gets, of orders that have waited for long: each of what happens to all."""
    waits = _listed(at(flow=Flow.DIRECT, count=3), Part.CUSTOMER_ATTESTANT)
    ordered = at(flow=Flow.VIA_AGENT, count=40)
    waited, asked = (_listed(each, Part.ORDERER) for each in (ordered, _unanswered(ordered)))
    yield "all wait", _together([waits], [], language)
    yield "all have new prices", _together([waits], [(CardKind.CUSTOMER_ATTEST, waits)], language)
    yield "to keep all", _together([asked], [], language)
    yield "all stand still", _together([], [(CardKind.STANDSTILL, waited)], language)
    yield "all have ended", _together([], [(CardKind.OUTCOME, waited)], language)


def everything_at_once(language: Language) -> Json:
    """Return a message of all that may happen, to somebody of several parts, which hardly any morning brings."""
    long, part = at(flow=Flow.VIA_AGENT, count=40), Part.AGENT_HANDLER
    waits = [_listed(each, part) for each in (long, at(flow=Flow.DIRECT, count=3))]
    tells = (CardKind.CUSTOMER_ATTEST, CardKind.STANDSTILL, CardKind.OUTCOME)
    return _together([*waits, _listed(_unanswered(long), Part.ORDERER)], [(each, waits[0]) for each in tells], language)


def _unanswered(record: CaseRecord) -> CaseRecord:
    return builders.dossier(builders.unanswered(record.case))


def _listed(record: CaseRecord, part: Part) -> ListedCase:
    return ListedCase(disclose(record, SIDE_OF[part]), part)


def _together(waits: list[ListedCase], tells: list[tuple[CardKind, ListedCase]], language: Language) -> Json:
    """Return the message of so many of each as are counted, and more."""
    page = InboxPage(InboxQuery(), waits * NAMED, (COUNTED + 1) * bool(waits), has_more=True)
    news = [each for each in tells for _ in range(COUNTED + 1)]
    facts = loose(CardKind.DIGEST, Part.ORDERER, waiting=page, news=news, at=builders.AT + timedelta(days=40))
    return block_kit.message(draw_card(facts, None, language))


def measured(browser: Browser, sandbox: Sandbox, cards: list[tuple[str, Json]], seen: Seen) -> dict[str, Json]:
    """Return what each of some cards measures, all in one conversation and one load of the page."""
    channel = sandbox.call("conversations.open", users=ANNA)["channel"]["id"]
    stamps = {name: sandbox.post(channel, **message) for name, message in cards}
    context = browser.new_context(viewport={"width": seen.width, "height": seen.height}, locale="sv-SE")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    sandbox.open(page, ANNA, focus=ANNA)
    pane(page, ANNA).locator("[data-ts]").nth(len(cards) - 1).wait_for()
    measures = {
        name: pane(page, ANNA).locator(f'[data-ts="{stamp}"]').evaluate(MEASURE) for name, stamp in stamps.items()
    }
    context.close()
    return measures


@pytest.mark.parametrize("seen", [DESK, PHONE], ids=["desk", "phone"])
def test_the_six_cards_keep_to_their_lines_and_are_whole_in_the_window(browser, sandbox, seen):
    measures = measured(browser, sandbox, [*drawn(), *reminding()], seen)

    assert {name: each["lines"] for name, each in measures.items() if each["lines"] > seen.lines} == {}
    assert {name: each["height"] for name, each in measures.items() if each["height"] > each["room"]} == {}
    assert {name: each["wide"] for name, each in measures.items() if each["wide"]} == {}


@pytest.mark.parametrize("seen", [DESK, PHONE], ids=["desk", "phone"])
def test_a_message_of_everything_at_once_takes_half_as_many_lines_again_at_most(browser, sandbox, seen):
    cards = [(str(language), everything_at_once(language)) for language in Language]

    measures, most = measured(browser, sandbox, cards, seen), seen.lines + seen.lines // 2

    assert {name: each["lines"] for name, each in measures.items() if each["lines"] > most} == {}
    assert {name: each["wide"] for name, each in measures.items() if each["wide"]} == {}


@pytest.mark.parametrize("seen", [DESK, PHONE], ids=["desk", "phone"])
def test_a_warning_adds_three_lines_at_most(browser, sandbox, seen):
    # On a telephone the day to answer takes a line more where it lies after the wanted start.
    measures, most = measured(browser, sandbox, list(warned()), seen), seen.lines + FOR_WARNINGS + (seen is PHONE)

    assert {name: each["lines"] for name, each in measures.items() if each["lines"] > most} == {}


@pytest.mark.parametrize("seen", [DESK, PHONE], ids=["desk", "phone"])
def test_a_weekly_report_keeps_to_its_lines_beside_its_picture(browser, sandbox, seen):
    cards = [
        (f"{name}, {language}", block_kit.message(weekly(language, name)))
        for name in ("", "Region Jämtland Härjedalen")
        for language in Language
    ]

    measures = measured(browser, sandbox, cards, seen)

    assert {name: each["lines"] for name, each in measures.items() if each["lines"] > seen.lines} == {}
    assert {name: each["wide"] for name, each in measures.items() if each["wide"]} == {}


def weekly(language: Language, organisation: str) -> CardMessage:
    """Return the card about a week in which every step of an order ended, and of which much waits."""
    times = timedelta(hours=12), timedelta(hours=90)
    steps = tuple(
        StepTimes(Side.CUSTOMER, state, 12, *times) for state in PART_WAITED_FOR if state in path(Flow.VIA_AGENT)
    )
    oldest = tuple(
        StillWaiting(Side.CUSTOMER, CaseId(f"B-234567{number}"), state, builders.AT - timedelta(days=30))
        for number, state in enumerate((State.AWAITING_AGENT_APPROVAL, State.AWAITING_CUSTOMER_ATTEST), 81)
    )
    week = WeekView(Side.CUSTOMER, date(2026, 11, 23), builders.AT, 120, 110, 12, 34, steps, oldest)
    facts = loose(CardKind.WEEKLY_REPORT, Part.CUSTOMER_ADMINISTRATOR, note={"organisation": organisation}, week=week)
    return draw_card(facts, None, language)
