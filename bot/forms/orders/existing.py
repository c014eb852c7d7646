"""What becomes of what units have of a service already: it is asked, and the answer is read."""

from collections.abc import Iterator, Sequence

from bot.forms.inputs import OPTION_LIMIT, Typed, asked, choice_in, option, select
from bot.forms.orders.order_form_state import Earlier, OrderFormState
from core.api import ConnectionWay, Existing, Language, OfferId, OrganisationId
from notifications.render.model import Block, Bold, Line, Option
from notifications.render.pieces.earlier import connection_name
from notifications.render.pieces.parts import fit, on_one_line, rich
from notifications.texts import say

# The field, as the core calls it. A value names what is replaced, where that is not all: `replace:offer:agent`.
EXISTING = "existing"
BETWEEN = ":"
# So many ways of having a service are said one by one; so many units of each by name.
WAYS_SHOWN, UNITS_SHOWN = 8, 5


def existing_fields(form: OrderFormState, language: Language) -> Iterator[Block]:
    """Say what the units have, where that is known, and ask what becomes of it."""
    if form.earlier:
        told = form.existing_asked or say(language, "order.existing_lead")
        yield rich([Bold(told)], *(_line(each, language) for each in form.earlier[:WAYS_SHOWN]))
    listed = list(_options(form.earlier, language))
    chosen = next((each for each in listed if each.value == form.existing), None)
    menu = select(EXISTING, say(language, "order.choose"), listed, chosen)
    hint = say(language, "order.existing_hint" if form.earlier else "order.existing_offered_hint")
    yield asked(EXISTING, say(language, "order.existing"), menu, hint, optional=not form.earlier)


def existing_in(values: Typed) -> Existing | None:
    """Return what was chosen; None where nothing was asked, or nothing chosen."""
    said = choice_in(values, EXISTING).partition(BETWEEN)[0]
    return Existing(said) if said in set(Existing) else None


def replaced_in(values: Typed) -> tuple[ConnectionWay, ...]:
    """Return what is replaced, where that is one of several."""
    offer, _, agent = choice_in(values, EXISTING).partition(BETWEEN)[2].partition(BETWEEN)
    return (ConnectionWay(OfferId(offer), OrganisationId(agent) if agent else None),) if offer else ()


def _line(earlier: Earlier, language: Language) -> Line:
    connection, _ = earlier
    names = [on_one_line(name) for name in connection.units[:UNITS_SHOWN]]
    more = len(connection.units) - len(names)
    said = [*names, say(language, "value.more", count=more)] if more else names
    return [say(language, "order.existing_line", earlier=_name(earlier, language), units=", ".join(said))]


def _options(earlier: Sequence[Earlier], language: Language) -> Iterator[Option]:
    yield option(Existing.ADD, say(language, "order.existing_add"))
    if len(earlier) != 1:
        yield option(Existing.REPLACE, say(language, "order.existing_replace_all"))
    for each in earlier[:WAYS_SHOWN]:
        way = each[0].way
        said = say(language, "order.existing_replace", earlier=_name(each, language))
        yield option(BETWEEN.join((Existing.REPLACE, way.offer, way.agent or "")), fit(said, OPTION_LIMIT))


def _name(earlier: Earlier, language: Language) -> str:
    connection, agent = earlier
    return connection_name(language, connection.offer_name, agent if connection.way.agent else None)
