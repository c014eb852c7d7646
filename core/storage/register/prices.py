"""Prices of offers: on no day do two of the same thing hold."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, select

from core.audit.records import AuditRecord
from core.catalogue.prices import Price, rule_broken_by_prices
from core.ports.register_entries import Outcome
from core.register.administration import Author
from core.shared.errors import RegisterError
from core.shared.vocabulary import Happened, LineKind, OfferId
from core.shared.working_days import beginning_of, end_of
from core.storage import tables
from core.storage.audit.audit_records import changed_facts, write_record
from core.storage.context.offers import price_from_row
from core.storage.context.reviews import ReviewPeriod, moments, review_offer
from core.storage.register.rows import put


def write_prices(
    connection: Connection, offer: OfferId, prices: Sequence[Price], at: datetime, author: Author
) -> list[Outcome]:
    """Add or change prices of an offer. Raise RegisterError with `index`, the place of the price that breaks a rule."""
    before = {_key(price): price for price in read_prices(connection, offer)}
    _refuse_clashes(prices, before)
    outcomes: list[Outcome] = []
    for price in prices:
        stored = before.get(_key(price))
        outcomes.append(_write(connection, offer, price, stored, at))
        if outcomes[-1] is not Outcome.SAME:
            _note(connection, offer, price, stored, at, author)
    return outcomes


def read_prices(connection: Connection, offer: OfferId) -> list[Price]:
    """Read the prices of an offer, past and coming ones too, oldest first."""
    items = tables.price_items
    query = select(items).where(items.c.offer_id == offer).order_by(items.c.valid_from, items.c.id)
    return [price_from_row(row) for row in connection.execute(query)]


def _refuse_clashes(prices: Sequence[Price], before: dict[tuple[object, ...], Price]) -> None:
    for index, price in enumerate(prices):
        if price.valid_to is not None and price.valid_to < price.valid_from:
            raise RegisterError(problem="period_reversed", field="to", index=index)
    given = {_key(price): index for index, price in enumerate(prices)}
    broken = rule_broken_by_prices([*prices, *(price for key, price in before.items() if key not in given)])
    if broken is not None:
        problem, first, second = broken
        index = max(given.get(_key(price), -1) for price in (first, second))
        raise RegisterError(problem=problem, field="from", index=index)


def _write(connection: Connection, offer: OfferId, price: Price, before: Price | None, at: datetime) -> Outcome:
    key = {"offer_id": offer, "payer": price.payer, "kind": price.kind, "unit": price.unit}
    values = {name: value for name, value in asdict(price).items() if name in {"amount_ore", "period", "valid_to"}}
    outcome = put(connection, tables.price_items, key | {"valid_from": price.valid_from}, values, frozenset(values))
    if outcome is not Outcome.SAME:
        # One that is yet to come may hold by the day an order starts.
        review_offer(connection, offer, {at} | moments(at, before and _period(before), _period(price)))
    return outcome


def _note(
    connection: Connection, offer: OfferId, price: Price, before: Price | None, at: datetime, author: Author
) -> None:
    which = {"offer": offer, "payer": price.payer, "kind": price.kind, "unit": price.unit}
    which |= {"valid_from": price.valid_from.isoformat()}
    line = AuditRecord(
        LineKind.PRICE,
        Happened.SET if before is None else Happened.CHANGED,
        at,
        author.surface,
        person=author.person,
        assurance=author.assurance,
        facts={"by": author.by, **which} | changed_facts(before and _terms(before), _terms(price)),
    )
    write_record(connection, line)


def _terms(price: Price) -> dict[str, object]:
    until = None if price.valid_to is None else price.valid_to.isoformat()
    return {"amount_ore": price.amount_ore, "period": price.period, "valid_to": until}


def _key(price: Price) -> tuple[object, ...]:
    return price.payer, price.kind, price.unit, price.valid_from


def _period(price: Price) -> ReviewPeriod:
    until = None if price.valid_to is None else end_of(price.valid_to)
    return ReviewPeriod(beginning_of(price.valid_from), until)
