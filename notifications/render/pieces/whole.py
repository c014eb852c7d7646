"""The whole of an order: every fact that its reader may see, nothing cut, and all its steps."""

from collections.abc import Iterator

from core.api import TRAITS, Costs, Payer, Side
from notifications.render.model import Block, Bold
from notifications.render.pieces import summary
from notifications.render.pieces.chain import chain
from notifications.render.pieces.changes import changes
from notifications.render.pieces.earlier import whole_of_what_is_there
from notifications.render.pieces.parts import facts, link, linked, on_one_line, quote, rich
from notifications.render.pieces.words import CaseWords, organisation, unit
from notifications.texts import cost, day, say

UNITS_IN_A_BLOCK = 15
Row = tuple[str, str]


def decides(words: CaseWords) -> Iterator[Block]:
    """Return the lines that the buttons stand under: who pays what for what, and whom it waits for or how it ended."""
    paid = summary.decides(words) if words.view.application is None else []
    yield rich(paid, summary.waits(words) if words.view.current is not None else [Bold(words.state)])


def ordered(words: CaseWords) -> Iterator[Block]:
    """Return what is ordered, for which units, who takes part, what it costs on which terms, and what was written."""
    yield from facts(_what(words))
    yield from _units(words)
    yield from facts(_who(words))
    yield from facts(_costs(words))
    # The terms of an offer say nothing of its end.
    if TRAITS[words.view.flow].is_offered and (terms := link(say(words.language, "btn.terms"), words.view.terms_url)):
        yield rich(terms)
    if routines := words.routines():
        yield rich(routines)
    yield from _written(words)


def stands(words: CaseWords) -> Iterator[Block]:
    """Return what the latest version changed, why nobody can decide where that is so, and every step."""
    changed = list(changes(words, UNITS_IN_A_BLOCK))
    if changed and words.view.before is not None:
        title = say(words.language, "version.title", version=words.view.before.version + 1)
        yield rich([Bold(title)], *changed)
    if words.view.blocked is not None:
        yield rich([Bold(words.say(f"blocked.told.{words.view.blocked}"))])
    yield rich(*chain(words, whole=True))


def _what(words: CaseWords) -> Iterator[Row]:
    view, language = words.view, words.language
    yield words.field("number"), view.case
    yield words.field("state"), words.state
    if view.claimed_by:
        yield words.field("claimed"), on_one_line(view.claimed_by)
    yield words.field("offer"), words.names["offer"]
    yield words.field("connection"), words.connection
    yield from whole_of_what_is_there(words)
    yield words.field("customer"), organisation(language, view.customer)
    if view.customer.category is not None:
        yield words.field("category"), say(language, f"category.{view.customer.category}")
    start = view.desired_start
    yield words.field("desired_start"), day(language, start) if start else words.field("desired_start_none")
    if view.last_day is not None:
        yield words.field("last_day"), day(language, view.last_day)


def _units(words: CaseWords) -> Iterator[Block]:
    units = [unit(words.language, each) for each in words.view.units]
    if units:
        yield rich([Bold(words.units_label)])
    for start in range(0, len(units), UNITS_IN_A_BLOCK):
        yield rich(["\n".join(units[start : start + UNITS_IN_A_BLOCK])])


def _who(words: CaseWords) -> Iterator[Row]:
    view = words.view
    yield words.ordered()
    if view.technical_contact:
        yield words.field("technical_contact"), str(view.technical_contact)
    if view.invoice_ref:
        yield words.field("invoice_ref"), view.invoice_ref
    if view.external_case_ref:
        yield words.field("external_ref"), on_one_line(view.external_case_ref)
    if view.chosen_attestant:
        yield words.field("attestant"), on_one_line(view.chosen_attestant)
    if view.claimed_by:
        yield words.field("claimed"), on_one_line(view.claimed_by)
    if view.asked:
        yield words.field("asked"), ", ".join(map(on_one_line, view.asked))


COSTS = ((Payer.CUSTOMER, "customer_cost"), (Payer.AGENT, "agent_cost"))


def _costs(words: CaseWords) -> Iterator[Row]:
    view = words.view
    if not TRAITS[view.flow].is_offered:
        for payer, field in COSTS:
            if payer in view.ending_costs:
                label = words.field(field if view.side is Side.INERA else "cost")
                yield (
                    say(words.language, "details.ending_cost", label=label),
                    cost(words.language, view.ending_costs[payer]),
                )
        return
    for payer, field in COSTS:
        if payer in view.costs and (payer is Payer.CUSTOMER or view.agent is not None):
            label = words.field(field if view.side is Side.INERA else "cost")
            yield from _prices(words, payer, label)
        elif view.agent is not None:
            other = words.names["customer" if payer is Payer.CUSTOMER else "agent"]
            yield words.field(field), say(words.language, "value.hidden_cost", organisation=other)


def _prices(words: CaseWords, payer: Payer, label: str) -> Iterator[Row]:
    """Return what is paid, what it was when the order was placed, and what it becomes before the desired start."""
    view, language = words.view, words.language
    yield label, cost(language, view.costs[payer])
    if _differs(view.earlier_costs, view.costs, payer):
        earlier = cost(language, view.earlier_costs[payer])
        yield say(language, "details.earlier_cost", label=label), earlier
    if view.coming_from is not None and _differs(view.coming_costs, view.costs, payer):
        coming = cost(language, view.coming_costs[payer])
        yield say(language, "details.coming_cost", label=label, day=day(language, view.coming_from)), coming


def _differs(some: Costs, costs: Costs, payer: Payer) -> bool:
    return payer in some and some[payer] != costs.get(payer)


def _written(words: CaseWords) -> Iterator[Block]:
    view = words.view
    if view.hold:
        yield quote(words.field("hold"), view.hold)
    if view.comment:
        yield quote(words.field("comment"), view.comment)
    if view.message:
        yield linked(words.field("message"), view.message)
