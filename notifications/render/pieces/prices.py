"""What a price that changes means to the reader's organisation: what it was, and what it will be from a day."""

from collections.abc import Iterator

from core.api import Cost, Costs
from notifications.render.model import Line
from notifications.render.pieces.words import CaseWords
from notifications.texts import brief_cost, day


def coming_price(words: CaseWords) -> Iterator[Line]:
    """Return what it will cost where another price holds by the desired start."""
    coming, day_of = _own(words, words.view.coming_costs), words.view.coming_from
    if coming is not None and coming != words.own_cost and day_of is not None:
        yield words.rich("price.coming", day=day(words.language, day_of), cost=brief_cost(words.language, coming))


def changed_price(words: CaseWords) -> Iterator[Line]:
    """Return that the price has changed since the order was placed, and what it was; what it is stands on the card."""
    earlier = earlier_cost(words)
    if earlier is not None:
        yield words.rich("price.changed", old=brief_cost(words.language, earlier))


def earlier_cost(words: CaseWords) -> Cost | None:
    """What the reader's organisation would have paid when the order was placed, None where that is what it pays."""
    earlier = _own(words, words.view.earlier_costs)
    return None if earlier == words.own_cost else earlier


def _own(words: CaseWords, costs: Costs) -> Cost | None:
    return costs.get(words.payer) if words.payer is not None else None
