"""Forms about an organisation that were sent and kept, so that each counts once."""

from sqlalchemy import Column, ForeignKey, Index, String, Table

from core.db.columns import Instant, metadata

submissions = Table(
    "submissions",
    metadata,
    Column("key", String, primary_key=True),  # the person, and what the form is known by where it was filled in
    Column("person_id", String, ForeignKey("persons.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_submissions_at", "at"),
    Index("ix_submissions_person", "person_id"),
)
