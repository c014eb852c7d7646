"""Idempotency: a command is kept by its person, key and fingerprint, and makes one case however often it comes."""

import hashlib
import json
from dataclasses import asdict

from sqlalchemy import Connection, exists, insert, select, text

from core.shared.errors import KeyReused
from core.shared.vocabulary import CaseId, PersonId
from core.storage import tables
from core.storage.context.coding import case_from_row
from core.storage.tables import placements
from core.workflow.case import Case
from core.workflow.commands import Apply, PlaceOrder

# Who asks and from where says nothing of what is asked for.
_ASIDE = frozenset({"by", "key", "surface", "signed_in", "has_file"})
# Nor does a field that came later, where it is left empty: what was kept before is known by the same fingerprint.
_CAME_LATER = frozenset({"flow", "existing", "replaces", "unread"})
# Raw numbers, as the press reads them: the typed columns would turn instants into datetimes first.
_TURN_OF_KEY = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 1))")
_CASE = text("SELECT * FROM cases WHERE id = :case")


def find_made(connection: Connection, person: PersonId, command: PlaceOrder | Apply) -> Case | None:
    """The case that a command has made already. Raises KeyReused where its key came with another command."""
    mine = (placements.c.person_id == person, placements.c.key == command.key)
    row = connection.execute(select(placements.c.fingerprint, placements.c.case_id).where(*mine)).one_or_none()
    if row is None:
        return None
    if row.fingerprint != fingerprint(command):
        raise KeyReused(case=row.case_id)
    return read_case(connection, row.case_id)


def keep_made(connection: Connection, person: PersonId, command: PlaceOrder | Apply, case: CaseId) -> None:
    """Know the command by its key from now on."""
    row = {"person_id": person, "key": command.key, "fingerprint": fingerprint(command), "case_id": case}
    connection.execute(insert(placements), row)


def read_case(connection: Connection, case: CaseId) -> Case | None:
    """The case with a number."""
    row = connection.execute(_CASE, {"case": case}).one_or_none()
    return None if row is None else case_from_row(row)


def fingerprint(command: PlaceOrder | Apply) -> str:
    """Return what a command is held against that comes again by the same key. It is stored, and never changes."""
    asked = {name: value for name, value in asdict(command).items() if name not in _ASIDE}
    content = {name: value for name, value in asked.items() if name not in _CAME_LATER or value}
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def is_taken(connection: Connection, case: CaseId) -> bool:
    """Say whether a case has the number."""
    return bool(connection.execute(select(exists().where(tables.cases.c.id == case))).scalar())


def take_turn_of_key(connection: Connection, person: PersonId, key: str) -> None:
    """Wait for whoever sends in something by the same key.

    Before the customer's turn, always in this order: one key may come for two customers at once.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_TURN_OF_KEY, {"key": f"{person}/{key}"})
