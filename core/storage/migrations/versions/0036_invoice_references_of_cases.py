"""An order is found by its invoice reference."""

import json
from collections.abc import Iterator

from alembic import op
from sqlalchemy import Column, Index, MetaData, String, Table, Text, bindparam, select, text, update

from core.shared.characters import folded

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

PAGE = 1_000
PLAIN = String().with_variant(String(collation="C"), "postgresql")
IS_THERE = text("invoice_reference IS NOT NULL")
cases = Table(
    "cases",
    MetaData(),
    Column("id", String, primary_key=True),
    Column("offer_id", String),
    Column("content", Text),
    Column("invoice_reference", PLAIN),
)
index = Index("ix_cases_invoice_reference", cases.c.invoice_reference, sqlite_where=IS_THERE, postgresql_where=IS_THERE)


def upgrade() -> None:
    """The reference of every order that has one still."""
    op.add_column("cases", Column("invoice_reference", PLAIN))
    named = update(cases).where(cases.c.id == bindparam("case")).values(invoice_reference=bindparam("reference"))
    for page in _pages():
        references = [{"case": case, "reference": folded(reference)} for case, reference in page]
        if found := [each for each in references if each["reference"]]:
            op.get_bind().execute(named, found)
    index.create(op.get_bind())


def _pages() -> Iterator[list[tuple[str, str]]]:
    connection, last = op.get_bind(), ""
    while True:
        after = select(cases.c.id, cases.c.content).where(cases.c.id > last, cases.c.offer_id.is_not(None))
        page = connection.execute(after.order_by(cases.c.id).limit(PAGE)).all()
        if not page:
            return
        yield [(row.id, json.loads(row.content).get("invoice_ref") or "") for row in page]
        last = page[-1].id
