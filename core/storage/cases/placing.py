"""Placing an order, and changing one by an answer: what only these read, and the rows a new case begins with."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, exists, insert, select, text

from core.catalogue.costs import first_year_ore
from core.catalogue.offers import OfferTerms
from core.ports.cases import CaseQuery, DecideWithTerms
from core.shared.errors import CaseNotFound, FormError, TryAgain
from core.shared.traits import TRAITS
from core.shared.vocabulary import CaseId, OrganisationId, Payer, PersonId, Side, State
from core.shared.working_days import day_of
from core.storage import tables
from core.storage.cases import press, press_sql
from core.storage.cases.repeats import made_before, note_made
from core.storage.context.asking_person import person_asking
from core.storage.context.coding import amount_ore, content_to_json, decisions_to_json, progress_to_json
from core.storage.context.offers import active_terms, terms_of
from core.storage.context.situations import Authority, situation
from core.storage.context.standings import Wished, whole
from core.storage.engine.exchanges import Constant, carried_out
from core.storage.engine.locks import CLOCK
from core.storage.tables import to_micros
from core.workflow.case import Case, Order
from core.workflow.commands import PlaceOrder, Revision
from core.workflow.context import DecisionContext
from core.workflow.events import Change
from core.workflow.order_form import costs_of

_TURN = text("""
    SELECT pg_advisory_xact_lock(hashtextextended(:customer, 0)), pg_advisory_xact_lock_shared(:clock)""")
# Before the customer's turn, always in this order: one key may come for two customers at once.
_TURN_OF_KEY = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 1))")
_PLACED = {dialect: text(sql) for dialect, sql in press_sql.PLACED_READS.items()}
_REVISED = {dialect: Constant(sql) for dialect, sql in press_sql.REVISED_READS.items()}


def place(
    connection: Connection, wish: PlaceOrder, begin: Callable[[], tuple[datetime, DecideWithTerms]]
) -> tuple[Case, bool]:
    """Make the case of a wish, or find the one its key made. Raises FormError, KeyReused and what deciding raises."""
    person = person_asking(connection, wish.by)
    if connection.dialect.name == "postgresql":
        connection.execute(_TURN_OF_KEY, {"key": f"{person}/{wish.key}"})
    _one_at_a_time(connection, wish.customer)
    found = made_before(connection, person, wish)
    if found is not None:
        return found, False
    terms = active_terms(connection, wish.offer)
    at, decide = begin()
    now = _situation(connection, wish, person, terms, at)
    change = decide(now, terms)
    # A number is short enough to be read aloud, so one day it will have been given before.
    while is_taken(connection, change.event.after.id):
        change = decide(now, terms)
    _insert(connection, change, person, wish)
    return change.event.after, True


def revise(
    connection: Connection, case: CaseId, revision: Revision, begin: Callable[[], tuple[CaseQuery, DecideWithTerms]]
) -> Change:
    """As `press.act`, with what an answer would change read as it would be. Raises FormError, TryAgain."""
    # This begins the transaction, which the statements of a press alone would not.
    cases = tables.cases.c
    query = select(cases.customer_id, cases.offer_id).where(cases.id == case)
    found = connection.execute(query).one_or_none()
    if found is None:
        raise CaseNotFound(case=case)
    _one_at_a_time(connection, found.customer_id)
    _known(connection, revision.agent, "agent")
    terms = terms_of(connection, found.offer_id)
    wished = _wished(found.customer_id, terms, revision, case=case)
    dialect = connection.dialect.name
    for _ in range(2):
        look, decide = begin()
        around = {f"revised_{name}": value for name, value in _around(terms, revision, look.at).items()}
        read = press.read_by(_REVISED[dialect], look, press.read_values(look) | around)
        now = carried_out(connection, read)
        change = decide(replace(now, standing=whole(connection, now.standing, wished, terms, look.at)), terms)
        if carried_out(connection, press.write(dialect, change)):
            return change
    raise TryAgain


def _around(terms: OfferTerms, form: PlaceOrder | Revision, at: datetime) -> dict[str, object]:
    """What an order decides of what is read around it: its agent, and the amounts that limits are held against."""
    costs, _, coming = costs_of(form, terms, day_of(at))
    return {
        "agent": _agent(terms, form),
        "customer_ore": first_year_ore(Payer.CUSTOMER, costs, coming),
        "agent_ore": first_year_ore(Payer.AGENT, costs, coming),
    }


def _wished(customer: OrganisationId, terms: OfferTerms, form: PlaceOrder | Revision, *, case: CaseId | None) -> Wished:
    return Wished(customer, terms.id, _agent(terms, form), form.units, form.change_of_agent, case)


def _agent(terms: OfferTerms, form: PlaceOrder | Revision) -> OrganisationId | None:
    # One that is named for information alone takes no part.
    return form.agent if TRAITS[terms.flow].asks_for_agent else None


def _one_at_a_time(connection: Connection, customer: OrganisationId) -> None:
    # Two orders of one customer at once could each miss the other as a duplicate. And the clock waits for an order that
    # it cannot see yet: it looks only once for those that the end of a role is about. SQLite writes one at a time.
    if connection.dialect.name == "postgresql":
        connection.execute(_TURN, {"customer": customer, "clock": CLOCK})


def _situation(
    connection: Connection, wish: PlaceOrder, person: PersonId, terms: OfferTerms, at: datetime
) -> DecisionContext:
    _known(connection, wish.customer, "customer")
    _known(connection, wish.agent, "agent")
    blank = Case(
        id=CaseId(""),
        flow=terms.flow,
        state=State.DRAFT,
        customer=wish.customer,
        agent=_agent(terms, wish),
        orderer=person,
        content=Order(wish.offer, wish.units, wish.invoice_ref),
        created_at=at,
        waiting_since=at,
    )
    read = _authority(connection, blank, _around(terms, wish, at), at)
    now = situation(blank, person, read, at=at, agent=blank.agent)
    wished = _wished(wish.customer, terms, wish, case=None)
    return replace(now, standing=whole(connection, now.standing, wished, terms, at))


def _authority(connection: Connection, blank: Case, around: dict[str, object], at: datetime) -> Authority:
    values = around | {
        "customer": blank.customer,
        "offer": blank.order.offer,
        "flow": blank.flow,
        "person": blank.orderer,
        "at": to_micros(at),
        "day": day_of(at).isoformat(),
        "named": "",
    }
    return Authority._make(connection.execute(_PLACED[connection.dialect.name], values).one())


def _known(connection: Connection, organisation: OrganisationId | None, field: str) -> None:
    found = exists().where(tables.organisations.c.id == organisation)
    if organisation is not None and not connection.execute(select(found)).scalar():
        raise FormError(fields={field: "unknown"})


def is_taken(connection: Connection, case: CaseId) -> bool:
    """True when a case has the number."""
    return bool(connection.execute(select(exists().where(tables.cases.c.id == case))).scalar())


def _insert(connection: Connection, change: Change, person: PersonId, wish: PlaceOrder) -> None:
    case = change.event.after
    insert_case(connection, change)
    units = [
        {"case_id": case.id, "unit_key": key, "customer_id": case.customer, "offer_id": case.order.offer}
        for key in press.unit_keys(case.order)
    ]
    connection.execute(insert(tables.case_units), units)
    note_made(connection, person, wish, case.id)


def insert_case(connection: Connection, change: Change) -> None:
    """Write a new case, its line of history and the cards it owes."""
    connection.execute(insert(tables.cases), case_values(change.event.after))
    connection.execute(insert(tables.history), history_row(change))
    if change.outbox.cards:
        connection.execute(insert(tables.cards), card_rows(change))


def case_values(case: Case) -> dict[str, Any]:
    """Every column of `cases` for a case."""
    return {
        "id": case.id,
        "flow": case.flow,
        "state": case.state,
        "step": case.step,
        "revision": case.revision,
        "content_version": case.content_version,
        "customer_id": case.customer if _has_customer(case) else None,
        "agent_id": case.agent,
        "orderer_id": case.orderer or None,
        "offer_id": case.order.offer if case.is_order else None,
        "chosen_attestant_id": case.chosen_attestant,
        "claimed_by_id": case.claimed_by,
        "content": content_to_json(case),
        "decisions": decisions_to_json(case.decisions),
        "created_at": case.created_at,
        "waiting_since": case.waiting_since,
        "due_at": case.due_at,
        "closed_at": case.closed_at,
        "progress": progress_to_json(case),
        "review_at": case.review_at,
        **(_ordered(case) if case.is_order else {"applicant_number": case.application.org_number}),
    }


def _has_customer(case: Case) -> bool:
    """An organisation that applies has no row before it is let in."""
    return case.is_order or case.application.document is not None


def _ordered(case: Case) -> dict[str, Any]:
    return {
        "external_case_ref": case.order.external_case_ref,
        "customer_ore": amount_ore(case, Side.CUSTOMER),
        "agent_ore": amount_ore(case, Side.AGENT),
    }


def history_row(change: Change) -> dict[str, Any]:
    """The columns of the line of history of a change."""
    values = press.history_values(change)
    renamed = {"case": "case_id", "to_revision": "revision", "person": "person_id", "organisation": "organisation_id"}
    return {renamed.get(name, name): value for name, value in values.items()} | {"at": change.event.decision.at}


def card_rows(change: Change) -> list[dict[str, Any]]:
    """The columns of the cards that a change owes."""
    return [
        {
            "id": card.id,
            "case_id": change.event.after.id,
            "person_id": card.person,
            "email": card.email,
            "kind": card.kind,
            "part": card.part,
            "must_show": change.event.after.revision,
            "step": change.event.after.step,
            "does_show": 0,
            "priority": 1,
            "due_at": change.event.decision.at,
            "attempts": 0,
        }
        for card in change.outbox.cards
    ]
