"""What the latest version of an order changed, as its reader may see it: a line for each fact, what it was and is."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

from core.api import Unit
from notifications.render.model import Line
from notifications.render.pieces.parts import on_one_line
from notifications.render.pieces.words import CaseWords, unit
from notifications.texts import cost, day, say

UNITS_SHOWN = 3


def changes(words: CaseWords, units_shown: int = UNITS_SHOWN) -> Iterator[Line]:
    """A line for each fact that differs from the version before; nothing where there is none, or for this reader."""
    view, before = words.view, words.view.before
    if before is None:
        return
    agent = view.agent.name if view.agent else view.named_agent
    yield from _changed(words, "agent", _written(before.agent), _written(agent))
    same = _names_once(view.units) & _names_once(before.units)
    yield from _units(words, "units_added", _without(same, view.units), before.units, units_shown)
    yield from _units(words, "units_removed", _without(same, before.units), view.units, units_shown)
    kept = tuple(each for each in view.units if each.name in same)
    yield from _units(words, "units_changed", kept, before.units, units_shown)
    yield from _changed(words, "invoice_ref", _written(before.invoice_ref), _written(view.invoice_ref))
    if before.desired_start != view.desired_start:
        yield from _changed(words, "desired_start", _day(words, before.desired_start), _day(words, view.desired_start))
    was = None if words.payer is None else before.costs.get(words.payer)
    if was is not None and was != words.own_cost:
        yield from _changed(words, "cost", cost(words.language, was), cost(words.language, words.own_cost))


def _changed(words: CaseWords, field: str, old: str | None, new: str | None) -> Iterator[Line]:
    """Nothing where the reader does not know both."""
    if old and new and old != new:
        yield words.rich("version.field", field=words.field(field), old=old, new=new)


def _written(text: str | None) -> str | None:
    """Return what somebody wrote as a name is shown; dates and sums are ours, and stay unbroken."""
    return None if text is None else on_one_line(text)


def _names_once(units: tuple[Unit, ...]) -> set[str]:
    """Return names that tell a unit, whatever its HSA-id."""
    return {name for name, count in Counter(each.name for each in units).items() if count == 1}


def _without(names: set[str], units: tuple[Unit, ...]) -> tuple[Unit, ...]:
    return tuple(each for each in units if each.name not in names)


def _units(words: CaseWords, key: str, some: tuple[Unit, ...], others: tuple[Unit, ...], most: int) -> Iterator[Line]:
    found = [each for each in some if each not in others]
    if found:
        names = [unit(words.language, each) for each in found[:most]]
        more = [say(words.language, "value.more", count=len(found) - most)] if len(found) > most else []
        yield words.rich(f"version.{key}", units=", ".join([*names, *more]))


def _day(words: CaseWords, start: date | None) -> str:
    return day(words.language, start) if start else words.field("desired_start_none")
