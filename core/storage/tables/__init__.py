"""The tables, on SQLite and PostgreSQL alike."""

from core.storage.tables.cases import case_units, cases, placements, submissions
from core.storage.tables.catalogue import (
    agent_assignments,
    agreements,
    documents,
    offers,
    price_items,
    services,
    signatures,
)
from core.storage.tables.columns import EPOCH, MICROSECOND, Instant, Serial, from_micros, metadata, to_micros
from core.storage.tables.delivery import cards, paces, personal_links, workspaces
from core.storage.tables.history import checkpoints, history, history_purges, seal_heads, seals
from core.storage.tables.register import (
    api_keys,
    identities,
    invoice_references,
    organisation_words,
    organisations,
    persons,
    proofs,
    reviews,
    role_assignments,
    salt_of,
    substitutions,
)

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
