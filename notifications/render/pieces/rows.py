"""A case on one line of a list: its number, what it is, its cost, for how many units, by whom, and how old it is."""

from collections.abc import Iterator
from datetime import datetime

from core.api import (
    COUNTED,
    SIDE_OF,
    Language,
    ListedCase,
    Part,
    Payer,
    Side,
    day_of,
    first_year_ore,
    working_days_between,
)
from notifications.render.button_values import Pointer
from notifications.render.model import Button
from notifications.render.pieces.parts import BETWEEN, asking_first, button, on_one_line
from notifications.render.pieces.words import CaseWords
from notifications.texts import counted, day, money, say

SERVICE_SHOWN, NAME_SHOWN, PEOPLE_SHOWN, HOLD_SHOWN = 40, 30, 2, 200


def waiting_line(item: ListedCase, language: Language, at: datetime | None) -> str:
    """Return what waits for the reader: what somebody decides by, and for how many working days it has waited."""
    words = CaseWords(item.view, language)
    absent = [] if item.absent is None else [say(language, "inbox.substitute", absent=_name(item.absent))]
    return BETWEEN.join((*_facts(words), *_orderer(words), *age(words, at), *_asked(item, words), *absent))


def brief_line(item: ListedCase, language: Language, at: datetime | None) -> str:
    """Return what waits in few words: its number, what it is, and for how many working days it has waited."""
    words = CaseWords(item.view, language)
    service = on_one_line(words.names["service"], SERVICE_SHOWN)
    return BETWEEN.join((item.view.case, service, *age(words, at), *_asked(item, words)))


def show_button(item: ListedCase, pointer: Pointer, language: Language) -> Button:
    """Return the button that shows a case of a list; no card, since it stands in a list."""
    view = item.view
    to = Pointer(pointer.environment, case=view.case, seen=view.seen)
    return button(language, "details", to.value(), f"{view.case}, {CaseWords(view, language).about}", "show")


def keep_all(pointer: Pointer, language: Language) -> Button:
    """Return the button that keeps all that its reader is asked whether to keep; it asks first."""
    return asking_first(language, button(language, "keep_all", pointer.value()), "keep_all")


def number_of(count: int) -> str:
    """Return a number that was counted no further than COUNTED."""
    return f"{COUNTED}+" if count > COUNTED else str(count)


def reserve_line(item: ListedCase, language: Language, at: datetime | None) -> str:
    """Return what waits for others, and for whom."""
    words = CaseWords(item.view, language)
    asked = [words.say("inbox.waits_for", people=words.waited_for(PEOPLE_SHOWN))] if item.view.asked else []
    return BETWEEN.join((*_facts(words), *age(words, at), *asked))


def ordered_line(item: ListedCase, language: Language, at: datetime | None) -> str:
    """Return where what was ordered is, since when; on a line below why it stands still, where it does."""
    words = CaseWords(item.view, language)
    orderer = [] if item.part is Part.ORDERER else _orderer(words)
    facts = BETWEEN.join((*_facts(words), *orderer, *_stands(words, at)))
    return "\n".join((facts, *_standing_still(words)))


def claimed_line(item: ListedCase, language: Language, at: datetime | None) -> str:
    """Return what customer service has or waits for: who ordered, or where it is, or by whom it is handled."""
    words, view = CaseWords(item.view, language), item.view
    current = view.current
    is_here = current is not None and SIDE_OF.get(current.part) is Side.INERA
    claimed = [say(language, "inbox.claimed_by", name=_name(view.claimed_by))] if view.claimed_by and is_here else []
    held = [say(language, "inbox.held")] * view.is_held
    if is_here:
        return BETWEEN.join((*_facts(words), *(claimed or _orderer(words)), *age(words, at), *held))
    customer = [on_one_line(view.customer.name, NAME_SHOWN)] * (view.application is None)
    return BETWEEN.join((*_facts(words), *customer, *_stands(words, at)))


def age(words: CaseWords, at: datetime | None) -> Iterator[str]:
    """Return for how many working days a case has waited; nothing where nobody knows what day it is."""
    if at is not None:
        days = working_days_between(day_of(words.view.waiting_since), day_of(at))
        yield counted(words.language, "inbox.days", days) if days else say(words.language, "inbox.today")


def _asked(item: ListedCase, words: CaseWords) -> Iterator[str]:
    """Return what is asked of whoever ordered where others are waited for; elsewhere it is as plain as the list."""
    if item.part is Part.ORDERER and item.view.asks_to_keep:
        yield words.say("inbox.keep")


def _facts(words: CaseWords) -> Iterator[str]:
    """Return the number, what a case is about, what its first year costs the reader's side, and for how many units."""
    yield words.view.case
    yield on_one_line(words.names["service"], SERVICE_SHOWN)
    if words.view.application is not None:
        return
    yield _amount(words)
    if words.view.units:
        yield counted(words.language, "inbox.units", len(words.view.units))


def _orderer(words: CaseWords) -> list[str]:
    """Return who ordered: by name where the reader may know it, else as a role, and for which organisation."""
    view, customer = words.view, on_one_line(words.view.customer.name, NAME_SHOWN)
    if view.application is not None:
        return [customer]
    if view.orderer is None:
        return [words.say("inbox.orderer", organisation=customer)]
    name = _name(view.orderer)
    return [name if view.side is Side.CUSTOMER else say(words.language, "inbox.orderer_of", name=name, of=customer)]


def _amount(words: CaseWords) -> str:
    """Return what the first year costs the reader's side, and for Inera what it costs both."""
    payers = Payer if words.payer is None else (words.payer,)
    costs, coming = words.view.costs, words.view.coming_costs
    ore = sum(first_year_ore(payer, costs, coming) for payer in payers)
    return money(words.language, ore) if ore else say(words.language, "inbox.free")


def _stands(words: CaseWords, at: datetime | None) -> Iterator[str]:
    view, language = words.view, words.language
    if view.last_day is not None and words.is_finished:
        yield words.say("inbox.ends", state=words.state)
        return
    if view.closed_at is not None:
        yield words.say("inbox.ended", state=words.state, day=day(language, view.closed_at))
        return
    yield words.state
    yield from age(words, at)


def _standing_still(words: CaseWords) -> Iterator[str]:
    """That an order waits for nobody's decision now, and why, as far as it is the reader's side's matter."""
    if words.view.blocked is not None:
        yield words.say(f"blocked.told.{words.view.blocked}")
    if words.view.hold:
        yield words.say("home.held", reason=on_one_line(words.view.hold, HOLD_SHOWN))


def _name(name: str) -> str:
    return on_one_line(name, NAME_SHOWN)
