"""The tables, on SQLite and PostgreSQL alike."""

from core.db.cases import case_units, cases, placements
from core.db.catalogue import offers, price_items, services
from core.db.columns import EPOCH, MICROSECOND, Instant, Serial, from_micros, metadata, to_micros
from core.db.delivery import cards, paces, personal_links, workspaces
from core.db.history import checkpoints, history, history_purges, seal_heads, seals
from core.db.proofs import proofs
from core.db.register import (
    agent_assignments,
    agreements,
    api_keys,
    documents,
    identities,
    invoice_references,
    organisation_words,
    organisations,
    persons,
    reviews,
    role_assignments,
    signatures,
    substitutions,
)
from core.db.salts import salt_of
from core.db.submissions import submissions

__all__ = [
    "EPOCH",
    "MICROSECOND",
    "Instant",
    "Serial",
    "agent_assignments",
    "agreements",
    "api_keys",
    "cards",
    "case_units",
    "cases",
    "checkpoints",
    "documents",
    "from_micros",
    "history",
    "history_purges",
    "identities",
    "invoice_references",
    "metadata",
    "offers",
    "organisation_words",
    "organisations",
    "paces",
    "personal_links",
    "persons",
    "placements",
    "price_items",
    "proofs",
    "reviews",
    "role_assignments",
    "salt_of",
    "seal_heads",
    "seals",
    "services",
    "signatures",
    "submissions",
    "substitutions",
    "to_micros",
    "workspaces",
]
