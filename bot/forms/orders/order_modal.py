"""The order form: what one may order, for whom, through whom, and everything an order must say."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby

from bot.forms.inputs import (
    OPTION_LIMIT,
    OPTIONS_LIMIT,
    TICKED,
    FieldErrors,
    InputProblem,
    Typed,
    asked,
    choice_in,
    is_ticked,
    missing,
    modal,
    notice,
    option,
    options,
    select,
    tick,
)
from bot.forms.orders import order_fields
from bot.forms.orders.order_fields import Wanted
from bot.forms.orders.order_form_state import OrderAnswers, OrderChoices, OrderFormState
from bot.forms.orders.order_sum import sum_lines
from core.api import AgentField, Language, OfferChoice, OfferId, OrganisationId, Payer, PriceKind
from notifications.render.model import Block, Bold, Dialog, Line, Option, OptionGroup
from notifications.render.pieces.parts import fit, link, on_one_line, rich, small, woven
from notifications.render.pieces.words import local, routine_links
from notifications.texts import day, price, say

UNITS_NAMED = 10


class OrderModal:
    """The form. Block ids are the core's field names; the offer's also holds the organisation, whose offers differ."""

    CALLBACK = "kp.order"
    ORGANISATION, OFFER, TERMS = "organisation", "offer", "terms_accepted"
    AGENT, UNITS = order_fields.AGENT, order_fields.UNITS
    # Action ids: a change of these is sent to us at once; offers may be asked for while typing.
    ORGANISATIONS, OFFERS = "kp.organisation", "kp.offers"

    @classmethod
    def build(cls, form: OrderFormState, metadata: str, language: Language) -> Dialog:
        """Return the form as far as it is filled in."""
        title = say(language, "order.title")
        submit = say(language, "order.submit")
        if form.chosen is not None and not form.offers and form.offer is None:
            blocks = [*cls._organisation(form, language), rich([say(language, "order.offer_none")])]
            if len(form.organisations) == 1:
                return notice(language, cls.CALLBACK, title, metadata, blocks)
            # Slack takes no menu without a button that sends it.
            return modal(language, cls.CALLBACK, title, metadata, blocks, submit)
        blocks = [*cls._again(form, language), *cls._organisation(form, language), *cls._offer(form, language)]
        if form.offer is not None and form.offer.terms.agent_field is AgentField.REQUIRED and not form.agents:
            blocks.append(rich([say(language, "order.agent_none")]))
        elif form.offer is not None:
            blocks += cls._of_offer(form, form.offer, language)
        return modal(language, cls.CALLBACK, title, metadata, blocks, submit)

    # --- reading

    @classmethod
    def chosen(cls, values: Typed) -> OrderChoices:
        """Return the choices that the rest of the form hangs on, as they stand."""
        block = cls._offer_block(values) or cls.OFFER
        organisation = choice_in(values, cls.ORGANISATION) or block.partition(".")[2]
        offer, agent = choice_in(values, block), choice_in(values, cls.AGENT)
        return OrderChoices(
            OrganisationId(organisation) if organisation else None,
            OfferId(offer) if offer else None,
            OrganisationId(agent) if agent else None,
        )

    @classmethod
    def read(cls, values: Typed) -> OrderAnswers | FieldErrors:
        """Return the order, or which choice is missing that the rest of the form hangs on. The core checks the rest."""
        chosen = cls.chosen(values)
        if chosen.organisation is None:
            return missing(cls.ORGANISATION)
        if chosen.offer is None:
            return FieldErrors({cls.place(cls.OFFER, values): InputProblem("field_error.offer.required")})
        return OrderAnswers(
            organisation=chosen.organisation,
            offer=chosen.offer,
            fields=order_fields.read_fields(values),
            terms_accepted=is_ticked(values, cls.TERMS),
        )

    @classmethod
    def errors(cls, language: Language, fields: Mapping[str, str], values: Typed) -> dict[str, str]:
        """Block id -> sentence, for field names and codes of the core's FormError; each at a block the form has."""
        if cls.AGENT in fields and cls.AGENT not in values:
            return {cls.place(cls.AGENT, values): say(language, "order.agent_none")}
        said = order_fields.errors(language, fields, values)
        return {cls.place(field, values): sentence for field, sentence in said.items()}

    @classmethod
    def place(cls, field: str, values: Typed) -> str:
        """Return the block to show something about a field at: its own, else the choice that the field hangs on."""
        return field if field in values else cls._offer_block(values) or cls.ORGANISATION

    @classmethod
    def _offer_block(cls, values: Typed) -> str:
        return next((block for block in values if block.partition(".")[0] == cls.OFFER), "")

    # --- choices

    @staticmethod
    def offer_choices(language: Language, offers: Sequence[OfferChoice]) -> list[OptionGroup]:
        """Offers under the services they belong to: option groups, also for a menu that asks while people type."""
        named = [(on_one_line(local(each.service, language)), _offer_option(language, each)) for each in offers]
        named = sorted(named[:OPTIONS_LIMIT], key=lambda pair: (pair[0], pair[1].text))
        return [
            OptionGroup(fit(service, OPTION_LIMIT), [each for _, each in group])
            for service, group in groupby(named, key=lambda pair: pair[0])
        ]

    # --- building

    @classmethod
    def _again(cls, form: OrderFormState, language: Language) -> Iterator[Block]:
        if form.again is not None:
            yield rich(woven(language, "order.again", {"number": form.again}), *cls._left_out(form, language))

    @staticmethod
    def _left_out(form: OrderFormState, language: Language) -> Iterator[Line]:
        if form.left_out:
            names = [on_one_line(each) for each in form.left_out[:UNITS_NAMED]]
            more = len(form.left_out) - len(names)
            said = [*names, say(language, "value.more", count=more)] if more else names
            yield woven(language, "order.left_out", {"units": ", ".join(said)})

    @classmethod
    def _organisation(cls, form: OrderFormState, language: Language) -> Iterator[Block]:
        if len(form.organisations) == 1:
            yield rich(woven(language, "order.for", {"organisation": on_one_line(form.organisations[0][1])}))
            return
        listed = options(form.organisations)
        chosen = next((each for each in listed if each.value == form.organisation), None)
        menu = select(cls.ORGANISATIONS, say(language, "order.choose"), listed, chosen)
        yield asked(cls.ORGANISATION, say(language, "order.organisation"), menu, told_at_once=True)

    @classmethod
    def _offer(cls, form: OrderFormState, language: Language) -> Iterator[Block]:
        if form.chosen is None:
            return
        chosen = None if form.offer is None else _offer_option(language, form.offer)
        menu = select(cls.OFFERS, say(language, "order.choose"), [], chosen)
        if len(form.offers) <= OPTIONS_LIMIT:
            menu = menu._replace(groups=cls.offer_choices(language, form.offers))
        block, hint = f"{cls.OFFER}.{form.chosen}", say(language, "order.offer_hint")
        yield asked(block, say(language, "order.offer"), menu, hint, told_at_once=True)

    @classmethod
    def _of_offer(cls, form: OrderFormState, offer: OfferChoice, language: Language) -> Iterator[Block]:
        """Return everything that the chosen offer asks for."""
        route, prices = say(language, f"order.route.{offer.terms.flow}"), _prices(offer, form.today, language)
        hurry = say(language, "order.supplement") if _costs_to_add_to(offer) and not form.has_service else ""
        # A closed menu shows the offer without the service it stands under.
        yield small(_chosen(offer, language), route, prices, hurry)
        if form.has_service:
            yield rich([Bold(_supplement(offer, language))])
        wanted = Wanted(offer.terms.flow, offer.terms.agent_field, offer.terms.needs_units)
        yield from order_fields.fields(form, wanted, language)
        yield from cls._terms(form, offer, language)
        yield rich(*sum_lines(form, offer, language))

    @classmethod
    def _terms(cls, form: OrderFormState, offer: OfferChoice, language: Language) -> Iterator[Block]:
        to = link(say(language, "order.terms_read", offer=_chosen(offer, language)), offer.terms_url)
        if to or offer.routines:
            yield rich(to, routine_links(language, offer.routines))
        ticked = (TICKED,) if form.terms_accepted else ()
        # Accepting one offer's terms is not accepting another's: a new action id makes the box empty again.
        box = tick(f"{cls.TERMS}.{offer.terms.id}"[:255], say(language, "order.terms_accept"), *ticked)
        yield asked(cls.TERMS, say(language, "order.terms"), box)


def _chosen(offer: OfferChoice, language: Language) -> str:
    service, name = (on_one_line(local(each, language)) for each in (offer.service, offer.offer))
    return say(language, "order.chosen", service=service, offer=name)


def _offer_option(language: Language, offer: OfferChoice) -> Option:
    return option(offer.terms.id, local(offer.offer, language))


def _supplement(offer: OfferChoice, language: Language) -> str:
    """Say that the customer has the service already: more of it is allowed, but may cost a start-up price again."""
    key = "warn.supplement_fee" if _costs_to_add_to(offer) else "warn.has_service"
    return say(language, key, service=on_one_line(local(offer.service, language)))


def _costs_to_add_to(offer: OfferChoice) -> bool:
    """Say whether another order for more units may cost a start-up price once more."""
    paid = (each for each in offer.terms.prices if each.payer is Payer.CUSTOMER and each.amount_ore)
    return offer.terms.needs_units and any(each.kind is PriceKind.STARTUP for each in paid)


def _prices(offer: OfferChoice, today: date, language: Language) -> str:
    """Return what the customer pays now, and what it will pay from a later day."""
    mine = sorted(
        (each for each in offer.terms.prices if each.payer is Payer.CUSTOMER), key=lambda each: each.valid_from
    )
    said = [_price_from(language, price(language, each), each.valid_from, today) for each in mine if each.amount_ore]
    return say(language, "order.price", prices=", ".join(said)) if said else say(language, "order.price_none")


def _price_from(language: Language, said: str, start: date, today: date) -> str:
    return said if start <= today else say(language, "order.price_from", price=said, day=day(language, start))
