"""What can be ordered, what it costs, and what has been agreed with whom."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    text,
)

from core.storage.tables.columns import Instant, Serial, metadata, only

services = Table(
    "services",
    metadata,
    Column("id", String, primary_key=True),  # its code
    Column("name", JSON, nullable=False),  # {"sv": …, "en": …}
    Column("handles_personal_data", Boolean, nullable=False),
)

offers = Table(
    "offers",
    metadata,
    Column("id", String, primary_key=True),  # its code
    Column("service_id", String, ForeignKey("services.id"), nullable=False),
    Column("name", JSON, nullable=False),
    Column("flow", String, nullable=False),
    Column("agent_field", String, nullable=False),
    Column("needs_units", Boolean, nullable=False),
    Column("categories", JSON, nullable=False),
    Column("terms_url", String, nullable=False),
    Column("template", JSON, nullable=False),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("sole_traders_only", Boolean, nullable=False, server_default=text("false")),
    Column("routines", JSON),  # [{"title": {"sv": …, "en": …}, "url": …}, …]; null: none
)

price_items = Table(
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


# What organisations have agreed; the next one is another row, and of one that has ended nothing changes any more.
agreements = Table(
    "agreements",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("organisation_id", String, ForeignKey("organisations.id"), nullable=False),
    Column("type", String, nullable=False),
    Column("valid_from", Instant),  # none until it is signed
    Column("ended_at", Instant),
    Column("case_id", String, ForeignKey("cases.id")),  # the application it was made by
    Column("document_version", String),
    Column("document_hash", String(64)),  # SHA-256 of the document that is signed
    Index("ix_agreements_organisation", "organisation_id", "type", "valid_from"),
    Index("ix_agreements_case", "case_id", unique=True),
    # Nobody has two of a type that go on, or wait to be signed.
    Index("ix_agreements_open", "organisation_id", "type", unique=True, **only("ended_at IS NULL")),
)


# The documents themselves, as they were drawn up; never changed. They go with an application that came to nothing, and
# years after the agreement has ended (core.audit.retention).
documents = Table(
    "documents",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("case_id", String, ForeignKey("cases.id"), nullable=False, index=True),
    Column("version", String, nullable=False),
    Column("text", Text, nullable=False),  # in UTF-8, what the hash is of
)


# Who signed which document, how and when; never changed, and gone with the document of an agreement that has ended.
signatures = Table(
    "signatures",
    metadata,
    Column("case_id", String, ForeignKey("cases.id"), primary_key=True),
    Column("person_id", String, ForeignKey("persons.id"), primary_key=True),
    Column("document_hash", String(64), nullable=False),
    Column("method", String, nullable=False),  # the name of the way of signing
    Column("signed_at", Instant, nullable=False),
    Index("ix_signatures_person", "person_id"),
)


agent_assignments = Table(
    "agent_assignments",
    metadata,
    Column("agent_id", String, ForeignKey("organisations.id"), primary_key=True),
    Column("service_id", String, ForeignKey("services.id"), primary_key=True),
    Column("valid_from", Instant, nullable=False),
    Column("valid_to", Instant),
)
