"""What happened, and what proves that nobody has changed it since."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from core.storage.tables.columns import Instant, Serial, metadata, only

# What a person is said to have decided: as core.storage.reads.inbox asks for it.
DECIDED = (
    "kind = 'change' AND action IN ('approve', 'attest', 'cancel', 'confirm_end', 'emergency_attest', 'inform_agent',"
    " 'reject', 'request_completion', 'send_back', 'send_instructions')"
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
    Column("kind", String, nullable=False, server_default=text("'change'")),  # core.shared.vocabulary.LineKind
    Column("about_id", String),  # the person whom a line is about, when somebody else did it
    UniqueConstraint("case_id", "revision"),
    CheckConstraint(
        "kind <> 'change' OR (case_id IS NOT NULL AND from_state IS NOT NULL AND to_state IS NOT NULL AND"
        " step IS NOT NULL AND revision IS NOT NULL AND content_version IS NOT NULL AND part IS NOT NULL AND"
        " assurance IS NOT NULL)",
        name="change_is_whole",
    ),
    # Of orders that were never taken, who tried lately; a press writes none of these.
    Index("ix_history_refused_orders", "person_id", "at", **only("case_id IS NULL AND kind = 'refusal'")),
    # What somebody has decided, and in which order; of what people do to a case most is something else.
    Index("ix_history_decided", "person_id", "case_id", "id", **only(DECIDED)),
    Index("ix_history_decisions", "person_id", "id", "case_id", **only(DECIDED)),
    # Where the register begins is asked before history is read; a press writes none of these.
    Index("ix_history_baselines", "id", **only("kind = 'baseline'")),
)

# What `core.storage.audit.sealing` knows of history: one seal for each row, in the order they were sealed.
seals = Table(
    "seals",
    metadata,
    Column("number", Serial, primary_key=True, autoincrement=False),  # 1, 2, 3 …
    Column("history_id", BigInteger, nullable=False, unique=True),
    Column("after_id", BigInteger, nullable=False),  # the history id of the seal before, 0 for the first
    Column("form", SmallInteger, nullable=False),  # which columns the digest covers
    Column("digest", String(64), nullable=False),  # keyed, of what the row says, its id left out
    Column("chain", String(64), nullable=False),  # keyed, of all of this and of the chain before
    Column("key", String(16), nullable=False, server_default=text("''")),  # names the key; empty: before they had names
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
