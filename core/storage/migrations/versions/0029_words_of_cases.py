"""A case is found by the words of its care units, as an organisation is by those of its name."""

import json
from collections.abc import Iterator

from alembic import op
from sqlalchemy import Column, ForeignKey, MetaData, String, Table, Text, column, insert, select, table

from core.register.organisations import words_of

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

PAGE = 1_000
PLAIN = String().with_variant(String(collation="C"), "postgresql")
metadata = MetaData(naming_convention={
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
})  # fmt: skip
Table("cases", metadata, Column("id", String, primary_key=True))
words = Table(
    "case_words",
    metadata,
    Column("word", PLAIN, primary_key=True),
    Column("case_id", String, ForeignKey("cases.id"), primary_key=True, index=True),
)
cases = table("cases", column("id", String), column("offer_id", String), column("content", Text)).c


def upgrade() -> None:
    """The words of every order there is."""
    connection = op.get_bind()
    words.create(connection)
    for page in _pages():
        rows = [{"word": word, "case_id": case} for case, content in page for word in _words(content)]
        if rows:
            connection.execute(insert(words), rows)


def _pages() -> Iterator[list[tuple[str, str]]]:
    connection, last = op.get_bind(), ""
    while True:
        after = select(cases.id, cases.content).where(cases.id > last, cases.offer_id.is_not(None))
        page = [(row.id, row.content) for row in connection.execute(after.order_by(cases.id).limit(PAGE))]
        if not page:
            return
        yield page
        last = page[-1][0]


def _words(content: str) -> list[str]:
    units = json.loads(content).get("units", ())
    return sorted({word for unit in units for said in unit if said for word in words_of(said)})
