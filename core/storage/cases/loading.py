"""Loads orders with the authority of whoever looks: as they stand, as an answer would make them, as a draft."""

from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Connection, exists, select, text

from core.catalogue.offers import OfferTerms, terms_in
from core.catalogue.prices import Price, Reckoning, first_year_ore, reckon, unpriced_since
from core.identity.accounts import Asking, By, Identity
from core.identity.proofs import Occasion, Proof
from core.identity.tokens import token_hash
from core.ports.cases import CaseQuery
from core.shared.errors import CaseNotFound, FormError, NotLinked, PersonInactive
from core.shared.traits import TRAITS
from core.shared.vocabulary import (
    SIDE_OF,
    Action,
    CaseId,
    Flow,
    OfferId,
    OrganisationId,
    Part,
    Payer,
    Period,
    PersonId,
    PriceKind,
    PriceUnit,
    Side,
    State,
)
from core.shared.working_days import day_of
from core.storage import tables
from core.storage.cases import statements
from core.storage.context.asking_person import carried, person_asking
from core.storage.context.authority_sql import ASKING, ROLE_OF
from core.storage.context.coding import Listed, case_from_row, grants_from_json, loaded, rules, rules_from_row
from core.storage.context.offers import active_terms, known_terms, terms_of
from core.storage.context.standings import Wished, held_since, whole
from core.storage.database.locks import CLOCK
from core.storage.database.sessions import Constant, Session
from core.storage.tables import from_micros, to_micros
from core.workflow.case import Case, Grant, Order
from core.workflow.commands import PlaceOrder, Revision
from core.workflow.context import CardPlace, DecisionContext, Standing
from core.workflow.order_rules import wish_of

Values = dict[str, Any]

_READS = {dialect: Constant(sql) for dialect, sql in statements.READS.items()}
_REVISED = {dialect: Constant(sql) for dialect, sql in statements.REVISED_READS.items()}
_DRAFTS = {dialect: text(sql) for dialect, sql in statements.DRAFT_READS.items()}
_CUSTOMERS_TURN = text("SELECT pg_advisory_xact_lock(hashtextextended(:customer, 0))")
_TURN = text("""
    SELECT pg_advisory_xact_lock(hashtextextended(:customer, 0)), pg_advisory_xact_lock_shared(:clock)""")


class Row(NamedTuple):
    """What the reading statement selects before the authority, in its order."""

    id: str
    flow: str
    state: str
    step: int
    revision: int
    content_version: int
    customer_id: str
    agent_id: OrganisationId | None
    orderer_id: str
    offer_id: str
    chosen_attestant_id: str | None
    claimed_by_id: str | None
    content: str
    decisions: str
    created_at: int
    waiting_since: int
    due_at: int | None
    closed_at: int | None
    review_at: int | None
    progress: str
    person_id: PersonId | None
    person_active: bool | None
    account_seen_at: int | None
    within: OrganisationId | None
    card_channel: str | None
    card_ts: str | None
    card_asked_only: bool | None
    proof_id: str | None
    proof_person: PersonId
    proof_case: CaseId
    proof_step: int
    proof_content_version: int
    proof_action: str
    proof_method: str
    proof_expires_at: int
    proof_used_at: int | None


COLUMNS = len(Row._fields)


class Authority(NamedTuple):
    """What `core.storage.context.authority_sql.authority` selects, in its order."""

    grants: Listed
    belongs: Listed
    holders: Listed
    self_attest_allowed: bool
    eid_from_ore: int | None
    tiers: Listed
    reminder_days: int
    reminder_hour: int
    agent_self_attest_allowed: bool | None
    agent_eid_from_ore: int | None
    agent_tiers: Listed
    agent_reminder_days: int | None
    agent_reminder_hour: int | None
    service_id: str
    orderer_is_active: bool
    customer_agreement: bool
    agent_agreement: bool
    agent_assignment: bool
    prices: Listed


async def load(session: Session, query: CaseQuery) -> DecisionContext:
    """Load an order and the looker's authority, in one statement. Raises CaseNotFound, NotLinked, PersonInactive."""
    return await _load_by(session, _READS[session.dialect], query, read_values(query))


async def _load_by(session: Session, statement: Constant, query: CaseQuery, values: Values) -> DecisionContext:
    """The same by a statement of the same columns; `revised_agent` among the values stands for the case's."""
    rows = await session.fetch(statement, values)
    if not rows:
        by = query.by
        if by is not None:
            # Who is nobody is told the same of any number.
            await session.run(lambda connection: person_asking(connection, by))
        raise CaseNotFound(case=query.case)
    row = Row._make(rows[0][:COLUMNS])
    if query.by is not None and row.person_id is None:
        raise NotLinked
    if row.person_id is not None and not row.person_active:
        raise PersonInactive
    return _context(
        case_from_row(row),
        _asking(query.by, row),
        Authority._make(rows[0][COLUMNS:]),
        at=query.at,
        agent=values.get("revised_agent", row.agent_id),
        card=_card(query, row),
        proof=_proof(row),
        seen_at=None if row.account_seen_at is None else from_micros(row.account_seen_at),
    )


def _asking(by: By | None, row: Row) -> Asking | None:
    if isinstance(by, Asking):
        return by
    return None if row.person_id is None else Asking(row.person_id, row.within)


def _usable(who: Asking, grants: tuple[Grant, ...]) -> tuple[Grant, ...]:
    return tuple(grant for grant in grants if who.may_use(grant.organisation))


def _card(query: CaseQuery, row: Row) -> CardPlace | None:
    if not query.card:
        return None
    return CardPlace(query.card, row.card_channel, row.card_ts, bool(row.card_asked_only))


def _proof(row: Row) -> Proof | None:
    if row.proof_id is None:
        return None
    return Proof(
        id=row.proof_id,
        occasion=Occasion(
            row.proof_person, row.proof_case, row.proof_step, row.proof_content_version, Action(row.proof_action)
        ),
        method=row.proof_method,
        expires_at=from_micros(row.proof_expires_at),
        used_at=None if row.proof_used_at is None else from_micros(row.proof_used_at),
    )


def _context(
    case: Case,
    who: Asking | None,
    read: Authority,
    *,
    at: datetime,
    agent: OrganisationId | None,
    card: CardPlace | None = None,
    proof: Proof | None = None,
    seen_at: datetime | None = None,
) -> DecisionContext:
    """A case and a person's authority over it. `agent` is the one that was read of: the case's, or the answer's."""
    reckoned, unpriced = _reckoned(read.prices, case, day_of(at)) if case.state in ASKING else (None, None)
    return DecisionContext(
        case=case,
        person=who and who.person,
        grants=() if who is None else _usable(who, grants_from_json(read.grants, who.person)),
        belongs=frozenset(loaded(read.belongs)),
        holders=_holders(read.holders, case.customer, agent or OrganisationId("")),
        rules={
            Side.CUSTOMER: rules_from_row(read),
            Side.AGENT: rules(
                read.agent_self_attest_allowed,
                read.agent_eid_from_ore,
                read.agent_tiers,
                read.agent_reminder_days,
                read.agent_reminder_hour,
            ),
        },
        standing=Standing(
            customer_agreement=bool(read.customer_agreement),
            agent_agreement=bool(read.agent_agreement),
            agent_assignment=bool(read.agent_assignment),
            service=read.service_id,
        ),
        reckoned=reckoned,
        unpriced_since=unpriced,
        orderer_is_active=bool(read.orderer_is_active),
        card=card,
        proof=proof,
        seen_at=seen_at,
        judged_at=at,
    )


def _holders(stored: Listed, customer: OrganisationId, agent: OrganisationId) -> dict[Part, tuple[Grant, ...]]:
    found: dict[Part, list[Grant]] = {part: [] for part in ROLE_OF}
    for name, person, limit_ore, service, absent in loaded(stored):
        part = Part(name)
        organisation = customer if SIDE_OF[part] is Side.CUSTOMER else agent
        found[part].append(Grant(person, organisation, ROLE_OF[part], limit_ore, service, absent))
    return {part: tuple(grants) for part, grants in found.items()}


def _prices(stored: Listed) -> list[Price]:
    return [
        Price(
            Payer(payer),
            PriceKind(kind),
            PriceUnit(unit),
            amount_ore,
            Period(period),
            _day(since),
            until and _day(until),
        )
        for payer, kind, unit, amount_ore, period, since, until in loaded(stored)
    ]


def _day(stored: str) -> date:
    return date.fromisoformat(stored)


def _reckoned(stored: Listed, case: Case, day: date) -> tuple[Reckoning | None, date | None]:
    """What the order costs by the prices of now; None where one of them is missing, and since when."""
    prices, units, start = _prices(stored), len(case.order.units), case.order.desired_start
    unpriced = unpriced_since(prices, day, units=units)
    if unpriced is not None:
        return None, unpriced
    reckoned = reckon(prices, units=units, today=day, start=start)
    priced = {each.payer for each in prices if each.valid_from <= max(day, start or day)}
    costs, coming = ({each: of[each] for each in of if each in priced} for of in (reckoned.costs, reckoned.coming))
    return replace(reckoned, costs=costs, coming=coming), None


def read_values(query: CaseQuery) -> Values:
    """What the reading statement names."""
    identity = query.by if isinstance(query.by, Identity) else Identity("", "")
    return {
        "case": query.case,
        "card": query.card or "",
        "at": to_micros(query.at),
        "issuer": identity.issuer,
        "subject": identity.subject,
        "person": None if query.by is None or isinstance(query.by, Identity) else query.by.person,
        "named": query.named or "",
        "proof": token_hash(query.proof) if query.proof else "",
    }


async def load_revised(session: Session, query: CaseQuery, revision: Revision) -> DecisionContext:
    """Load an order, and what an answer would change of it as it would be. Raises FormError as well.

    What `load` asks SQLAlchemy begins the transaction, which the statement of a press alone would not.
    """
    customer, offer, flow, agent = await session.run(lambda connection: _ordered(connection, query.case))
    revision = revision if TRAITS[flow].is_offered else replace(revision, agent=agent)
    await session.run(lambda connection: _check_agent(connection, revision.agent))
    terms = terms_in(flow, await session.run(lambda connection: terms_of(connection, offer)))
    around = {f"revised_{name}": value for name, value in _around(terms, revision, query.at).items()}
    context = await _load_by(session, _REVISED[session.dialect], query, read_values(query) | around)
    wanted = _wanted(customer, terms, revision, case=query.case)
    standing = await session.run(lambda connection: whole(connection, context.standing, wanted, terms, query.at))
    return replace(context, standing=standing, terms=terms)


async def load_ending(session: Session, query: CaseQuery) -> DecisionContext:
    """Load an order, and since when what it ends is connected."""
    context = await load(session, query)
    case = context.case
    session.want_transaction(partial(take_customers_turn, customer=case.customer))
    wanted = Wished(case.customer, case.order.offer, case.agent, case.order.units)
    since = await session.run(lambda connection: held_since(connection, wanted))
    return replace(context, standing=replace(context.standing, held_since=since))


def _ordered(connection: Connection, case: CaseId) -> tuple[OrganisationId, OfferId, Flow, OrganisationId | None]:
    cases = tables.cases.c
    query = select(cases.customer_id, cases.offer_id, cases.flow, cases.agent_id).where(cases.id == case)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise CaseNotFound(case=case)
    return OrganisationId(row.customer_id), OfferId(row.offer_id), Flow(row.flow), row.agent_id


def take_turn_of(connection: Connection, case: CaseId) -> None:
    """Wait until nobody else orders for the customer of an order. Raises CaseNotFound."""
    customer, *_ = _ordered(connection, case)
    take_turn(connection, customer)


def take_customers_turn(connection: Connection, customer: OrganisationId) -> None:
    """Wait until nobody else orders for a customer, or connects or ends what it has.

    The clock need not wait for that: it knows the case, and nobody is asked in one that has ended.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_CUSTOMERS_TURN, {"customer": customer})


def take_turn(connection: Connection, customer: OrganisationId) -> None:
    """Wait until nobody else orders for a customer, and keep the clock waiting meanwhile.

    Two orders of one customer at once could each miss the other as a duplicate. And the clock waits for an order that
    it cannot see yet: it looks only once for those that the end of a role is about. SQLite writes one at a time.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_TURN, {"customer": customer, "clock": CLOCK})


def load_draft(connection: Connection, command: PlaceOrder, at: datetime) -> DecisionContext:
    """Load what is around an order that is about to be placed. Raises FormError."""
    terms = _terms(connection, command)
    who = person_asking(connection, command.by)
    # An organisation in which somebody never had a role, or whose roles the account does not carry, is as one that
    # there is not.
    had = exists().where(carried(who), tables.role_assignments.c.organisation_id == command.customer)
    if not connection.execute(select(had)).scalar():
        raise FormError(fields={"customer": "unknown"})
    _check_agent(connection, command.agent)
    blank = _blank(command, who.person, terms, at)
    authority = _authority(connection, blank, _around(terms, command, at), at)
    context = _context(blank, who, authority, at=at, agent=blank.agent)
    wanted = _wanted(command.customer, terms, command, case=None)
    return replace(context, standing=whole(connection, context.standing, wanted, terms, at), terms=terms)


def _terms(connection: Connection, command: PlaceOrder) -> OfferTerms:
    if not command.flow:
        return active_terms(connection, command.offer)
    if TRAITS[command.flow].is_offered:
        raise FormError(fields={"flow": "unknown"})
    return terms_in(command.flow, known_terms(connection, command.offer))


def _blank(command: PlaceOrder, person: PersonId, terms: OfferTerms, at: datetime) -> Case:
    return Case(
        id=CaseId(""),
        flow=terms.flow,
        state=State.DRAFT,
        customer=command.customer,
        agent=_agent(terms, command),
        orderer=person,
        content=Order(command.offer, command.units, command.invoice_ref),
        created_at=at,
        waiting_since=at,
    )


def _authority(connection: Connection, blank: Case, around: dict[str, object], at: datetime) -> Authority:
    values = around | {
        "customer": blank.customer,
        "offer": blank.order.offer,
        "flow": blank.flow,
        "person": blank.orderer,
        "at": to_micros(at),
        "named": "",
    }
    return Authority._make(connection.execute(_DRAFTS[connection.dialect.name], values).one())


def _around(terms: OfferTerms, form: PlaceOrder | Revision, at: datetime) -> dict[str, object]:
    """What an order decides of what is read around it: its agent, and the amounts that limits are held against."""
    reckoned = reckon(terms.prices, units=len(form.units), today=day_of(at), start=form.desired_start)
    return {
        "agent": _agent(terms, form),
        "customer_ore": first_year_ore(Payer.CUSTOMER, reckoned.costs, reckoned.coming),
        "agent_ore": first_year_ore(Payer.AGENT, reckoned.costs, reckoned.coming),
    }


def _wanted(customer: OrganisationId, terms: OfferTerms, form: PlaceOrder | Revision, *, case: CaseId | None) -> Wished:
    agent = _agent(terms, form)
    return Wished(customer, terms.id, agent, form.units, wish_of(form, agent), case)


def _agent(terms: OfferTerms, form: PlaceOrder | Revision) -> OrganisationId | None:
    # One that is named for information alone takes no part.
    return form.agent if TRAITS[terms.flow].asks_for_agent else None


def _check_agent(connection: Connection, agent: OrganisationId | None) -> None:
    is_known = exists().where(tables.organisations.c.id == agent)
    if agent is not None and not connection.execute(select(is_known)).scalar():
        raise FormError(fields={"agent": "unknown"})
