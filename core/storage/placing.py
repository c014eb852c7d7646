"""Placing an order: what only submitting reads, and the rows a new case begins with."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, exists, insert, or_, select, text

from core import db
from core.commands import Identity, PlaceOrder
from core.errors import FormError, KeyReused, NotLinked, PersonInactive
from core.events import Change
from core.order import Case, Order, Situation, Standing
from core.register import OfferTerms, Price
from core.storage.coding import case_from_row, decisions_to_json, order_to_json
from core.storage.press import history_values
from core.storage.press_sql import ASKABLE
from core.words import (
    AgentField,
    AgreementType,
    CaseId,
    CustomerCategory,
    Flow,
    OfferId,
    OrganisationId,
    Part,
    Payer,
    Period,
    PersonId,
    PriceKind,
    PriceUnit,
    Role,
    State,
)

Decide = Callable[[Situation, OfferTerms], Change]


def place(connection: Connection, wish: PlaceOrder, at: datetime, decide: Decide) -> tuple[Case, bool]:
    """Make the case of a wish, or find the one its key made. Raises FormError, KeyReused and what `decide` raises."""
    person = _person(connection, wish.by)
    _one_at_a_time(connection, wish.customer)
    found = _placed_before(connection, person, wish)
    if found is not None:
        return found, False
    terms = offer_terms(connection, wish.offer)
    now = _situation(connection, wish, person, terms, at)
    change = decide(now, terms)
    # A number is short enough to be read aloud, so one day it will have been given before.
    while _is_taken(connection, change.event.after.id):
        change = decide(now, terms)
    _insert(connection, change, person, wish)
    return change.event.after, True


def _person(connection: Connection, by: Identity | PersonId) -> PersonId:
    people, accounts = db.persons, db.identities
    if isinstance(by, Identity):
        mine = and_(accounts.c.issuer == by.issuer, accounts.c.subject == by.subject, accounts.c.state == "confirmed")
        query = select(people.c.id, people.c.active).join(accounts, accounts.c.person_id == people.c.id).where(mine)
    else:
        query = select(people.c.id, people.c.active).where(people.c.id == by)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotLinked
    if not row.active:
        raise PersonInactive
    return PersonId(row.id)


def _one_at_a_time(connection: Connection, customer: OrganisationId) -> None:
    # Two orders of one customer at once could each miss the other as a duplicate. SQLite writes one at a time anyway.
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:customer, 0))"), {"customer": customer})


def _placed_before(connection: Connection, person: PersonId, wish: PlaceOrder) -> Case | None:
    keys = db.placements
    query = select(keys.c.fingerprint, keys.c.case_id).where(keys.c.person_id == person, keys.c.key == wish.key)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    if row.fingerprint != _fingerprint(wish):
        raise KeyReused(case=row.case_id)
    return _case(connection, row.case_id)


def _case(connection: Connection, case: CaseId) -> Case:
    # Raw numbers, as the press reads them: the typed columns would turn instants into datetimes first.
    return case_from_row(connection.execute(text("SELECT * FROM cases WHERE id = :case"), {"case": case}).one())


def _fingerprint(wish: PlaceOrder) -> str:
    content = {name: value for name, value in asdict(wish).items() if name not in {"by", "key", "surface"}}
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def offer_terms(connection: Connection, offer: OfferId) -> OfferTerms:
    """An active offer as an order needs it. Raises FormError on the field `offer`."""
    row = connection.execute(select(db.offers).where(db.offers.c.id == offer, db.offers.c.active)).one_or_none()
    if row is None:
        raise FormError(fields={"offer": "unknown"})
    prices = connection.execute(select(db.price_items).where(db.price_items.c.offer_id == offer)).all()
    return terms_from_rows(row, prices)


def terms_from_rows(row: Row[Any], prices: Sequence[Row[Any]]) -> OfferTerms:
    """The terms in a row of `offers` and its rows of `price_items`."""
    return OfferTerms(
        id=OfferId(row.id),
        service=row.service_id,
        flow=Flow(row.flow),
        agent_field=AgentField(row.agent_field),
        needs_units=row.needs_units,
        categories=tuple(map(CustomerCategory, row.categories)),
        prices=tuple(map(price_from_row, prices)),
    )


def price_from_row(row: Row[Any]) -> Price:
    """The price in a row of every column of `price_items`."""
    return Price(
        payer=Payer(row.payer),
        kind=PriceKind(row.kind),
        unit=PriceUnit(row.unit),
        amount_ore=row.amount_ore,
        period=Period(row.period),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )


def _situation(
    connection: Connection, wish: PlaceOrder, person: PersonId, terms: OfferTerms, at: datetime
) -> Situation:
    customer = _organisation(connection, wish.customer, "customer")
    agent = None if wish.agent is None else _organisation(connection, wish.agent, "agent")
    blank = Case(
        id=CaseId(""),
        flow=terms.flow,
        state=State.DRAFT,
        customer=wish.customer,
        agent=wish.agent,
        orderer=person,
        order=Order(wish.offer, wish.units, wish.invoice_ref),
        created_at=at,
        waiting_since=at,
    )
    return Situation(
        case=blank,
        person=person,
        roles=_roles(connection, person, at),
        holders={
            Part.CUSTOMER_ATTESTANT: _holders(connection, wish.customer, Role.ATTESTANT, at),
            Part.AGENT_HANDLER: _holders(connection, wish.agent, Role.AGENT_HANDLER, at),
            Part.AGENT_ATTESTANT: _holders(connection, wish.agent, Role.ATTESTANT, at),
        },
        self_attest_allowed=customer.self_attest_allowed,
        agent_self_attest_allowed=agent is not None and agent.self_attest_allowed,
        standing=_standing(connection, wish, terms, customer.category, at),
    )


def _organisation(connection: Connection, organisation: OrganisationId, field: str) -> Row[Any]:
    row = connection.execute(select(db.organisations).where(db.organisations.c.id == organisation)).one_or_none()
    if row is None:
        raise FormError(fields={field: "unknown"})
    return row


def _valid_roles(at: datetime) -> Any:  # Any: a SQLAlchemy condition
    roles = db.role_assignments.c
    return and_(roles.valid_from <= at, or_(roles.valid_to.is_(None), roles.valid_to > at))


def _roles(connection: Connection, person: PersonId, at: datetime) -> dict[OrganisationId, frozenset[Role]]:
    roles = db.role_assignments
    query = select(roles.c.organisation_id, roles.c.role).where(roles.c.person_id == person, _valid_roles(at))
    held: dict[OrganisationId, frozenset[Role]] = {}
    for organisation, role in connection.execute(query):
        held[organisation] = held.get(organisation, frozenset()) | {Role(role)}
    return held


def _holders(
    connection: Connection, organisation: OrganisationId | None, role: Role, at: datetime
) -> tuple[PersonId, ...]:
    roles, people = db.role_assignments, db.persons
    query = (
        select(roles.c.person_id)
        .join(people, people.c.id == roles.c.person_id)
        .where(roles.c.organisation_id == organisation, roles.c.role == role, people.c.active, _valid_roles(at))
        .order_by(roles.c.id)
        .limit(ASKABLE)
    )
    return tuple(connection.execute(query).scalars())


def _standing(
    connection: Connection, wish: PlaceOrder, terms: OfferTerms, category: str | None, at: datetime
) -> Standing:
    return Standing(
        customer_agreement=_has_agreement(connection, wish.customer, AgreementType.KUNDAVTAL, at),
        category_allowed=category in terms.categories,
        categories=terms.categories,
        agent_agreement=_has_agreement(connection, wish.agent, AgreementType.AGENTAVTAL, at),
        agent_assignment=_has_assignment(connection, wish.agent, terms.service, at),
        duplicate=_duplicate(connection, wish),
        service=terms.service,
    )


def _has_agreement(
    connection: Connection, organisation: OrganisationId | None, kind: AgreementType, at: datetime
) -> bool:
    made = db.agreements.c
    now = and_(made.valid_from <= at, or_(made.ended_at.is_(None), made.ended_at > at))
    found = exists().where(made.organisation_id == organisation, made.type == kind, now)
    return bool(connection.execute(select(found)).scalar())


def _has_assignment(connection: Connection, agent: OrganisationId | None, service: str, at: datetime) -> bool:
    given = db.agent_assignments.c
    now = and_(given.valid_from <= at, or_(given.valid_to.is_(None), given.valid_to > at))
    found = exists().where(given.agent_id == agent, given.service_id == service, now)
    return bool(connection.execute(select(found)).scalar())


def _duplicate(connection: Connection, wish: PlaceOrder) -> CaseId | None:
    units, cases = db.case_units, db.cases
    query = (
        select(units.c.case_id)
        .join(cases, cases.c.id == units.c.case_id)
        .where(
            units.c.customer_id == wish.customer,
            units.c.offer_id == wish.offer,
            units.c.unit_key.in_(_unit_keys(wish)),
            cases.c.closed_at.is_(None),
        )
        .limit(1)
    )
    return connection.execute(query).scalar_one_or_none()


def _unit_keys(wish: PlaceOrder) -> list[str]:
    return [unit.key for unit in wish.units] or [""]


def _is_taken(connection: Connection, case: CaseId) -> bool:
    return bool(connection.execute(select(exists().where(db.cases.c.id == case))).scalar())


def _insert(connection: Connection, change: Change, person: PersonId, wish: PlaceOrder) -> None:
    case = change.event.after
    connection.execute(insert(db.cases), _case_values(case))
    units = [
        {"case_id": case.id, "unit_key": key, "customer_id": case.customer, "offer_id": case.order.offer}
        for key in _unit_keys(wish)
    ]
    connection.execute(insert(db.case_units), units)
    connection.execute(insert(db.history), _history_row(change))
    if change.owed.cards:
        connection.execute(insert(db.cards), _card_rows(change))
    connection.execute(
        insert(db.placements),
        {"person_id": person, "key": wish.key, "fingerprint": _fingerprint(wish), "case_id": case.id},
    )


def _case_values(case: Case) -> dict[str, Any]:
    return {
        "id": case.id,
        "flow": case.flow,
        "state": case.state,
        "step": case.step,
        "revision": case.revision,
        "content_version": case.content_version,
        "customer_id": case.customer,
        "agent_id": case.agent,
        "orderer_id": case.orderer,
        "offer_id": case.order.offer,
        "content": order_to_json(case.order),
        "decisions": decisions_to_json(case.decisions),
        "created_at": case.created_at,
        "waiting_since": case.waiting_since,
        "due_at": case.due_at,
        "external_case_ref": case.order.external_case_ref,
    }


def _history_row(change: Change) -> dict[str, Any]:
    values = history_values(change)
    renamed = {"case": "case_id", "to_revision": "revision", "person": "person_id", "organisation": "organisation_id"}
    return {renamed.get(name, name): value for name, value in values.items()} | {"at": change.event.decision.at}


def _card_rows(change: Change) -> list[dict[str, Any]]:
    return [
        {
            "id": card.id,
            "case_id": change.event.after.id,
            "person_id": card.person,
            "kind": card.kind,
            "part": card.part,
            "must_show": change.event.after.revision,
            "does_show": 0,
            "priority": 1,
            "due_at": change.event.decision.at,
            "attempts": 0,
        }
        for card in change.owed.cards
    ]
