"""Invoice data of organisations, what they are found by, and cards that tell of a line of history."""

from alembic import op
from sqlalchemy import BigInteger, Column, ForeignKey, MetaData, String, Table, Text, insert, select

from core.register.organisations import words_of

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

metadata = MetaData(naming_convention={
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
})  # fmt: skip
Plain = String().with_variant(String(collation="C"), "postgresql")

organisations = Table(
    "organisations", metadata, Column("id", String, primary_key=True), Column("name", String, nullable=False)
)
Table("services", metadata, Column("id", String, primary_key=True))
words = Table(
    "organisation_words",
    metadata,
    Column("word", Plain, primary_key=True),
    Column("organisation_id", String, ForeignKey("organisations.id"), primary_key=True, index=True),
)
references = Table(
    "invoice_references",
    metadata,
    Column("organisation_id", String, ForeignKey("organisations.id"), primary_key=True),
    Column("service_id", String, ForeignKey("services.id"), primary_key=True),
    Column("reference", String, nullable=False),
)
NEW_COLUMNS = (
    ("organisations", Column("invoice_address", Text)),
    ("organisations", Column("invoice_ref", String)),
    ("cards", Column("line_id", BigInteger)),
)


def upgrade() -> None:
    """Organisations that are there already are found by their names too."""
    connection = op.get_bind()
    for table, column in NEW_COLUMNS:
        op.add_column(table, column)
    metadata.create_all(connection, [words, references])
    op.create_index("ix_organisations_name", "organisations", ["name", "id"])
    op.create_index("ix_persons_name", "persons", ["name", "id"])
    for id_, name in connection.execute(select(organisations.c.id, organisations.c.name)).all():
        rows = [{"word": word, "organisation_id": id_} for word in sorted(words_of(name))]
        if rows:
            connection.execute(insert(words), rows)
