"""Offers as an order needs them: their terms and prices."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from core.catalogue.offers import OfferTerms
from core.catalogue.prices import Price
from core.shared.errors import FormError
from core.shared.vocabulary import AgentField, CustomerCategory, Flow, OfferId, Payer, Period, PriceKind, PriceUnit
from core.storage import tables
from core.storage.context.coding import localised


def active_terms(connection: Connection, offer: OfferId) -> OfferTerms:
    """An active offer. Raises FormError on the field `offer`."""
    row = connection.execute(
        select(tables.offers).where(tables.offers.c.id == offer, tables.offers.c.active)
    ).one_or_none()
    if row is None:
        raise FormError(fields={"offer": "unknown"})
    return _with_prices(connection, row)


def known_terms(connection: Connection, offer: OfferId) -> OfferTerms:
    """An offer, active or not. Raises FormError on the field `offer`."""
    row = connection.execute(select(tables.offers).where(tables.offers.c.id == offer)).one_or_none()
    if row is None:
        raise FormError(fields={"offer": "unknown"})
    return _with_prices(connection, row)


def terms_of(connection: Connection, offer: OfferId) -> OfferTerms:
    """An offer that something was ordered of, whether it still can be or not."""
    return _with_prices(connection, connection.execute(select(tables.offers).where(tables.offers.c.id == offer)).one())


def _with_prices(connection: Connection, row: Row[Any]) -> OfferTerms:
    prices = connection.execute(select(tables.price_items).where(tables.price_items.c.offer_id == row.id)).all()
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
        name=localised(row.name),
        terms_url=row.terms_url,
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
