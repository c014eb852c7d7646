"""What an order costs its reader's organisation: now, before the price changed, and from the day when it will."""

from collections.abc import Iterator

from core.api import TRAITS, Cost, Costs
from notifications.render.model import Line
from notifications.render.pieces.words import CaseWords
from notifications.texts import cost, counted, day


def cost_lines(words: CaseWords) -> Iterator[Line]:
    """Return what it costs all in all, and what it will cost where another price holds by the desired start.

    What ends has no price.
    """
    if not TRAITS[words.view.flow].is_offered:
        return
    yield _now(words)
    coming, day_of = _own(words, words.view.coming_costs), words.view.coming_from
    if coming is not None and coming != words.own_cost and day_of is not None:
        yield words.rich("price.coming", day=day(words.language, day_of), cost=cost(words.language, coming))


def changed_price(words: CaseWords, key: str) -> Iterator[Line]:
    """That the price has changed since the order was placed: the old one and the new. `key` is the sentence."""
    earlier = earlier_cost(words)
    if earlier is not None:
        old, new = cost(words.language, earlier), cost(words.language, words.own_cost)
        yield words.rich(key, old=old, new=new)


def earlier_cost(words: CaseWords) -> Cost | None:
    """What the reader's organisation would have paid when the order was placed, None where that is what it pays."""
    earlier = _own(words, words.view.earlier_costs)
    return None if earlier == words.own_cost else earlier


def _own(words: CaseWords, costs: Costs) -> Cost | None:
    return costs.get(words.payer) if words.payer is not None else None


def _now(words: CaseWords) -> Line:
    whole = words.own_cost
    if whole == Cost(period=whole.period):
        return words.rich("cost.nothing")
    units = counted(words.language, "cost.units", len(words.view.units)) if words.view.units else ""
    line = words.rich("cost.line", cost=cost(words.language, whole))
    return [*line, f" {units}"] if units else line
