"""Attempts to identify with an e-identification, and the proofs that come of them."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table

from core.db.columns import Instant, metadata

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
