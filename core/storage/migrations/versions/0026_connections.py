"""Who has which service for which unit and through whom stands in rows of its own."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from alembic import op
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    insert,
    select,
    text,
)

from core.catalogue.units import Unit

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

# So many customers are read at a time.
PAGE = 100
# What connected until now: the state of an order that ended well. Who ordered an agentuppdrag conveys, and has nothing.
CONNECTED, CONNECTING = ("instructions_sent", "agent_informed"), ("direct", "via_agent")

metadata = MetaData(naming_convention={
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
})  # fmt: skip
Table("organisations", metadata, Column("id", String, primary_key=True))
Table("services", metadata, Column("id", String, primary_key=True))
offers = Table("offers", metadata, Column("id", String, primary_key=True), Column("service_id", String))
cases = Table(
    "cases",
    metadata,
    Column("id", String, primary_key=True),
    Column("flow", String),
    Column("state", String),
    Column("customer_id", String),
    Column("agent_id", String),
    Column("offer_id", String),
    Column("content", Text),
    Column("waiting_since", BigInteger),
    Column("closed_at", BigInteger),
)
connections = Table(
    "connections",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("organisation_id", String, ForeignKey("organisations.id"), nullable=False),
    Column("service_id", String, ForeignKey("services.id"), nullable=False),
    Column("offer_id", String, ForeignKey("offers.id"), nullable=False),
    Column("agent_id", String, ForeignKey("organisations.id")),
    Column("unit_key", String, nullable=False, server_default=text("''")),
    Column("unit_name_key", String),
    Column("unit_name", String),
    Column("unit_hsa_id", String),
    Column("valid_from", BigInteger, nullable=False),
    Column("valid_to", BigInteger),
    Column("case_id", String, ForeignKey("cases.id"), nullable=False),
    Column("ended_by_id", String, ForeignKey("cases.id")),
    Column("confirmed_at", BigInteger),
    Index("ix_connections_held", "organisation_id", "service_id", "unit_key"),
    Index(
        "ix_connections_named",
        "organisation_id",
        "service_id",
        "unit_name_key",
        sqlite_where=text("unit_name_key IS NOT NULL"),
        postgresql_where=text("unit_name_key IS NOT NULL"),
    ),
    Index("ix_connections_case", "case_id"),
    Index(
        "ix_connections_agent",
        "agent_id",
        "service_id",
        sqlite_where=text("agent_id IS NOT NULL"),
        postgresql_where=text("agent_id IS NOT NULL"),
    ),
)


def upgrade() -> None:
    """From orders that were carried out: until now their state said what was connected. Nobody has confirmed these."""
    connection = op.get_bind()
    connections.create(connection)
    for customers in _pages(connection):
        rows = [row for orders in _orders(connection, customers) for row in connected(orders)]
        if rows:
            connection.execute(insert(connections), rows)


def connected(orders: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """Return the connections of one customer's orders, in the order in which these were carried out.

    Through another agent a unit that had the service changed agent: its earlier connection ended then.
    """
    held: list[dict[str, Any]] = []
    kept: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for order in orders:
        made = list(_made(order))
        for row in made:
            for earlier in _changed(kept, row):
                earlier |= {"valid_to": row["valid_from"], "ended_by_id": row["case_id"]}
        for row in made:
            for key in filter(None, (row["unit_key"], row["unit_name_key"])):
                kept.setdefault((row["service_id"], key), []).append(row)
        held += made
    yield from held


def _changed(kept: dict[tuple[str, str], list[dict[str, Any]]], row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Return the earlier connections of a unit that go through another agent than its new one."""
    keys = Unit(row["unit_name"], row["unit_hsa_id"]).sought if row["unit_key"] else ()
    for earlier in [earlier for key in keys for earlier in kept.get((row["service_id"], key), [])]:
        agents = {earlier["agent_id"], row["agent_id"]}
        if None not in agents and len(agents) > 1 and earlier["valid_to"] is None:
            yield earlier


def _made(order: Any) -> Iterator[dict[str, Any]]:
    about = {
        "organisation_id": order.customer_id,
        "service_id": order.service_id,
        "offer_id": order.offer_id,
        "agent_id": order.agent_id,
        "valid_from": order.waiting_since if order.closed_at is None else order.closed_at,
        "valid_to": None,
        "case_id": order.id,
        "ended_by_id": None,
        "confirmed_at": None,
    }
    units = [Unit(name, hsa_id) for name, hsa_id in json.loads(order.content).get("units", ())]
    for unit in units:
        key, *names = unit.keys
        told = {"unit_name": unit.name, "unit_hsa_id": unit.hsa_id}
        yield about | {"unit_key": key, "unit_name_key": next(iter(names), None)} | told
    if not units:
        yield about | {"unit_key": "", "unit_name_key": None, "unit_name": None, "unit_hsa_id": None}


def _pages(connection: Connection) -> Iterator[list[str]]:
    last = ""
    while True:
        query = select(cases.c.customer_id).where(_is_connected(), cases.c.customer_id > last).distinct()
        page = list(connection.execute(query.order_by(cases.c.customer_id).limit(PAGE)).scalars())
        if not page:
            return
        yield page
        last = page[-1]


def _orders(connection: Connection, customers: list[str]) -> Iterator[list[Any]]:
    """The orders of each customer that were carried out, the earliest first."""
    query = select(cases, offers.c.service_id).join(offers, offers.c.id == cases.c.offer_id)
    mine = query.where(_is_connected(), cases.c.customer_id.in_(customers))
    rows = connection.execute(mine.order_by(cases.c.closed_at, cases.c.id)).all()
    for customer in customers:
        yield [row for row in rows if row.customer_id == customer]


def _is_connected() -> Any:
    return cases.c.state.in_(CONNECTED) & cases.c.flow.in_(CONNECTING)
