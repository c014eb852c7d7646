"""The modal that shows a whole order with its whole history, nothing cut, and what its reader may do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.forms.inputs import notice
from bot.slack.views.orders.past import history
from core.api import CaseView, Costs, Language, Part, Payer, Side, StepView, Transition
from notifications.render.buttons import Pointer
from notifications.render.drawings.applications import warnings
from notifications.render.model import Block, Bold, Dialog
from notifications.render.pieces.application_facts import application_rows
from notifications.render.pieces.chain import chain
from notifications.render.pieces.changes import changes
from notifications.render.pieces.choices import PRIMARY, VISIBLE, likeliest
from notifications.render.pieces.parts import (
    actions,
    button,
    divider,
    facts,
    header,
    linked,
    menu,
    on_one_line,
    primary,
    quote,
    rich,
    small,
)
from notifications.render.pieces.talk import talk
from notifications.render.pieces.words import CaseWords, organisation, unit
from notifications.texts import cost, day, say

UNITS_IN_A_BLOCK = 15
Row = tuple[str, str]


@dataclass(frozen=True)
class CaseReading:
    """What one reader sees and may do: `past` is the whole history, `page` which part of it, from the latest.

    `offers` holds what the reader may do, by the part played. Without a pointer nothing can be pressed. `kept_out` says
    why a reader whose role is asked may not decide.
    """

    past: Sequence[StepView] = ()
    page: int = 0
    offers: Sequence[tuple[Part, Sequence[Transition]]] = ()
    pointer: Pointer | None = None
    may_order_again: bool = False
    kept_out: str = ""


NOTHING = CaseReading()


class DetailsModal:
    """The whole order as its reader may see it."""

    CALLBACK = "kp.details"

    @classmethod
    def build(cls, view: CaseView, language: Language, reading: CaseReading = NOTHING) -> Dialog:
        """Return every fact of the view, a page of the history, and the buttons."""
        words = CaseWords(view, language)
        title = "details.title" if view.application is None else "applied.details"
        blocks = [
            header(words.names["service"]),
            *(cls._order(words) if view.application is None else _application(words)),
            divider(),
            *cls._changes(words),
            *cls._stands_still(words),
            rich(*chain(words, whole=True)),
            *cls._acts(words, reading),
            *history(words, reading.past, reading.page, reading.pointer),
            small(words.number(), words.expiry()),
        ]
        metadata = "" if reading.pointer is None else reading.pointer.value()
        return notice(language, cls.CALLBACK, say(language, title), metadata, blocks)

    @classmethod
    def _order(cls, words: CaseWords) -> Iterator[Block]:
        yield from facts(cls._what(words))
        yield from cls._units(words)
        yield from facts(cls._who(words))
        yield from facts(cls._costs(words))
        yield from cls._written(words)

    @staticmethod
    def _what(words: CaseWords) -> Iterator[Row]:
        view, language = words.view, words.language
        yield words.field("number"), view.case
        yield words.field("state"), words.state
        yield words.field("offer"), words.names["offer"]
        yield words.field("connection"), words.connection
        if view.replaces_agent:
            yield words.field("replaces_agent"), on_one_line(view.replaces_agent)
        yield words.field("customer"), organisation(language, view.customer)
        if view.customer.category is not None:
            yield words.field("category"), say(language, f"category.{view.customer.category}")
        start = view.desired_start
        yield words.field("desired_start"), day(language, start) if start else words.field("desired_start_none")

    @staticmethod
    def _units(words: CaseWords) -> Iterator[Block]:
        units = [unit(words.language, each) for each in words.view.units]
        if units:
            yield rich([Bold(words.units_label)])
        for start in range(0, len(units), UNITS_IN_A_BLOCK):
            yield rich(["\n".join(units[start : start + UNITS_IN_A_BLOCK])])

    @staticmethod
    def _who(words: CaseWords) -> Iterator[Row]:
        view = words.view
        yield words.ordered()
        if view.technical_contact:
            yield words.field("technical_contact"), view.technical_contact
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

    @classmethod
    def _costs(cls, words: CaseWords) -> Iterator[Row]:
        view = words.view
        for payer, field in ((Payer.CUSTOMER, "customer_cost"), (Payer.AGENT, "agent_cost")):
            if payer in view.costs and (payer is Payer.CUSTOMER or view.agent is not None):
                label = words.field(field if view.side is Side.INERA else "cost")
                yield from cls._prices(words, payer, label)

    @staticmethod
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

    @staticmethod
    def _written(words: CaseWords) -> Iterator[Block]:
        view = words.view
        if view.hold:
            yield quote(words.field("hold"), view.hold)
        if view.comment:
            yield quote(words.field("comment"), view.comment)
        if view.message:
            yield linked(words.field("message"), view.message)

    @staticmethod
    def _changes(words: CaseWords) -> Iterator[Block]:
        changed = list(changes(words, UNITS_IN_A_BLOCK))
        if changed and words.view.before is not None:
            title = say(words.language, "version.title", version=words.view.before.version + 1)
            yield rich([Bold(title)], *changed)

    @staticmethod
    def _stands_still(words: CaseWords) -> Iterator[Block]:
        if words.view.blocked is not None:
            yield rich([Bold(words.say(f"blocked.told.{words.view.blocked}"))])

    @staticmethod
    def _acts(words: CaseWords, reading: CaseReading) -> Iterator[Block]:
        if reading.kept_out:
            yield rich([reading.kept_out])
        if reading.pointer is None:
            return
        for part, offers in reading.offers:
            yield from _acts(words, part, offers, reading.pointer)
        if reading.may_order_again:
            yield from actions([button(words.language, "order_again", reading.pointer.value(), words.about)])


def _acts(words: CaseWords, part: Part, offers: Sequence[Transition], pointer: Pointer) -> Iterator[Block]:
    """As on a card; what only the menu of a card holds stands here as a button where there is room."""
    offered = likeliest(part, offers)
    shown, rest = offered[:VISIBLE], offered[VISIBLE:]
    drawn = [button(words.language, each, pointer.value(), words.about) for each in shown]
    buttons = [primary(each) if does in PRIMARY else each for each, does in zip(drawn, shown, strict=True)]
    more = [menu(words.language, [(each, pointer.option(each)) for each in rest])] if rest else []
    yield from actions([*buttons, *more])


def _application(words: CaseWords) -> Iterator[Block]:
    view = words.view
    stands = [(words.field("state"), words.state)]
    claimed = [(words.field("claimed"), on_one_line(view.claimed_by))] if view.claimed_by else []
    yield from facts([*stands, *claimed, *application_rows(words)])
    if told := list(warnings(words)):
        yield rich(*told)
    yield from talk(words)


def _differs(some: Costs, costs: Costs, payer: Payer) -> bool:
    return payer in some and some[payer] != costs.get(payer)
