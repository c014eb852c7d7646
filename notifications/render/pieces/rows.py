"""A case on one line of a list: what it is, what it costs, for which units, who ordered, and how long it has waited."""

from collections.abc import Iterator
from datetime import datetime

from core.api import SIDE_OF, Language, ListedCase, Part, Payer, Side, day_of, working_days_between
from notifications.render.pieces.parts import on_one_line
from notifications.render.pieces.words import CaseWords
from notifications.texts import brief_cost, counted, day, say

BETWEEN = " · "
NAME_SHOWN, UNIT_SHOWN, PEOPLE_SHOWN, HOLD_SHOWN = 40, 30, 2, 200


def waiting_line(item: ListedCase, language: Language, at: datetime | None) -> str:
    """Return what waits for the reader: what somebody decides by, and for how many working days it has waited."""
    words = CaseWords(item.view, language)
    absent = [] if item.absent is None else [say(language, "inbox.substitute", absent=_name(item.absent))]
    return BETWEEN.join((*_facts(words), *age(words, at), *absent, item.view.case))


def reserve_line(item: ListedCase, language: Language, at: datetime | None) -> str:
    """Return what waits for others, and for whom."""
    words = CaseWords(item.view, language)
    asked = [words.say("inbox.waits_for", people=_some(words))] if item.view.asked else []
    return BETWEEN.join((*_facts(words), *age(words, at), *asked, item.view.case))


def ordered_line(item: ListedCase, language: Language, at: datetime | None) -> str:
    """Return where what was ordered is, since when; on a line below why it stands still, where it does."""
    words = CaseWords(item.view, language)
    facts = BETWEEN.join((*_facts(words, own=item.part is Part.ORDERER), *_stands(words, at), item.view.case))
    return "\n".join((facts, *_standing_still(words)))


def claimed_line(item: ListedCase, language: Language, at: datetime | None) -> str:
    """Return what customer service has or waits for: by whom it is handled, or where it is."""
    words, view = CaseWords(item.view, language), item.view
    claimed = [say(language, "inbox.claimed_by", name=_name(view.claimed_by))] if view.claimed_by else []
    current = view.current
    where = [] if current is None or SIDE_OF.get(current.part) is Side.INERA else [words.state]
    held = [say(language, "inbox.held")] * view.is_held
    return BETWEEN.join((*_facts(words), *age(words, at), *where, *claimed, *held, view.case))


def age(words: CaseWords, at: datetime | None) -> Iterator[str]:
    """Return for how many working days a case has waited; nothing where nobody knows what day it is."""
    if at is not None:
        days = working_days_between(day_of(words.view.waiting_since), day_of(at))
        yield counted(words.language, "value.working_days", days) if days else say(words.language, "inbox.today")


def _facts(words: CaseWords, *, own: bool = False) -> Iterator[str]:
    """Return what a case is about, what the reader's side pays, the units, and who ordered where that is another."""
    yield words.names["service"]
    if words.view.application is not None:
        yield words.names["customer"]
        return
    yield _amount(words)
    yield from _units(words)
    if not own:
        yield orderer(words)


def orderer(words: CaseWords) -> str:
    """Return who ordered: by name where the reader may know it, else as a role, and for which organisation."""
    view, customer = words.view, on_one_line(words.view.customer.name, NAME_SHOWN)
    if view.orderer is None:
        return words.say("inbox.orderer", organisation=customer)
    name = _name(view.orderer)
    return name if view.side is Side.CUSTOMER else say(words.language, "inbox.orderer_of", name=name, of=customer)


def _amount(words: CaseWords) -> str:
    """Return what the reader's side pays, and for Inera what each side does."""
    language, costs = words.language, words.view.costs
    paid = {
        payer: brief_cost(language, cost) for payer, cost in costs.items() if cost.startup_ore or cost.recurring_ore
    }
    if not paid:
        return say(language, "inbox.free")
    if words.payer is not None or Payer.AGENT not in paid:
        return next(iter(paid.values()))
    return ", ".join(say(language, f"inbox.pays.{payer}", cost=paid[payer]) for payer in Payer if payer in paid)


def _units(words: CaseWords) -> Iterator[str]:
    """Return the one care unit by name, or how many there are."""
    units = words.view.units
    if len(units) == 1:
        yield on_one_line(units[0].name, UNIT_SHOWN)
    elif units:
        yield say(words.language, "inbox.units", count=len(units))


def _stands(words: CaseWords, at: datetime | None) -> Iterator[str]:
    view, language = words.view, words.language
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


def _some(words: CaseWords) -> str:
    asked = words.view.asked
    more = [say(words.language, "value.more", count=len(asked) - PEOPLE_SHOWN)] * (len(asked) > PEOPLE_SHOWN)
    return words.together([*asked[:PEOPLE_SHOWN], *more])


def _name(name: str) -> str:
    return on_one_line(name, NAME_SHOWN)
