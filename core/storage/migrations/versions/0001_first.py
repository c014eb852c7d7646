"""The first tables, as they were then, and the guards that let history only grow.

Nothing here is imported from `core.storage.tables`: what that says tomorrow must not change what this revision made.
"""

from alembic import op
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from core.storage.migrations.guards import guard_history

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
# SQLite only counts up rows whose key is declared INTEGER.
Serial = BigInteger().with_variant(Integer, "sqlite")

Table(
    "organisations",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("org_number", String(10), nullable=False, unique=True),
    Column("org_number_is_personal", Boolean, nullable=False),
    Column("kinds", JSON, nullable=False),
    Column("category", String),
    Column("self_attest_allowed", Boolean, nullable=False, server_default=text("false")),
)

Table(
    "persons",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("email", String, nullable=False, unique=True),
    Column("language", String),
    Column("active", Boolean, nullable=False, server_default=text("true")),
)

Table(
    "role_assignments",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("person_id", String, ForeignKey("persons.id"), nullable=False),
    Column("organisation_id", String, ForeignKey("organisations.id"), nullable=False),
    Column("role", String, nullable=False),
    Column("valid_from", BigInteger, nullable=False),
    Column("valid_to", BigInteger),
    Column("granted_by", String, nullable=False),
    Index("ix_role_assignments_person", "person_id"),
    Index("ix_role_assignments_holders", "organisation_id", "role", "person_id"),
)

Table(
    "identities",
    metadata,
    Column("issuer", String, primary_key=True),
    Column("subject", String, primary_key=True),
    Column("person_id", String, ForeignKey("persons.id"), nullable=False),
    Column("state", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("ix_identities_person", "person_id"),
)

Table(
    "services",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", JSON, nullable=False),
    Column("handles_personal_data", Boolean, nullable=False),
)

Table(
    "offers",
    metadata,
    Column("id", String, primary_key=True),
    Column("service_id", String, ForeignKey("services.id"), nullable=False),
    Column("name", JSON, nullable=False),
    Column("flow", String, nullable=False),
    Column("agent_field", String, nullable=False),
    Column("needs_units", Boolean, nullable=False),
    Column("categories", JSON, nullable=False),
    Column("terms_url", String, nullable=False),
    Column("template", JSON, nullable=False),
    Column("active", Boolean, nullable=False, server_default=text("true")),
)

Table(
    "price_items",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("offer_id", String, ForeignKey("offers.id"), nullable=False, index=True),
    Column("payer", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("unit", String, nullable=False),
    Column("amount_ore", BigInteger, nullable=False),
    Column("period", String, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    CheckConstraint("amount_ore >= 0", name="amount_not_negative"),
)

Table(
    "agreements",
    metadata,
    Column("organisation_id", String, ForeignKey("organisations.id"), primary_key=True),
    Column("type", String, primary_key=True),
    Column("valid_from", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
)

Table(
    "agent_assignments",
    metadata,
    Column("agent_id", String, ForeignKey("organisations.id"), primary_key=True),
    Column("service_id", String, ForeignKey("services.id"), primary_key=True),
    Column("valid_from", BigInteger, nullable=False),
    Column("valid_to", BigInteger),
)

Table(
    "cases",
    metadata,
    Column("id", String, primary_key=True),
    Column("flow", String, nullable=False),
    Column("state", String, nullable=False),
    Column("step", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("content_version", Integer, nullable=False),
    Column("customer_id", String, ForeignKey("organisations.id"), nullable=False),
    Column("agent_id", String, ForeignKey("organisations.id")),
    Column("orderer_id", String, ForeignKey("persons.id"), nullable=False),
    Column("offer_id", String, ForeignKey("offers.id"), nullable=False),
    Column("chosen_attestant_id", String, ForeignKey("persons.id")),
    Column("claimed_by_id", String, ForeignKey("persons.id")),
    Column("content", Text, nullable=False),
    Column("decisions", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("waiting_since", BigInteger, nullable=False),
    Column("due_at", BigInteger),
    Column("closed_at", BigInteger),
    Column("external_case_ref", String),
    Index(
        "ix_cases_due", "due_at", sqlite_where=text("due_at IS NOT NULL"), postgresql_where=text("due_at IS NOT NULL")
    ),
    Index("ix_cases_customer", "customer_id", "state", "waiting_since", "id"),
    Index("ix_cases_agent", "agent_id", "state", "waiting_since", "id"),
    Index("ix_cases_state", "state", "waiting_since", "id"),
    Index("ix_cases_orderer", "orderer_id", "created_at", "id"),
    Index("ix_cases_customer_created", "customer_id", "created_at", "id"),
    Index("ix_cases_agent_created", "agent_id", "created_at", "id"),
    Index("ix_cases_created", "created_at", "id"),
    Index(
        "ix_cases_external_ref",
        "external_case_ref",
        sqlite_where=text("external_case_ref IS NOT NULL"),
        postgresql_where=text("external_case_ref IS NOT NULL"),
    ),
)

Table(
    "case_units",
    metadata,
    Column("case_id", String, ForeignKey("cases.id"), primary_key=True),
    Column("unit_key", String, primary_key=True),
    Column("customer_id", String, nullable=False),
    Column("offer_id", String, nullable=False),
    Index("ix_case_units_same", "customer_id", "offer_id", "unit_key"),
)

Table(
    "placements",
    metadata,
    Column("person_id", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("fingerprint", String, nullable=False),
    Column("case_id", String, ForeignKey("cases.id"), nullable=False),
)

Table(
    "history",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("case_id", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("action", String, nullable=False),
    Column("from_state", String, nullable=False),
    Column("to_state", String, nullable=False),
    Column("step", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("content_version", Integer, nullable=False),
    Column("part", String, nullable=False),
    Column("person_id", String),
    Column("organisation_id", String),
    Column("surface", String, nullable=False),
    Column("assurance", String, nullable=False),
    Column("evidence", Text, nullable=False),
    UniqueConstraint("case_id", "revision"),
)

Table(
    "cards",
    metadata,
    Column("id", String, primary_key=True),
    Column("case_id", String, ForeignKey("cases.id")),
    Column("person_id", String, ForeignKey("persons.id")),
    Column("kind", String, nullable=False),
    Column("part", String, nullable=False),
    Column("workspace_id", String),
    Column("address", String),
    Column("channel", String),
    Column("ts", String),
    Column("must_show", Integer, nullable=False),
    Column("does_show", Integer, nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column("due_at", BigInteger),
    Column("leased_until", BigInteger),
    Column("attempts", Integer, nullable=False),
    Column("last_error", String),
    Column("given_up_at", BigInteger),
    Column("about", String),
    Index(
        "ix_cards_due",
        "workspace_id",
        "priority",
        "due_at",
        sqlite_where=text("due_at IS NOT NULL"),
        postgresql_where=text("due_at IS NOT NULL"),
    ),
    Index("ix_cards_case", "case_id"),
    Index("ix_cards_person", "person_id"),
    Index("ix_cards_place", "channel", "ts"),
)

Table(
    "workspaces",
    metadata,
    Column("id", String, primary_key=True),
    Column("team_id", String, nullable=False, unique=True),
    Column("enterprise_id", String),
    Column("name", String, nullable=False),
    Column("bot_token", Text, nullable=False),
    Column("bot_user_id", String, nullable=False),
    Column("channel", String),
    Column("language", String, nullable=False),
    Column("problem", String),
    Column("changed_at", BigInteger, nullable=False),
)

Table(
    "paces",
    metadata,
    Column("bucket", String, primary_key=True),
    Column("full_at", BigInteger, nullable=False),
)

Table(
    "api_keys",
    metadata,
    Column("id", String, primary_key=True),
    Column("hash", String, nullable=False, unique=True),
    Column("person_id", String, ForeignKey("persons.id")),
    Column("organisation_id", String, ForeignKey("organisations.id")),
    Column("label", String, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
)


def upgrade() -> None:
    """From an empty database."""
    metadata.create_all(op.get_bind())
    guard_history(op.get_bind())
