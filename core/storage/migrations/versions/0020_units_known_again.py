"""Care units of earlier orders are known again by what those of new ones are kept by."""

import json
from collections.abc import Iterator

from alembic import op
from sqlalchemy import Column, Connection, MetaData, String, Table, Text, delete, insert, select

from core.catalogue.units import Unit

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

PAGE = 1_000

metadata = MetaData()
cases = Table("cases", metadata, Column("id", String, primary_key=True), Column("content", Text))
case_units = Table(
    "case_units",
    metadata,
    Column("case_id", String, primary_key=True),
    Column("unit_key", String, primary_key=True),
    Column("customer_id", String),
    Column("offer_id", String),
)


def upgrade() -> None:
    """From an HSA-id as it was typed, or else a name with the spaces it was typed with."""
    connection = op.get_bind()
    for page in _pages(connection):
        for case, content in page:
            units = [Unit(name, hsa_id) for name, hsa_id in json.loads(content).get("units", ())]
            if units:
                _write(connection, case, units)


def _pages(connection: Connection) -> Iterator[list[tuple[str, str]]]:
    last = ""
    while True:
        after = select(cases.c.id, cases.c.content).where(cases.c.id > last).order_by(cases.c.id).limit(PAGE)
        page = [(row.id, row.content) for row in connection.execute(after)]
        if not page:
            return
        yield page
        last = page[-1][0]


def _write(connection: Connection, case: str, units: list[Unit]) -> None:
    mine = case_units.c.case_id == case
    told = select(case_units.c.customer_id, case_units.c.offer_id).where(mine).limit(1)
    row = connection.execute(told).mappings().one_or_none()
    if row is None:
        return
    connection.execute(delete(case_units).where(mine))
    keys = dict.fromkeys(key for unit in units for key in unit.keys)
    connection.execute(insert(case_units), [{**row, "case_id": case, "unit_key": key} for key in keys])
