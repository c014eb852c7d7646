"""Applications beside orders, agreements that wait to be signed, and signatures."""

from alembic import op
from sqlalchemy import BigInteger, Column, Connection, ForeignKey, Index, MetaData, String, Table, text

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

metadata = MetaData(
    naming_convention={"fk": "fk_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"},
)
Table("cases", metadata, Column("id", String, primary_key=True))
Table("persons", metadata, Column("id", String, primary_key=True))
signatures = Table(
    "signatures",
    metadata,
    Column("case_id", String, ForeignKey("cases.id"), primary_key=True),
    Column("person_id", String, ForeignKey("persons.id"), primary_key=True),
    Column("document_hash", String(64), nullable=False),
    Column("method", String, nullable=False),
    Column("signed_at", BigInteger, nullable=False),
    Index("ix_signatures_person", "person_id"),
)
# What orders and signed agreements have, and others do not.
FREED = (("cases", "customer_id"), ("cases", "orderer_id"), ("cases", "offer_id"), ("agreements", "valid_from"))
COLUMNS = (
    "cases ADD COLUMN applicant_number VARCHAR(10)",
    "agreements ADD COLUMN case_id VARCHAR CONSTRAINT fk_agreements_case_id REFERENCES cases (id)",
    "agreements ADD COLUMN document_version VARCHAR",
    "agreements ADD COLUMN document_hash VARCHAR(64)",
)
SCHEMA = text("SELECT sql FROM sqlite_master WHERE name = :table")
INDEX = "CREATE INDEX ix_cases_applicant ON cases (applicant_number) WHERE applicant_number IS NOT NULL"


def upgrade() -> None:
    """From orders alone."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        _free_in_sqlite(connection)
    else:
        for table, column in FREED:
            connection.execute(text(f"ALTER TABLE {table} ALTER COLUMN {column} DROP NOT NULL"))
    for column in COLUMNS:
        connection.execute(text(f"ALTER TABLE {column}"))
    connection.execute(text(INDEX))
    signatures.create(connection)


def _free_in_sqlite(connection: Connection) -> None:
    """Let columns be empty as SQLite's manual says for what rows do not show: in the text of the schema.

    Tables that others refer to are not made anew inside a transaction.
    """
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    for table, column in FREED:
        sql = connection.execute(SCHEMA, {"table": table}).scalar_one()
        line = next(each for each in sql.splitlines() if each.strip().startswith(f"{column} "))
        freed = sql.replace(line, line.replace(" NOT NULL", ""))
        connection.execute(
            text("UPDATE sqlite_master SET sql = :sql WHERE name = :table"), {"sql": freed, "table": table}
        )
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")
