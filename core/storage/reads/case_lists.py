"""Reads lists of orders and applications for the API: the newest first, page by page, each page from an index."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, literal, select, tuple_, union_all

from core.ports.case_lists import ApplicationFilter, ListPlace, OrderFilter, Scope
from core.shared.vocabulary import CaseId
from core.storage import tables


def list_orders(
    connection: Connection, scope: Scope, wanted: OrderFilter, after: ListPlace | None, limit: int
) -> list[ListPlace]:
    """The cases of a page, the newest first."""
    # An application is for no offer.
    conditions = [tables.cases.c.offer_id.is_not(None), *_wanted(wanted), *_after(after)]
    pages = union_all(*(_page([*within, *conditions], limit) for within in _within(scope))).subquery()
    query = select(pages).order_by(pages.c.created_at.desc(), pages.c.id.desc()).limit(limit)
    return [ListPlace(row.created_at, CaseId(row.id)) for row in connection.execute(query)]


def _within(scope: Scope) -> list[list[ColumnElement[bool]]]:
    # One search per side, each by its own index; nobody is on both sides of one order.
    cases = tables.cases.c
    sides = [(cases.customer_id, scope.customer), (cases.agent_id, scope.agent)]
    return [[column == organisation] for column, organisation in sides if organisation is not None] or [[]]


def _wanted(wanted: OrderFilter) -> list[ColumnElement[bool]]:
    cases = tables.cases.c
    fields = [
        (cases.state, wanted.state),
        (cases.external_case_ref, wanted.external_case_ref),
        (cases.customer_id, wanted.customer),
    ]
    conditions = [column == value for column, value in fields if value is not None]
    if wanted.is_open is None:
        return conditions
    return [*conditions, cases.closed_at.is_(None) if wanted.is_open else cases.closed_at.is_not(None)]


def _after(place: ListPlace | None) -> list[ColumnElement[bool]]:
    if place is None:
        return []
    cases = tables.cases.c
    return [
        tuple_(cases.created_at, cases.id) < tuple_(literal(place.created_at, tables.Instant()), literal(place.case))
    ]


def _page(conditions: Sequence[ColumnElement[bool]], limit: int) -> Select[Any]:
    cases = tables.cases.c
    newest = select(cases.created_at, cases.id).where(*conditions)
    # A query with an order and a limit of its own must be wrapped to be joined to another.
    return select(newest.order_by(cases.created_at.desc(), cases.id.desc()).limit(limit).subquery())


def list_applications(
    connection: Connection, wanted: ApplicationFilter, after: ListPlace | None, limit: int
) -> list[ListPlace]:
    """The applications of a page, the newest first."""
    cases = tables.cases.c
    query = select(cases.created_at, cases.id).where(cases.applicant_number.is_not(None))
    if wanted.state is not None:
        query = query.where(cases.state == wanted.state)
    if wanted.is_open is not None:
        query = query.where(cases.closed_at.is_(None) if wanted.is_open else cases.closed_at.is_not(None))
    if wanted.sent_by is not None:
        query = query.where(cases.orderer_id == wanted.sent_by)
    if after is not None:
        place = tuple_(literal(after.created_at, tables.Instant()), literal(after.case))
        query = query.where(tuple_(cases.created_at, cases.id) < place)
    rows = connection.execute(query.order_by(cases.created_at.desc(), cases.id.desc()).limit(limit))
    return [ListPlace(row.created_at, CaseId(row.id)) for row in rows]
