"""Cards, the workspaces they stand in, and the pace Slack allows there."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from core.storage.tables.columns import Instant, metadata, only

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
    Column("line_id", BigInteger),  # the line of history that a card without a case tells of
    Column("about", String),  # the card or account this one is about
    Column("is_reduced", Boolean, nullable=False, server_default=text("false")),  # to one line: closed long ago
    Column("email", String),  # of a contact whom the case names, who is written to by mail alone
    Column("settled_at", Instant),  # when a night first saw that nothing is owed on a card without a case
    Column("asked_in", String),  # the card in a channel, or of a morning, that tells its reader in its place
    Column("doubted_at", Instant),  # when a call was begun that may have posted a message which nobody knows of
    # In a channel where those alone decide who are asked.
    Column("asked_only", Boolean, nullable=False, server_default=text("false")),
    Column("owed_at", Instant),  # since when a change of its case is not shown; none where none is
    Column("press_id", String),  # of what last changed its case: core.shared.press_ids
    Column("alone_on", Date),  # of what the clock owed: the day on which it was let out, not with others in one
    Index("ix_cards_due", "workspace_id", "priority", "due_at", **only("due_at IS NOT NULL")),
    Index("ix_cards_case", "case_id"),
    Index("ix_cards_person", "person_id", **only("person_id IS NOT NULL")),
    Index("ix_cards_alone", "person_id", "alone_on", **only("alone_on IS NOT NULL")),
    # What the clock may have owed and nobody has let out yet: `notifications.cards.digests`.
    Index(
        "ix_cards_gathered",
        "person_id",
        "due_at",
        **only(
            "kind IN ('agent_approval', 'agent_attest', 'confirming', 'customer_attest', 'keep_or_withdraw', 'outcome',"
            " 'reminder', 'standstill') AND alone_on IS NULL AND due_at IS NOT NULL"
        ),
    ),
    Index("ix_cards_place", "channel", "ts"),
    Index("ix_cards_about", "about", "person_id", **only("about IS NOT NULL")),
    Index("ix_cards_asked_in", "asked_in", **only("asked_in IS NOT NULL")),
    Index("ix_cards_settled", "settled_at", **only("case_id IS NULL")),
)

# Links for one person, or one address, into one case; of the token in the address only a hash is known here.
personal_links = Table(
    "personal_links",
    metadata,
    Column("id", String, primary_key=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("purpose", String, nullable=False),  # core.shared.vocabulary.Purpose
    Column("case_id", String, ForeignKey("cases.id"), nullable=False),
    Column("person_id", String, ForeignKey("persons.id")),  # none for a contact who is no person here yet
    Column("email", String, nullable=False),  # where it was sent
    Column("step", Integer),  # of the case that a decision is for
    Column("content_version", Integer),
    Column("document_hash", String(64)),  # of the document that a signature is for
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Index("ix_personal_links_case", "case_id"),
    Index("ix_personal_links_person", "person_id"),
    Index("ix_personal_links_expires", "expires_at"),
)

workspaces = Table(
    "workspaces",
    metadata,
    Column("id", String, primary_key=True),  # the issuer of its accounts: "slack:T0123"
    Column("team_id", String, nullable=False, unique=True),  # or the Enterprise organisation that has the app in all
    Column("enterprise_id", String),
    Column("name", String, nullable=False),
    Column("bot_token", Text, nullable=False),  # sealed: notifications.slack.token_seal
    Column("bot_user_id", String, nullable=False),
    Column("channel", String),  # customer service's channel, where it is in this workspace
    Column("language", String, nullable=False),
    Column("problem", String),  # why it cannot be reached, None when it can
    Column("changed_at", Instant, nullable=False),
    Column("organisation_id", String),  # whose Slack it is; none for Inera's own
    Column("refresh_token", Text),  # sealed as the token is; none where tokens do not expire
    Column("expires_at", Instant),  # the token
    Column("installed_at", Instant),  # when the app was last given its token
    # False while its cards have not followed yet: out of a Slack that is off, or back into one that is on again
    Column("is_settled", Boolean, nullable=False, server_default=text("true")),
    Column("rotating_until", Instant),  # a process asks Slack for the next pair until then; a crash frees the row
    Column("began_with", String(64)),  # hash of the expiring token that a setting gave us first
    Index("ix_workspaces_organisation", "organisation_id", unique=True),
)

# Links by which an administrator installs the app in the organisation's Slack; of each secret a hash is kept.
install_links = Table(
    "install_links",
    metadata,
    Column("id", String, primary_key=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("organisation_id", String, ForeignKey("organisations.id"), nullable=False),
    Column("person_id", String, ForeignKey("persons.id"), nullable=False),  # whose link it is
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("state_hash", String(64), unique=True),  # of what Slack brings back, while somebody is there
    Column("browser_hash", String(64)),  # of what the browser that went there holds
    Column("state_until", Instant),
    Index("ix_install_links_expires", "expires_at"),
    Index("ix_install_links_person", "person_id"),
)

# What the week was like for an organisation, as it is told: once, by whichever process came first.
weekly_reports = Table(
    "weekly_reports",
    metadata,
    Column("id", String, primary_key=True),  # core.views.weekly.report_id
    Column("organisation_id", String, ForeignKey("organisations.id")),  # none for Inera's, of everything
    Column("content", Text, nullable=False),  # JSON: figures, numbers of cases; nobody's name
    Column("made_at", Instant, nullable=False),
    Index("ix_weekly_reports_made", "made_at"),
)

# Charts of those reports, one for each language in which somebody reads one; whoever has the address sees it.
report_pictures = Table(
    "report_pictures",
    metadata,
    Column("token", String, primary_key=True),  # the hash of the token in its address
    Column("report_id", String, ForeignKey("weekly_reports.id"), nullable=False),
    Column("language", String, nullable=False),
    Column("content", LargeBinary, nullable=False),  # a PNG
    Column("expires_at", Instant, nullable=False),
    UniqueConstraint("report_id", "language"),
    Index("ix_report_pictures_expires", "expires_at"),
)

paces = Table(
    "paces",
    metadata,
    Column("bucket", String, primary_key=True),  # "slack:T0123 chat.update", "slack:T0123 C0123"
    Column("full_at", Instant, nullable=False),  # when the bucket is next full (the theoretical arrival time)
    # Of what is counted over a minute: when each that was taken comes back, in microseconds.
    Column("back_at", JSON(none_as_null=True)),
)
