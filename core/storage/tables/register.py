"""Who is who: organisations, people, and what they may do."""

from functools import cache
from secrets import token_hex

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Connection,
    Date,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    and_,
    select,
    text,
    update,
)

from core.storage.tables.columns import Instant, Plain, Serial, metadata, only

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
    Column("eid_from_ore", BigInteger),  # from this amount an attest needs e-identification; none: never
    Column(
        "tiers", JSON
    ),  # [{"from_ore": …, "attests": …, "sequence": [person ids]}], in rising order; none: one attest
    # The working days between reminders of what waits for its people, and the hour of the day at which they come.
    Column("reminder_days", SmallInteger, nullable=False, server_default=text("2")),
    Column("reminder_hour", SmallInteger, nullable=False, server_default=text("9")),
    Column("invoice_address", Text),  # where invoices go, where a service says nothing else
    Column("invoice_ref", String),
    Column("language", String),  # for its people who have chosen none; none: nobody has said
    Index("ix_organisations_name", "name", "id"),
)

# The words of an organisation's name in small letters: what it is found by among a hundred thousand.
organisation_words = Table(
    "organisation_words",
    metadata,
    Column("word", Plain, primary_key=True),
    Column("organisation_id", String, ForeignKey("organisations.id"), primary_key=True, index=True),
)

# What an organisation wants on invoices of one service.
invoice_references = Table(
    "invoice_references",
    metadata,
    Column("organisation_id", String, ForeignKey("organisations.id"), primary_key=True),
    Column("service_id", String, ForeignKey("services.id"), primary_key=True),
    Column("reference", String, nullable=False),
)

# Where in an organisation's own Slack those are asked who have a role there, in the place of each by themselves.
role_channels = Table(
    "role_channels",
    metadata,
    Column("organisation_id", String, ForeignKey("organisations.id"), primary_key=True),
    Column("role", String, primary_key=True),
    Column("channel", String, nullable=False),
    Column("name", String),  # what the channel is called, where Slack has told
    Column("notified", String, nullable=False),  # core.register.role_channels.Notified
    Column("asked_only", Boolean, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("problem", String),  # why a message did not reach it, None when the last one did
    Column("problem_at", Instant),  # since when it takes no message; without a problem, since when it does again
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
    Index("ix_persons_name", "name", "id"),
    Index("ix_persons_left", "left_at", **only("left_at IS NOT NULL AND pseudonymised_at IS NULL")),
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
    Column("owes_at", Instant),  # when it changed, until the people whom it concerns get their cards
    Column("changed_by", String),  # the person who changed it last, who need not be told
    CheckConstraint("absent_id <> substitute_id", name="somebody_else"),
    CheckConstraint("valid_from <= valid_to", name="from_before_to"),
    Index("ix_substitutions_substitute", "substitute_id", "organisation_id"),
    Index("ix_substitutions_absent", "absent_id", "organisation_id", "role"),
    Index("ix_substitutions_organisation", "organisation_id", "valid_to"),
    Index("ix_substitutions_owed", "owes_at", **only("owes_at IS NOT NULL")),
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
    Column("state", String, nullable=False),  # as core.shared.vocabulary.LinkState has it
    Column("at", Instant, nullable=False),
    Column("seen_at", Instant),  # when Slack last said that the account is what was confirmed; none: look again
    Column("salt", String),  # what history's hash of the account was made with
    Column("organisation_id", String),  # whose workspace says whose account it is; none: Inera's, or the person's mail
    # A guest's, to which an administrator has said yes; until the link is taken away by somebody.
    Column("is_let_in", Boolean, nullable=False, server_default=text("false")),
    # In the Slack that the person has chosen for messages; of one person's accounts, those of one Slack at most.
    Column("is_preferred", Boolean, nullable=False, server_default=text("false")),
    Index("ix_identities_person", "person_id"),
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
    Column("expires_at", Instant, nullable=False, server_default=text("0")),  # a key that nobody gave a time is over
    Column("used_on", Date),  # the last day, in Sweden, that it opened anything
    Column("warned_days", SmallInteger),  # how many days before its end the operator was last warned
)


proofs = Table(
    "proofs",
    metadata,
    Column("id", String, primary_key=True),  # names it in history: the method, and a number; opens nothing
    Column("attempt", String(64), nullable=False, unique=True),  # digest of what the method gives back
    Column("hash", String(64), unique=True),  # digest of what a decision carries; none before somebody has identified
    Column("person_id", String, ForeignKey("persons.id"), nullable=False),
    Column("case_id", String, ForeignKey("cases.id"), nullable=False),
    Column("step", Integer, nullable=False),
    Column("content_version", Integer, nullable=False),
    Column("action", String, nullable=False),
    Column("method", String, nullable=False),
    Column("begun_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Index("ix_proofs_begun", "begun_at"),
    Index("ix_proofs_person", "person_id"),
)


# Mails to sign in by that were asked for; of what they hold only hashes are known here.
sign_ins = Table(
    "sign_ins",
    metadata,
    Column("id", String, primary_key=True),
    Column("person_id", String, ForeignKey("persons.id")),  # none for an address that is nobody's here
    Column("link_hash", String(64), nullable=False, unique=True),
    Column("code_hash", String(64), nullable=False),  # keyed, and with the secret of the browser that asked
    Column("browser_hash", String(64), nullable=False, unique=True),
    Column("tries", SmallInteger, nullable=False, server_default=text("0")),  # codes that were tried
    Column("began_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Index("ix_sign_ins_expires", "expires_at"),
    Index("ix_sign_ins_person", "person_id"),
)

# Browsers in which people are signed in. One that is ended is taken away at once.
sessions = Table(
    "sessions",
    metadata,
    Column("id", String, primary_key=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("person_id", String, ForeignKey("persons.id"), nullable=False),
    Column("assurance", String, nullable=False),  # how the person signed in: core.shared.vocabulary.Assurance
    Column("browser", String, nullable=False),
    Column("began_at", Instant, nullable=False),
    Column("used_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index("ix_sessions_expires", "expires_at"),
    Index("ix_sessions_person", "person_id"),
)


@cache
def language_at_work() -> ColumnElement[str | None]:
    """Return the language of a person's organisation: of several that have one, where the first of the roles is that
    go on without an end, else the first of all.
    """
    held = role_assignments.alias()
    theirs = and_(held.c.person_id == persons.c.id, organisations.c.language.is_not(None))
    query = select(organisations.c.language).join(held, held.c.organisation_id == organisations.c.id).where(theirs)
    return query.order_by(held.c.valid_to.is_not(None), held.c.id).limit(1).correlate(persons).scalar_subquery()


def salt_of(connection: Connection, issuer: str, subject: str) -> str:
    """The salt of an account, kept with its link from the first time that it is asked for."""
    mine = and_(identities.c.issuer == issuer, identities.c.subject == subject)
    known = connection.execute(select(identities.c.salt).where(mine)).scalar_one_or_none()
    salt = known or token_hex(16)
    if known is None:
        connection.execute(update(identities).where(mine).values(salt=salt))
    return salt
