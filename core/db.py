"""The tables, on SQLite and PostgreSQL alike."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def to_micros(at: datetime) -> int:
    """An aware datetime as microseconds since 1970 in UTC, which is how instants are stored."""
    return (at - EPOCH) // MICROSECOND


def from_micros(micros: int) -> datetime:
    """The instant behind a stored number, in UTC."""
    return EPOCH + timedelta(microseconds=micros)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, stored as microseconds since 1970: the same on both databases, cheap to compare."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - theirs
        return None if value is None else to_micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - theirs
        return None if value is None else from_micros(value)


# SQLite only counts up rows whose key is declared INTEGER.
Serial = BigInteger().with_variant(Integer, "sqlite")

organisations = Table(
    "organisations",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("org_number", String(10), nullable=False, unique=True),
    Column("org_number_is_personal", Boolean, nullable=False),
    Column("kinds", JSON, nullable=False),
    Column("category", String),
    Column("self_attest_allowed", Boolean, nullable=False, server_default=text("false")),
    Column("eid_from_ore", BigInteger),  # from this amount a decision needs e-identification; none: never
    Column(
        "tiers", JSON
    ),  # [{"from_ore": …, "attests": …, "sequence": [person ids]}], in rising order; none: one attest
)

persons = Table(
    "persons",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("email", String, nullable=False, unique=True),  # stored in small letters
    Column("language", String),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("left_at", Instant),  # when the purge first saw that the person had left
    Column("last_order_at", Instant),  # when the last order they had a part in was closed, once its cards are gone
    Column("pseudonymised_at", Instant),
    Index(
        "ix_persons_left",
        "left_at",
        sqlite_where=text("left_at IS NOT NULL AND pseudonymised_at IS NULL"),
        postgresql_where=text("left_at IS NOT NULL AND pseudonymised_at IS NULL"),
    ),
)

role_assignments = Table(
    "role_assignments",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("person_id", String, ForeignKey("persons.id"), nullable=False),
    Column("organisation_id", String, ForeignKey("organisations.id"), nullable=False),
    Column("role", String, nullable=False),
    Column("valid_from", Instant, nullable=False),
    Column("valid_to", Instant),
    Column("granted_by", String, nullable=False),
    Column("attest_limit_ore", BigInteger),  # the highest amount the holder attests; none: any
    Column("service_id", String, ForeignKey("services.id")),  # the only service it is for; none: any
    Index("ix_role_assignments_person", "person_id"),
    Index("ix_role_assignments_holders", "organisation_id", "role", "person_id"),
)

# Who decides in whose place, with the same authority and in the own name; never removed, ended by `valid_to`.
substitutions = Table(
    "substitutions",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("absent_id", String, ForeignKey("persons.id"), nullable=False),
    Column("substitute_id", String, ForeignKey("persons.id"), nullable=False),
    Column("organisation_id", String, ForeignKey("organisations.id"), nullable=False),
    Column("role", String, nullable=False),
    Column("valid_from", Instant, nullable=False),
    Column("valid_to", Instant, nullable=False),  # the first instant at which it no longer holds
    Column("created_by", String, nullable=False),
    CheckConstraint("absent_id <> substitute_id", name="somebody_else"),
    CheckConstraint("valid_from <= valid_to", name="from_before_to"),
    Index("ix_substitutions_substitute", "substitute_id", "organisation_id"),
    Index("ix_substitutions_absent", "absent_id", "organisation_id", "role"),
)

# What has changed, or will, around cases that wait: the clock then looks at those of the organisation or the offer.
reviews = Table(
    "reviews",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("organisation_id", String, ForeignKey("organisations.id")),
    Column("offer_id", String, ForeignKey("offers.id")),
    Column("due_at", Instant, nullable=False, index=True),
)

identities = Table(
    "identities",
    metadata,
    Column("issuer", String, primary_key=True),  # "slack:T0123"
    Column("subject", String, primary_key=True),  # "U0123"
    Column("person_id", String, ForeignKey("persons.id"), nullable=False),
    Column("state", String, nullable=False),  # offered, confirmed, declined
    Column("at", Instant, nullable=False),
    Index("ix_identities_person", "person_id"),
)

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

agreements = Table(
    "agreements",
    metadata,
    Column("organisation_id", String, ForeignKey("organisations.id"), primary_key=True),
    Column("type", String, primary_key=True),
    Column("valid_from", Instant, nullable=False),
    Column("ended_at", Instant),
)

agent_assignments = Table(
    "agent_assignments",
    metadata,
    Column("agent_id", String, ForeignKey("organisations.id"), primary_key=True),
    Column("service_id", String, ForeignKey("services.id"), primary_key=True),
    Column("valid_from", Instant, nullable=False),
    Column("valid_to", Instant),
)

cases = Table(
    "cases",
    metadata,
    Column("id", String, primary_key=True),  # the number people read, "B" and seven characters
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
    Column("content", Text, nullable=False),  # the order, as JSON
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
    Column("purged", SmallInteger, nullable=False, server_default=text("0")),  # core.retention.Stage: what is gone
    Index(
        "ix_cases_purge",
        "purged",
        "closed_at",
        sqlite_where=text("closed_at IS NOT NULL"),
        postgresql_where=text("closed_at IS NOT NULL"),
    ),
    Index(
        "ix_cases_review",
        "review_at",
        sqlite_where=text("review_at IS NOT NULL"),
        postgresql_where=text("review_at IS NOT NULL"),
    ),
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

case_units = Table(
    "case_units",
    metadata,
    Column("case_id", String, ForeignKey("cases.id"), primary_key=True),
    Column("unit_key", String, primary_key=True),  # HSA-id, or name in small letters; "" for an order without units
    Column("customer_id", String, nullable=False),
    Column("offer_id", String, nullable=False),
    Index("ix_case_units_same", "customer_id", "offer_id", "unit_key"),
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

# What happened, line by line: every change of a case, and what else one asks about afterwards. Only a change says all.
history = Table(
    "history",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("case_id", String),
    Column("at", Instant, nullable=False),
    Column("action", String, nullable=False),
    Column("from_state", String),
    Column("to_state", String),
    Column("step", Integer),
    Column("revision", Integer),
    Column("content_version", Integer),
    Column("part", String),
    Column("person_id", String),
    Column("organisation_id", String),
    Column("surface", String, nullable=False),
    Column("assurance", String),
    Column("evidence", Text, nullable=False),  # JSON: amounts in öre, reason code; never a name or a free text
    Column("kind", String, nullable=False, server_default=text("'change'")),  # core.words.LineKind
    Column("about_id", String),  # the person whom a line is about, when somebody else did it
    UniqueConstraint("case_id", "revision"),
    CheckConstraint(
        "kind <> 'change' OR (case_id IS NOT NULL AND from_state IS NOT NULL AND to_state IS NOT NULL AND"
        " step IS NOT NULL AND revision IS NOT NULL AND content_version IS NOT NULL AND part IS NOT NULL AND"
        " assurance IS NOT NULL)",
        name="change_is_whole",
    ),
)

# What `core.storage.sealing` knows of history: one seal for each row, in the order they were sealed.
seals = Table(
    "seals",
    metadata,
    Column("number", Serial, primary_key=True, autoincrement=False),  # 1, 2, 3 …
    Column("history_id", BigInteger, nullable=False, unique=True),
    Column("after_id", BigInteger, nullable=False),  # the history id of the seal before, 0 for the first
    Column("form", SmallInteger, nullable=False),  # which columns the digest covers
    Column("digest", String(64), nullable=False),  # keyed, of what the row says, its id left out
    Column("chain", String(64), nullable=False),  # keyed, of all of this and of the chain before
)

# How the chain stood when a batch was sealed; its copies are kept outside.
checkpoints = Table(
    "checkpoints",
    metadata,
    Column("number", Serial, primary_key=True, autoincrement=False),  # of the last seal
    Column("chain", String(64), nullable=False),
    Column("highest_id", BigInteger, nullable=False),  # of the history rows sealed so far
    Column("at", Instant, nullable=False),
    Column("proof", String(64), nullable=False),  # keyed, of the rest
)

# The end of the chain: one row, replaced by every batch, so that no older one remains to be put back.
seal_heads = Table(
    "seal_heads",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),  # always 1
    Column("number", BigInteger, nullable=False),
    Column("chain", String(64), nullable=False),
    Column("history_id", BigInteger, nullable=False),  # of the last seal
    Column("highest_id", BigInteger, nullable=False),
    Column("settled_id", BigInteger, nullable=False),  # every row up to this one is sealed
    Column("proof", String(64), nullable=False),
)

# The beginning of the chain: a row for each batch of history that the purge took, the last of which everything left
# follows on. They stay, as the protocol of what was purged.
history_purges = Table(
    "history_purges",
    metadata,
    Column("number", Serial, primary_key=True, autoincrement=False),  # of the last seal that went
    Column("chain", String(64), nullable=False),
    Column("history_id", BigInteger, nullable=False),  # of that seal
    Column("decided_before", Instant, nullable=False),  # every row that went is older than this
    Column("at", Instant, nullable=False),
    Column("proof", String(64), nullable=False),  # keyed, of the rest
)

cards = Table(
    "cards",
    metadata,
    Column("id", String, primary_key=True),
    Column("case_id", String, ForeignKey("cases.id")),  # none for a card about an account
    Column("person_id", String, ForeignKey("persons.id")),  # none for a channel's card
    Column("kind", String, nullable=False),
    Column("part", String, nullable=False),
    Column("workspace_id", String),  # known once the relay has found where the reader is
    Column("address", String),  # what is posted to: a Slack user id or channel id
    Column("channel", String),  # where it stands
    Column("ts", String),
    Column("must_show", Integer, nullable=False),  # the revision it must show
    Column("step", Integer, nullable=False, server_default=text("0")),  # the step of the case that it was made for
    Column("does_show", Integer, nullable=False),  # the revision it does show, 0 before it stands anywhere
    Column("priority", SmallInteger, nullable=False),  # 0 pressed, 1 asks somebody, 2 repaint, 3 reduced
    Column("due_at", Instant),  # when the relay tries next; none when nothing is owed
    Column("leased_until", Instant),  # a relay is at work on it until then; a crash frees it
    Column("attempts", Integer, nullable=False),
    Column("last_error", String),
    Column("given_up_at", Instant),
    Column("about", String),  # the card or account this one is about
    Column("is_reduced", Boolean, nullable=False, server_default=text("false")),  # to one line: closed long ago
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

workspaces = Table(
    "workspaces",
    metadata,
    Column("id", String, primary_key=True),  # the issuer of its accounts: "slack:T0123"
    Column("team_id", String, nullable=False, unique=True),
    Column("enterprise_id", String),
    Column("name", String, nullable=False),
    Column("bot_token", Text, nullable=False),  # encrypted with a key derived from SECRET_KEY
    Column("bot_user_id", String, nullable=False),
    Column("channel", String),  # customer service's channel, where it is in this workspace
    Column("language", String, nullable=False),
    Column("problem", String),  # why it cannot be reached, None when it can
    Column("changed_at", Instant, nullable=False),
)

paces = Table(
    "paces",
    metadata,
    Column("bucket", String, primary_key=True),  # "slack:T0123 chat.update", "slack:T0123 C0123"
    Column("full_at", Instant, nullable=False),  # when the bucket is next full (the theoretical arrival time)
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String, primary_key=True),
    Column("hash", String, nullable=False, unique=True),
    Column("person_id", String, ForeignKey("persons.id")),  # none for Inera's operator
    Column("organisation_id", String, ForeignKey("organisations.id")),
    Column("label", String, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
)
