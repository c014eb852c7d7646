"""Cases on their way, what they hold, the wishes they came from, and what they connect."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    text,
)

from core.storage.tables.columns import Instant, Plain, Serial, metadata, only

cases = Table(
    "cases",
    metadata,
    Column("id", String, primary_key=True),  # the number people read: "B-" or "A-" and seven characters
    Column("flow", String, nullable=False),
    Column("state", String, nullable=False),
    Column("step", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("content_version", Integer, nullable=False),
    Column("customer_id", String, ForeignKey("organisations.id")),  # none for an application that is not approved
    Column("agent_id", String, ForeignKey("organisations.id")),
    Column("orderer_id", String, ForeignKey("persons.id")),  # none for an application sent in on the web
    Column("offer_id", String, ForeignKey("offers.id")),  # none for an application
    Column("chosen_attestant_id", String, ForeignKey("persons.id")),
    Column("claimed_by_id", String, ForeignKey("persons.id")),
    Column("content", Text, nullable=False),  # the order or application, as JSON
    Column("decisions", Text, nullable=False),  # the decisions that count, as JSON, free texts included
    Column("created_at", Instant, nullable=False),
    Column("waiting_since", Instant, nullable=False),
    Column("due_at", Instant),
    Column("closed_at", Instant),
    Column("external_case_ref", String),
    Column("progress", Text, nullable=False, server_default=text("'{}'")),  # who is asked, and what else `Case` holds
    Column("customer_ore", BigInteger, nullable=False, server_default=text("0")),  # what amount limits are held against
    Column("agent_ore", BigInteger, nullable=False, server_default=text("0")),
    Column("review_at", Instant),
    Column(
        "purged", SmallInteger, nullable=False, server_default=text("0")
    ),  # core.audit.retention.Stage: what is gone
    Column("applicant_number", String(10)),  # the organisationsnummer in an application
    Column("invoice_reference", Plain),  # of an order, as it is sought; it goes with the decisions
    Index("ix_cases_applicant", "applicant_number", **only("applicant_number IS NOT NULL")),
    Index("ix_cases_applications", "created_at", "id", **only("applicant_number IS NOT NULL")),
    Index("ix_cases_purge", "purged", "closed_at", **only("closed_at IS NOT NULL")),
    Index("ix_cases_review", "review_at", **only("review_at IS NOT NULL")),
    Index("ix_cases_due", "due_at", **only("due_at IS NOT NULL")),
    Index("ix_cases_customer", "customer_id", "state", "waiting_since", "id"),
    Index("ix_cases_agent", "agent_id", "state", "waiting_since", "id", **only("agent_id IS NOT NULL")),
    Index("ix_cases_state", "state", "waiting_since", "id"),
    Index("ix_cases_orderer", "orderer_id", "created_at", "id"),
    Index("ix_cases_customer_created", "customer_id", "created_at", "id"),
    Index("ix_cases_agent_created", "agent_id", "created_at", "id", **only("agent_id IS NOT NULL")),
    # The same lists with the largest amount of the reader's side first.
    Index("ix_cases_orderer_amount", "orderer_id", "customer_ore", "created_at", "id"),
    Index("ix_cases_customer_amount", "customer_id", "customer_ore", "created_at", "id"),
    Index("ix_cases_agent_amount", "agent_id", "agent_ore", "created_at", "id", **only("agent_id IS NOT NULL")),
    Index(
        "ix_cases_open_amount",
        "state",
        text("(customer_ore + agent_ore) DESC"),
        "waiting_since",
        "id",
        **only("closed_at IS NULL"),
    ),
    # The few that somebody at customer service has taken stand among all that wait there.
    Index(
        "ix_cases_claimed", "state", "waiting_since", "id", **only("claimed_by_id IS NOT NULL AND closed_at IS NULL")
    ),
    # What a price that was changed may change: among what is open.
    Index("ix_cases_offer", "offer_id", "state", **only("closed_at IS NULL")),
    Index("ix_cases_created", "created_at", "id"),
    Index("ix_cases_invoice_reference", "invoice_reference", **only("invoice_reference IS NOT NULL")),
    Index("ix_cases_external_ref", "external_case_ref", **only("external_case_ref IS NOT NULL")),
)

# The file that proves that the signatories of an application may sign; not opened by anybody here.
attachments = Table(
    "attachments",
    metadata,
    Column("id", String, primary_key=True),
    Column("case_id", String, ForeignKey("cases.id")),  # none for that of a form that has not been sent in
    Column("form", String),  # the hash of the key of the form that it came with, until that is sent in
    Column("network", String(32), nullable=False),  # the keyed hash of where it came from, which bounds what fits
    Column("kind", String, nullable=False),  # core.applications.attachment.FileKind
    Column("size", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("sent_at", Instant, nullable=False),
    Index("ix_attachments_case", "case_id", unique=True),
    Index("ix_attachments_form", "form", unique=True),
    Index("ix_attachments_network", "network", "size"),
)

case_units = Table(
    "case_units",
    metadata,
    Column("case_id", String, ForeignKey("cases.id"), primary_key=True),
    Column("unit_key", String, primary_key=True),  # of core.workflow.case.Unit; "" for an order without units
    Column("customer_id", String, nullable=False),
    Column("offer_id", String, nullable=False),
    Index("ix_case_units_same", "customer_id", "offer_id", "unit_key"),
)

# The words of an order's care units and their HSA-ids, in small letters: what a case is found by among a million.
case_words = Table(
    "case_words",
    metadata,
    Column("word", Plain, primary_key=True),
    Column("case_id", String, ForeignKey("cases.id"), primary_key=True, index=True),
)

placements = Table(
    "placements",
    metadata,
    Column("person_id", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("fingerprint", String, nullable=False),  # of the wish, so that a reused key is noticed
    Column("case_id", String, ForeignKey("cases.id"), nullable=False),
    Index("ix_placements_case", "case_id"),
)


submissions = Table(
    "submissions",
    metadata,
    Column("key", String, primary_key=True),  # the person, and what the form is known by where it was filled in
    Column("person_id", String, ForeignKey("persons.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_submissions_at", "at"),
    Index("ix_submissions_person", "person_id"),
)

# A row for each unit that has a service, or for all that an order without units was about.
connections = Table(
    "connections",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("organisation_id", String, ForeignKey("organisations.id"), nullable=False),
    Column("service_id", String, ForeignKey("services.id"), nullable=False),
    Column("offer_id", String, ForeignKey("offers.id"), nullable=False),
    Column("agent_id", String, ForeignKey("organisations.id")),  # none for one that goes through nobody
    Column("unit_key", String, nullable=False, server_default=text("''")),  # of core.catalogue.units.Unit; "" for none
    Column("unit_name_key", String),  # what a unit with an HSA-id is kept by besides
    Column("unit_name", String),
    Column("unit_hsa_id", String),
    Column("valid_from", Instant, nullable=False),
    Column("valid_to", Instant),
    Column("case_id", String, ForeignKey("cases.id"), nullable=False),  # by which it began
    Column("ended_by_id", String, ForeignKey("cases.id")),
    Column("confirmed_at", Instant),  # none until somebody who knows has said that it is there
    Index("ix_connections_held", "organisation_id", "service_id", "unit_key"),
    Index(
        "ix_connections_named", "organisation_id", "service_id", "unit_name_key", **only("unit_name_key IS NOT NULL")
    ),
    Index("ix_connections_case", "case_id"),
    Index("ix_connections_agent", "agent_id", "service_id", **only("agent_id IS NOT NULL")),
)
