"""Rules of orders: what one may hold, and the case that a new one or a revision makes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Protocol

from core.catalogue.connections import ConnectionWay, ExistingWish
from core.catalogue.offers import OfferTerms
from core.catalogue.prices import count_recurring, has_price_gap, reckon
from core.catalogue.units import Unit, is_unit_name, repeated_units
from core.register.contacts import WhomToAsk, clean_contact, contact_problems, contact_unchanged
from core.register.organisations import is_hsa_id
from core.shared.errors import FormError, NoPrice
from core.shared.personal_numbers import find_personal_number
from core.shared.traits import TRAITS, CaseEffect
from core.shared.vocabulary import AgentField, CaseId, Existing, OrganisationId
from core.shared.working_days import day_of
from core.workflow.case import Before, Case, Order
from core.workflow.commands import PlaceOrder, Revision
from core.workflow.ending import is_too_far

# Characters a text of the form may have.
TEXT_LIMITS = {"invoice_ref": 100, "technical_contact": 200, "comment": 2_000}
# How many care units an order may have, and how many characters a name of one.
UNITS_LIMIT = 200
UNIT_LIMIT = 200


class OrderFormFields(Protocol):
    """What a new order and a revised one have in common."""

    @property
    def units(self) -> tuple[Unit, ...]: ...
    @property
    def invoice_ref(self) -> str: ...
    @property
    def agent(self) -> OrganisationId | None: ...
    @property
    def desired_start(self) -> date | None: ...
    @property
    def technical_contact(self) -> WhomToAsk: ...
    @property
    def comment(self) -> str: ...
    @property
    def change_of_agent(self) -> bool: ...
    @property
    def existing(self) -> Existing | None: ...
    @property
    def replaces(self) -> tuple[ConnectionWay, ...]: ...
    @property
    def unread(self) -> tuple[str, ...]: ...


def draft(blank: Case, wish: PlaceOrder, terms: OfferTerms, case: CaseId, at: datetime) -> Case:
    """The case a wish makes, before it is submitted. Raises FormError naming fields, NoPrice."""
    today = day_of(at)
    if find_personal_number(wish.external_case_ref or ""):
        raise FormError(fields={"external_case_ref": "personal_number"})
    _check(wish, terms, today, terms_accepted=wish.terms_accepted, start_before=None)
    _refuse_price_gap(terms, today)
    order = Order(
        offer=wish.offer,
        units=(),
        invoice_ref="",
        external_case_ref=wish.external_case_ref,
        offer_name=terms.name,
        terms_url=terms.terms_url,
    )
    return replace(
        blank,
        id=case,
        flow=terms.flow,
        agent=wish.agent if TRAITS[terms.flow].asks_for_agent else None,
        content=_filled(order, wish, terms, today),
        created_at=at,
        waiting_since=at,
    )


def revised(case: Case, revision: Revision, terms: OfferTerms, at: datetime) -> Case:
    """The case as an answer would make it: asked anew, at today's prices, where what was decided about is another.

    Raises FormError naming fields, NoPrice.
    """
    today = day_of(at)
    if not TRAITS[case.flow].is_offered:
        # What is ended goes the way that it goes, whatever the answer says.
        revision = replace(revision, agent=case.agent)
    contact = contact_unchanged(revision.technical_contact, case.order.technical_contact)
    revision = replace(revision, technical_contact=contact)
    _check(revision, terms, today, terms_accepted=True, start_before=case.order.desired_start)
    agent = revision.agent if TRAITS[case.flow].asks_for_agent else None
    made = replace(case, agent=agent, content=_filled(case.order, revision, terms, today))
    if _is_material(case, made) or _replaces_otherwise(case, wish_of(revision, agent)):
        _refuse_price_gap(terms, today)
        return replace(made, content=replace(made.order, before=as_before(case))).anew()
    return replace(
        case, content=replace(case.order, technical_contact=clean_contact(contact), comment=revision.comment)
    )


def wish_of(form: OrderFormFields, agent: OrganisationId | None) -> ExistingWish:
    """Return what a form says of what the units have already, ordered through an agent or none."""
    return ExistingWish(form.existing, form.replaces, form.change_of_agent, agent)


def _refuse_price_gap(terms: OfferTerms, today: date) -> None:
    """Nobody decides about an amount that is not known: it would count as nothing."""
    if has_price_gap(terms.prices, today):
        raise NoPrice(offer=terms.id)


def as_before(case: Case) -> Before:
    """The order of a case as it stands, to be compared with what it becomes."""
    order, agent = case.order, case.agent or case.order.named_agent
    return Before(case.content_version, agent, order.units, order.invoice_ref, order.desired_start, order.costs)


def _is_material(case: Case, made: Case) -> bool:
    """True where what was decided about changes: agent, units, invoice reference or desired start (domain: 6.5)."""
    return case.agent != made.agent or _decided_about(case.order) != _decided_about(made.order)


def _replaces_otherwise(case: Case, wish: ExistingWish) -> bool:
    """True where an answer says something else than the order of what the units have already."""
    return any(wish.answers(held.way) and wish.ends(held.way) != held.ends for held in case.order.earlier)


def _decided_about(order: Order) -> tuple[object, ...]:
    return frozenset(order.units), order.invoice_ref, order.desired_start, order.named_agent


def _filled(order: Order, form: OrderFormFields, terms: OfferTerms, today: date) -> Order:
    reckoned = reckon(terms.prices, units=len(form.units), today=today, start=form.desired_start)
    return replace(
        order,
        units=form.units,
        # What is ended is not paid for, whatever an answer says.
        invoice_ref=form.invoice_ref if TRAITS[terms.flow].is_offered else "",
        desired_start=form.desired_start,
        technical_contact=clean_contact(form.technical_contact),
        comment=form.comment,
        named_agent=form.agent if TRAITS[terms.flow].names_agent else None,
        costs=reckoned.costs,
        earlier_costs={},
        coming_costs=reckoned.coming,
        coming_from=reckoned.coming_from,
        ending_costs=count_recurring(terms.ending, units=len(form.units), day=today),
    )


def _check(
    form: OrderFormFields, terms: OfferTerms, today: date, *, terms_accepted: bool, start_before: date | None
) -> None:
    problems = dict(_problems(form, terms, today, terms_accepted=terms_accepted, start_before=start_before))
    if problems:
        raise FormError(fields=problems)


def _problems(
    form: OrderFormFields, terms: OfferTerms, today: date, *, terms_accepted: bool, start_before: date | None
) -> Iterator[tuple[str, str]]:
    """Pairs of field name and problem code; the sentences are `field_error.<code>`."""
    if not terms_accepted and TRAITS[terms.flow].is_offered:
        yield "terms_accepted", "terms_not_accepted"
    is_offered = TRAITS[terms.flow].is_offered
    if not form.invoice_ref and is_offered:
        yield "invoice_ref", "required"
    if not form.technical_contact and is_offered and TRAITS[terms.flow].asks_for_agent:
        yield "technical_contact", "required"
    yield from _text_problems(form)
    # A day that has passed since it was first stated need not be changed.
    if form.desired_start is not None and form.desired_start != start_before:
        yield from _day_problems(form.desired_start, terms, today)
    yield from _agent_problems(form, terms)
    yield from _existing_problems(form)
    yield from _unit_problems(form, terms)
    yield from ((field, "unread") for field in form.unread)


def _text_problems(form: OrderFormFields) -> Iterator[tuple[str, str]]:
    for name, limit in TEXT_LIMITS.items():
        text: WhomToAsk = getattr(form, name)
        if not isinstance(text, str):
            yield from ((f"{name}.{part}", problem) for part, problem in contact_problems(text))
        elif len(text) > limit:
            yield name, "too_long"
        elif find_personal_number(text):
            yield name, "personal_number"


def _day_problems(day: date, terms: OfferTerms, today: date) -> Iterator[tuple[str, str]]:
    if day < today:
        yield "desired_start", "past"
    if TRAITS[terms.flow].effect is CaseEffect.DISCONNECTS and is_too_far(day, today):
        yield "desired_start", "too_far"


def _agent_problems(form: OrderFormFields, terms: OfferTerms) -> Iterator[tuple[str, str]]:
    if form.agent is None and terms.agent_field is AgentField.REQUIRED:
        yield "agent", "required"
    if form.agent is not None and terms.agent_field is AgentField.NONE:
        yield "agent", "not_asked"


def _existing_problems(form: OrderFormFields) -> Iterator[tuple[str, str]]:
    if form.replaces and form.existing is Existing.ADD:
        yield "replaces", "not_asked"


def _unit_problems(form: OrderFormFields, terms: OfferTerms) -> Iterator[tuple[str, str]]:
    if terms.needs_units and not form.units:
        yield "units", "required"
    if len(form.units) > UNITS_LIMIT:
        yield "units", "too_many"
    if any(len(unit.name) > UNIT_LIMIT for unit in form.units):
        yield "units", "too_long"
        return
    # What is connected already keeps the name that it was ordered under.
    if TRAITS[terms.flow].is_offered and not all(is_unit_name(unit.name) for unit in form.units):
        yield "units", "unit_name_only"
    if any(repeated_units(form.units)):
        yield "units", "repeated"
    # A sole trader's HSA-id holds the personnummer; the name of the unit is enough.
    if any(find_personal_number(f"{unit.name} {unit.hsa_id or ''}") for unit in form.units):
        yield "units", "personal_number"
    if any(unit.hsa_id and not is_hsa_id(unit.hsa_id) for unit in form.units):
        yield "units", "hsa_id"
