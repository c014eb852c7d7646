"""What an order comes to while it is filled in: its sum, and the care units that are worth a second look."""

from collections.abc import Iterator, Sequence
from zlib import crc32

from bot.forms.orders.order_form_state import OrderFormState
from bot.forms.orders.units import has_room, units_so_far
from core.api import Language, OfferChoice, Payer, Unit, count_costs
from notifications.render.model import Bold, Line
from notifications.render.pieces.parts import on_one_line, woven
from notifications.texts import cost, counted, say

UNITS_NAMED = 5
# Where the organisation's number stands in an HSA-id: after SE.
NUMBER = slice(2, 12)


def sum_lines(form: OrderFormState, offer: OfferChoice, language: Language) -> Iterator[Line]:
    """Return what the order costs as it stands, and which HSA-ids are of another organisation's number."""
    units = units_so_far(form.units)
    yield [Bold(_sum(form, offer, len(units), language))]
    others = [unit for unit in units if unit is not None and _is_of_another(unit, form.org_number)]
    if others:
        names = [on_one_line(unit.name) for unit in others[:UNITS_NAMED]]
        more = [say(language, "value.more", count=len(others) - len(names))] if len(others) > len(names) else []
        customer = next((name for id_, name in form.organisations if id_ == form.chosen), "")
        values = {"units": ", ".join([*names, *more]), "organisation": on_one_line(customer)}
        yield woven(language, "order.other_number", values)


def sum_mark(texts: Sequence[str]) -> str:
    """Return a mark of what sum and fields hang on: another one where what is typed about units makes a difference."""
    units = units_so_far(texts)
    numbered = [(unit.name, (unit.hsa_id or "")[NUMBER]) for unit in units if unit is not None and unit.hsa_id]
    return f"{crc32(repr((len(units), has_room(texts), numbered)).encode()):08x}"


def _sum(form: OrderFormState, offer: OfferChoice, units: int, language: Language) -> str:
    if offer.terms.needs_units and not units:
        return say(language, "order.sum_later")
    whole = cost(language, count_costs(offer.terms.prices, units=units, day=form.today)[Payer.CUSTOMER])
    return counted(language, "order.sum_units", units, cost=whole) if units else say(language, "order.sum", cost=whole)


def _is_of_another(unit: Unit, org_number: str) -> bool:
    """Say whether an HSA-id holds another number than the customer's, as a care provider's with a proxy's does."""
    return bool(unit.hsa_id and org_number) and (unit.hsa_id or "")[NUMBER] != org_number
